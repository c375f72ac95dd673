"""`AsyncStore` over the two S3 clients: worker threads, a socket, and nothing left on the server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import anyio
import anyio.to_thread
import pytest

import dskit
import dskit_emulator

pytestmark = pytest.mark.anyio
MIB = 1024 * 1024


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["s3", "minio"])
def remote(request: pytest.FixtureRequest) -> Iterator[dskit.Store]:
    keys = {"access_key": "dskit", "secret_key": "dskit-secret"}
    with dskit_emulator.Server() as server:
        host = server.url.removeprefix("http://")
        url = f"s3://data?endpoint={server.url}" if request.param == "s3" else f"minio://{host}/data?secure=false"
        with dskit.open_store(url, part_bytes=8 * MIB, **keys) as store:
            store.service.create_bucket("data")
            yield store


async def test_round_trip(remote: dskit.Store) -> None:
    aio = remote.aio
    etag = (await aio.put("a//b", b"hello" * 100_000, if_none_match="*")).etag
    async with await aio.get("a//b", if_match=etag) as result:
        assert b"".join([chunk async for chunk in result]) == b"hello" * 100_000
    assert [entry.key async for entry in aio.list()] == ["a//b"]
    with pytest.raises(dskit.AlreadyExistsError):
        await aio.put("a//b", b"", if_none_match="*")


async def test_256_operations_at_once(remote: dskit.Store) -> None:
    async def one(number: int) -> None:
        await remote.aio.put(f"k{number:03}", b"%d" % number)
        assert await (await remote.aio.get(f"k{number:03}")).aread() == b"%d" % number

    async with anyio.create_task_group() as tasks:
        for number in range(256):
            tasks.start_soon(one, number)
    assert len(list(remote.list())) == 256


async def test_an_async_iterator_goes_up_in_parts(remote: dskit.Store) -> None:
    async def data() -> AsyncIterator[bytes]:
        for number in range(9):
            yield bytes([number]) * MIB

    await remote.aio.put("k", data(), content_type="text/plain")
    meta = remote.head("k")
    assert (meta.size, meta.content_type) == (9 * MIB, "text/plain")
    assert remote.get_range("k", start=8 * MIB - 1, end=8 * MIB + 1) == b"\x07\x08"


async def test_cancelling_an_async_iterator_aborts_its_upload(remote: dskit.Store) -> None:
    async with anyio.create_task_group() as tasks:

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(9):
                yield b"x" * MIB
            tasks.cancel_scope.cancel()
            await anyio.sleep_forever()

        tasks.start_soon(remote.aio.put, "k", endless())
    assert remote.list_uploads().uploads == []
    assert not remote.exists("k")


async def test_cancelling_a_put_in_the_worker(remote: dskit.Store) -> None:
    """Data of a known length goes straight to the socket; its reader fails, and nothing is stored."""
    started, cancelled = threading.Event(), threading.Event()

    def slow() -> Iterator[bytes]:
        while True:
            started.set()
            cancelled.wait(10)
            yield b"x" * 1000

    async with anyio.create_task_group() as tasks:

        async def put() -> None:
            await remote.aio.put("k", slow(), length=100_000)

        tasks.start_soon(put)
        await anyio.to_thread.run_sync(started.wait)
        tasks.cancel_scope.cancel()
        cancelled.set()
    assert not remote.exists("k")
    assert remote.list_uploads().uploads == []


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_task_that_asyncio_cancels_leaves_nothing(remote: dskit.Store) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slow() -> Iterator[bytes]:
        while True:
            started.set()
            go_on.wait(60)
            yield b"x" * 1000

    task = asyncio.create_task(remote.aio.put("k", slow(), length=10_000_000))
    await asyncio.to_thread(started.wait)
    task.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not remote.exists("k")
    assert remote.list_uploads().uploads == []
