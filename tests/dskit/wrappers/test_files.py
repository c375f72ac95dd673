"""`store.open` through wrappers: what they do to verbs they do to files."""

from __future__ import annotations

import pytest

import dskit
from dskit.wrappers import CacheStore, Fault, FaultStore, PrefixStore, ReadOnlyStore, WrappedService, WrappedStore

DATA = b"0123456789" * 100


def test_a_prefix_is_before_the_key_of_a_file() -> None:
    inner = dskit.MemoryStore()
    store = PrefixStore(inner, "a/")
    with store.open("k", "xb") as file:
        file.write(DATA)
    assert inner.get("a/k").read() == DATA
    with store.open("k", read_ahead=10) as reader:
        assert reader.read(5) == DATA[:5]
        inner.put("a/k", b"other")
        with pytest.raises(dskit.ConflictError) as caught:
            reader.read()
    assert caught.value.key == "k"


def test_a_store_that_is_read_only_refuses_to_open_for_writing() -> None:
    inner = dskit.MemoryStore()
    inner.put("k", DATA)
    store = ReadOnlyStore(inner)
    with store.open("k") as file:
        assert file.read() == DATA
    for mode in ("wb", "x"):
        with pytest.raises(dskit.StoreError) as caught:
            store.open("k", mode)
        assert caught.value.key == "k"
    assert inner.get("k").read() == DATA


def test_a_cache_never_mixes_two_states() -> None:
    inner = dskit.MemoryStore()
    store = CacheStore(inner)
    inner.put("k", DATA)
    assert store.get("k").read() == DATA
    with store.open("k", read_ahead=10) as file:
        assert file.read(10) == DATA[:10]
        inner.put("k", DATA[::-1])
        with pytest.raises(dskit.ConflictError):
            file.read()


def test_a_write_that_breaks_off_stores_nothing() -> None:
    inner = dskit.MemoryStore()
    inner.put("k", b"old")
    store = FaultStore(inner, [Fault(verb="put", truncate=500)])
    file = store.open("k", "wb")
    file.write(DATA)
    with pytest.raises(dskit.UnavailableError) as caught:
        file.close()
    assert caught.value.key == "k"
    assert file.closed
    assert inner.get("k").read() == b"old"


def test_a_reader_never_takes_bytes_of_another_place() -> None:
    """A service that ignores ranges gives the beginning of the object, which is not what was to be read."""

    class Ignoring(WrappedService):
        def get(self, bucket: str, key: str, options: dskit.ReadOptions) -> dskit.Reading:
            return super().get(bucket, key, dskit.ReadOptions())

    inner = dskit.MemoryStore()
    inner.put("k", b"abcdefgh")
    with WrappedStore(inner, Ignoring(inner.service)).open("k", "rb") as file:
        file.seek(4)
        with pytest.raises(dskit.ConflictError):
            file.read(2)
