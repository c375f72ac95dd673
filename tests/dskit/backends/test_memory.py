"""`MemoryStore`: the default bucket, isolation, injected clock, ids and limits."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import dskit
from dskit.clock import ManualClock
from dskit.ids import SeededIds


def test_any_key_is_held() -> None:
    store = dskit.MemoryStore()
    keys = ["a", "a/b", "a//b", "/a", "a/", ".", "..", "é", "e\u0301", "\0", " ", "x" * 1024]
    for key in keys:
        store.put(key, key.encode())
    assert [entry.key for entry in store.list()] == sorted(keys, key=str.encode)
    assert all(store.get(key).read() == key.encode() for key in keys)


def test_the_bucket_is_made_and_may_be_shared() -> None:
    first = dskit.MemoryStore("data")
    second = dskit.MemoryStore("other", service=first.service)
    first.put("k", b"x")
    assert [bucket.name for bucket in first.service.list_buckets()] == ["data", "other"]
    second.copy("k", "c", source_bucket="data")
    assert second.get("c").read() == b"x"
    assert dskit.MemoryStore("data", service=first.service).exists("k")


def test_clock_ids_and_limits_are_the_callers() -> None:
    clock = ManualClock(datetime(2030, 1, 1, tzinfo=UTC))
    limits = dskit.Limits(min_part_bytes=1, max_put_bytes=3)
    made = [
        dskit.MemoryStore(clock=clock, ids=SeededIds(1), limits=limits).create_multipart_upload("k") for _ in range(2)
    ]
    assert made[0] == made[1]
    store = dskit.MemoryStore(clock=clock, limits=limits)
    assert store.put("k", b"abc").last_modified == clock.now()
    with pytest.raises(dskit.TooLargeError):
        store.put("k", b"abcd")


def test_calls_do_not_block() -> None:
    assert dskit.MemoryStore().service.blocking is False


def test_a_bad_bucket_name_makes_nothing() -> None:
    with pytest.raises(dskit.InvalidBucketNameError):
        dskit.MemoryStore("No Good")
