"""`RecordingStore`: what was asked of a store, and what came of it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from ..backend import ObjectService, Source
from ..clock import Clock, SystemClock
from ..errors import StoreError
from ..store import Store
from ..streams import Reading, Staging
from ..types import PutResult
from .forwarding import Call, PassedReading, PassedSource, PassedStaging, WrappedService, WrappedStore

__all__ = ["Recorded", "RecordingService", "RecordingStore"]

T = TypeVar("T")
C = TypeVar("C", bytes, bytes | memoryview)


@dataclass(slots=True, kw_only=True)
class Recorded:
    """One call. `error` is the S3 code of what it raised, or the exception's name where that has none; also of what
    its body raised later: a read that broke off, a write whose bytes are pushed and that was not published.

    `received` and `sent` are bytes of objects and grow while a body moves; `seconds` is the time until the call
    returned, without a body that moves later. `keys` are as the service saw them, with the store's prefix.
    """

    verb: str
    bucket: str | None
    keys: tuple[str, ...]
    seconds: float = 0.0
    sent: int = 0
    received: int = 0
    error: str | None = None


class RecordingService(WrappedService):
    """Notes each call in `calls`, the last `most` of them (all by default)."""

    kind = "recording"

    def __init__(self, inner: ObjectService, *, most: int | None = None, clock: Clock | None = None) -> None:
        super().__init__(inner)
        self.calls: deque[Recorded] = deque(maxlen=most)
        self._clock = clock or SystemClock()
        self._open = threading.local()  # the call under way on this thread, for the bytes that it moves

    def around(self, call: Call, run: Callable[[], T]) -> T:
        record = Recorded(verb=call.verb, bucket=call.bucket, keys=call.keys)
        self.calls.append(record)
        self._open.record = record
        began = self._clock.monotonic()
        try:
            with _noted(record):
                return run()
        finally:
            record.seconds = self._clock.monotonic() - began

    def incoming(self, call: Call, reading: Reading) -> Reading:
        record: Recorded = self._open.record

        def count(chunks: Iterator[bytes]) -> Iterator[bytes]:
            while True:
                with _noted(record):
                    chunk = next(chunks, None)
                if chunk is None:
                    return
                record.received += len(chunk)
                yield chunk

        return PassedReading(reading, count)

    def outgoing(self, call: Call, source: Source) -> Source:
        record: Recorded = self._open.record

        def count(chunks: Iterator[bytes | memoryview]) -> Iterator[bytes | memoryview]:
            for chunk in chunks:
                record.sent += len(chunk)
                yield chunk

        return PassedSource(source, count)

    def staged(self, call: Call, staging: Staging) -> Staging:
        return RecordedStaging(staging, self._open.record)


class RecordedStaging(PassedStaging):
    def __init__(self, inner: Staging, record: Recorded) -> None:
        super().__init__(inner, self._count)
        self._record = record

    def write(self, data: bytes | bytearray | memoryview) -> None:
        with _noted(self._record):
            super().write(data)

    def commit(self, *, checksums: Mapping[str, str] | None = None) -> PutResult:
        with _noted(self._record):
            return super().commit(checksums=checksums)

    def _count(self, data: bytes | bytearray | memoryview) -> None:
        self._record.sent += len(data)


@contextmanager
def _noted(record: Recorded) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        record.error = error.code if isinstance(error, StoreError) else type(error).__name__
        raise


class RecordingStore(WrappedStore):
    """Another store that notes each call: `calls`, oldest first.

    >>> store = RecordingStore(MemoryStore())
    >>> _ = store.put("a", b"x")
    >>> [(call.verb, call.sent) for call in store.calls]
    [('put', 1)]
    """

    service: RecordingService

    def __init__(self, store: Store, *, most: int | None = None, clock: Clock | None = None) -> None:
        super().__init__(store, RecordingService(store.service, most=most, clock=clock))

    @property
    def calls(self) -> deque[Recorded]:
        """What was asked, oldest first; ``calls.clear()`` forgets it."""
        return self.service.calls
