"""Reading a key: as a file, into a file, as a string."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

from ....errors import StoreError
from ....results import GetResult
from ...local_file import Writable, local_file
from ..exception import BotoClientError, S3DataError, StorageDataError, server_error
from .digests import KeyDigests
from .headers import read_options
from .progress import Progress
from .refusals import refuse

__all__ = ["KeyReader"]


class KeyReader(KeyDigests):
    BufferSize = 8192
    closed = False
    learn: Any
    bucket: Any
    name: str | None
    size: int | None
    version_id: str | None
    last_modified: str | None
    resp: GetResult | None = None
    mode: str | None = None

    def stored(self) -> str:
        """The key that the name stands for."""
        stored: str = self.bucket.connection.stored_name(self.name)
        return stored

    def open_read(
        self, headers: Any = None, query_args: Any = "", override_num_retries: Any = None, response_headers: Any = None
    ) -> None:
        if self.resp is not None:
            return
        refuse("query_args", query_args)
        self.mode, self.resp = "r", self._got(headers, None)

    def _got(self, headers: Any, version_id: str | None) -> GetResult:
        """An open read of the object, of which the key has learned."""
        bucket = self.bucket
        stored = bucket.connection.stored_name(self.name)
        result: GetResult
        try:
            if headers or version_id is not None:
                result = bucket.store.get(stored, version_id=version_id, **read_options(headers))
            else:
                result = bucket.store.get(stored)
        except StoreError as error:
            raise server_error(error) from error
        self.learn(result.meta)
        return result

    def open_write(self, headers: Any = None, override_num_retries: Any = None) -> None:
        raise BotoClientError("Not Implemented")

    def open(
        self, mode: str = "r", headers: Any = None, query_args: Any = None, override_num_retries: Any = None
    ) -> None:
        if mode == "r":
            self.open_read(headers=headers, query_args=query_args)
        elif mode == "w":
            self.open_write(headers=headers)
        else:
            raise BotoClientError(f"Invalid mode: {mode}")

    def close(self, fast: bool = False) -> None:
        if self.resp is not None:
            self.resp.close()
        self.resp = None
        self.mode = None
        self.closed = True

    def __iter__(self) -> Iterator[bytes]:
        return self

    def next(self) -> bytes:
        data = self.read(self.BufferSize)
        if not data:
            raise StopIteration
        return data

    __next__ = next  # noqa: A003

    def read(self, size: int = 0) -> bytes:
        """Up to `size` bytes, with 0 all that are left. Raises `S3DataError` where the store ends early."""
        self.open_read()
        assert self.resp is not None
        try:
            data = self.resp.read(size or -1)
        except StoreError as error:
            self.close()
            raise self._cut_short(error) from error
        if not data:
            self.close()
        return data

    def _cut_short(self, error: StoreError) -> S3DataError:
        return S3DataError(f"the object {self.name!r} did not arrive whole: {error}")

    def _pieces(self, size: int | None) -> Iterator[bytes]:
        """All that is left, at most `size` bytes at a time, or as the store gives it. Raises as `read` does."""
        assert self.resp is not None
        try:
            if size is None:
                yield from self.resp
            else:
                while data := self.resp.read(size):
                    yield data
        except StoreError as error:
            raise self._cut_short(error) from error

    def get_file(
        self,
        fp: Writable,
        headers: Any = None,
        cb: Any = None,
        num_cb: int = 10,
        torrent: bool = False,
        version_id: str | None = None,
        override_num_retries: Any = None,
        response_headers: Any = None,
    ) -> None:
        """Write the object, or the Range of `headers`, to an open file. `md5` is then that of what was written."""
        refuse("torrent", torrent)
        refuse("response_headers", response_headers)
        try:
            self._transfer(fp.write, headers, cb, num_cb, version_id)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise StorageDataError(f"Out of space for destination file {getattr(fp, 'name', fp)}") from error
            raise

    def _transfer(
        self, write: Callable[[bytes], Any], headers: Any, cb: Any, num_cb: int, version_id: str | None
    ) -> None:
        if self.resp is None:
            self.mode, self.resp = "r", self._got(headers, version_id or self.version_id)
        progress = Progress(cb, num_cb, self.resp.meta.size) if cb else None
        digest = hashlib.md5(usedforsecurity=False)
        try:
            for data in self._pieces(self.BufferSize if progress else None):
                write(data)
                digest.update(data)
                if progress:
                    progress.add(len(data))
        finally:
            self.close()
        self.local_hashes = {"md5": digest.digest()}
        if progress:
            progress.end()

    def _read_whole(self, headers: Any, version_id: str | None) -> bytes:
        """What `_transfer` would write, at once."""
        result = self.resp
        if result is None:
            result = self._got(headers, version_id or self.version_id)
        try:
            data = result.read()  # to the end, or it fails: closed in either case
        except StoreError as error:
            raise self._cut_short(error) from error
        finally:
            self.resp, self.mode, self.closed = None, None, True
        self.local_hashes = {"md5": hashlib.md5(data, usedforsecurity=False).digest()}
        return data

    def get_contents_to_file(
        self,
        fp: Writable,
        headers: Any = None,
        cb: Any = None,
        num_cb: int = 10,
        torrent: bool = False,
        version_id: str | None = None,
        res_download_handler: Any = None,
        response_headers: Any = None,
    ) -> None:
        refuse("res_download_handler", res_download_handler)
        if self.bucket is not None:
            self.get_file(fp, headers, cb, num_cb, torrent, version_id=version_id, response_headers=response_headers)

    def get_contents_to_filename(
        self,
        filename: str,
        headers: Any = None,
        cb: Any = None,
        num_cb: int = 10,
        torrent: bool = False,
        version_id: str | None = None,
        res_download_handler: Any = None,
        response_headers: Any = None,
    ) -> None:
        """The file appears whole or not at all, with the object's time; what was there stays if this fails."""
        with local_file(filename) as file:
            self.get_contents_to_file(
                file,
                headers,
                cb,
                num_cb,
                torrent,
                version_id=version_id,
                res_download_handler=res_download_handler,
                response_headers=response_headers,
            )
        if self.last_modified is not None:
            with suppress(ValueError, OSError):
                stamp = int(parsedate_to_datetime(self.last_modified).timestamp())
                os.utime(filename, (stamp, stamp))

    def get_contents_as_string(
        self,
        headers: Any = None,
        cb: Any = None,
        num_cb: int = 10,
        torrent: bool = False,
        version_id: str | None = None,
        response_headers: Any = None,
        encoding: str | None = None,
    ) -> bytes | str:
        """bytes, or with an `encoding` a str."""
        if torrent or response_headers:
            refuse("torrent", torrent)
            refuse("response_headers", response_headers)
        if self.bucket is None:
            value = b""
        elif cb is None:
            value = self._read_whole(headers, version_id)
        else:
            pieces: list[bytes] = []
            self._transfer(pieces.append, headers, cb, num_cb, version_id)
            value = b"".join(pieces)
        return value if encoding is None else value.decode(encoding)
