"""`AsyncStore` over S3 through obstore, under asyncio and trio: many at once, and nothing left of what is cancelled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import anyio.from_thread
import anyio.to_thread
import pytest

import dskit
import dskit_emulator
from dskit.retry import RetryOptions
from tests.dskit.backends.faulty_proxy import FaultyProxy, answer

pytestmark = pytest.mark.anyio
MIB = 1024 * 1024


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(s3: dskit_emulator.Endpoint) -> Iterator[dskit.Store]:
    pytest.importorskip("obstore")
    s3.create_bucket("data")
    with dskit.ObstoreS3Store(
        "data", endpoint=s3.url, access_key="dskit", secret_key="dskit-secret", part_bytes=5 * MIB
    ) as made:
        yield made


def nothing_left(s3: dskit_emulator.Endpoint) -> bool:
    direct = s3.direct("data")
    return not list(direct.list()) and not direct.list_uploads().uploads


async def test_round_trip(store: dskit.Store) -> None:
    etag = (await store.aio.put("a/b", b"hello" * 100_000, if_none_match="*")).etag
    async with await store.aio.get("a/b", if_match=etag) as result:
        assert b"".join([chunk async for chunk in result]) == b"hello" * 100_000
    assert [entry.key async for entry in store.aio.list()] == ["a/b"]
    with pytest.raises(dskit.AlreadyExistsError):
        await store.aio.put("a/b", b"", if_none_match="*")


async def test_256_operations_at_once(store: dskit.Store) -> None:
    async def one(number: int) -> None:
        await store.aio.put(f"k{number:03}", b"%d" % number)
        assert await (await store.aio.get(f"k{number:03}")).aread() == b"%d" % number

    async with anyio.create_task_group() as tasks:
        for number in range(256):
            tasks.start_soon(one, number)
    assert len(list(store.list())) == 256


@pytest.mark.parametrize("mib", [3, 19])
async def test_an_async_iterator_of_any_length(store: dskit.Store, mib: int) -> None:
    async def data() -> AsyncIterator[bytes]:
        for number in range(mib):
            yield bytes([number]) * MIB

    await store.aio.put("k", data(), content_type="text/plain")
    meta = store.head("k")
    assert (meta.size, meta.content_type) == (mib * MIB, "text/plain")
    assert store.get_range("k", start=2 * MIB - 1, end=2 * MIB + 1) == b"\x01\x02"
    with pytest.raises(dskit.AlreadyExistsError):
        await store.aio.put("k", data(), if_none_match="*")
    with pytest.raises(dskit.InvalidRequestError, match="announced"):
        await store.aio.put("new", data(), length=mib * MIB - 1)
    assert [row.key for row in store.list()] == ["k"]


async def test_an_iterator_of_known_length_goes_in_parts(store: dskit.Store) -> None:
    await store.aio.put("k", [b"x" * MIB] * 11)
    assert store.head("k").etag.endswith('-3"')


@pytest.mark.parametrize("mib", [1, 19])
async def test_cancelling_an_async_iterator_leaves_nothing(
    s3: dskit_emulator.Endpoint, store: dskit.Store, mib: int
) -> None:
    async with anyio.create_task_group() as tasks:

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(mib):
                yield b"x" * MIB
            tasks.cancel_scope.cancel()
            await anyio.sleep_forever()

        tasks.start_soon(store.aio.put, "k", endless())
    assert nothing_left(s3)


async def test_cancelling_while_what_came_is_sent_leaves_nothing(
    s3: dskit_emulator.Endpoint, store: dskit.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the last chunk nobody asks the caller's data for more; the sending itself looks whether it is wanted."""
    started, cancelled = threading.Event(), threading.Event()
    put = store.service.put

    def waiting(*args: Any) -> dskit.PutResult:
        started.set()
        cancelled.wait(10)
        return put(*args)

    monkeypatch.setattr(store.service, "put", waiting)

    async def data() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * MIB

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(store.aio.put, "k", data())
        await anyio.to_thread.run_sync(started.wait)
        tasks.cancel_scope.cancel()
        cancelled.set()
    assert nothing_left(s3)


class LongestPauses:
    """Ids that draw the greatest share of every pause."""

    def token(self, size: int = 16) -> bytes:
        return b"\xff" * size


async def test_cancelling_a_wait_before_another_attempt_ends_it(proxy: FaultyProxy) -> None:
    """The hour is not waited for."""
    pytest.importorskip("obstore")
    waiting = anyio.Event()
    patient = RetryOptions(attempts=2, base=3600.0, cap=3600.0)
    proxy.plan = [answer(503, "SlowDown")]
    with dskit.ObstoreS3Store(
        "data",
        endpoint=proxy.url,
        access_key="dskit",
        secret_key="dskit-secret",
        retries=patient,
        ids=LongestPauses(),
    ) as store:
        retrier = store.service.retrier
        sleep = retrier.sleep

        def noted(seconds: float) -> None:
            anyio.from_thread.run_sync(waiting.set)
            sleep(seconds)

        retrier.sleep = noted
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(store.aio.head, "k")
            await waiting.wait()
            tasks.cancel_scope.cancel()
    assert len(proxy.requests) == 1


@pytest.mark.parametrize("length", [100_000, 11 * MIB])
async def test_cancelling_a_put_in_the_worker(s3: dskit_emulator.Endpoint, store: dskit.Store, length: int) -> None:
    """As one request and in parts: the reader of the data fails, and nothing is stored."""
    started, cancelled = threading.Event(), threading.Event()

    def slow() -> Iterator[bytes]:
        for _ in range(length // 1000 - 2):
            yield b"x" * 1000
        while True:
            started.set()
            cancelled.wait(10)
            yield b"x" * 1000

    async with anyio.create_task_group() as tasks:

        async def put() -> None:
            await store.aio.put("k", slow(), length=length)

        tasks.start_soon(put)
        await anyio.to_thread.run_sync(started.wait)
        tasks.cancel_scope.cancel()
        cancelled.set()
    assert nothing_left(s3)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_task_that_asyncio_cancels_leaves_nothing(s3: dskit_emulator.Endpoint, store: dskit.Store) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slow() -> Iterator[bytes]:
        while True:
            started.set()
            go_on.wait(60)
            yield b"x" * 1000

    task = asyncio.create_task(store.aio.put("k", slow(), length=10_000_000))
    await asyncio.to_thread(started.wait)
    task.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert nothing_left(s3)


async def test_a_small_object_comes_with_the_call_that_opens_it(
    s3: dskit_emulator.Endpoint, store: dskit.Store
) -> None:
    """One trip to a worker: what follows needs neither a thread nor the server."""
    await store.aio.put("k", b"hello")
    result = await store.aio.get("k")
    s3.close()
    assert (await result.aread(2), await result.aread()) == (b"he", b"llo")
    await result.aclose()
