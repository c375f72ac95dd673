"""The blob port: bytes, written once, named by a number, never changed."""

from __future__ import annotations

import itertools
import sys
from bisect import bisect_right
from collections.abc import Iterator
from typing import Protocol

from dskit.types import FileSegment

from .records import Extent

__all__ = ["BlobReader", "BlobWriter", "Blobs", "MemoryBlobs", "Sealed"]

_COALESCE_BELOW = 64 * 1024


Sealed = tuple[int, bytes | None]
"""A blob's number, and its bytes where the catalog has to keep them, in the transaction that refers to it."""


class BlobWriter(Protocol):
    """Bytes on their way in. Nothing of them is anybody's before `seal`; `discard` may be called at any time."""

    def write(self, data: bytes | bytearray | memoryview) -> None: ...

    def seal(self) -> Sealed | None:
        """Make the bytes durable as promised, or leave that to the catalog; None for no bytes at all."""
        ...

    def done(self) -> None:
        """The catalog refers to the bytes now."""
        ...

    def discard(self) -> None:
        """Forget the bytes, sealed or not; never called where a catalog may refer to them."""
        ...


class BlobReader(Protocol):
    """Extents held open: they stay readable until `close`, whatever is deleted meanwhile."""

    def segments(self) -> Iterator[bytes | memoryview | FileSegment]: ...

    def __iter__(self) -> Iterator[bytes]: ...

    def close(self) -> None: ...


class Blobs(Protocol):
    most_kept: int
    """Bytes that `keep` takes."""

    def writer(self) -> BlobWriter: ...

    def keep(self, data: bytes) -> Sealed:
        """A whole blob in one step, as the `seal` of a writer gives it. What the catalog does not keep of it is let go
        of by `remove`; nothing else is left to be done or discarded."""
        ...

    def open(self, extents: tuple[Extent, ...]) -> BlobReader:
        """Pin those extents. Raises FileNotFoundError where a blob is gone: the caller reads the catalog again."""
        ...

    def remove(self, blob: int) -> None: ...

    def close(self) -> None: ...


_Pieces = tuple[list[bytes], list[int]]
"""The buffers in which a blob arrived, so that a large one is never copied, and where in it each begins."""


class MemoryBlobs:
    """A blob that came in one piece is that piece: most do, and each object more would cost with every put."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._blobs: dict[int, bytes | _Pieces] = {}
        self.most_kept = sys.maxsize

    def writer(self) -> _MemoryWriter:
        return _MemoryWriter(self)

    def keep(self, data: bytes) -> Sealed:
        number = next(self._numbers)
        self._blobs[number] = data
        return number, None

    def open(self, extents: tuple[Extent, ...]) -> _MemoryReader:
        try:
            if len(extents) == 1:
                held = [(self._blobs[extents[0].blob], extents[0])]
            else:
                held = [(self._blobs[extent.blob], extent) for extent in extents]
        except KeyError as error:
            raise FileNotFoundError(f"blob {error} is gone") from error
        return _MemoryReader(held)

    def remove(self, blob: int) -> None:
        self._blobs.pop(blob, None)

    def close(self) -> None:
        self._blobs.clear()

    def add(self, pieces: list[bytes]) -> Sealed:
        if len(pieces) == 1:
            return self.keep(pieces[0])
        number = next(self._numbers)
        starts = [0, *itertools.accumulate(map(len, pieces))]
        self._blobs[number] = (pieces, starts[:-1])
        return number, None


class _MemoryWriter:
    __slots__ = ("_blob", "_blobs", "_pieces", "_small")

    def __init__(self, blobs: MemoryBlobs) -> None:
        self._blobs = blobs
        self._pieces: list[bytes] = []
        self._small: bytearray | None = None
        self._blob: int | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._pieces and len(data) < _COALESCE_BELOW:  # a body may come a byte at a time
            if self._small is None:
                self._small = bytearray()
            self._small += data
            if len(self._small) >= _COALESCE_BELOW:
                self._flush()
        else:
            if self._small is not None:
                self._flush()
            self._pieces.append(bytes(data))

    def seal(self) -> Sealed | None:
        if self._small is not None:
            self._flush()
        if not self._pieces:
            return None
        sealed = self._blobs.add(self._pieces)
        self._blob = sealed[0]
        return sealed

    def done(self) -> None:
        """Nothing was kept for a sweep."""

    def discard(self) -> None:
        if self._blob is not None:
            self._blobs.remove(self._blob)
            self._blob = None
        self._pieces = []
        self._small = None

    def _flush(self) -> None:
        if self._small is not None:
            self._pieces.append(bytes(self._small))
            self._small = None


class _MemoryReader:
    __slots__ = ("_held",)

    def __init__(self, held: list[tuple[bytes | _Pieces, Extent]]) -> None:
        self._held = held

    def segments(self) -> Iterator[bytes | memoryview]:
        if len(self._held) == 1:
            blob, extent = self._held[0]
            if isinstance(blob, bytes) and len(blob) == extent.length:  # all of a small object: nothing to cut
                return iter((blob,))
        return self._cut()

    def _cut(self) -> Iterator[bytes | memoryview]:
        for blob, extent in self._held:
            pieces, starts = ([blob], [0]) if isinstance(blob, bytes) else blob
            position, end = extent.offset, extent.offset + extent.length
            index = bisect_right(starts, position) - 1
            while position < end:
                piece, start = pieces[index], starts[index]
                stop = min(end, start + len(piece))
                if position == start and stop == start + len(piece):
                    yield piece
                else:
                    yield memoryview(piece)[position - start : stop - start]
                position = stop
                index += 1

    def __iter__(self) -> Iterator[bytes]:
        return map(bytes, self.segments())

    def close(self) -> None:
        self._held = []
