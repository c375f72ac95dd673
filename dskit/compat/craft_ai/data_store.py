"""The methods of the data store: objects of one store under the package's names, with its results and its error."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any, TypedDict

from ...errors import StoreError
from ...store import Store
from ..local_file import local_file
from .errors import failure

__all__ = ["DataStoreDeletedObject", "DataStoreMethods", "DataStoreObjectInformation", "size_text"]

PARTS_FROM = 100_000_000
"""Bytes from which a remote store is sent parts: the package's threshold."""

_PIECE = 1 << 20
_UNITS = ("B", "KB", "MB", "GB", "TB")


class DataStoreObjectInformation(TypedDict):
    path: str
    last_modified: str
    size: str


class DataStoreDeletedObject(TypedDict):
    path: str


class DataStoreMethods:
    """All raise `SdkException` for what the store refuses, and OSError for local files."""

    verbose_log: bool

    def _store(self) -> Store:
        raise TypeError("a subclass says which store")

    def get_data_store_object_information(self, object_path_in_datastore: str) -> DataStoreObjectInformation:
        """`last_modified` in ISO format; `size` as text, ``"1.50 KB"``."""
        store = self._store()
        try:
            meta = store.head(object_path_in_datastore)
        except StoreError as error:
            raise failure(error) from error
        return _information(object_path_in_datastore, meta.last_modified, meta.size)

    def iter_data_store_objects(self, folder_path: str | None = None) -> Iterator[DataStoreObjectInformation]:
        """What is below a folder, or everything. Nothing is asked for before the first item is."""
        prefix = folder_path or ""
        if prefix and not prefix.endswith("/"):
            prefix += "/"
        store = self._store()
        try:
            for found in store.list(prefix):
                yield _information(found.key, found.last_modified, found.size)
        except StoreError as error:
            raise failure(error) from error

    def list_data_store_objects(self, folder_path: str | None = None) -> list[DataStoreObjectInformation]:
        return list(self.iter_data_store_objects(folder_path))

    def upload_data_store_object(self, filepath_or_buffer: str | IO[bytes], object_path_in_datastore: str) -> None:
        """The whole of a file, or of a buffer, which is rewound first if it can be; the object appears whole.

        Raises ValueError for anything else, and for text.
        """
        store = self._store()
        with self._reported("Object upload"):
            if isinstance(filepath_or_buffer, str):
                with open(filepath_or_buffer, "rb") as file:
                    _upload(store, file, object_path_in_datastore)
            elif not hasattr(filepath_or_buffer, "read"):
                raise ValueError("'filepath_or_buffer' is a path (str) or has a read() method")
            elif isinstance(filepath_or_buffer, io.TextIOBase):
                raise ValueError("'filepath_or_buffer' is open for text: open it in binary mode")
            else:
                _upload(store, filepath_or_buffer, object_path_in_datastore)

    def download_data_store_object(
        self, object_path_in_datastore: str, filepath_or_buffer: str | IO[bytes] | io.IOBase
    ) -> None:
        """Into a file, which appears whole or stays what it was; or by one `write`, after which a buffer is rewound.

        Raises ValueError for anything else, before anything is read.
        """
        store = self._store()
        with self._reported("Object download"):
            if isinstance(filepath_or_buffer, str):
                with store.get(object_path_in_datastore) as result, local_file(filepath_or_buffer) as file:
                    for chunk in result:
                        file.write(chunk)
            elif hasattr(filepath_or_buffer, "write"):
                target: Any = filepath_or_buffer
                target.write(store.get(object_path_in_datastore).read())
                if isinstance(target, io.IOBase) and target.seekable():
                    target.seek(0)
            else:
                raise ValueError("'filepath_or_buffer' is a path (str) or has a write() method")

    def delete_data_store_object(self, object_path_in_datastore: str) -> DataStoreDeletedObject:
        """No error where there is no such object, as S3 has none."""
        store = self._store()
        with self._reported("Object deletion"):
            store.delete(object_path_in_datastore)
            return {"path": object_path_in_datastore}

    @contextmanager
    def _reported(self, action: str) -> Iterator[None]:
        """Translate the errors of the store; tell on stderr how it went, if that is wanted."""
        try:
            yield
        except StoreError as error:
            told = failure(error)
            self._log(f"{action} failed: {told}")
            raise told from error
        except Exception as error:
            self._log(f"{action} failed: {error}")
            raise
        self._log(f"{action} succeeded")

    def _log(self, message: str) -> None:
        if self.verbose_log:
            print(message, file=sys.stderr)


def size_text(size: float) -> str:
    """Bytes as the package shows them: two decimals and a unit; above TB it divides once more than it names."""
    power = 0
    while size >= 1024 and power < len(_UNITS):
        size /= 1024
        power += 1
    return f"{size:.2f} {_UNITS[min(power, len(_UNITS) - 1)]}"


def _information(path: str, modified: datetime, size: int) -> DataStoreObjectInformation:
    return {"path": path, "last_modified": modified.isoformat()[:19] + ".000Z", "size": size_text(size)}


def _seekable(buffer: Any) -> bool:
    try:
        return bool(buffer.seekable())
    except AttributeError:
        return hasattr(buffer, "seek")


def _upload(store: Store, buffer: IO[bytes], key: str) -> None:
    large = False
    if _seekable(buffer):
        large = buffer.seek(0, io.SEEK_END) >= PARTS_FROM
        buffer.seek(0)
    store.put(key, iter(lambda: buffer.read(_PIECE), b"") if large else buffer)
