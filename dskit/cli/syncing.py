"""`dskit sync`: make one place like another."""

from __future__ import annotations

from typing import Literal

import click

from ..backends.memory import MemoryStore
from ..errors import ConfigurationError, NotFoundError, TransferIncompleteError
from ..places import refuse_nested
from ..service import Service
from ..store import Store
from ..transfer import SyncReport, carry_out, plan_sync
from ..transfer.trees import Tree
from .locations import Location, Session, folder_prefix, parse
from .output import ask, command, counted, fail, json_option, printable, progress_bar, row, show_failures, yes_option

__all__ = ["sync"]


@command
@click.argument("source")
@click.argument("target")
@click.option("--delete", is_flag=True, help="Remove from TARGET what SOURCE does not have; asks first.")
@click.option("-n", "--dry-run", is_flag=True, help="Show what would be done.")
@click.option(
    "--compare",
    default="etag",
    show_default=True,
    type=click.Choice(["etag", "size", "mtime"]),
    help="What tells a difference.",
)
@click.option("-q", "--quiet", is_flag=True, help="No progress bar.")
@click.option("-v", "--verbose", is_flag=True, help="Name each link and device of a local SOURCE that is left out.")
@yes_option
@json_option
def sync(
    session: Session,
    source: str,
    target: str,
    delete: bool,
    dry_run: bool,
    compare: Literal["etag", "size", "mtime"],
    quiet: bool,
    verbose: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Bring what is below TARGET to what is below SOURCE. Each is a URL or a local folder."""
    here, there = parse(source), parse(target)
    origin = _side(session, here, make=False)
    try:
        goal = _side(session, there, make=not dry_run)
    except NotFoundError:
        if not dry_run:
            raise
        goal = MemoryStore()  # the real one would be made, as empty as this
    if origin.service is not goal.service:
        refuse_nested(here.place, there.place, (here.text, there.text))
    plan = plan_sync(origin, goal, delete=delete, compare=compare)
    _tell_special(here, verbose)
    if dry_run:
        _report(SyncReport(plan, dry_run=True), as_json)
        return
    if plan.deletions:
        ask(
            f"Remove {counted(len(plan.deletions))} of {printable(target)} that {printable(source)} does not have?", yes
        )
    try:
        with progress_bar("sync", quiet or as_json) as progress:
            report = carry_out(plan, origin, goal, compare=compare, progress=progress)
    except TransferIncompleteError as error:
        show_failures(error)
        if isinstance(error.report, SyncReport):
            _report(error.report, as_json)
        fail(str(error), 1)
    _report(report, as_json)


def _tell_special(source: Location, verbose: bool) -> None:
    """What is in a folder and cannot be an object is left out, and that is said."""
    folder = source.file(folder_prefix(source.key))
    if folder is None or not folder.is_dir():
        return
    with Tree.opened(folder) as tree:
        left_out = list(tree.special())
    if verbose:
        for entry in left_out:
            click.echo(f"dskit: left out: {printable(entry.path)} {entry.reason}", err=True)
    elif left_out:
        click.echo(
            f"dskit: left out {counted(len(left_out), 'name')} of {printable(source.text)} that no object can have the "
            "content of (symbolic links, devices, names that are not UTF-8); -v names them",
            err=True,
        )


def _side(session: Session, location: Location, *, make: bool) -> Store:
    """A side of a sync as a store whose keys begin behind the location's prefix."""
    if location.path is not None:
        if location.is_stream:
            raise ConfigurationError("a sync is between stores and folders, not standard input or output")
        if not location.path.is_dir() and not make:
            raise NotFoundError(f"{location.text} is no folder", code="NoSuchFolder")
        return session.folder(location.path)
    store = session.store(location, make=make)
    return Service(store.service).bucket(store.bucket, prefix=store.prefix + folder_prefix(location.key))


def _report(report: SyncReport, as_json: bool) -> None:
    if report.dry_run or as_json:
        for action in report.plan.actions:
            record = {"action": action.kind, "key": action.key, "reason": action.reason, "size": action.size}
            row(as_json, record, f"would {printable(str(action))}")
    counts = {
        "copied": report.copied,
        "deleted": report.deleted,
        "unchanged": report.plan.unchanged,
        "bytes": report.bytes,
        "dry_run": report.dry_run,
    }
    text = f"{report.copied} copied, {report.deleted} deleted, {report.plan.unchanged} unchanged"
    row(
        as_json,
        counts,
        f"{len(report.plan.actions)} to do, {report.plan.unchanged} unchanged" if report.dry_run else text,
    )
