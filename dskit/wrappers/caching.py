"""`CacheStore`: bytes that were read before are not sent again while the object is the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from typing import NamedTuple

from ..backend import ObjectService
from ..errors import ConfigurationError
from ..ranges import resolve
from ..store import Store
from ..streams import Reading
from ..types import ObjectMeta, ReadOptions
from .forwarding import PassedReading, WrappedService, WrappedStore

__all__ = ["CacheService", "CacheStore"]

MAX_BYTES = 64 * 1024 * 1024
MAX_OBJECTS = 10_000


class Usage(NamedTuple):
    """How often a read found its bytes, did not, and what is kept now."""

    hits: int
    misses: int
    objects: int
    bytes: int


class CacheService(WrappedService):
    """Keeps whole objects in memory, the most recently read ones, `max_bytes` and `max_objects` of them in all.

    Every read asks `inner` first: one head, whose ETag must be that of the bytes that are kept. So a read never gives
    bytes or metadata that are older than itself, also when others write. What it saves is the transfer. Ranges of a
    kept object are cut from it; a range never fills the cache. Objects above `max_object_bytes` (a quarter of
    `max_bytes` by default), reads by part number or version id and weak or missing ETags pass through.
    """

    kind = "cached"

    def __init__(
        self,
        inner: ObjectService,
        *,
        max_bytes: int = MAX_BYTES,
        max_object_bytes: int | None = None,
        max_objects: int = MAX_OBJECTS,
    ) -> None:
        super().__init__(inner)
        if max_bytes < 0 or (max_object_bytes or 0) < 0 or max_objects < 0:
            raise ConfigurationError("the size of a cache is 0 bytes and objects or more")
        self._max_bytes = max_bytes
        self._max_objects = max_objects
        self._max_object = max_bytes // 4 if max_object_bytes is None else min(max_object_bytes, max_bytes)
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], tuple[str, bytes]] = OrderedDict()
        self._bytes = self._hits = self._misses = 0

    @property
    def usage(self) -> Usage:
        with self._lock:
            return Usage(self._hits, self._misses, len(self._kept), self._bytes)

    def get(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        if options.part_number is not None or options.version_id is not None:
            return super().get(bucket, key, options)
        place = (bucket, key)
        with self._lock:
            etag, data = self._kept.get(place, ("", b""))
        if etag:
            answer = self._validated(bucket, key, options, etag, data)
            if answer is not None:
                return answer
        with self._lock:
            self._misses += 1
        reading = super().get(bucket, key, options)
        if options.range is not None or not self._fits(reading.meta):
            return reading
        return PassedReading(reading, lambda chunks: self._keep(place, reading.meta, chunks))

    def close(self) -> None:
        with self._lock:
            self._kept.clear()
            self._bytes = 0
        super().close()

    def _validated(self, bucket: str, key: str, options: ReadOptions, etag: str, data: bytes) -> Reading | None:
        """The kept bytes with what a head says of the object now; None where they are no longer its bytes.

        The head carries the caller's conditions and range, so their errors are those of `inner`.
        """
        head = self.head(bucket, key, options)
        head.close()
        with self._lock:
            if head.meta.etag != etag or head.meta.size != len(data):
                self._drop((bucket, key), etag)
                return None
            self._hits += 1
            if (bucket, key) in self._kept:
                self._kept.move_to_end((bucket, key))
        start, stop, partial = resolve(options.range, len(data))
        return KeptReading(head.meta, data, start, stop, partial)

    def _fits(self, meta: ObjectMeta) -> bool:
        return bool(meta.etag) and not meta.etag.startswith("W/") and meta.size <= self._max_object

    def _keep(self, place: tuple[str, str], meta: ObjectMeta, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Pass chunks on; keep them once the read has ended, which an abandoned, a broken one and one whose checksum is
        wrong never do."""
        pieces: list[bytes] = []
        for chunk in chunks:
            pieces.append(chunk)
            yield chunk
        data = b"".join(pieces)
        if len(data) == meta.size:
            self._store(place, meta.etag, data)

    def _store(self, place: tuple[str, str], etag: str, data: bytes) -> None:
        with self._lock:
            self._drop(place)
            self._kept[place] = (etag, data)
            self._bytes += len(data)
            while self._bytes > self._max_bytes or len(self._kept) > self._max_objects:
                self._drop(next(iter(self._kept)))

    def _drop(self, place: tuple[str, str], etag: str | None = None) -> None:
        kept = self._kept.get(place)
        if kept is not None and etag in (None, kept[0]):
            del self._kept[place]
            self._bytes -= len(kept[1])


class KeptReading:
    """A read of bytes in memory."""

    def __init__(self, meta: ObjectMeta, data: bytes, start: int, stop: int, partial: bool) -> None:
        self.meta = meta
        self.start, self.stop, self.partial = start, stop, partial
        self._data = data

    def __iter__(self) -> Iterator[bytes]:
        if self.stop > self.start:
            yield self._data[self.start : self.stop]

    def segments(self) -> Iterator[bytes]:
        return iter(self)

    def close(self) -> None:
        """Nothing is held."""


class CacheStore(WrappedStore):
    """Another store with a cache of objects that validates by ETag at every read (see `CacheService`)."""

    service: CacheService

    def __init__(
        self,
        store: Store,
        *,
        max_bytes: int = MAX_BYTES,
        max_object_bytes: int | None = None,
        max_objects: int = MAX_OBJECTS,
    ) -> None:
        service = CacheService(
            store.service, max_bytes=max_bytes, max_object_bytes=max_object_bytes, max_objects=max_objects
        )
        super().__init__(store, service)

    @property
    def usage(self) -> Usage:
        return self.service.usage
