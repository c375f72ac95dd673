"""An open read of a file: pinned to one inode by its descriptor."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from ..types import FileSegment, ObjectMeta
from .local_errors import translate

__all__ = ["LocalReading"]

READ_BYTES = 256 * 1024


class LocalReading:
    """A `Reading` of bytes `start` to `stop` of an open file, which it owns; with `body` False it yields nothing."""

    __slots__ = ("_file", "body", "meta", "partial", "start", "stop")

    def __init__(self, file: int, meta: ObjectMeta, start: int, stop: int, *, partial: bool, body: bool) -> None:
        self._file: int | None = file
        self.meta = meta
        self.start = start
        self.stop = stop
        self.partial = partial
        self.body = body

    def __iter__(self) -> Iterator[bytes]:
        position = self.start if self.body else self.stop
        while position < self.stop and self._file is not None:
            try:
                chunk = os.pread(self._file, min(READ_BYTES, self.stop - position), position)
            except OSError as error:
                raise translate(error) from error
            if not chunk:
                return  # cut by another program while being read; the facade notices
            position += len(chunk)
            yield chunk

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
