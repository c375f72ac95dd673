"""The verbs of an asynchronous store that move local files: in a worker thread, for the files block in any case."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from .aio_view import AsyncView, documented
from .hops import check_cancelled, in_thread
from .transfer_verbs import CONCURRENCY, PART_BYTES, TransferVerbs
from .types import ObjectMeta, PutResult

if TYPE_CHECKING:
    from .transfer import FolderReport, ProgressCallback

__all__ = ["AsyncTransferVerbs", "moved"]

T = TypeVar("T")


@documented(TransferVerbs)
class AsyncTransferVerbs(AsyncView):
    async def upload(
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
        return await moved(
            self.store.upload,
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

    async def download(
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
        return await moved(
            self.store.download,
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

    async def upload_folder(
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
        return await moved(
            self.store.upload_folder,
            folder,
            prefix,
            overwrite=overwrite,
            skip_special=skip_special,
            part_bytes=part_bytes,
            concurrency=concurrency,
            progress=progress,
        )

    async def download_folder(
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
        return await moved(
            self.store.download_folder,
            prefix,
            folder,
            overwrite=overwrite,
            durable=durable,
            part_bytes=part_bytes,
            concurrency=concurrency,
            progress=progress,
        )


async def moved(call: Callable[..., T], *args: Any, progress: ProgressCallback | None, **options: Any) -> T:
    """`call` in a worker. `progress` is called there, and every call of it is where a cancelled transfer ends."""
    cancelled = threading.Event()

    def stepped(step: Any) -> None:
        check_cancelled(cancelled)
        if progress is not None:
            progress(step)

    return await in_thread(partial(call, *args, progress=stepped, **options), cancelled=cancelled)
