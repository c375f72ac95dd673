"""`PrefixStore`, `ReadOnlyStore` and `RecordingStore`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

import dskit
from dskit.wrappers import Fault, FaultStore, PrefixStore, ReadOnlyStore, RecordingStore


def test_a_prefix_store_sees_what_is_below_and_touches_nothing_else(inner: dskit.MemoryStore) -> None:
    inner.put("a/x", b"1")
    inner.put("b", b"2")
    below = PrefixStore(inner, "a/")
    assert [row.key for row in below.list()] == ["x"]
    below.put("y", b"3")
    below.delete("x")
    assert [row.key for row in inner.list()] == ["a/y", "b"]
    assert [row.key for row in PrefixStore(PrefixStore(inner, "a"), "/").list()] == ["y"]


def test_a_prefix_must_be_text(inner: dskit.MemoryStore) -> None:
    with pytest.raises(dskit.InvalidKeyError):
        PrefixStore(inner, b"a/")  # type: ignore[arg-type]


WRITES: dict[str, Callable[[dskit.Store, str], Any]] = {
    "put": lambda store, upload: store.put("k", b"other"),
    "put of a stream": lambda store, upload: store.put("k", iter([b"other"])),
    "delete": lambda store, upload: store.delete("k"),
    "delete_many": lambda store, upload: store.delete_many(["k"]),
    "copy": lambda store, upload: store.copy("k", "l"),
    "rename": lambda store, upload: store.rename("k", "l"),
    "create_multipart_upload": lambda store, upload: store.create_multipart_upload("k"),
    "upload_part": lambda store, upload: store.upload_part("k", upload, 1, b"x"),
    "complete": lambda store, upload: store.complete_multipart_upload("k", upload, [dskit.CompletedPart(number=1)]),
    "abort": lambda store, upload: store.abort_multipart_upload("k", upload),
    "create_bucket": lambda store, upload: dskit.Service(store.service).create_bucket("other"),
    "delete_bucket": lambda store, upload: dskit.Service(store.service).delete_bucket("default"),
}


@pytest.mark.parametrize("write", WRITES)
def test_a_read_only_store_changes_nothing(inner: dskit.MemoryStore, write: str) -> None:
    inner.put("k", b"data")
    upload = inner.create_multipart_upload("k").upload_id
    store = ReadOnlyStore(inner)
    with pytest.raises(dskit.PermissionDeniedError, match="read-only"):
        WRITES[write](store, upload)
    assert store.get("k").read() == b"data"
    assert [row.key for row in store.list()] == ["k"]
    assert [row.upload_id for row in store.list_uploads().uploads] == [upload]


def test_a_read_only_store_is_read_only_for_coroutines_too(inner: dskit.MemoryStore) -> None:
    async def data() -> Any:
        yield b"x"

    async def main() -> None:
        with pytest.raises(PermissionError):
            await ReadOnlyStore(inner).aio.put("k", data())

    anyio.run(main)
    assert not inner.exists("k")


def test_a_recording_tells_calls_bytes_and_errors_in_order(inner: dskit.MemoryStore) -> None:
    store = RecordingStore(inner)
    store.put("a", b"12345")
    assert store.get("a", range=(1, 3)).read() == b"23"
    with pytest.raises(dskit.NotFoundError):
        store.head("b")
    store.copy("a", "b")
    assert [(call.verb, call.keys, call.sent, call.received, call.error) for call in store.calls] == [
        ("put", ("a",), 5, 0, None),
        ("get", ("a",), 0, 2, None),
        ("head", ("b",), 0, 0, "NoSuchKey"),
        ("copy", ("a", "b"), 0, 0, None),
    ]


def test_a_recording_counts_what_coroutines_push_and_forgets_when_told(inner: dskit.MemoryStore) -> None:
    store = RecordingStore(inner, most=2)

    async def data() -> Any:
        yield b"abc"
        yield b"de"

    async def main() -> None:
        await store.aio.put("k", data())

    store.exists("x")
    store.exists("y")
    anyio.run(main)
    assert [(call.verb, call.sent) for call in store.calls] == [("head", 0), ("put", 5)]
    store.calls.clear()
    assert not store.calls


def test_what_a_body_raises_is_recorded_as_its_calls_error(inner: dskit.MemoryStore) -> None:
    """A read that breaks off, and a write whose bytes are pushed and that is not published."""
    inner.put("k", b"12345")
    store = RecordingStore(FaultStore(inner, [Fault(verb="get", truncate=2)]))
    with pytest.raises(dskit.UnavailableError):
        store.get("k").read()
    file = store.open("k", "wb", if_match=inner.head("k").etag)
    file.write(b"mine")
    inner.put("k", b"theirs")
    with pytest.raises(dskit.PreconditionFailedError):
        file.close()
    assert [(call.verb, call.error) for call in store.calls] == [
        ("get", "IncompleteBody"),
        ("put", "PreconditionFailed"),
    ]


def test_an_exception_that_is_no_store_error_is_recorded_by_name(inner: dskit.MemoryStore) -> None:
    store = RecordingStore(inner)

    def breaks() -> Any:
        yield b"x"
        raise RuntimeError("the caller's own")

    with pytest.raises(RuntimeError):
        store.put("k", breaks())
    assert [(call.verb, call.error) for call in store.calls] == [("put", "RuntimeError")]


def test_closing_a_wrapper_closes_what_it_wraps() -> None:
    class Closing(dskit.MemoryStore):
        closed = False

        def close(self) -> None:
            self.closed = True
            super().close()

    store = Closing()
    with ReadOnlyStore(PrefixStore(store, "a/")):
        assert not store.closed
    assert store.closed


def test_a_wrapper_says_what_it_wraps(inner: dskit.MemoryStore) -> None:
    assert "read-only(memory" in repr(ReadOnlyStore(inner))
    with pytest.raises(dskit.NotFoundError) as missing:
        RecordingStore(ReadOnlyStore(inner)).get("k")
    assert missing.value.store == "recording(read-only(memory))"
