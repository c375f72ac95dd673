"""Verbs of several calls while somebody else writes in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import dskit


class Meddler:
    """A service that lets somebody else act after chosen calls."""

    def __init__(self, store: dskit.Store) -> None:
        self._inner = store.service
        self.name, self.blocking, self.capabilities = store.name, False, store.capabilities
        self.after: dict[str, Callable[[], object]] = {}
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)

        def call(*args: Any, **options: Any) -> Any:
            self.calls.append(name)
            answer = method(*args, **options)
            self.after.get(name, lambda: None)()
            return answer

        return call


@pytest.fixture
def other() -> dskit.Store:
    return dskit.MemoryStore()


@pytest.fixture
def meddler(other: dskit.Store) -> Meddler:
    return Meddler(other)


@pytest.fixture
def store(meddler: Any) -> dskit.Store:
    return dskit.Store(meddler, "default")


def test_ranges_are_of_one_version(store: dskit.Store, other: dskit.Store, meddler: Meddler) -> None:
    other.put("k", b"a" * 30)

    def replace_once() -> None:
        meddler.after.clear()
        other.put("k", b"b" * 30)

    meddler.after["get"] = replace_once
    assert store.get_ranges("k", starts=[0, 20], lengths=[3, 3], coalesce=0) == [b"bbb", b"bbb"]


def test_ranges_are_of_one_version_also_where_the_store_knows_no_condition(
    other: dskit.Store, meddler: Meddler
) -> None:
    supports = other.capabilities.supports.replace(get_if_match=False)
    meddler.capabilities = other.capabilities.replace(supports=supports)
    store = dskit.Store(meddler, "default")
    other.put("k", b"a" * 30)

    def replace_once() -> None:
        meddler.after.clear()
        other.put("k", b"b" * 30)

    meddler.after["get"] = replace_once
    assert store.get_ranges("k", starts=[0, 20], lengths=[3, 3], coalesce=0) == [b"bbb", b"bbb"]


def test_ranges_of_an_object_that_never_rests_are_a_conflict(
    store: dskit.Store, other: dskit.Store, meddler: Meddler
) -> None:
    other.put("k", b"a" * 30)
    versions = iter(range(100))
    meddler.after["get"] = lambda: other.put("k", b"%30d" % next(versions))
    with pytest.raises(dskit.ConflictError) as caught:
        store.get_ranges("k", starts=[0, 20], lengths=[3, 3], coalesce=0)
    assert (caught.value.operation, caught.value.key) == ("get_ranges", "k")


def test_near_ranges_are_one_request(store: dskit.Store, other: dskit.Store, meddler: Meddler) -> None:
    other.put("k", bytes(100))
    store.get_ranges("k", starts=[0, 10, 50, 90], lengths=[5, 5, 5, 5], coalesce=5)
    assert meddler.calls.count("get") == 3


def test_a_rename_deletes_only_what_it_copied(store: dskit.Store, other: dskit.Store, meddler: Meddler) -> None:
    other.put("a", b"old")
    meddler.after["copy"] = lambda: other.put("a", b"new")
    with pytest.raises(dskit.PreconditionFailedError):
        store.rename("a", "b")
    assert (other.get("a").read(), other.get("b").read()) == (b"new", b"old")


def test_a_rename_copies_only_what_it_saw(store: dskit.Store, other: dskit.Store, meddler: Meddler) -> None:
    other.put("a", b"old")
    meddler.after["head"] = lambda: other.put("a", b"new")
    with pytest.raises(dskit.PreconditionFailedError):
        store.rename("a", "b")
    assert other.get("a").read() == b"new"
    assert not other.exists("b")


def test_batches_are_of_the_size_that_the_service_takes(
    store: dskit.Store, other: dskit.Store, meddler: Meddler
) -> None:
    limits = other.capabilities.limits.replace(max_delete_batch=4)
    meddler.capabilities = other.capabilities.replace(limits=limits)
    keys = [f"k{number}" for number in range(10)]
    for key in keys:
        other.put(key, b"")
    assert store.delete_many(iter(keys)).deleted == keys
    assert meddler.calls == ["delete_many"] * 3


def test_an_error_of_a_later_batch_leaves_the_earlier_done(
    store: dskit.Store, other: dskit.Store, meddler: Meddler
) -> None:
    limits = other.capabilities.limits.replace(max_delete_batch=2)
    meddler.capabilities = other.capabilities.replace(limits=limits)
    for key in "abcd":
        other.put(key, b"")

    def broken() -> None:
        raise dskit.UnavailableError("gone")

    meddler.after["delete_many"] = broken
    with pytest.raises(dskit.UnavailableError) as caught:
        store.delete_many("abcd"[index] for index in range(4))
    assert caught.value.operation == "delete_many"
    assert [entry.key for entry in other.list()] == ["c", "d"]
