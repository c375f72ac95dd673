"""An open read: a version's metadata and the blobs of the bytes asked for, pinned."""

from __future__ import annotations

from collections.abc import Iterator

from dskit.types import FileSegment, ObjectMeta

from .blobs import BlobReader
from .records import Extent, VersionRow

__all__ = ["BlobReading", "cut", "meta_of"]


class _NoBytes:
    """The reader of a head."""

    def segments(self) -> Iterator[bytes | memoryview | FileSegment]:
        return iter(())

    def __iter__(self) -> Iterator[bytes]:
        return iter(())

    def close(self) -> None:
        """Nothing is held open."""


_NO_BYTES = _NoBytes()


class BlobReading:
    """Implements `dskit.streams.Reading`; without a reader it is the answer of a head.

    `segments` and `close` are those of the reader: a small read is mostly calls.
    """

    __slots__ = ("_reader", "close", "meta", "partial", "segments", "start", "stop")

    def __init__(self, meta: ObjectMeta, start: int, stop: int, partial: bool, reader: BlobReader = _NO_BYTES) -> None:
        self.meta = meta
        self.start = start
        self.stop = stop
        self.partial = partial
        self._reader = reader
        self.segments = reader.segments
        self.close = reader.close

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._reader)


def cut(extents: tuple[Extent, ...], start: int, stop: int) -> tuple[Extent, ...]:
    """The extents of bytes `start`..`stop` (half-open) of an object."""
    if len(extents) == 1:
        first = extents[0]
        return (Extent(first.blob, first.offset + start, stop - start),) if stop > start else ()
    kept = []
    position = 0
    for extent in extents:
        begin, end = max(start, position), min(stop, position + extent.length)
        if begin < end:
            kept.append(Extent(extent.blob, extent.offset + begin - position, end - begin))
        position += extent.length
        if position >= stop:
            break
    return tuple(kept)


def meta_of(key: str, row: VersionRow) -> ObjectMeta:
    return ObjectMeta(
        key=key,
        size=row.size,
        etag=row.etag,
        last_modified=row.modified,
        attributes=row.attributes,
        checksums=row.checksums,
        checksum_type=row.checksum_type,
        parts_count=None if row.parts is None else len(row.parts),
        access=row.access,
    )
