"""A service that passes everything on: the ground on which one bug at a time is planted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from dskit.backend import ObjectService, Source
from dskit.types import (
    Attributes,
    FileSegment,
    ObjectMeta,
    ObjectSummary,
    PutOptions,
    PutResult,
    ReadOptions,
)
from dskit.wrappers import WrappedService

__all__ = ["Forwarding", "Mutant", "Payload", "Snapshot", "mutant_of"]


class Payload:
    """Bytes in memory as the source of a put."""

    rewindable = True

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.length = len(data)

    def rewind(self) -> None:
        """Nothing was consumed."""

    def chunks(self) -> Iterator[bytes]:
        yield self._data


class Snapshot:
    """A reading made of parts that a mutant may falsify."""

    def __init__(self, meta: ObjectMeta, data: bytes, start: int, stop: int, partial: bool) -> None:
        self.meta = meta
        self.start = start
        self.stop = stop
        self.partial = partial
        self._data = data

    def __iter__(self) -> Iterator[bytes]:
        if self._data:
            yield self._data

    def segments(self) -> Iterable[bytes | memoryview | FileSegment]:
        return [self._data]

    def close(self) -> None:
        """Nothing is held open."""


def source_bytes(source: Source) -> bytes:
    return b"".join(bytes(chunk) for chunk in source.chunks())


class Forwarding(WrappedService):
    """Passes everything on; subclasses override the method that has the bug. It is never pushed to: the suite writes
    through `put` and `put_part`, where the bugs are."""

    pushes = False

    def __init__(self, inner: ObjectService) -> None:
        super().__init__(inner)
        self.name = f"{type(self).__name__} over {inner.name}"

    def whole(self, bucket: str, key: str) -> tuple[ObjectMeta, bytes]:
        """Metadata and bytes of an object, unfalsified."""
        reading = self.inner.get(bucket, key, ReadOptions())
        try:
            return reading.meta, b"".join(reading)
        finally:
            reading.close()

    def exists(self, bucket: str, key: str) -> bool:
        return any(row.key == key for row in self.all_objects(bucket, prefix=key))

    def all_objects(self, bucket: str, prefix: str = "") -> list[ObjectSummary]:
        rows: list[ObjectSummary] = []
        token: str | None = None
        while True:
            page = self.inner.list_page(bucket, prefix=prefix, token=token)
            rows += page.objects
            token = page.next_token
            if token is None:
                return rows

    def store(self, bucket: str, key: str, data: bytes, attributes: Attributes) -> PutResult:
        return self.inner.put(bucket, key, Payload(data), PutOptions(attributes=attributes))


@dataclass(frozen=True, slots=True)
class Mutant:
    """One planted bug. `id` is that of a real bug where it reproduces one, else begins with ``OWN-``."""

    id: str
    summary: str
    plant: Callable[[ObjectService], Forwarding]


class MutantClass(Forwarding):
    id: ClassVar[str]


def mutant_of(kind: type[Any]) -> Mutant:
    """The mutant of a class that has an `id` and whose docstring is the summary."""
    summary = (kind.__doc__ or "").strip().split("\n")[0]
    return Mutant(kind.id, summary, kind)
