"""`RecordingStore`: what was asked of a store, and what came of it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from ..backend import ObjectService, Source
from ..clock import Clock, SystemClock
from ..errors import StoreError
from ..store import Store
from ..types import Reading, Staging
from .forwarding import Call, PassedReading, PassedSource, PassedStaging, WrappedService, WrappedStore

__all__ = ["Recorded", "RecordingService", "RecordingStore"]

T = TypeVar("T")
C = TypeVar("C", bytes, bytes | memoryview)


@dataclass(slots=True, kw_only=True)
class Recorded:
    """One call. `error` is the S3 code of what it raised, or the exception's name where that has none.

    `received` and `sent` are bytes of objects and grow while a body moves; `seconds` is the time until the call
    returned, without the body of a read. `keys` are as the service saw them, with the store's prefix.
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
            return run()
        except BaseException as error:
            record.error = error.code if isinstance(error, StoreError) else type(error).__name__
            raise
        finally:
            record.seconds = self._clock.monotonic() - began

    def incoming(self, call: Call, reading: Reading) -> Reading:
        record: Recorded = self._open.record

        def count(chunks: Iterator[bytes]) -> Iterator[bytes]:
            for chunk in chunks:
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
        record: Recorded = self._open.record

        def count(data: bytes | bytearray | memoryview) -> None:
            record.sent += len(data)

        return PassedStaging(staging, count)


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
