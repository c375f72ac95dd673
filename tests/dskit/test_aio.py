"""`AsyncStore`: the same verbs, under asyncio and trio; nothing is left behind by a cancelled one."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import anyio
import anyio.to_thread
import pytest

import dskit
from dskit.aio import AsyncStore
from dskit.flows import Cleanup, Flow, drive
from dskit.hops import adrive
from dskit.store import Store
from tests.dskit.leftovers import staged
from tests.dskit.wants_length import WantsLength

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


HELPERS = {"check_key", "check_prefix", "marker", "inner", "inner_meta", "explain", "prepare_put", "list_pages"}
VERBS = sorted(
    name
    for name, member in inspect.getmembers(Store, inspect.isfunction)
    if not name.startswith("_") and name not in HELPERS
)


@pytest.mark.parametrize("name", VERBS)
def test_both_stores_have_the_same_verbs(name: str) -> None:
    """Names, parameters, defaults, annotations and docstrings; what is awaited or iterated may differ."""
    ours, theirs = getattr(Store, name), getattr(AsyncStore, name)
    left, right = inspect.signature(ours), inspect.signature(theirs)
    assert list(left.parameters) == list(right.parameters)
    for parameter in left.parameters.values():
        twin = right.parameters[parameter.name]
        assert (parameter.kind, parameter.default) == (twin.kind, twin.default)
        if parameter.name != "data":
            assert parameter.annotation == twin.annotation
    assert left.return_annotation == right.return_annotation.replace("Async", "")
    assert inspect.getdoc(ours) == inspect.getdoc(theirs)
    assert inspect.getdoc(ours)


def test_async_store_has_no_verb_of_its_own() -> None:
    public = {name for name, member in inspect.getmembers(AsyncStore, inspect.isfunction) if not name.startswith("_")}
    assert public == set(VERBS)


async def pieces(*items: Any) -> AsyncIterator[Any]:
    for item in items:
        await anyio.sleep(0)
        yield item


async def test_round_trip(store: dskit.Store) -> None:
    aio = store.aio
    etag = (await aio.put("a/b", b"hello", metadata={"x": "y"})).etag
    result = await aio.get("a/b")
    assert await result.aread() == b"hello"
    async with await aio.get("a/b", range=(1, 3)) as part:
        assert [chunk async for chunk in part] == [b"el"]
    assert (await aio.head("a/b")).etag == etag
    assert await aio.exists("a/b")
    await aio.copy("a/b", "c")
    await aio.rename("c", "d")
    assert [entry.key async for entry in aio.list(page_size=1)] == ["a/b", "d"]
    assert (await aio.list_with_delimiter()).prefixes == ["a/"]
    assert len((await aio.list_page(max_keys=1)).objects) == 1
    assert await aio.get_ranges("d", starts=[0, 3], lengths=[1, 2]) == [b"h", b"lo"]
    assert await aio.get_range("d", start=1, end=2) == b"e"
    assert (await aio.delete_many(["a/b", "d"])).deleted == ["a/b", "d"]
    await aio.delete("a/b")
    with pytest.raises(dskit.NotFoundError) as caught:
        await aio.get("a/b")
    assert (caught.value.operation, caught.value.key) == ("get", "a/b")


async def test_multipart(store: dskit.Store) -> None:
    aio = store.aio
    upload = await aio.create_multipart_upload("k")
    part = await aio.upload_part("k", upload.upload_id, 1, b"data")
    assert [info.key for info in (await aio.list_uploads()).uploads] == ["k"]
    assert [row.number for row in (await aio.list_parts("k", upload.upload_id)).parts] == [1]
    await aio.complete_multipart_upload("k", upload.upload_id, [part])
    assert await aio.object_parts("k") is not None
    other = await aio.create_multipart_upload("k")
    await aio.upload_part_copy("k", other.upload_id, 1, "k")
    await aio.abort_multipart_upload("k", other.upload_id)


async def test_a_part_of_an_async_iterator(store: dskit.Store) -> None:
    aio = store.aio
    upload = await aio.create_multipart_upload("m")
    part = await aio.upload_part("m", upload.upload_id, 1, pieces(b"one", b"two"))
    await aio.complete_multipart_upload("m", upload.upload_id, [part])
    assert store.get("m").read() == b"onetwo"


@pytest.mark.parametrize("make", [lambda: pieces(b"x", "text"), lambda: "text", lambda: iter(["text"])])
async def test_a_part_that_is_not_bytes_is_refused(store: dskit.Store, make: Callable[[], Any]) -> None:
    upload = store.create_multipart_upload("m")
    with pytest.raises(dskit.InvalidRequestError) as caught:
        await store.aio.upload_part("m", upload.upload_id, 1, make())
    assert (caught.value.operation, caught.value.key) == ("upload_part", "m")


@pytest.mark.parametrize("bad", ["text", {"a": 1}, 5])
async def test_data_that_cannot_be_put_are_refused_as_by_the_verb(store: dskit.Store, bad: Any) -> None:
    with pytest.raises(dskit.InvalidRequestError) as caught:
        await store.aio.put("k", bad)
    assert (caught.value.operation, caught.value.key) == ("put", "k")


@pytest.mark.parametrize("sizes", [(), (0,), (1, 2, 3), (300_000, 1, 300_000)])
async def test_an_async_iterator(store: dskit.Store, sizes: tuple[int, ...]) -> None:
    data = [bytes([number]) * size for number, size in enumerate(sizes)]
    await store.aio.put("k", pieces(*data), content_type="text/plain", length=sum(sizes))
    assert store.get("k").read() == b"".join(data)
    assert store.head("k").content_type == "text/plain"


async def test_an_async_file(store: dskit.Store, tmp_path: Any) -> None:
    path = anyio.Path(tmp_path / "file")
    await path.write_bytes(b"x" * 2_000_000)
    async with await path.open("rb") as file:
        await store.aio.put("k", file)
    assert store.head("k").size == 2_000_000


@pytest.mark.parametrize("length", [3, 7])
async def test_an_async_iterator_of_another_length(store: dskit.Store, length: int) -> None:
    with pytest.raises(dskit.InvalidRequestError) as caught:
        await store.aio.put("k", pieces(b"he", b"llo"), length=length)
    assert (caught.value.code, caught.value.key) == ("IncompleteBody", "k")
    assert not store.exists("k")


@pytest.mark.parametrize("length", ["5", -1])
async def test_a_length_is_a_number(store: dskit.Store, length: Any) -> None:
    with pytest.raises(dskit.InvalidRequestError, match="length"):
        await store.aio.put("k", pieces(b"x"), length=length)


@pytest.mark.parametrize("bad", ["text", 7, None])
async def test_an_async_iterator_of_something_else(store: dskit.Store, bad: Any) -> None:
    with pytest.raises(dskit.InvalidRequestError):
        await store.aio.put("k", pieces(b"x", bad))
    assert not store.exists("k")


async def test_options_of_an_async_put_are_checked_like_others(store: dskit.Store) -> None:
    await store.aio.put("k", b"old")
    with pytest.raises(dskit.AlreadyExistsError):
        await store.aio.put("k", pieces(b"x"), if_none_match="*")
    with pytest.raises(dskit.InvalidKeyError):
        await store.aio.put("", pieces(b"x"))
    with pytest.raises(dskit.InvalidRequestError):
        await store.aio.put("k", pieces(b"x"), content_md5="nonsense")
    with pytest.raises(dskit.UnsupportedError):
        await store.aio.put("k", pieces(b"x"), if_match="*")
    assert store.get("k").read() == b"old"


async def test_256_operations_at_once(store: dskit.Store) -> None:
    async def one(number: int) -> None:
        key = f"k{number:03}"
        await store.aio.put(key, key.encode() * 100)
        assert await (await store.aio.get(key)).aread() == key.encode() * 100

    async with anyio.create_task_group() as tasks:
        for number in range(256):
            tasks.start_soon(one, number)
    assert len(list(store.list())) == 256


# cancellation


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
            go_on.wait(10)
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


@pytest.fixture
def wants_length() -> dskit.Store:
    service: Any = WantsLength()
    return dskit.Store(service, "default")


MIB = 1024 * 1024


async def test_unknown_length_is_a_put_when_it_is_short(wants_length: dskit.Store) -> None:
    await wants_length.aio.put("k", pieces(b"a", b"b"), if_none_match="*")
    wants_length.put("s", iter([b"a", b"b"]))
    assert wants_length.get("k").read() == wants_length.get("s").read() == b"ab"
    assert "create_upload" not in wants_length.service.calls  # type: ignore[attr-defined]


async def test_unknown_length_is_a_multipart_upload_when_it_is_long(wants_length: dskit.Store) -> None:
    await wants_length.aio.put("k", pieces(*[bytes([number]) * MIB for number in range(10)]), metadata={"a": "b"})
    wants_length.put("s", (bytes([number]) * MIB for number in range(10)), metadata={"a": "b"})
    for key in ("k", "s"):
        assert wants_length.get(key).read() == b"".join(bytes([number]) * MIB for number in range(10))
        assert dict(wants_length.head(key).metadata) == {"a": "b"}
    assert wants_length.service.calls.count("put_part") == 4  # type: ignore[attr-defined]


async def test_conditions_and_digests_of_a_long_one(wants_length: dskit.Store) -> None:
    wants_length.put("k", b"old")
    wrong = "AAAAAAAAAAAAAAAAAAAAAA=="
    with pytest.raises(dskit.AlreadyExistsError):
        await wants_length.aio.put("k", pieces(*[b"x" * MIB] * 9), if_none_match="*")
    with pytest.raises(dskit.ChecksumMismatchError):
        await wants_length.aio.put("k", pieces(*[b"x" * MIB] * 9), content_md5=wrong)
    with pytest.raises(dskit.ChecksumMismatchError):
        wants_length.put("k", iter([b"x" * MIB] * 9), checksum=("CRC32", "AAAAAA=="))
    with pytest.raises(dskit.InvalidRequestError):
        wants_length.put("k", iter([b"x" * MIB] * 8 + ["text"]))  # type: ignore[arg-type]
    assert wants_length.get("k").read() == b"old"
    assert wants_length.list_uploads().uploads == []


async def test_a_long_one_drops_no_checksum(wants_length: dskit.Store) -> None:
    """A store may take checksums of whole puts only; what it could not keep is refused before anything is begun."""
    service: Any = wants_length.service
    supports = service.capabilities.supports.replace(multipart_checksum=False)
    service.capabilities = service.capabilities.replace(supports=supports)
    with pytest.raises(dskit.UnsupportedError, match="checksum"):
        await wants_length.aio.put("k", pieces(*[b"x" * MIB] * 9), checksum="CRC32")
    assert service.calls == []


async def test_cancelling_a_long_one_aborts_its_upload(wants_length: dskit.Store) -> None:
    async with anyio.create_task_group() as tasks:

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(9):
                yield b"x" * MIB
            tasks.cancel_scope.cancel()
            await anyio.sleep_forever()

        tasks.start_soon(wants_length.aio.put, "k", endless())
    assert "abort_upload" in wants_length.service.calls  # type: ignore[attr-defined]
    assert wants_length.list_uploads().uploads == []
    assert not wants_length.exists("k")


# the drivers


def flow(log: list[object]) -> Flow[str]:
    try:
        log.append((yield lambda: 1))
        log.append((yield lambda: 1 / 0))
    except ZeroDivisionError:
        log.append("caught")
        log.append((yield Cleanup(lambda: 2)))
    return "done"


async def test_both_drivers_send_answers_and_throw_errors() -> None:
    first: list[object] = []
    second: list[object] = []
    assert drive(flow(first)) == await adrive(flow(second), dskit.MemoryStore().service) == "done"
    assert first == second == [1, "caught", 2]
