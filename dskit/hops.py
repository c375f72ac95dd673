"""From a coroutine to a blocking call and back, under asyncio and trio, with nothing left running."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import anyio
import anyio.from_thread
import anyio.to_thread

from .backend import ObjectService

__all__ = ["hop"]

T = TypeVar("T")


async def hop(service: ObjectService, call: Callable[..., T], *args: Any) -> T:
    """`call(*args)`: inline where the service does not block, else in a worker thread.

    A cancelled caller waits until the worker has returned, so that no call outlives the coroutine that made it.
    """
    if not service.blocking:
        await anyio.lowlevel.checkpoint()
        return call(*args)
    return await in_thread(call, *args)


async def in_thread(call: Callable[..., T], *args: Any, cancelled: threading.Event | None = None) -> T:
    """Run in a worker thread of anyio. `cancelled` is set when the caller is cancelled, for `call` to look at.

    anyio shields this wait from its own cancel scopes; asyncio's `Task.cancel` comes through that, hence the state.
    """
    gate = threading.Lock()
    finished: anyio.Event | None = None
    done = False

    def work() -> T:
        nonlocal done
        try:
            return call(*args)
        finally:
            with gate:
                done = True
                waiting = finished
            if waiting is not None:
                anyio.from_thread.run_sync(waiting.set)

    try:
        return await anyio.to_thread.run_sync(work)
    except anyio.get_cancelled_exc_class():
        if cancelled is not None:
            cancelled.set()
        with gate:
            if not done:
                finished = anyio.Event()
        if finished is not None:
            with anyio.CancelScope(shield=True):
                await finished.wait()
        raise
