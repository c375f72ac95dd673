"""From a coroutine to a blocking call and back, under asyncio and trio, with nothing left running."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread

from .backend import ObjectService
from .flows import Cleanup, Flow, Pull
from .pauses import CHECK

__all__ = ["adrive", "check_cancelled", "checkpoint", "hop", "in_thread"]

T = TypeVar("T")


async def hop(
    service: ObjectService, call: Callable[..., T], *args: Any, cancelled: threading.Event | None = None
) -> T:
    """`call(*args)`: inline where the service does not block, else in a worker thread.

    A cancelled caller waits until the worker has returned, so that no call outlives the coroutine that made it;
    `cancelled` is set meanwhile, for the call to look at.
    """
    await anyio.lowlevel.checkpoint_if_cancelled()
    if not service.blocking:
        result = call(*args)
        await anyio.lowlevel.cancel_shielded_checkpoint()
        return result
    return await in_thread(call, *args, cancelled=cancelled)


async def checkpoint() -> None:
    """For a coroutine that has nothing to wait for, but has to give way and to be cancelled."""
    await anyio.lowlevel.checkpoint()


async def in_thread(call: Callable[..., T], *args: Any, cancelled: threading.Event | None = None) -> T:
    """A call in a worker thread whatever the service, cancelled as `hop` says.

    anyio shields this wait from its own cancel scopes; asyncio's `Task.cancel` comes through, hence the state.
    """
    event = cancelled or threading.Event()
    gate = threading.Lock()
    finished: anyio.Event | None = None
    state = "waiting"  # for a worker; then "running", "done"; "dropped" if the caller went before it began

    def work() -> T:
        nonlocal state
        with gate:
            if state == "dropped":
                raise DroppedCall
            state = "running"
        CHECK.set(partial(check_cancelled, event))  # in the worker's own copy of the context
        try:
            return call(*args)
        finally:
            with gate:
                state = "done"
                waiting = finished
            if waiting is not None:
                anyio.from_thread.run_sync(waiting.set)

    try:
        return await anyio.to_thread.run_sync(work)
    except anyio.get_cancelled_exc_class():
        event.set()
        with gate:
            if state == "waiting":
                state = "dropped"
            elif state == "running":
                finished = anyio.Event()
        if finished is not None:
            with anyio.CancelScope(shield=True):
                while not finished.is_set():  # asyncio may cancel again, and again has to wait
                    with suppress(anyio.get_cancelled_exc_class()):
                        await finished.wait()
        raise


def check_cancelled(cancelled: threading.Event) -> None:
    """In a worker, now and then: ends it if its caller has been cancelled."""
    if cancelled.is_set():
        raise CancelledReader
    anyio.from_thread.check_cancelled()


class CancelledReader(BaseException):
    """Ends a worker whose caller has been cancelled and does not look at its result."""


class DroppedCall(BaseException):
    """Ends a worker that came too late: its caller has been cancelled and does not look at the result."""


async def adrive(flow: Flow[T], service: ObjectService, *, cancelled: threading.Event | None = None) -> T:
    """Run a flow to its end, each call through `hop`. The twin of `flows.drive`."""
    try:
        call = next(flow)
        while True:
            try:
                if isinstance(call, Pull):
                    answer = await call.pull()
                else:
                    undoes = isinstance(
                        call, Cleanup
                    )  # which goes on, with its pauses, when all else has been cancelled
                    with anyio.CancelScope(shield=undoes):
                        answer = await hop(service, call, cancelled=None if undoes else cancelled)
            except BaseException as error:
                call = flow.throw(error)
            else:
                call = flow.send(answer)
    except StopIteration as stop:
        result: T = stop.value
        return result
