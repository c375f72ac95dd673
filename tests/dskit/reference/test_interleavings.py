"""Whatever a few calls do at the same time, some order of them explains it: what they answer and what is left.

Threads stop at every call of the catalog and of the blobs (`seams`); where the switches come is enumerated, or drawn.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dskit.reference.histories import CATALOGS, LARGE, NO_OBJECTS, SMALL, Arena, arena
from tests.dskit.reference.seams import cutting_in
from tests.dskit.reference.verbs import VERBS, Verb

COMMON = [
    "put in pieces",
    "put over the old one",
    "create",
    "get segments",
    "delete the old one",
    "copy with a checksum",
    "repeat a part",
    "complete",
    "complete a new key",
    "abort",
    "empty the bucket",
    "delete the bucket",
]
MOST_AT_ONCE = 4


@pytest.fixture(scope="module", params=["memory", "two processes"])
def pairs(request: pytest.FixtureRequest) -> Iterator[Arena]:
    """Two threads of one process have a connection each too, so that they differ little from two processes."""
    with arena(request.param) as made:
        yield made


@pytest.fixture(scope="module", params=CATALOGS)
def crowd(request: pytest.FixtureRequest) -> Iterator[Arena]:
    with arena(request.param, MOST_AT_ONCE) as made:
        yield made


def check_within(arena: Arena, first: str, second: str, body: bytes) -> None:
    at = 0
    while at <= arena.check((VERBS[first], VERBS[second]), cutting_in(at), body):
        at += 1


@pytest.mark.parametrize("first", COMMON)
def test_a_call_within_another(pairs: Arena, first: str) -> None:
    """Each of these calls cuts into every other one, at every seam of it."""
    for at, second in enumerate(COMMON):
        check_within(pairs, first, second, (SMALL, LARGE)[at % 2])


@pytest.mark.parametrize("other", ["put in pieces", "create", "complete", "repeat a part", "begin an upload", "list"])
def test_a_bucket_that_goes(pairs: Arena, other: str) -> None:
    """It is empty, so that it may: whatever is being made in it goes with it, or keeps it."""
    check_within(pairs, "delete the bucket", other, NO_OBJECTS)
    check_within(pairs, other, "delete the bucket", NO_OBJECTS)


def test_a_part_of_an_object_that_the_upload_becomes(pairs: Arena) -> None:
    """The upload and the source are looked at in one moment: else the range could be wrong for an object that came when
    the upload was gone."""
    check_within(pairs, "copy a part", "complete with one part", NO_OBJECTS)


@pytest.mark.slow
@pytest.mark.parametrize("first", VERBS)
def test_any_call_within_any_other(first: str) -> None:
    with arena("memory") as pairs:
        for second in VERBS:
            check_within(pairs, first, second, SMALL)


WRITES = ["put small", "delete", "copy over", "complete", "empty the bucket", "delete the bucket", "make the bucket"]
READS = ["get", "look at the bucket"]


@pytest.mark.parametrize("write", WRITES)
def test_reads_without_the_lock(write: str) -> None:
    """What takes no lock in memory (a look, the bytes) comes at each line of what is written under it, and the other
    way round."""
    with arena("memory, by line") as pairs:
        for read in READS:
            check_within(pairs, write, read, SMALL)
            check_within(pairs, read, write, SMALL)


DRAWN = st.lists(st.sampled_from(list(VERBS.values())), min_size=2, max_size=MOST_AT_ONCE)
TURNS = st.lists(st.integers(0, MOST_AT_ONCE - 1), max_size=40)


@settings(max_examples=30, deadline=None)
@given(calls=DRAWN, turns=TURNS, body=st.sampled_from([SMALL, LARGE, NO_OBJECTS]))
def test_several_calls_in_turns(crowd: Arena, calls: list[Verb], turns: list[int], body: bytes) -> None:
    """Up to four calls, with a switch at any seam."""
    left = iter(turns)
    crowd.check(calls, lambda ready: ready[next(left, 0) % len(ready)], body)


def test_a_schedule_is_the_same_each_time() -> None:
    """What is found can be run again: the steps that a failure names."""
    seen: set[tuple[str, ...]] = set()
    with arena("disk") as pairs:
        for _ in range(5):
            pairs.check((VERBS["put in pieces"], VERBS["copy a part"]), cutting_in(5))
            seen.add(tuple(pairs.steps.trail))
    assert len(seen) == 1
    assert len(seen.pop()) > 10
