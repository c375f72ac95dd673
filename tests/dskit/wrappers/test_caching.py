"""`CacheStore`: it saves bytes, and never gives older ones than were there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dskit
from dskit.wrappers import CacheStore, RecordingStore


def cached(inner: dskit.Store, **options: Any) -> tuple[CacheStore, RecordingStore]:
    recorded = RecordingStore(inner)
    return CacheStore(recorded, **options), recorded


def test_bytes_are_sent_once(inner: dskit.MemoryStore) -> None:
    inner.put("k", b"0123456789", metadata={"colour": "blue"})
    store, recorded = cached(inner)
    for _ in range(3):
        result = store.get("k")
        assert result.read() == b"0123456789"
        assert result.meta.metadata == {"colour": "blue"}
    assert store.get("k", range=(2, 5)).read() == b"234"
    assert [(call.verb, call.received) for call in recorded.calls] == [("get", 10)] + [("head", 0)] * 3
    assert store.usage == (3, 1, 1, 10)


def test_a_write_by_anybody_is_seen_at_once(inner: dskit.MemoryStore) -> None:
    inner.put("k", b"old")
    store, _ = cached(inner)
    store.get("k").read()
    inner.put("k", b"new")
    assert store.get("k").read() == b"new"
    inner.delete("k")
    with pytest.raises(dskit.NotFoundError):
        store.get("k")


def test_metadata_is_that_of_now_although_the_bytes_are_the_same(inner: dskit.MemoryStore) -> None:
    """An ETag is of the bytes alone, so a new content type does not change it."""
    inner.put("k", b"data", content_type="text/plain")
    store, recorded = cached(inner)
    store.get("k").read()
    inner.put("k", b"data", content_type="text/html")
    result = store.get("k")
    assert (result.meta.content_type, result.read()) == ("text/html", b"data")
    assert sum(call.received for call in recorded.calls) == 4


def test_conditions_and_ranges_fail_as_without_a_cache(inner: dskit.MemoryStore) -> None:
    etag = inner.put("k", b"data").etag
    store, _ = cached(inner)
    store.get("k").read()
    with pytest.raises(dskit.NotModifiedError):
        store.get("k", if_none_match=etag)
    with pytest.raises(dskit.PreconditionFailedError):
        store.get("k", if_match='"other"')
    with pytest.raises(dskit.RangeNotSatisfiableError):
        store.get("k", range=(4, 5))


def test_only_whole_reads_are_kept(inner: dskit.MemoryStore) -> None:
    inner.put("k", b"0123456789")
    store, _ = cached(inner)
    store.get("k", range=(0, 5)).read()
    store.get("k").close()
    assert store.usage.objects == 0


def test_a_cache_is_bounded_and_keeps_what_was_read_last(inner: dskit.MemoryStore) -> None:
    for key in "abcd":
        inner.put(key, key.encode() * 10)
    inner.put("large", b"x" * 11)
    store, _ = cached(inner, max_bytes=20, max_object_bytes=10)
    for key in ("a", "b", "a", "c", "large"):
        store.get(key).read()
    assert store.usage[2:] == (2, 20)
    hits = store.usage.hits
    for key, hit in (("a", 1), ("c", 1), ("b", 0)):
        store.get(key).read()
        assert store.usage.hits - hits == hit
        hits = store.usage.hits


def test_a_cache_is_bounded_in_objects_too(inner: dskit.MemoryStore) -> None:
    """Empty ones have no bytes, and take room all the same."""
    store, _ = cached(inner, max_objects=2)
    for key in "abc":
        inner.put(key, b"")
        store.get(key).read()
    assert store.usage.objects == 2


def test_a_size_below_zero_is_refused(inner: dskit.MemoryStore) -> None:
    for size in ("max_bytes", "max_object_bytes", "max_objects"):
        with pytest.raises(dskit.ConfigurationError):
            cached(inner, **{size: -1})


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["put", "delete", "get", "range"]), st.sampled_from("ab"), st.binary(min_size=1, max_size=4)
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(steps=STEPS)
def test_a_cache_is_never_noticed(steps: list[tuple[str, str, bytes]]) -> None:
    plain = dskit.MemoryStore()
    store, _ = cached(plain, max_bytes=6, max_object_bytes=6)
    for step, key, data in steps:
        if step == "put":
            plain.put(key, data)
        elif step == "delete":
            plain.delete(key)
        else:
            span = (0, 2) if step == "range" else None
            expected = plain.get(key, range=span).read() if plain.exists(key) else None
            try:
                assert store.get(key, range=span).read() == expected
            except dskit.NotFoundError:
                assert expected is None
        assert store.usage.bytes <= 6
