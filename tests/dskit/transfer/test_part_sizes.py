"""How an object is cut into parts. Pure: the limits of the store decide."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dskit
from dskit.capabilities import Limits
from dskit.transfer.sending import BUFFERED_BYTES, MEMORY_BYTES, Sending, bounded

MIB = 1024 * 1024


class Sized:
    piece = MIB

    def __init__(self, size: int) -> None:
        self.size = size

    def read(self, offset: int, length: int) -> bytes:
        raise AssertionError("nothing is read to plan")

    def check(self) -> None:
        raise AssertionError("nothing is read to plan")


class Service:
    name = "declared"
    blocking = True
    capabilities = dskit.Capabilities()


def sending(size: int, part_bytes: int) -> Sending:
    service: Any = Service()
    return Sending(store=dskit.Store(service, "data"), key="k", origin=Sized(size), part_bytes=part_bytes)


@given(st.integers(1, 5 * 1024**4), st.integers(1, 64 * MIB))
def test_the_parts_cover_the_object_within_the_limits(size: int, part_bytes: int) -> None:
    limits = Limits()
    plan = sending(size, part_bytes)
    assert 1 <= plan.part_count <= limits.max_parts
    assert plan.part_bytes >= max(part_bytes, limits.min_part_bytes)
    assert limits.max_part_bytes is not None
    assert plan.part_bytes <= limits.max_part_bytes
    ends = {number: sum(plan.part_span(number)) for number in (1, plan.part_count)}
    assert plan.part_span(1)[0] == 0
    assert ends[plan.part_count] == size
    if plan.part_count > 1:
        assert plan.part_span(2)[0] == ends[1]
        assert plan.part_span(plan.part_count)[1] > 0


@given(st.integers(1, 256), st.integers(1, 5 * 1024**3))
def test_buffers_are_bounded_together(concurrency: int, part_bytes: int) -> None:
    threads = bounded(concurrency, part_bytes)
    assert 1 <= threads <= concurrency
    assert threads * min(part_bytes, BUFFERED_BYTES) <= MEMORY_BYTES


def test_more_than_an_object_can_be_is_refused_before_anything_is_read() -> None:
    with pytest.raises(dskit.TooLargeError, match="more than an object of this store can have"):
        sending(5 * 1024**4 + 1, 8 * MIB)
