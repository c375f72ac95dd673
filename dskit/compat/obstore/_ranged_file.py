"""An object read as a file, by ranged gets: position, buffer, lines."""

from __future__ import annotations

import io

from ...backend import ObjectService
from ...errors import StoreError
from ._base import ObjectStoreBase
from ._numbers import unsigned
from ._translation import translated_file

__all__ = ["RangedFile"]


class RangedFile:
    """`size` bytes of an object; `least` of them at least are fetched at a time and kept.

    All come from the state with the ETag `etag`, or that of the first answer where it is None.
    """

    def __init__(self, store: ObjectStoreBase, key: str, size: int, etag: str | None, least: int) -> None:
        self.size = size
        self.position = 0
        self._store = store
        self._key = key
        self._etag = etag
        self._least = least
        self._start, self._data = 0, b""

    @property
    def service(self) -> ObjectService:
        return self._store.native.service

    def read(self, size: int | None = None) -> bytes:
        left = max(0, self.size - self.position)
        wanted = left if size is None else min(unsigned(size), left)
        pieces = []
        while wanted:
            piece = self._buffered(wanted)
            pieces.append(piece)
            self.position += len(piece)
            wanted -= len(piece)
        return b"".join(pieces)

    def readline(self) -> bytes:
        pieces = []
        while self.position < self.size:
            piece = self._buffered(max(1, self._least))
            end = piece.find(b"\n") + 1
            pieces.append(piece[:end] if end else piece)
            self.position += len(pieces[-1])
            if end:
                break
        return b"".join(pieces)

    def readlines(self, hint: int = -1) -> list[bytes]:
        lines, seen = [], 0
        while True:
            line = self.readline()
            lines.append(line)
            seen += len(line)
            if not line or 0 < hint <= seen:
                return lines

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        bases = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.size}
        if whence not in bases:
            raise OSError(f"Invalid value for whence in seek: {whence}")
        position = bases[whence] + offset
        if position < 0:
            raise OSError(f"a file has no position {position}: it begins at 0")
        self.position = position
        return position

    def _buffered(self, wanted: int) -> bytes:
        """Up to `wanted` bytes from the position, at least one: from the buffer, or fetched into it."""
        at = self.position - self._start
        if not 0 <= at < len(self._data):
            stop = min(self.size, self.position + max(wanted, self._least))
            self._start, self._data, at = self.position, self._fetch(stop), 0
        return self._data[at : at + wanted]

    def _fetch(self, stop: int) -> bytes:
        native = self._store.native
        pinned = self._etag if native.capabilities.supports.get_if_match else None
        try:
            with native.get(self._key, range=(self.position, stop), if_match=pinned) as result:
                self._etag = self._etag or result.meta.etag
                return result.read()
        except StoreError as error:
            raise translated_file(error, self._store.label, self._key) from error
