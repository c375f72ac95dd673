"""Which bytes a Range header asks for."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dskit.errors import InvalidRequestError, RangeNotSatisfiableError
from dskit.ranges import parse_copy_range, parse_range, range_header, resolve
from dskit.types import ByteRange


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        ("bytes=0-4", ByteRange(0, 4)),
        ("bytes=3-", ByteRange(3)),
        ("bytes=-2", ByteRange(suffix=2)),
        ("bytes=-0", ByteRange(suffix=0)),
        ("BYTES=0-0", ByteRange(0, 0)),
        ("bytes=4-0", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=0-1,3-4", None),
        ("items=0-1", None),
        ("bytes 0-1", None),
        ("bytes=٣-4", None),
        ("bytes=" + "9" * 30 + "-", None),
        ("", None),
    ],
)
def test_malformed_foreign_and_several_ranges_are_ignored(header: str, asked: ByteRange | None) -> None:
    assert parse_range(header) == asked


@pytest.mark.parametrize(
    ("asked", "size", "expected"),
    [
        (None, 5, (0, 5, False)),
        (ByteRange(0, 0), 5, (0, 1, True)),
        (ByteRange(1, 3), 5, (1, 4, True)),
        (ByteRange(1, 99), 5, (1, 5, True)),
        (ByteRange(4), 5, (4, 5, True)),
        (ByteRange(suffix=2), 5, (3, 5, True)),
        (ByteRange(suffix=9), 5, (0, 5, True)),
        (ByteRange(3, 1), 5, (0, 5, False)),
        (None, 0, (0, 0, False)),
    ],
)
def test_resolved_ranges(asked: ByteRange | None, size: int, expected: tuple[int, int, bool]) -> None:
    assert resolve(asked, size) == expected


@pytest.mark.parametrize(
    ("asked", "size"),
    [(ByteRange(5), 5), (ByteRange(5, 9), 5), (ByteRange(suffix=0), 5), (ByteRange(0, 0), 0), (ByteRange(suffix=1), 0)],
)
def test_a_range_that_no_byte_satisfies_is_416_and_says_the_size(asked: ByteRange, size: int) -> None:
    with pytest.raises(RangeNotSatisfiableError) as caught:
        resolve(asked, size)
    assert caught.value.details == {"RangeRequested": range_header(asked), "ActualObjectSize": str(size)}


@given(st.integers(1, 60), st.lists(st.integers(1, 59), max_size=5))
def test_any_partition_into_ranges_covers_the_object_once(size: int, cuts: list[int]) -> None:
    data = bytes(range(size))
    edges = sorted({0, size, *(cut for cut in cuts if cut < size)})
    pieces = [resolve(ByteRange(start, stop - 1), size) for start, stop in pairwise(edges)]
    assert b"".join(data[start:stop] for start, stop, _ in pieces) == data


@given(st.integers(0, 99), st.none() | st.integers(0, 99))
def test_a_header_parses_to_what_it_was_made_from(first: int, last: int | None) -> None:
    asked = ByteRange(first, last)
    expected = None if last is not None and last < first else asked
    assert parse_range(range_header(asked)) == expected


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=-1", "0-1", "bytes=3-1", "bytes=0-1,2-3", "bytes=a-b", ""])
def test_the_range_of_a_part_copy_has_one_form(header: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        parse_copy_range(header)
    assert caught.value.details["ArgumentName"] == "x-amz-copy-source-range"
