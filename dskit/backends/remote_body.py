"""The bytes of a put as the file that an HTTP library wants to read, and read again."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator

from .. import checksums
from ..backend import Source
from ..errors import InvalidRequestError
from ..types import PutOptions

__all__ = ["SourceBody", "with_digest"]


def with_digest(options: PutOptions, data: bytes) -> PutOptions:
    """Where a checksum algorithm was asked for without its value, the value is computed here: minio-py computes none,
    botocore some only with an extra library."""
    if options.checksum_algorithm is None or options.checksum is not None:
        return options
    digest = checksums.crc(options.checksum_algorithm, data)
    return dataclasses.replace(options, checksum=checksums.encode(digest))


class SourceBody:
    """A binary file over a `Source`: `read`, `seek`, `tell`, in memory bounded by one chunk of the source.

    Libraries read a body several times (checksum, signature, sending), so `seek` back to 0 is rewinding the source,
    which a source may refuse. Where the source announced a length, fewer or more bytes raise `InvalidRequestError`
    (code ``IncompleteBody``). Libraries wrap what `read` raises; `failure` keeps the original.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._length = source.length
        self._chunks: Iterator[bytes | memoryview] | None = None
        self._rest = memoryview(b"")
        self._position = 0
        self._wanted = 0
        self._begun = False
        self._ended = False
        self.failure: Exception | None = None

    def read(self, size: int | None = -1) -> bytes:
        """Up to `size` bytes, fewer only at the end."""
        try:
            self._move()
            return self._take(None if size is None or size < 0 else size)
        except Exception as error:  # a user's iterator may raise anything; it must survive the library's wrapping
            self.failure = error
            raise

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._wanted}.get(whence)
        if base is None:
            if self._length is None:
                raise io.UnsupportedOperation("the end of a body of unknown length")
            base = self._length
        self._wanted = base + offset
        return self._wanted

    def tell(self) -> int:
        return self._wanted

    def seekable(self) -> bool:
        return self._source.rewindable

    def readable(self) -> bool:
        return True

    def _move(self) -> None:
        """Go where `seek` asked to be; only now, for many a seek is never followed by a read."""
        if self._wanted < self._position or self._chunks is None:
            self._restart()
        while self._position < self._wanted and self._take(self._wanted - self._position):
            pass

    def _restart(self) -> None:
        if self._begun:
            self._source.rewind()
        self._begun = True
        wanted = self._wanted
        self._chunks, self._rest, self._position, self._ended = iter(self._source.chunks()), memoryview(b""), 0, False
        self._wanted = wanted

    def _take(self, size: int | None) -> bytes:
        pieces: list[memoryview] = []
        missing = size
        while missing is None or missing > 0:
            if not self._rest and not self._next_chunk():
                break
            piece = self._rest if missing is None else self._rest[:missing]
            self._rest = self._rest[len(piece) :]
            pieces.append(piece)
            if missing is not None:
                missing -= len(piece)
            self._position += len(piece)
        self._wanted = max(self._wanted, self._position)
        self._check()
        if len(pieces) == 1 and isinstance(whole := pieces[0].obj, bytes) and len(whole) == len(pieces[0]):
            return whole  # no copy of what is one buffer already
        return b"".join(pieces)

    def _next_chunk(self) -> bool:
        assert self._chunks is not None
        for chunk in self._chunks:
            if len(chunk):
                self._rest = memoryview(chunk).cast("B")
                return True
        self._ended = True
        return False

    def _check(self) -> None:
        if self._length is None:
            return
        if self._position == self._length and not self._rest and not self._ended:
            self._next_chunk()  # a longer body must be noticed before its announced length has all been sent
        if (self._ended and self._position < self._length) or (
            self._rest and self._position + len(self._rest) > self._length
        ):
            raise InvalidRequestError(
                f"the data is not the {self._length} bytes that were announced",
                code="IncompleteBody",
            )
