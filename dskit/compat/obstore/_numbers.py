"""Numbers as obstore takes them: what is no integer is `TypeError`, a negative one `OverflowError`."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

__all__ = ["bounds", "many_bounds", "positive", "unsigned"]


def unsigned(value: Any) -> int:
    number = operator.index(value)
    if number < 0:
        raise OverflowError("can't convert negative int to unsigned")
    return number


def positive(value: Any) -> int:
    """Raises `ValueError` for zero."""
    number = unsigned(value)
    if not number:
        raise ValueError("invalid zero value")
    return number


def bounds(start: Any, end: Any, length: Any, *, plural: str = "") -> tuple[int, int]:
    """A half-open range by its end or its length. Raises `ValueError` for both, neither, and a range without bytes."""
    if (end is None) == (length is None):
        what = "cannot both be" if end is not None else "cannot both be left out: one must be"
        raise ValueError(f"end{plural} and length{plural} {what} non-None.")
    first = unsigned(start)
    stop = unsigned(end) if end is not None else first + unsigned(length)
    if stop <= first:
        raise ValueError(f"Invalid range requested, start: {first} end: {stop}")
    return first, stop


def many_bounds(
    starts: Iterable[Any], ends: Sequence[Any] | None, lengths: Sequence[Any] | None
) -> list[tuple[int, int]]:
    """As `bounds` for each; where one list is longer, what is left over counts for nothing, as in obstore."""
    if (ends is None) == (lengths is None):
        bounds(0, ends, lengths, plural="s")
    rows = zip(starts, ends or repeat(None), lengths or repeat(None), strict=False) if (ends or lengths) else ()
    return [bounds(start, end, length, plural="s") for start, end, length in rows]
