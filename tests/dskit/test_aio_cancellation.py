"""A cancelled call of `AsyncStore` leaves nothing behind, under asyncio and trio."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import anyio
import anyio.to_thread
import pytest

import dskit
from tests.dskit.leftovers import staged

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_cancelling_a_put_of_an_async_iterator(store: dskit.Store) -> None:
    store.put("k", b"old")
    ended = threading.Event()

    async with anyio.create_task_group() as tasks:

        async def endless() -> AsyncIterator[bytes]:
            try:
                yield b"x" * 400_000
                tasks.cancel_scope.cancel()
                await anyio.sleep_forever()
            finally:
                ended.set()

        chunks = endless()
        tasks.start_soon(store.aio.put, "k", chunks)
    await chunks.aclose()  # type: ignore[attr-defined]
    assert ended.is_set()
    assert store.get("k").read() == b"old"
    assert staged(store) == []


async def test_cancelling_a_put_fails_the_reader_in_the_worker(make_store: Callable[..., dskit.Store]) -> None:
    """The worker stops at its next chunk, and the caller only returns when it has."""
    store = make_store()
    if not store.service.blocking:
        pytest.skip("inline calls cannot be cancelled in the middle")
    threads: list[threading.Thread] = []
    reads = 0
    started, cancelled = threading.Event(), threading.Event()

    def endless() -> Iterator[bytes]:
        nonlocal reads
        threads.append(threading.current_thread())
        while True:
            reads += 1
            started.set()
            cancelled.wait(10)
            yield b"x" * 1000

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(store.aio.put, "k", endless())
        await anyio.to_thread.run_sync(started.wait)
        tasks.cancel_scope.cancel()
        cancelled.set()
    assert reads <= 2
    assert not store.exists("k")
    assert staged(store) == []


async def test_cancelling_a_part_fails_its_reader_too(make_store: Callable[..., dskit.Store]) -> None:
    store = make_store()
    if not store.service.blocking:
        pytest.skip("inline calls cannot be cancelled in the middle")
    upload = store.create_multipart_upload("m")
    started, cancelled = threading.Event(), threading.Event()
    reads = 0

    def endless() -> Iterator[bytes]:
        nonlocal reads
        while True:
            reads += 1
            started.set()
            cancelled.wait(10)
            yield b"x" * 1000

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(store.aio.upload_part, "m", upload.upload_id, 1, endless())
        await anyio.to_thread.run_sync(started.wait)
        tasks.cancel_scope.cancel()
        cancelled.set()
    assert reads <= 2
    assert store.list_parts("m", upload.upload_id).parts == []
    assert staged(store) == []


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_asyncio_cancel_waits_for_the_worker(make_store: Callable[..., dskit.Store]) -> None:
    """`Task.cancel` and `wait_for` know nothing of anyio's scopes; the call must not run on without its caller."""
    store = make_store()
    if not store.service.blocking:
        pytest.skip("inline calls cannot be cancelled in the middle")
    started, go_on = threading.Event(), threading.Event()
    reads = 0

    def endless() -> Iterator[bytes]:
        nonlocal reads
        while True:
            reads += 1
            started.set()
            go_on.wait(60)
            yield b"x" * 1000

    task = asyncio.create_task(store.aio.put("k", endless()))
    await asyncio.to_thread(started.wait)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert reads <= 2
    assert not store.exists("k")
    assert staged(store) == []


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_asyncio_cancel_of_a_call_that_waits_for_a_worker(make_store: Callable[..., dskit.Store]) -> None:
    """It is dropped: there is nothing to wait for, and it does not happen later."""
    store = make_store()
    if not store.service.blocking:
        pytest.skip("inline calls wait for no worker")
    go_on = threading.Event()
    limiter = anyio.to_thread.current_default_thread_limiter()
    limiter.total_tokens = 1
    busy = asyncio.create_task(anyio.to_thread.run_sync(go_on.wait))
    while not limiter.borrowed_tokens:
        await asyncio.sleep(0)
    task = asyncio.create_task(store.aio.put("k", b"x"))
    while not limiter.statistics().tasks_waiting:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 10)
    go_on.set()
    await busy
    assert not await store.aio.exists("k")
