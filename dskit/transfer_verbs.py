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
    from .transfer import FolderReport, ProgressCallback

__all__ = ["CONCURRENCY", "PART_BYTES", "TransferVerbs"]

PART_BYTES = 8 * 1024 * 1024
CONCURRENCY = 8


class TransferVerbs(View):
    @verb("key", first=2, composed=True)
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

    @verb("key", composed=True)
    def download(
        self,
        key: str,
        path: str | os.PathLike[str],
        *,
        if_match: str | None = None,
        version_id: str | None = None,
        overwrite: bool = True,
        resume: bool = False,
        durable: bool = False,
        part_bytes: int = PART_BYTES,
        concurrency: int = CONCURRENCY,
        progress: ProgressCallback | None = None,
    ) -> ObjectMeta:
        """Write an object to a local file, which appears when it is whole and verified, and not before.

        Ranges of `part_bytes`, `concurrency` at once, all of one state of the object; what arrived is compared with
        the checksums that the store has. Without `overwrite` a file that is there is `AlreadyExistsError`; one that is
        replaced hands on its permission bits. With `durable` it is synced to the disk before it has its name; else a
        power failure soon after may leave the name without the bytes. A failed download leaves nothing; with `resume`
        it leaves what it has and a journal beside the destination, and the same call goes on from there with the bytes
        that are still what was received, if the object is still the same, and starts again if it is not. Raises what
        `get` raises, `ConflictError` where the object is replaced meanwhile, `ChecksumMismatchError`.
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
            durable=durable,
            part_bytes=part_bytes,
            concurrency=concurrency,
            progress=progress,
        )

    @verb(composed=True)
    def upload_folder(
        self,
        folder: str | os.PathLike[str],
        prefix: str = "",
        *,
        overwrite: bool = True,
        skip_special: bool = False,
        part_bytes: int = PART_BYTES,
        concurrency: int = CONCURRENCY,
        progress: ProgressCallback | None = None,
    ) -> FolderReport:
        """Store every file of a local folder under `prefix` + its path there, several at once.

        All names are checked before anything is sent; a folder that contains this store, or is in it, is
        `InvalidRequestError`. Symbolic links are not followed: they, devices and names that
        are not UTF-8 are `InvalidRequestError`, or left out with `skip_special`. Without `overwrite` an object that is
        there is `AlreadyExistsError`. The first failure, which names its key, ends it; objects that are complete stay.
        `transfer.sync` sends only what is new, and goes on after a failure.
        """
        from .transfer import upload_folder

        return upload_folder(
            cast("Store", self),
            folder,
            prefix,
            overwrite=overwrite,
            skip_special=skip_special,
            part_bytes=part_bytes,
            concurrency=concurrency,
            progress=progress,
        )

    @verb(composed=True)
    def download_folder(
        self,
        prefix: str,
        folder: str | os.PathLike[str],
        *,
        overwrite: bool = True,
        durable: bool = False,
        part_bytes: int = PART_BYTES,
        concurrency: int = CONCURRENCY,
        progress: ProgressCallback | None = None,
    ) -> FolderReport:
        """Write every object whose key begins with the string `prefix` to `folder`, made if it is not there, under the
        rest of its key; several at once, each whole and verified as `download` does it.

        No file is ever written outside the folder, and none where the store itself is. Keys that can be no path in it
        (``../x``, ``/x``, ``a//b``, a key that is a folder of another, one that the file system takes for another) are
        `InvalidKeyError` or `KeyConflictError` before anything is written; links in the folder are not followed. An
        empty object whose key ends in ``/`` becomes a folder. `durable` is that of `download`, and of the folders that
        are made. The first failure, which names its key, ends it; files that are complete stay.
        """
        from .transfer import download_folder

        return download_folder(
            cast("Store", self),
            prefix,
            folder,
            overwrite=overwrite,
            durable=durable,
            part_bytes=part_bytes,
            concurrency=concurrency,
            progress=progress,
        )
