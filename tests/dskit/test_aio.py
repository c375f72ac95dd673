"""`AsyncStore`: the same verbs, under asyncio and trio; nothing is left behind by a cancelled one."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import anyio
import anyio.to_thread
import pytest

import dskit
from dskit.aio import AsyncStore
from dskit.flows import Cleanup, Flow, drive
from dskit.hops import adrive
from dskit.store import Store
from tests.dskit.pieces import pieces

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
    awaited = right.return_annotation.replace("Async", "")
    assert left.return_annotation == awaited.removesuffix("[Any]")  # a file of bytes or of str
    assert inspect.getdoc(ours) == inspect.getdoc(theirs)
    assert inspect.getdoc(ours)


def test_async_store_has_no_verb_of_its_own() -> None:
    public = {name for name, member in inspect.getmembers(AsyncStore, inspect.isfunction) if not name.startswith("_")}
    assert public == set(VERBS)


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
