"""`GetResult`: reading in pieces, and what the end of a read proves."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

import dskit
from dskit.results import GetResult
from dskit.streams import Reading
from dskit.types import FileSegment, ObjectMeta
from dskit.wrappers import CacheStore, WrappedService, WrappedStore
from dskit.wrappers.forwarding import Call


class Chunks:
    """A reading that gives `chunks` and says of itself what `size` says; `error` is what its end raises."""

    def __init__(self, chunks: list[bytes], size: int, error: Exception | None = None) -> None:
        self.meta = ObjectMeta(key="k", size=size, etag='"e"', last_modified=datetime(2026, 1, 1, tzinfo=UTC))
        self.start, self.stop, self.partial = 0, size, False
        self.closed = False
        self._chunks, self._error = chunks, error

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks
        if self._error is not None:
            raise self._error

    def segments(self) -> Iterator[bytes | memoryview | FileSegment]:
        return iter(self)

    def close(self) -> None:
        self.closed = True


def result_of(reading: Chunks) -> GetResult:
    return GetResult(reading, dskit.MemoryStore(), "k")


class Watched(bytes):
    """Bytes that note how many of them were copied by slicing them, and what was sliced from them."""

    copied: list[int]

    @classmethod
    def of(cls, data: bytes, copied: list[int]) -> Watched:
        made = cls(data)
        made.copied = copied
        return made

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        self.copied.append(len(found))
        return Watched.of(found, self.copied)


def test_small_reads_copy_each_byte_once() -> None:
    """A store in memory gives an object as one chunk: what is left of it is not copied at every read."""
    data = bytes(range(250)) * 40
    copied: list[int] = []
    result = result_of(Chunks([Watched.of(data, copied)], len(data)))
    pieces = [result.read(100) for _ in range(100)]
    assert b"".join(pieces) == data
    assert sum(copied) <= len(data)
    assert result.read(100) == b""
    assert result.closed


@pytest.mark.parametrize("sizes", [[1, 4, 100], [3, 3, 3, 3], [5, -1], [0, 6, 0, -1]])
def test_reads_of_any_size_give_the_bytes_in_order(sizes: list[int]) -> None:
    result = result_of(Chunks([b"ab", b"", b"cdef", b"ghij"], 10))
    whole = b""
    for size in sizes:
        before = result.remaining
        piece = result.read(size)
        assert len(piece) == (before if size < 0 else min(size, before))
        whole += piece
    assert whole + b"".join(result) == b"abcdefghij"


@pytest.mark.parametrize("read", [lambda result: result.read(), lambda result: result.read(10), list])
def test_the_last_bytes_are_given_out_after_the_backend_has_verified_them(read: Callable[[GetResult], object]) -> None:
    reading = Chunks([b"abcde", b"fghij"], 10, dskit.ChecksumMismatchError("not what was stored"))
    with pytest.raises(dskit.ChecksumMismatchError) as caught:
        read(result_of(reading))
    assert (caught.value.operation, caught.value.key) == ("get", "k")
    assert reading.closed


@pytest.mark.parametrize("chunks", [[b"abcd"], [b"abc", b"d"]])
def test_more_bytes_than_announced_are_an_error(chunks: list[bytes]) -> None:
    with pytest.raises(dskit.UnavailableError, match="more bytes"):
        result_of(Chunks(chunks, 3)).read()


def test_a_cache_keeps_nothing_that_was_not_verified() -> None:
    class Damaged(WrappedService):
        def incoming(self, call: Call, reading: Reading) -> Reading:
            return Chunks([b"abc"], 3, dskit.ChecksumMismatchError("damaged on the way"))

    inner = dskit.MemoryStore()
    inner.put("k", b"abc")
    cached = CacheStore(WrappedStore(inner, Damaged(inner.service)))
    with pytest.raises(dskit.ChecksumMismatchError):
        cached.get("k").read()
    assert cached.usage.objects == 0


def test_what_is_small_is_all_here_after_a_prefetch() -> None:
    reading = Chunks([b"abcdef"], 6)
    result = result_of(reading).prefetch()
    assert reading.closed
    assert (result.closed, result.remaining) == (False, 6)
    assert (result.read(2), result.read(), result.read(), result.closed) == (b"ab", b"cdef", b"", True)
    assert result_of(Chunks([], 0)).prefetch().read() == b""


def test_what_is_large_is_not_prefetched() -> None:
    def never() -> Iterator[bytes]:
        raise AssertionError("nobody has read yet")
        yield b""

    reading = Chunks([], 65 * 1024)
    reading._chunks = never()  # type: ignore[assignment]
    assert result_of(reading).prefetch().remaining == 65 * 1024


def test_a_prefetch_that_fails_says_so_and_releases_the_read() -> None:
    reading = Chunks([b"abc"], 6)
    with pytest.raises(dskit.UnavailableError, match="3 of 6"):
        result_of(reading).prefetch().read()
    assert reading.closed


class Bare:
    """A reading of somebody's who left `close` out."""

    def __init__(self, size: int) -> None:
        self.meta = Chunks([], size).meta
        self.start, self.stop, self.partial = 0, size, False


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_reading_that_cannot_be_closed_is_let_go_without_a_word() -> None:
    odd: Any = Bare(3)
    result = result_of(odd)
    del result
    gc.collect()
