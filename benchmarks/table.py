"""How figures are shown: what, target, measured, whether it holds."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Row", "print_table"]


@dataclass(frozen=True, slots=True)
class Row:
    """`holds` is None where there is no target."""

    what: str
    measured: str
    target: str = ""
    holds: bool | None = None
    note: str = ""


def print_table(title: str, rows: list[Row]) -> None:
    marks = {True: "yes", False: "NO", None: ""}
    cells = [("what", "measured", "target", "holds", "note")]
    cells += [(row.what, row.measured, row.target, marks[row.holds], row.note) for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(5)]
    print(f"\n{title}")
    for line in cells:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
