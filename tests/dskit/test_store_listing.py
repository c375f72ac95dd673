"""The facade over each kind of store that needs no server: listings and ranges."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dskit
from dskit.flows import merged_spans

Maker = Callable[..., dskit.Store]


def part_size(store: dskit.Store) -> int:
    return max(1, store.capabilities.limits.min_part_bytes)


# listing

KEYS = ["a", "b.txt", "b/1", "b/2", "b/c/3", "b0", "ä", "中/x", "\U0001f600"]


@pytest.fixture
def listed(store: dskit.Store) -> dskit.Store:
    for key in reversed(KEYS):
        store.put(key, key.encode())
    return store


def test_list_is_in_utf8_order_and_lazy(listed: dskit.Store) -> None:
    assert [entry.key for entry in listed.list(page_size=2)] == sorted(KEYS, key=str.encode)
    rows = listed.list(page_size=1)
    assert next(rows).key == "a"
    listed.put("a1", b"")
    assert next(rows).key == "a1"


def test_list_agrees_with_head(listed: dskit.Store) -> None:
    for entry in listed.list():
        meta = listed.head(entry.key)
        assert (entry.size, entry.etag, entry.last_modified) == (meta.size, meta.etag, meta.last_modified)


def test_a_prefix_is_a_string(listed: dskit.Store) -> None:
    assert [entry.key for entry in listed.list("b")] == ["b.txt", "b/1", "b/2", "b/c/3", "b0"]
    assert [entry.key for entry in listed.list("b/")] == ["b/1", "b/2", "b/c/3"]
    assert [entry.key for entry in listed.list("b", start_after="b/1")] == ["b/2", "b/c/3", "b0"]
    assert list(listed.list("zzz")) == []


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_with_a_delimiter(listed: dskit.Store, size: int) -> None:
    rows: list[str] = []
    token = None
    while True:
        page = listed.list_page(delimiter="/", max_keys=size, token=token)
        rows += sorted([entry.key for entry in page.objects] + page.prefixes, key=str.encode)
        assert len(page.objects) + len(page.prefixes) <= size
        token = page.next_token
        if token is None:
            break
    assert rows == ["a", "b.txt", "b/", "b0", "ä", "中/", "\U0001f600"]


def test_all_groups_at_once_with_any_delimiter(listed: dskit.Store) -> None:
    page = listed.list_with_delimiter("b/", delimiter="/")
    assert ([entry.key for entry in page.objects], page.prefixes, page.next_token) == (["b/1", "b/2"], ["b/c/"], None)
    assert listed.list_with_delimiter(delimiter=".t").prefixes == ["b.t"]
    assert listed.list_with_delimiter("b", start_after="b/1").prefixes == []


def test_odd_pages(listed: dskit.Store) -> None:
    assert listed.list_page(max_keys=0) == dskit.ListPage()
    assert len(listed.list_page(max_keys=99_999).objects) == len(KEYS)
    for options in ({"max_keys": -1}, {"token": ""}, {"token": "nonsense"}):
        with pytest.raises(dskit.InvalidRequestError):
            listed.list_page(**options)
    first = listed.list_page(max_keys=2)
    assert listed.list_page(token=first.next_token, start_after="ä").objects[0].key == KEYS[2]


def test_refusals_of_list_come_before_the_first_row(store: dskit.Store) -> None:
    with pytest.raises(dskit.InvalidKeyError):
        store.list("\ud800")
    with pytest.raises(dskit.InvalidRequestError):
        store.list(page_size=0)


# ranges of one object


def test_get_range(store: dskit.Store) -> None:
    store.put("k", b"0123456789")
    assert store.get_range("k", start=2, end=5) == b"234"
    assert store.get_range("k", start=8, length=9) == b"89"
    assert store.get_range("k", start=10, length=0) == b""
    for options in ({"start": 1}, {"start": 1, "end": 2, "length": 1}, {"start": 3, "end": 2}, {"start": -1, "end": 2}):
        with pytest.raises(dskit.InvalidRequestError):
            store.get_range("k", **options)
    with pytest.raises(dskit.RangeNotSatisfiableError):
        store.get_range("k", start=10, end=11)
    with pytest.raises(dskit.NotFoundError):
        store.get_range("missing", start=0, end=0)


RANGES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 45)), max_size=8).map(
    lambda pairs: [(min(pair), max(pair)) for pair in pairs]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ranges=RANGES, coalesce=st.integers(0, 50))
def test_coalesced_ranges_are_what_single_ones_are(ranges: list[tuple[int, int]], coalesce: int) -> None:
    """Also in their errors: a range behind the end is not hidden by a neighbour that it was fetched with."""
    store = dskit.MemoryStore()
    data = bytes(range(41))
    store.put("k", data)
    starts, ends = [start for start, _ in ranges], [end for _, end in ranges]
    if any(start > 41 or (start == 41 and end > start) for start, end in ranges):
        with pytest.raises(dskit.RangeNotSatisfiableError):
            store.get_ranges("k", starts=starts, ends=ends, coalesce=coalesce)
    else:
        assert store.get_ranges("k", starts=starts, ends=ends, coalesce=coalesce) == [data[a:b] for a, b in ranges]


@given(ranges=RANGES, coalesce=st.integers(0, 50))
def test_spans_cover_all_ranges_and_stay_apart(ranges: list[tuple[int, int]], coalesce: int) -> None:
    spans = merged_spans(ranges, coalesce)
    assert all(any(a <= start and stop <= b for a, b in spans) for start, stop in ranges)
    assert all(right[0] - left[1] > coalesce for left, right in pairwise(spans))
