"""`await store.aio.open`: under asyncio and trio; a cancelled write leaves nothing behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest

import dskit
import dskit_emulator
from tests.dskit.leftovers import left

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["memory", "local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dskit.Store]:
    made: dskit.Store
    if request.param == "memory":
        made = dskit.MemoryStore()
    elif request.param == "s3":
        endpoint: dskit_emulator.Endpoint = request.getfixturevalue("s3")
        made = endpoint.store("default")
    else:
        made = dskit.LocalStore(tmp_path, durability="process")
    with made:
        yield made


async def test_write_and_read(store: dskit.Store) -> None:
    async with await store.aio.open("k", "wb", content_type="text/plain") as file:
        assert await file.write(b"line 1\n") == 7
        await file.writelines([b"line 2\n", b"line 3"])
        await file.flush()
        assert await file.tell() == 20
        assert not store.exists("k")
    assert file.closed
    assert file.result is not None
    assert file.result.etag == store.head("k").etag
    async with await store.aio.open("k") as file:
        assert (file.readable(), file.writable(), file.seekable(), file.key) == (True, False, True, "k")
        assert file.meta is not None
        assert file.meta.content_type == "text/plain"
        assert await file.readline() == b"line 1\n"
        assert (await file.peek(4))[:4] == b"line"
        assert await file.seek(-6, 2) == 14
        assert await file.read(4) == b"line"
        assert await file.read() == b" 3"
        await file.seek(0)
        buffer = bytearray(4)
        assert await file.readinto(buffer) == 4
        assert buffer == b"line"
        assert await file.readlines() == [b" 1\n", b"line 2\n", b"line 3"]
    with pytest.raises(dskit.InvalidRequestError, match="closed"):
        await file.read()


async def test_text_and_lines(store: dskit.Store) -> None:
    async with await store.aio.open("k", "w") as file:
        await file.write("grün\nblau\n")
    async with await store.aio.open("k", "r") as file:
        assert [line async for line in file] == ["grün\n", "blau\n"]


async def test_a_file_can_be_put(store: dskit.Store) -> None:
    store.put("k", b"x" * 3 * MIB)
    async with await store.aio.open("k", read_ahead=MIB // 2) as file:
        await store.aio.put("copy", file)
    assert store.get("copy").read() == b"x" * 3 * MIB


async def test_errors_are_those_of_the_sync_store(store: dskit.Store) -> None:
    with pytest.raises(dskit.NotFoundError):
        await store.aio.open("none")
    with pytest.raises(dskit.FileModeError):
        await store.aio.open("k", "a")
    store.put("k", b"x" * 100)
    with pytest.raises(dskit.AlreadyExistsError):
        await store.aio.open("k", "xb")
    async with await store.aio.open("k", read_ahead=10) as file:
        await file.read(10)
        store.put("k", b"y" * 100)
        with pytest.raises(dskit.ConflictError):
            await file.read(10)


@pytest.mark.parametrize("size", [3, 9 * MIB])
async def test_an_exception_publishes_nothing(store: dskit.Store, size: int) -> None:
    file = await store.aio.open("k", "wb")

    async def fail() -> None:
        async with file:
            await file.write(b"x" * size)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert file.closed
    assert not store.exists("k")
    assert left(store) == []


@pytest.mark.parametrize("size", [3, 9 * MIB])
async def test_a_cancelled_block_publishes_nothing(store: dskit.Store, size: int) -> None:
    with anyio.CancelScope() as scope:
        async with await store.aio.open("k", "wb") as file:
            await file.write(b"x" * size)
            scope.cancel()
            await anyio.sleep_forever()
    assert file.closed
    assert not store.exists("k")
    assert left(store) == []


async def test_a_cancelled_write_makes_no_hole(store: dskit.Store) -> None:
    """Who goes on after a cancelled write does not publish an object that lacks it."""
    file = await store.aio.open("k", "wb")
    await file.write(b"a")
    with anyio.CancelScope() as scope:
        scope.cancel()
        await file.write(b"b")
    assert file.closed
    with pytest.raises(dskit.InvalidRequestError):
        await file.write(b"c")
    await file.close()
    assert file.result is None
    assert not store.exists("k")
    assert left(store) == []


async def test_a_cancelled_open_leaves_no_upload(store: dskit.Store) -> None:
    with anyio.CancelScope() as scope:
        scope.cancel()
        await store.aio.open("k", "wb")
    assert scope.cancelled_caught
    assert left(store) == []


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_an_open_that_asyncio_cancels_in_the_worker_is_discarded(
    store: dskit.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not store.service.blocking:
        pytest.skip("inline calls cannot be cancelled in the middle")
    started, go_on = threading.Event(), threading.Event()
    opened: list[Any] = []
    open_file = store.open

    def slow(*args: Any, **options: Any) -> Any:
        opened.append(open_file(*args, **options))
        started.set()
        go_on.wait(60)
        return opened[-1]

    monkeypatch.setattr(store, "open", slow)
    task = asyncio.create_task(store.aio.open("k", "wb"))
    await asyncio.to_thread(started.wait)
    task.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert opened[0].closed
    assert left(store) == []


async def test_many_files_at_once(store: dskit.Store) -> None:
    async def one(number: int) -> None:
        async with await store.aio.open(f"k{number}", "wb") as file:
            await file.write(b"%d" % number)
        async with await store.aio.open(f"k{number}") as file:
            assert await file.read() == b"%d" % number

    async with anyio.create_task_group() as tasks:
        for number in range(50):
            tasks.start_soon(one, number)
    assert len(list(store.list())) == 50
