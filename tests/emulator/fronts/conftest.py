from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from dskit_emulator.fronts.loop import LoopThread, new_event_loop
from tests.emulator.fronts.harness import Front, serving

Serve = Callable[..., Front]


@pytest.fixture(scope="package", params=["best", "asyncio"])
def loop_thread(request: pytest.FixtureRequest) -> Iterator[LoopThread]:
    """uvloop where it is installed, and plain asyncio, which everything must work on as well."""
    thread = LoopThread(loop=new_event_loop if request.param == "best" else asyncio.new_event_loop)
    yield thread
    thread.close()


@pytest.fixture
def serve(loop_thread: LoopThread) -> Iterator[Serve]:
    """Open a listener: `serve(handler=…, settings=…, observer=…)`."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(serving(loop_thread, **options))


@pytest.fixture
def front(serve: Serve) -> Front:
    return serve()
