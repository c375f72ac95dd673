"""The verbs of a store that move local files. What they do is in `dskit.transfer`, which is imported with the first."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, cast

from .guards import verb
from .types import ObjectMeta, PutResult
from .view import View

if TYPE_CHECKING:
    from .store import Store
    from .transfer import ProgressCallback

__all__ = ["CONCURRENCY", "PART_BYTES", "TransferVerbs"]

PART_BYTES = 8 * 1024 * 1024
CONCURRENCY = 4


class TransferVerbs(View):
    @verb("key", first=2)
    def upload(
        self,
        path: str | os.PathLike[str],
        key: str,
        *,
        content_type: str | None = None,
        cache_control: str | None = None,
        content_disposition: str | None = None,
        content_encoding: str | None = None,
        content_language: str | None = None,
        expires: str | datetime | None = None,
        metadata: Mapping[str, str] | None = None,
        storage_class: str | None = None,
        if_none_match: str | None = None,
        if_match: str | None = None,
        checksum: str = "CRC64NVME",
        resume: bool = False,
        part_bytes: int = PART_BYTES,
        concurrency: int = CONCURRENCY,
        progress: ProgressCallback | None = None,
    ) -> PutResult:
        """Store a local file under `key`: atomically, and verified on the way by the checksum algorithm `checksum`.

        A file larger than `part_bytes` goes to a remote store in parts, `concurrency` at once (fewer where their
        buffers would take more than 64 MiB). `progress` is called with a `Progress`, in this thread. A failed upload
        leaves nothing; with `resume` it leaves its parts and a journal beside the file, and the same call goes on from
        there if the file has not changed, and starts again if it has. Raises what `put` raises, `ConflictError` where
        the file changes meanwhile or another upload of it holds the journal.
        """
        from .transfer import upload

        return upload(
            cast("Store", self),
            path,
            key,
            if_none_match=if_none_match,
            if_match=if_match,
            checksum=checksum,
            resume=resume,
            part_bytes=part_bytes,
            concurrency=concurrency,
            progress=progress,
            content_type=content_type,
            cache_control=cache_control,
            content_disposition=content_disposition,
            content_encoding=content_encoding,
            content_language=content_language,
            expires=expires,
            metadata=metadata,
            storage_class=storage_class,
        )

    @verb("key")
    def download(
        self,
        key: str,
        path: str | os.PathLike[str],
        *,
        if_match: str | None = None,
        version_id: str | None = None,
        overwrite: bool = True,
        resume: bool = False,
        part_bytes: int = PART_BYTES,
        concurrency: int = CONCURRENCY,
        progress: ProgressCallback | None = None,
    ) -> ObjectMeta:
        """Write an object to a local file, which appears when it is whole and verified, and not before.

        Ranges of `part_bytes`, `concurrency` at once, all of one state of the object; what arrived is compared with
        the checksums that the store has. Without `overwrite` a file that is there is `AlreadyExistsError`. A failed
        download leaves nothing; with `resume` it leaves what it has and a journal beside the destination, and the same
        call goes on from there if the object is still the same, and starts again if it is not. Raises what `get`
        raises, `ConflictError` where the object is replaced meanwhile, `ChecksumMismatchError`.
        """
        from .transfer import download

        return download(
            cast("Store", self),
            key,
            path,
            if_match=if_match,
            version_id=version_id,
            overwrite=overwrite,
            resume=resume,
            part_bytes=part_bytes,
            concurrency=concurrency,
            progress=progress,
        )
