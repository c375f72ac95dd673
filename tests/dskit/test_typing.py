"""What a type checker knows of the public API. mypy checks this file with all others; it runs as well.

An ``# type: ignore`` that is not needed fails the check, so those here say what is refused.
"""

from __future__ import annotations

import array
import io
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, assert_type

import anyio
import pytest

import dskit
from dskit.wrappers import Fault, FaultStore, RetryOptions, RetryStore


def test_files_are_of_bytes_or_of_text_by_their_mode() -> None:
    store = dskit.MemoryStore()
    with store.open("k", "wb") as written:
        assert_type(written, dskit.ObjectWriter)
        written.write(b"line\n")
    with store.open("k") as read:
        assert_type(read, dskit.ObjectReader)
        assert_type(read.read(), bytes)
    with store.open("k", "r", encoding="utf-8") as text:
        assert_type(text, dskit.TextFile)
        assert_type(text.read(), str)
    assert store.open("k").size == 5


def test_files_of_coroutines_are_too() -> None:
    async def main() -> None:
        store = dskit.MemoryStore().aio
        async with await store.open("k", "w") as written:
            assert_type(written, dskit.AsyncFile[str])
            await written.write("line\n")
        async with await store.open("k") as read:
            assert_type(await read.read(), bytes)
        async with await store.open("k", "r") as text:
            async for line in text:
                assert_type(line, str)
        mode: str = "rb"
        async with await store.open("k", mode) as either:
            assert_type(either, dskit.AsyncFile[Any])

    anyio.run(main)


def test_data_is_anything_with_bytes_in_it() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"x"

    async def later() -> AsyncIterator[bytes]:
        yield b"x"

    store = dskit.MemoryStore()
    store.put("k", b"x")
    store.put("k", bytearray(b"x"))
    store.put("k", array.array("b", [120]))
    store.put("k", [b"x", memoryview(b"y")])
    store.put("k", chunks())
    store.put("k", io.BytesIO(b"x"))
    assert_type(store.put("l", store.get("k")), dskit.PutResult)
    anyio.run(store.aio.put, "k", later())
    refused: tuple[Callable[[], object], ...] = (
        lambda: store.put("k", "x"),  # type: ignore[arg-type]
        lambda: store.put("k", ["x"]),  # type: ignore[list-item]
        lambda: store.put("k", io.StringIO("x")),  # type: ignore[arg-type]
        lambda: store.put("k", later()),  # type: ignore[arg-type]
    )
    for wrong in refused:
        with pytest.raises(dskit.InvalidRequestError):
            wrong()


def test_results_and_wrappers_are_records_and_stores() -> None:
    store = dskit.open_store("memory:")
    assert_type(store, dskit.Store)
    store.put("k", b"x")
    assert_type(store.get("k").read(), bytes)
    assert_type(store.list(), Iterator[dskit.ObjectSummary])
    assert_type(store.head("k").etag, str)
    assert_type(store.capabilities.supports.get_range, bool)
    faulty = FaultStore(RetryStore(store, RetryOptions(attempts=2)), [Fault(error=dskit.ThrottledError)])
    with pytest.raises(dskit.ThrottledError) as raised:
        faulty.head("k")
    assert_type(raised.value.key, str | None)
    assert_type(faulty.fired, tuple[int, ...])
