"""Waiting in a worker thread, so that who waits for the worker can be cancelled."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar

from .clock import SystemClock

__all__ = ["CHECK", "pause"]

CHECK: ContextVar[Callable[[], None] | None] = ContextVar("dskit_pause_check", default=None)
"""In a worker thread of a coroutine: raises once the coroutine has been cancelled. `dskit.hops` sets it."""

STEP = 0.05
"""Seconds between two looks at it."""


def pause(seconds: float) -> None:
    """As `time.sleep`; in a worker thread it ends, by raising, soon after its coroutine has been cancelled."""
    check = CHECK.get()
    if check is None:
        time.sleep(seconds)
        return
    now = SystemClock.monotonic
    end = now() + seconds
    while (left := end - now()) > 0:
        try:
            check()
        except BaseException:
            CHECK.set(None)  # what undoes the call has all the time that it needs
            raise
        time.sleep(min(left, STEP))
