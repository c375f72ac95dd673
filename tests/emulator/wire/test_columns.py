"""A page written column by column is the page written row by row."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dskit_emulator.wire.codec import Codec
from dskit_emulator.wire.columns import Table, quoted, table_of, texts
from dskit_emulator.wire.xml import escape

CODEC = Codec()
LISTING = CODEC.operations["ListObjects"]
TEXT = st.text(st.sampled_from('ab|&<>"\n\x01é'), max_size=4)
QUOTED = st.text("ab-", max_size=2).map('"{}"'.format) | st.text('"|a', max_size=4)
ROW = st.fixed_dictionaries(
    {
        "Key": TEXT,
        "LastModified": st.sampled_from([datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2)]),
        "ETag": QUOTED,
        "ChecksumAlgorithm": st.sampled_from([(), ("CRC32",), ("CRC32", "SHA1")]),
        "ChecksumType": st.sampled_from(["FULL_OBJECT", None]),
        "Size": st.integers(0, 3),
        "Owner": st.sampled_from([{"ID": "a"}, {"ID": "b", "DisplayName": "<"}]),
    }
)


def encoded(rows: Any) -> bytes:
    body: bytes = CODEC.encode(LISTING, {"Name": "b", "Contents": rows})[2]
    return body


def one_by_one(rows: list[dict[str, Any]]) -> bytes:
    """Fewer than four rows are never a table."""
    whole = encoded(rows[:1])
    start, end = whole.index(b"<Contents>"), whole.rindex(b"</Contents>") + len(b"</Contents>")
    bodies = [encoded([row]) for row in rows]
    return whole[:start] + b"".join(body[start : len(body) - (len(whole) - end)] for body in bodies) + whole[end:]


@given(st.lists(ROW, min_size=1, max_size=8))
def test_a_table_reads_like_its_rows(rows: list[dict[str, Any]]) -> None:
    expected = one_by_one(rows)
    assert encoded(rows) == expected
    assert encoded(table_of(rows)) == expected


def test_rows_with_other_members_are_no_table() -> None:
    assert table_of([{"Key": "a"}, {"Key": "b", "Size": 1}]) is None


def test_a_table_gives_its_rows_back() -> None:
    assert Table(2, {"Key": ("a", "b"), "Size": (1, 2)}).rows() == [{"Key": "a", "Size": 1}, {"Key": "b", "Size": 2}]


@given(st.lists(TEXT))
def test_texts_are_escaped_one_by_one(values: list[str]) -> None:
    assert list(texts(values)) == [escape(value) for value in values]


def test_a_missing_text_is_told() -> None:
    with pytest.raises(TypeError):
        texts(["a", None])  # type: ignore[list-item]


@given(st.lists(QUOTED | TEXT, min_size=1))
def test_the_insides_of_quoted_texts_are_theirs_or_there_are_none(values: list[str]) -> None:
    simple = all(
        len(value) > 1 and value[0] == value[-1] == '"' and escape(value[1:-1]) == value[1:-1] and "|" not in value
        for value in values
    )
    if simple:
        assert quoted(values) == [value[1:-1] for value in values]
    else:
        with pytest.raises(TypeError):
            quoted(values)
