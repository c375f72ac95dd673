"""What a person sees while a run goes on and when it is over. Colours only on a terminal; NO_COLOR is honoured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..events import Event, Listener, Progress, RunStarted, ViolationFound
from .html import is_alarming

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["progress", "summary"]

_STYLE = {
    "certified": "green",
    "certified-modulo-profile": "yellow",
    "violations": "red",
    "error": "red",
    "inconclusive": "yellow",
    "not-applicable": "dim",
    "pass": "green",
    "non-strict": "yellow",
    "fail": "red",
    "supported": "green",
    "refused": "yellow",
    "ignored": "red",
    "broken": "red",
    "unknown": "dim",
}


@contextmanager
def progress(console: Console, name: str) -> Iterator[Listener]:
    """A progress bar as long as the run lasts; silent where the console is no terminal."""
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[note]}"), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(name, total=1.0, note="")

        def listen(event: Event) -> None:
            match event:
                case RunStarted():
                    bar.update(task, note=f"{event.properties} properties")
                case Progress():
                    note = f"{event.group}: {event.examples} examples, {event.settled} settled"
                    bar.update(task, completed=event.done, total=event.total or 1.0, note=note)
                case ViolationFound():
                    bar.console.print(f"  violated: {event.violation.property_id}", style="red", highlight=False)
                case _:
                    pass

        yield listen


def summary(console: Console, certificate: Mapping[str, Any], *, scripts: int = 3) -> None:
    """Levels, capabilities by verdict, what is violated with its expectation, and the shortest scripts."""
    from rich.markup import escape

    overall = certificate["verdict"]["overall"]
    subject = certificate["subject"]
    run = certificate["run"]
    console.print(
        f"\n[bold]{escape(subject['name'])}[/]  [{_STYLE[overall]}]{overall}[/]  "
        f"[dim]{run['examples']} examples, {run['steps']} steps, {run['seconds']:.1f} s, seed {run['seed']}[/]",
        highlight=False,
    )
    if image := subject.get("image"):
        told = f"  image {image['name']}, {image['digest'] or image['id']}"
        console.print(escape(told), style="dim", highlight=False, soft_wrap=True)
    if left := run.get("left_behind"):
        console.print(escape(f"  left behind, remove by hand: {', '.join(left)}"), style="red", highlight=False)
    for line in certificate["errors"]:
        console.print(f"  error: {escape(line)}", style="red", highlight=False)
    if certificate["errors"] and not run["examples"]:
        return  # nothing was tested: a hundred rows that say so would hide the reason
    _levels(console, certificate)
    _capabilities(console, certificate)
    _violations(console, certificate)
    for name, sentence in certificate["profile"]["stale"].items():
        console.print(f"  stale profile entry {name}: {escape(sentence)}", style="red", highlight=False)
    fresh = [example for example in certificate["counterexamples"] if not example["profiled"]]
    for example in fresh[:scripts]:
        console.print(f"\n[bold]{example['id']}[/] shows {example['property']}; run it as it is:", highlight=False)
        console.print(example["python"], markup=False, highlight=False, soft_wrap=True)
    if len(fresh) > scripts:
        console.print(f"{len(fresh) - scripts} more in the certificate", style="dim", highlight=False)


def _levels(console: Console, certificate: Mapping[str, Any]) -> None:
    from rich.table import Table

    table = Table("level", "verdict", "passed", "checks", box=None, padding=(0, 2))
    for name, level in certificate["verdict"]["levels"].items():
        if not level["total"]:
            continue  # not asked for
        verdict = level["verdict"]
        table.add_row(
            name, f"[{_STYLE[verdict]}]{verdict}[/]", f"{level['passed']} of {level['total']}", str(level["checks"])
        )
    console.print(table)


def _capabilities(console: Console, certificate: Mapping[str, Any]) -> None:
    from rich.table import Table

    cells = certificate["capabilities"]
    as_declared = [
        cell for cell in cells if cell["declared"] == (cell["observed"] == "supported") and not is_alarming(cell)
    ]
    table = Table("capability", "declared", "observed", "evidence", box=None, padding=(0, 2))
    shown = [cell for cell in cells if cell not in as_declared or not cell["declared"]]
    for cell in shown:
        observed = cell["observed"]
        declared = "yes" if cell["declared"] else "no"
        table.add_row(cell["name"], declared, f"[{_STYLE[observed]}]{observed}[/]", ", ".join(cell["evidence"][:4]))
    console.print(
        f"  {len(as_declared)} of {len(cells)} capabilities observed as declared", style="dim", highlight=False
    )
    if shown:
        console.print(table)


def _violations(console: Console, certificate: Mapping[str, Any]) -> None:
    from rich.table import Table

    examples = {example["property"]: example for example in certificate["counterexamples"]}
    table = Table("property", "verdict", "expected", "observed", box=None, padding=(0, 2))
    for entry in certificate["properties"]:
        if entry["verdict"] in ("pass", "not-applicable"):
            continue
        example = examples.get(entry["id"], {})
        verdict = "profile" if entry["profiled"] else entry["verdict"]
        expected = example.get("expected") or entry["statement"]
        style = "yellow" if entry["profiled"] else _STYLE[entry["verdict"]]
        from rich.text import Text

        table.add_row(
            entry["id"], f"[{style}]{verdict}[/]", Text(expected), Text(example.get("observed") or entry["reason"])
        )
    if table.row_count:
        console.print(table)
