"""`ThrottleStore`: no more requests and bytes a second than allowed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

from ..backend import ObjectService, Source
from ..clock import Clock, SystemClock
from ..errors import ConfigurationError
from ..pauses import pause
from ..store import Store
from ..streams import Reading, Staging
from .forwarding import Call, PassedReading, PassedSource, PassedStaging, WrappedService, WrappedStore

__all__ = ["Allowance", "ThrottleService", "ThrottleStore"]

T = TypeVar("T")
C = TypeVar("C", bytes, bytes | memoryview)


class Allowance:
    """`rate` units a second; what was not used is saved for `burst` seconds. Thread-safe: first come, first served.

    Raises `ConfigurationError` for a rate that is not above zero or a burst below.
    """

    def __init__(
        self,
        rate: float,
        *,
        burst: float = 1.0,
        clock: Clock | None = None,
        sleep: Callable[[float], None] = pause,
    ) -> None:
        if not rate > 0 or burst < 0:
            raise ConfigurationError(
                f"an allowance is more than 0 a second with a burst of 0 seconds or more, not {rate!r}"
            )
        self.rate = rate
        self.burst = burst
        self._clock = clock or SystemClock()
        self._sleep = sleep
        self._lock = threading.Lock()
        self._free = self._clock.monotonic() - burst

    def spend(self, amount: float) -> None:
        """Take `amount` and wait until it is due."""
        with self._lock:
            now = self._clock.monotonic()
            self._free = max(self._free, now - self.burst) + amount / self.rate
            wait = self._free - now
        if wait > 0:
            self._sleep(wait)


class ThrottleService(WrappedService):
    """Slows calls and bodies down to what is allowed; nothing is refused.

    `requests_per_second` counts calls of the service, `bytes_per_second` the bytes of objects in both directions
    together. `burst` seconds of either may be saved up. Time and waiting are injected.
    """

    kind = "throttled"

    def __init__(
        self,
        inner: ObjectService,
        *,
        bytes_per_second: float | None = None,
        requests_per_second: float | None = None,
        burst: float = 1.0,
        clock: Clock | None = None,
        sleep: Callable[[float], None] = pause,
    ) -> None:
        super().__init__(inner)
        self.blocking = True
        self._bytes, self._requests = (
            None if rate is None else Allowance(rate, burst=burst, clock=clock, sleep=sleep)
            for rate in (bytes_per_second, requests_per_second)
        )

    def around(self, call: Call, run: Callable[[], T]) -> T:
        if self._requests is not None:
            self._requests.spend(1)
        return run()

    def incoming(self, call: Call, reading: Reading) -> Reading:
        return reading if self._bytes is None else PassedReading(reading, self._slowed)

    def outgoing(self, call: Call, source: Source) -> Source:
        return source if self._bytes is None else PassedSource(source, self._slowed)

    def staged(self, call: Call, staging: Staging) -> Staging:
        allowance = self._bytes
        return staging if allowance is None else PassedStaging(staging, lambda data: allowance.spend(len(data)))

    def _slowed(self, chunks: Iterator[C]) -> Iterator[C]:
        assert self._bytes is not None
        for chunk in chunks:
            self._bytes.spend(len(chunk))
            yield chunk


class ThrottleStore(WrappedStore):
    """Another store at no more than `bytes_per_second` and `requests_per_second` (see `ThrottleService`)."""

    def __init__(
        self,
        store: Store,
        *,
        bytes_per_second: float | None = None,
        requests_per_second: float | None = None,
        burst: float = 1.0,
        clock: Clock | None = None,
        sleep: Callable[[float], None] = pause,
    ) -> None:
        service = ThrottleService(
            store.service,
            bytes_per_second=bytes_per_second,
            requests_per_second=requests_per_second,
            burst=burst,
            clock=clock,
            sleep=sleep,
        )
        super().__init__(store, service)
