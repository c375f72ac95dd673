"""An open read: a version's metadata and the blobs of the bytes asked for, pinned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dskit.types import FileSegment, ObjectMeta

from .blobs import BlobReader
from .records import Extent, VersionRow

__all__ = ["BlobReading", "cut", "meta_of"]


class BlobReading:
    """Implements `dskit.types.Reading`; without a reader it is the answer of a head."""

    __slots__ = ("_reader", "meta", "partial", "start", "stop")

    def __init__(
        self, meta: ObjectMeta, start: int, stop: int, partial: bool, reader: BlobReader | None = None
    ) -> None:
        self.meta = meta
        self.start = start
        self.stop = stop
        self.partial = partial
        self._reader = reader

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._reader) if self._reader is not None else iter(())

    def segments(self) -> Iterable[bytes | memoryview | FileSegment]:
        return self._reader.segments() if self._reader is not None else ()

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()


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
