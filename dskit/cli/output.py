"""What commands print: rows for people or JSON lines for programs on standard output, the rest on standard error.

Exit codes: 0 all done; 1 something was refused, failed or is not there; 2 the command was not understood, or names
something that cannot be; 130 after Ctrl-C; 143 after SIGTERM.
"""

from __future__ import annotations

import functools
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from ..errors import (
    AlreadyExistsError,
    ConfigurationError,
    InvalidRequestError,
    StoreError,
    TransferIncompleteError,
    UnsupportedError,
)
from .locations import Session

if TYPE_CHECKING:
    from ..transfer import Progress, ProgressCallback

__all__ = [
    "ask",
    "command",
    "counted",
    "fail",
    "json_option",
    "moment",
    "nothing_found",
    "printable",
    "progress_bar",
    "row",
    "send",
    "show_failures",
    "size_of",
    "yes_option",
]

P = ParamSpec("P")
R = TypeVar("R")

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document a line.")
yes_option = click.option("-y", "--yes", is_flag=True, help="Do not ask.")


def command(function: Callable[..., Any]) -> click.Command:
    """A command from a function that takes a `Session` first; errors of dskit become a line and an exit code."""

    @functools.wraps(function)
    def run(**options: Any) -> None:
        try:
            with undone_when_terminated(), Session() as session:
                function(session, **options)
            if sys.stdout is not None:  # it may have been closed before we began
                sys.stdout.flush()
        except (ConfigurationError, InvalidRequestError, UnsupportedError) as error:
            fail(str(error), 2)
        except AlreadyExistsError as error:
            fail(f"{error}: there is something of this name, and -n leaves it as it is", 1)
        except (StoreError, OSError) as error:
            if isinstance(error, BrokenPipeError) and not isinstance(error, StoreError):
                # Whoever read our output has gone: nothing more to say, not even at exit.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                sys.exit(1)
            fail(str(error), 1)
        except KeyboardInterrupt:
            fail("interrupted", 130)
        except Terminated:
            fail("terminated", 143)

    return click.command(context_settings={"help_option_names": ["-h", "--help"]})(run)


class Terminated(BaseException):
    """Ends a command that got SIGTERM."""


@contextmanager
def undone_when_terminated() -> Iterator[None]:
    """SIGTERM ends what is inside as Ctrl-C does: no upload in progress and no staged file is left behind."""

    def end(*_: object) -> None:
        raise Terminated

    try:
        before = signal.signal(signal.SIGTERM, end)
    except ValueError:  # only the main thread may; whoever runs commands in another handles signals himself
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def fail(text: str, code: int) -> None:
    click.echo(f"dskit: {printable(text)}", err=True)
    sys.exit(code)


def show_failures(error: TransferIncompleteError) -> None:
    """A line for each object that failed."""
    for failure in error.failures:
        click.echo(f"dskit: {printable(str(failure))}", err=True)


def nothing_found(what: str) -> None:
    """End with code 1: there is nothing to work on."""
    fail(f"{what}: there is no such object", 1)


def printable(text: str) -> str:
    """Control characters as escapes: a key must not steer the terminal."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def send(chunks: Iterable[bytes]) -> None:
    """Bytes of objects, to standard output. Raises `ConfigurationError` where that is closed."""
    if sys.stdout is None:
        raise ConfigurationError("standard output is closed, and the bytes were to go there")
    for chunk in chunks:
        sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()


def row(as_json: bool, record: dict[str, Any], text: str) -> None:
    """A row of output: `record` as JSON, else `text`."""
    if as_json:
        click.echo(json.dumps(record, default=_plain, ensure_ascii=False))
    else:
        click.echo(text)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return dict(value)


def counted(count: int, noun: str = "object") -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")


def size_of(size: int, human: bool) -> str:
    """A number of bytes, exact or with a binary unit."""
    if not human or size < 1024:
        return str(size)
    value = float(size)
    for unit in "KMGTP":
        value /= 1024
        if value < 1024 or unit == "P":
            break
    return f"{value:.1f}{unit}"


def ask(question: str, yes: bool) -> None:
    """Go on, or end with 1. Where nobody can be asked (no terminal), end with 2 and name ``--yes``."""
    if yes:
        return
    if not sys.stdin.isatty():
        fail(f"{question} There is no terminal to ask: add --yes", 2)
    if not click.confirm(question, err=True):
        fail("nothing was changed", 1)


@contextmanager
def progress_bar(title: str, quiet: bool) -> Iterator[ProgressCallback | None]:
    """A callback that draws on standard error, where that is a terminal; NO_COLOR is honoured."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(binary_units=True))
    console = Console(stderr=True)
    with Bar(*columns, TransferSpeedColumn(), TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task(title, total=None)

        def show(state: Progress) -> None:
            name = printable(state.key or title)
            bar.update(task, completed=state.bytes, total=state.total_bytes, description=name[-40:])

        yield show
