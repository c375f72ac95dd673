"""Time as a value that is passed in. Nothing else in dskit reads the system's clock."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

__all__ = ["Clock", "ManualClock", "SystemClock"]


class Clock(Protocol):
    """`now` is an aware UTC datetime; `monotonic` is seconds from some origin, for time-outs and measures."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...


class SystemClock:
    # Looked at several times a request: the C functions themselves.
    now = staticmethod(partial(datetime.now, UTC))
    monotonic = staticmethod(time.monotonic)


class ManualClock:
    """Stands still until it is told to move. Thread-safe."""

    def __init__(self, start: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._origin = start or datetime(2026, 1, 1, tzinfo=UTC)
        self._now = self._origin

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._origin).total_seconds()

    def advance(self, step: timedelta | float) -> datetime:
        """Move forward by a timedelta or by seconds. Raises ValueError for a negative step."""
        delta = step if isinstance(step, timedelta) else timedelta(seconds=step)
        if delta < timedelta(0):
            raise ValueError("a clock does not go back; use a new ManualClock")
        with self._lock:
            self._now += delta
            return self._now
