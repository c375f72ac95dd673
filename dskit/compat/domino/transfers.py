"""Moving an object from a store to local files, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...errors import NotFoundError, StoreError
from ..local_file import local_file, plain_errors

if TYPE_CHECKING:
    from ...store import Store

__all__ = ["MAX_WORKERS", "download_file", "download_parallel", "write_to"]

MAX_WORKERS = 10
PART_BYTES = 16 << 20
"""Of one request of a parallel download; the package's own size."""

_MOST_WORKERS = 256
_NO_SUCH_PLACE = frozenset({"IsADirectory", "NoSuchFile"})


def write_to(store: Store, key: str, write: Callable[[bytes], Any]) -> None:
    """Hand an object's bytes to `write`, chunk by chunk. Nothing is handed over unless the object can be opened."""
    with store.get(key) as result:
        for chunk in result:
            write(chunk)


def download_file(store: Store, key: str, path: str | os.PathLike[str]) -> None:
    """Raises StoreError for the object, OSError for the file."""
    with local_file(path) as file:
        write_to(store, key, file.write)


def download_parallel(store: Store, key: str, path: str | os.PathLike[str], max_workers: int) -> None:
    """Parts side by side, all of one state of the object. Raises as `download_file`, ValueError for no workers."""
    if max_workers <= 0:
        raise ValueError("max_workers must be greater than 0")
    if os.path.exists(path) and not os.path.isfile(path):  # a device, a pipe, or a folder
        download_file(store, key, path)
        return
    try:
        store.download(key, path, part_bytes=PART_BYTES, concurrency=min(max_workers, _MOST_WORKERS))
    except StoreError as error:
        if _is_local(error):
            with plain_errors(os.fspath(path)):
                raise
        raise


def _is_local(error: StoreError) -> bool:
    """Whether it was the local file that failed, not the object."""
    return error.code in _NO_SUCH_PLACE or (
        isinstance(error.__cause__, OSError)
        and not isinstance(error.__cause__, StoreError)
        and not isinstance(error, NotFoundError)
    )
