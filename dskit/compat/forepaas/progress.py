"""A file whose reads are told to a progress object of minio-py's kind."""

from __future__ import annotations

from typing import Any, BinaryIO

__all__ = ["counted"]


class CountedFile:
    """`progress.update(n)` after each read of n bytes. Not seekable: what was counted is read once."""

    def __init__(self, file: BinaryIO, progress: Any) -> None:
        self._file = file
        self._progress = progress

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._progress.update(len(data))
        return data


def counted(file: BinaryIO, progress: Any) -> CountedFile:
    return CountedFile(file, progress)
