"""Where the bytes of an object come from: a local file, or an object of some store. Pinned to one state of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from ..checksums import hasher
from ..errors import ConflictError, InvalidRequestError
from ..sources import incomplete
from ..types import ObjectMeta
from .crew import Step
from .pinned import read_pinned
from .staging import local_errors

if TYPE_CHECKING:
    from ..store import Store

__all__ = ["BufferOrigin", "FileOrigin", "ObjectOrigin", "Origin", "RangeSource", "open_file", "regular_file"]


class Origin(Protocol):
    """`read` gives exactly the bytes asked for, from many threads at once; `check` raises where they changed.

    `piece` is how many bytes are worth one reading.
    """

    size: int
    piece: int

    def read(self, offset: int, length: int) -> bytes: ...

    def check(self) -> None: ...


class FileOrigin:
    """A regular file, as it was when it was opened."""

    piece = 1024 * 1024

    def __init__(self, file: int, shown: str) -> None:
        self.file = file
        self.shown = shown
        self.stamp = _stamp(file)
        self.size = self.stamp[0]

    def read(self, offset: int, length: int) -> bytes:
        with local_errors(self.shown):
            data = os.pread(self.file, length, offset)
            while len(data) < length:
                more = os.pread(self.file, length - len(data), offset + len(data))
                if not more:
                    raise incomplete(self.size, offset + len(data))
                data += more
        return data

    def check(self) -> None:
        """Raises `ConflictError` where the file has been written since it was opened."""
        if _stamp(self.file) != self.stamp:
            raise ConflictError(
                f"{self.shown!r} changed while it was read: upload it again when it is at rest", code="FileChanged"
            )


class ObjectOrigin:
    """An object, pinned to the ETag of `meta`."""

    piece = 8 * 1024 * 1024

    def __init__(self, store: Store, key: str, meta: ObjectMeta) -> None:
        self.store = store
        self.key = key
        self.meta = meta
        self.size = meta.size

    def read(self, offset: int, length: int) -> bytes:
        return b"".join(read_pinned(self.store, self.key, self.meta, offset, offset + length))

    def check(self) -> None:
        """Nothing to do: each read proved the ETag."""


class BufferOrigin:
    """Bytes that are in memory."""

    piece = 8 * 1024 * 1024

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)

    def read(self, offset: int, length: int) -> bytes:
        return self.data[offset : offset + length]

    def check(self) -> None:
        """Nothing to do: bytes do not change."""


class RangeSource:
    """Bytes of an origin as the `Source` of a put or a part: read as they are needed, again where that is needed.

    `digest` is that of the last complete reading; `verify` gets it before the last piece is given out, and may raise;
    `step` hears of every piece.
    """

    rewindable = True

    def __init__(
        self,
        origin: Origin,
        offset: int,
        length: int,
        *,
        algorithm: str,
        step: Step,
        verify: Callable[[bytes], None] = lambda digest: None,
    ) -> None:
        self.origin = origin
        self.offset = offset
        self.length: int | None = length
        self.digest = b""
        self._algorithm = algorithm
        self._step = step
        self._verify = verify
        self._told = 0

    def rewind(self) -> None:
        """Nothing to do: every `chunks` starts again."""

    def chunks(self) -> Iterator[bytes | memoryview]:
        assert self.length is not None
        told, self._told = self._told, 0
        if told:
            self._step(-told)
        digest = hasher(self._algorithm)
        while self._told < self.length:
            data = self.origin.read(self.offset + self._told, min(self.origin.piece, self.length - self._told))
            digest.update(data)
            self._told += len(data)
            if self._told == self.length:
                self.origin.check()
                self.digest = digest.digest()
                self._verify(self.digest)
            self._step(len(data))
            yield data


@contextmanager
def open_file(path: str | os.PathLike[str]) -> Iterator[FileOrigin]:
    """Raises `InvalidRequestError` for what is not a regular file: a folder, a pipe, a device, nothing."""
    shown = os.fsdecode(path)
    with local_errors(path):
        try:
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError as error:
            raise InvalidRequestError(f"there is no file {shown!r}: check the path", code="NoSuchFile") from error
    try:
        yield regular_file(file, shown)
    finally:
        os.close(file)


def regular_file(file: int, shown: str) -> FileOrigin:
    """Raises `InvalidRequestError` for a descriptor of anything but a regular file."""
    mode = os.fstat(file).st_mode
    if stat.S_ISDIR(mode):
        raise InvalidRequestError(f"{shown!r} is a folder: upload_folder takes folders", code="IsADirectory")
    if not stat.S_ISREG(mode):
        raise InvalidRequestError(
            f"{shown!r} is not a regular file: put(key, open(...)) takes pipes and devices", code="NotAFile"
        )
    return FileOrigin(file, shown)


def _stamp(file: int) -> tuple[int, int, int]:
    status = os.fstat(file)
    return status.st_size, status.st_mtime_ns, status.st_ino
