"""Moving an object between a store and local files, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ...transfer.staging import StagedFile, open_staged
from ..local_file import local_file, plain_errors

if TYPE_CHECKING:
    from ...store import Store

__all__ = ["MAX_WORKERS", "download_file", "download_parallel", "write_to"]

MAX_WORKERS = 10
PART_BYTES = 16 << 20
"""Of one request of a parallel download; the package's own size."""


def write_to(store: Store, key: str, write: Callable[[bytes], Any]) -> None:
    """Hand an object's bytes to `write`, chunk by chunk. Nothing is handed over unless the object can be opened."""
    with store.get(key) as result:
        for chunk in result:
            write(bytes(chunk))


def download_file(store: Store, key: str, path: str | os.PathLike[str]) -> None:
    with local_file(path) as file:
        write_to(store, key, file.write)


def download_parallel(store: Store, key: str, path: str | os.PathLike[str], max_workers: int) -> None:
    """Fetch parts side by side, all of one state of the object. Raises ValueError for no workers at all."""
    with ThreadPoolExecutor(max_workers, thread_name_prefix="dskit-download") as pool:
        meta = store.head(key)
        size = meta.size
        if size <= PART_BYTES:
            download_file(store, key, path)
            return
        with plain_errors(os.fspath(path)):
            staged = open_staged(path)
        with staged:
            parts = [
                pool.submit(_fetch, store, key, meta.etag, start, min(start + PART_BYTES, size), staged)
                for start in range(0, size, PART_BYTES)
            ]
            _wait(parts)
            with plain_errors(os.fspath(path)):
                staged.commit()


def _fetch(store: Store, key: str, etag: str, start: int, stop: int, staged: StagedFile) -> None:
    with store.get(key, range=(start, stop), if_match=etag) as result:
        for chunk in result:
            with plain_errors(staged.shown):
                staged.write_at(start, chunk)
            start += len(chunk)


def _wait(parts: list[Future[None]]) -> None:
    """For all; the first failure keeps what has not begun from beginning."""
    try:
        for part in parts:
            part.result()
    except BaseException:
        for part in parts:
            part.cancel()
        for part in parts:
            if not part.cancelled():
                part.exception()
        raise
