"""What may be put, and what happens when it is not what it says."""

from __future__ import annotations

import array
import gc
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import dskit
from dskit.sources import source_of


class Pipe(io.RawIOBase):
    """A reader that cannot seek and gives a few bytes at a time."""

    def __init__(self, data: bytes) -> None:
        self._rest = data

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        chunk, self._rest = self._rest[:3], self._rest[3:]
        return chunk


def chunks() -> Iterator[bytes]:
    yield b"he"
    yield b""
    yield b"llo"


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        bytearray(b"hello"),
        memoryview(b"hello"),
        memoryview(b"h.e.l.l.o")[::2],
        array.array("B", b"hello"),
        io.BytesIO(b"hello"),
        Pipe(b"hello"),
        [b"he", bytearray(b"l"), memoryview(b"lo")],
        (b"hello",),
        chunks(),
        iter([b"hello"]),
    ],
    ids=lambda data: type(data).__name__,
)
def test_every_kind_of_data(data: Any) -> None:
    """Over memory: a consumed iterator cannot be shared by several stores."""
    store = dskit.MemoryStore()
    store.put("k", data)
    assert store.get("k").read() == b"hello"


def test_a_file_from_its_position(store: dskit.Store, tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(b"0123456789")
    with path.open("rb") as file:
        file.seek(4)
        store.put("k", file)
        assert not file.closed
    assert store.get("k").read() == b"456789"


def test_a_get_is_data_for_a_put(store: dskit.Store) -> None:
    store.put("a", b"x" * 100_000)
    store.put("b", store.get("a", range=(10, 90_000)))
    assert store.head("b").size == 89_990


def test_a_buffer_changed_afterwards_changes_nothing(store: dskit.Store) -> None:
    data = bytearray(b"before")
    store.put("k", data)
    data[:] = b"after!"
    assert store.get("k").read() == b"before"


@pytest.mark.parametrize(
    ("data", "remedy"),
    [
        ("text", "encode"),
        (Path("x"), "open"),
        (io.StringIO("text"), "rb"),
        ({"a": 1}, "json"),
        (7, "int"),
        (None, "NoneType"),
        ([1, 2], "int"),
        (["a"], "encode"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_bytes_is_refused_with_the_remedy(store: dskit.Store, data: Any, remedy: str) -> None:
    with pytest.raises(dskit.InvalidRequestError, match=remedy):
        store.put("k", data)
    assert not store.exists("k")


def test_a_file_that_has_nothing_yet_has_not_ended(store: dskit.Store) -> None:
    """A raw file that does not block reads None; what was there before it is not the whole."""
    answers: list[bytes | None] = [b"abc", None, b"def", b""]

    class NotYet:
        def read(self, size: int = -1) -> Any:
            return answers.pop(0)

    with pytest.raises(dskit.InvalidRequestError, match="waits for its data"):
        store.put("k", NotYet())
    assert not store.exists("k")


def test_an_empty_buffer_of_any_shape(store: dskit.Store) -> None:
    """memoryview casts none of several dimensions, such as an empty table of numpy."""
    empty = memoryview(b"ab").cast("B", (2, 1))[:0]
    store.put("k", empty)
    store.put("n", [empty])
    assert (store.head("k").size, store.head("n").size) == (0, 0)


def test_an_async_iterator_needs_the_async_store(store: dskit.Store) -> None:
    async def numbers() -> Any:
        yield b"x"

    with pytest.raises(dskit.InvalidRequestError, match="aio"):
        store.put("k", numbers())


@pytest.mark.parametrize("length", [3, 7])
@pytest.mark.parametrize("make", [lambda: b"hello", lambda: bytearray(b"hello"), chunks, lambda: Pipe(b"hello")])
def test_a_wrong_length_stores_nothing(store: dskit.Store, make: Any, length: int) -> None:
    data = make()
    if isinstance(data, Pipe) and length == 3:
        store.put("k", data, length=length)  # a file may have more to say to somebody else
        assert store.get("k").read() == b"hel"
        return
    with pytest.raises(dskit.InvalidRequestError) as caught:
        store.put("k", data, length=length)
    assert caught.value.code == "IncompleteBody"
    assert not store.exists("k")


@pytest.mark.parametrize("data", [b"x", bytearray(b"x"), io.BytesIO(b"x")], ids=["bytes", "buffer", "file"])
@pytest.mark.parametrize("length", [-1, "5"])
def test_a_length_is_a_number_whatever_the_data(store: dskit.Store, data: Any, length: Any) -> None:
    with pytest.raises(dskit.InvalidRequestError, match="length is a number of bytes"):
        store.put("k", data, length=length)
    assert not store.exists("k")


@pytest.mark.parametrize("length", [-1, "5"])
def test_a_length_is_a_number(store: dskit.Store, length: Any) -> None:
    with pytest.raises(dskit.InvalidRequestError):
        store.put("k", chunks(), length=length)


def test_an_error_of_the_data_comes_through_and_nothing_is_stored(store: dskit.Store) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x" * 100_000
        raise ZeroDivisionError("mine")

    store.put("k", b"old")
    with pytest.raises(ZeroDivisionError, match="mine"):
        store.put("k", broken())
    assert store.get("k").read() == b"old"


def test_sources_say_whether_they_can_be_read_again() -> None:
    for data, again in ((b"x", True), ([b"x"], True), (io.BytesIO(b"x"), True), (chunks(), False), (Pipe(b"x"), False)):
        source = source_of(data)
        assert source.rewindable is again
        first = b"".join(source.chunks())
        if again:
            source.rewind()
            assert b"".join(source.chunks()) == first
        else:
            with pytest.raises(dskit.InvalidRequestError):
                source.rewind()


# results


def test_a_result_is_read_in_pieces(store: dskit.Store) -> None:
    data = bytes(range(256)) * 4000
    store.put("k", data)
    with store.get("k") as result:
        assert result.read(10) == data[:10]
        assert result.remaining == len(data) - 10
        assert b"".join(result) == data[10:]
        assert result.read() == result.read(5) == b""
        assert result.closed


def test_a_result_outlives_an_overwrite_and_a_delete(store: dskit.Store) -> None:
    data = b"x" * 1_000_000
    store.put("k", data)
    result = store.get("k")
    start = result.read(1000)
    store.put("k", b"new")
    store.delete("k")
    assert start + result.read() == data


def test_a_result_that_is_not_closed_is_collected_quietly(store: dskit.Store, recwarn: pytest.WarningsRecorder) -> None:
    store.put("k", b"x" * 1_000_000)
    result = store.get("k")
    next(iter(result))
    gc.collect()
    recwarn.clear()  # what other tests have left is not this one's
    del result
    gc.collect()
    assert [str(warning.message) for warning in recwarn] == []


@pytest.mark.parametrize("pieces", [[], [b"ab"], [b"abc", b"def"]])
def test_a_read_that_ends_early_or_late_is_an_error(pieces: list[bytes]) -> None:
    class Reading:
        meta = dskit.ObjectMeta(key="k", size=5, etag='"e"', last_modified=None)  # type: ignore[arg-type]
        start, stop, partial = 0, 5, False
        closed = 0

        def __iter__(self) -> Iterator[bytes]:
            return iter(pieces)

        def segments(self) -> list[bytes]:
            return pieces

        def close(self) -> None:
            self.closed += 1

    reading = Reading()
    result = dskit.GetResult(reading, dskit.MemoryStore(), "k")
    with pytest.raises(dskit.UnavailableError) as caught:
        result.read()
    assert (caught.value.key, caught.value.operation) == ("k", "get")
    assert reading.closed == 1
