"""An open read of a file: pinned to one inode by its descriptor."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from ..errors import UnavailableError
from ..types import FileSegment, ObjectMeta
from .local_errors import translated

__all__ = ["LocalReading"]

READ_BYTES = 256 * 1024


class LocalReading:
    """A `Reading` of bytes `start` to `stop` of an open file, which it owns; with `body` False it yields nothing.

    dskit's own writes never touch a file that is open. Another program may write into it: then the read ends with
    `UnavailableError` (code ``ObjectChanged``) before its last chunk, as far as `status`, size and time, can tell.
    """

    __slots__ = ("_file", "_status", "body", "meta", "partial", "start", "stop")

    def __init__(
        self, file: int, status: os.stat_result, meta: ObjectMeta, start: int, stop: int, *, partial: bool, body: bool
    ) -> None:
        self._file: int | None = file
        self._status = status
        self.meta = meta
        self.start = start
        self.stop = stop
        self.partial = partial
        self.body = body

    def __iter__(self) -> Iterator[bytes]:
        position = self.start if self.body else self.stop
        while position < self.stop and self._file is not None:
            chunk = self._read(self._file, position)
            position += len(chunk)
            yield chunk

    @translated
    def _read(self, file: int, position: int) -> bytes:
        chunk = os.pread(file, min(READ_BYTES, self.stop - position), position)
        if chunk and position + len(chunk) < self.stop:
            return chunk
        was, now = self._status, os.fstat(file)
        if (was.st_size, was.st_mtime_ns) == (now.st_size, now.st_mtime_ns):
            return chunk
        raise UnavailableError(
            "another program has written into the file while it was being read; read it again",
            code="ObjectChanged",
            retryable=False,
        )

    def segments(self) -> Iterable[bytes | memoryview | FileSegment]:
        if not self.body or self._file is None or self.start == self.stop:
            return ()
        return (FileSegment(self._file, self.start, self.stop - self.start),)

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def __del__(self) -> None:
        self.close()
