"""The twins for coroutines: the same answers, under asyncio and trio, and nothing left by a cancelled one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import anyio
import pytest

import dskit.compat.obstore as obs
from tests.dskit.compat.obstore.pairs import Pair, plain

MIB = 1024 * 1024


async def chunks(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        await anyio.sleep(0)
        yield piece


async def script(package: Any, store: Any) -> list[Any]:
    """Every twin once, those of the store as well."""
    told: list[Any] = [plain(await package.put_async(store, "a/k", chunks(b"hello ", b"world")))]
    told.append(plain(await package.head_async(store, "a/k")))
    result = await package.get_async(store, "a/k", options={"range": (0, 5)})
    told += [plain(result.meta), result.range, bytes(await result.bytes_async())]
    result = await store.get_async("a/k")
    told.append(b"".join([chunk async for chunk in result.stream(4)]))
    told.append(b"".join([chunk async for chunk in await store.get_async("a/k")]))
    told.append(bytes(await package.get_range_async(store, "a/k", start=1, length=3)))
    told.append([bytes(piece) for piece in await store.get_ranges_async("a/k", starts=[0, 6], ends=[2, 8])])
    await package.copy_async(store, "a/k", "a/l")
    await store.rename_async("a/l", "a/m")
    await package.put_async(store, "b", await package.get_async(store, "a/m"))
    told.append([[row["path"] for row in page] async for page in package.list(store, "a", chunk_size=1)])
    told.append(sorted(row["path"] for row in await store.list_async().collect_async()))
    told.append(sorted((await package.list_with_delimiter_async(store))["common_prefixes"]))
    await package.delete_async(store, ["a/k", "a/m"])
    await store.delete_async("b")
    for call in (package.get_async, package.head_async):
        try:
            await call(store, "a/k")
        except FileNotFoundError:
            told.append("not there")
    return told


def test_twins_answer_as_the_package(pair: Pair) -> None:
    real, facade = (anyio.run(script, *side) for side in pair.both())
    assert [sorted(each) if isinstance(each, list) else each for each in facade] == [
        sorted(each) if isinstance(each, list) else each for each in real
    ]


def test_under_trio(store: obs.store.ObjectStoreMethods) -> None:
    told = anyio.run(script, obs, store, backend="trio")
    assert told[-2:] == ["not there", "not there"]


def test_signing(s3: Any, store: obs.store.ObjectStoreMethods) -> None:
    async def work() -> Any:
        return await obs.sign_async(store, "GET", ["a", "b"], timedelta(minutes=1))

    if store.label == "S3":
        assert [url.partition("?")[0].rpartition("/")[2] for url in anyio.run(work)] == ["a", "b"]
    else:
        with pytest.raises(ValueError, match="do not sign"):
            anyio.run(work)


def test_a_cancelled_put_leaves_nothing(store: obs.store.ObjectStoreMethods) -> None:
    async def endless(scope: anyio.CancelScope) -> AsyncIterator[bytes]:
        for number in range(100):
            yield bytes(MIB)
            if number == 12:  # two parts have been sent, where there are parts
                scope.cancel()
            await anyio.sleep(0)

    async def work() -> None:
        with anyio.CancelScope() as scope:
            await obs.put_async(store, "k", endless(scope))
        assert scope.cancelled_caught

    anyio.run(work)
    assert obs.list(store).collect() == []
    assert store.native.list_uploads().uploads == []


def test_an_async_iterable_is_for_coroutines(store: obs.store.ObjectStoreMethods) -> None:
    with pytest.raises(ValueError, match="put_async"):
        obs.put(store, "k", chunks(b"x"))  # type: ignore[arg-type]
