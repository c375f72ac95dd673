"""Many rows with the same members, column by column: a third of the time that row by row takes.

What all rows share (the storage class, the owner, the checksum's algorithm) is written once; the rest of a page is one
list of pieces, filled column by column and joined at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .xml import escape

__all__ = ["Column", "Table", "quoted", "remembered", "table_of", "texts", "write_table"]

Column = tuple[str, Callable[[Sequence[Any]], Iterable[str]], str]
"""What stands before a value, the values as text (TypeError where one of them is None), and what stands behind."""

_MARK = "|"


class Table:
    """`count` rows; `columns` are members by name, each with a value for every row."""

    __slots__ = ("columns", "count")

    def __init__(self, count: int, columns: dict[str, Sequence[Any]]) -> None:
        self.count = count
        self.columns = columns

    def rows(self) -> list[dict[str, Any]]:
        return [dict(zip(self.columns, row, strict=True)) for row in zip(*self.columns.values(), strict=True)]


def table_of(rows: Sequence[Mapping[str, Any]]) -> Table | None:
    """The same rows as a table; None where they do not have the same members."""
    names = rows[0].keys()
    if any([row.keys() != names for row in rows]):  # noqa: C419  a list is faster
        return None
    return Table(len(rows), {name: [row[name] for row in rows] for name in names})


def write_table(tag: str, columns: Iterable[tuple[str, Column]], table: Table) -> str:
    """One element `tag` a row. Raises TypeError where a value is None in some rows only."""
    count = table.count
    text = opening = f"<{tag}>"
    parts: list[str | Iterable[str]] = []
    for name, (before, write, behind) in columns:
        values = table.columns.get(name)
        if values is None:
            continue
        first = values[0]
        if values[-1] == first and values.count(first) == count:
            if first is not None:
                text += before + next(iter(write([first]))) + behind
            continue
        if not parts:
            opening = text + before
        else:
            parts.append(text + before)
        parts.append(write(values))
        text = behind
    closing = f"{text}</{tag}>"
    if not parts:
        return closing * count
    parts.append(closing + opening)
    width = len(parts)
    pieces = [""] * (width * count)
    for at, part in enumerate(parts):
        pieces[at::width] = [part] * count if isinstance(part, str) else part
    pieces[-1] = closing
    return "".join([opening, *pieces])


def texts(values: Sequence[str]) -> Iterable[str]:
    """Strings as the content of elements, all looked at in one go."""
    marked = _MARK.join(values)
    escaped = escape(marked)
    if escaped is marked:
        return values
    if marked.count(_MARK) == len(values) - 1:
        return escaped.split(_MARK)
    return map(escape, values)


def quoted(values: Sequence[str]) -> Sequence[str]:
    """The insides of texts that are all in quotes: ETags. Raises TypeError unless all are, and are plain inside."""
    inner = _MARK.join(values)[1:-1].split(f'"{_MARK}"')
    plain = "".join(inner)
    # As many pieces as values, and no mark left: it was at the quotes of two values that each piece was cut off.
    cut_well = len(inner) == len(values) and _MARK not in plain and len(values[0]) > 1
    if not (cut_well and values[0][0] == values[-1][-1] == '"' and escape(plain) is plain):
        raise TypeError("not all are plain texts in quotes")
    return inner


def remembered(write: Callable[[Any], str], key: Callable[[Any], Any], values: Sequence[Any]) -> list[str]:
    """The same few owners, or algorithms, are in most rows."""
    known: dict[Any, str] = {}
    keys = list(map(key, values))
    for name, value in zip(keys, values, strict=True):
        if name not in known:
            known[name] = write(value)
    return [known[name] for name in keys]
