"""`dskit ls`, `du` and `tree`: what there is."""

from __future__ import annotations

import click

from ..store import Store
from ..types import ObjectSummary
from .locations import Location, Session, parse
from .output import command, counted, json_option, moment, nothing_found, printable, row, size_of

__all__ = ["du", "ls", "tree"]

human_option = click.option("-H", "--human", is_flag=True, help="Sizes with a unit (KiB as K, …).")


def _object(as_json: bool, found: ObjectSummary, shown: str, long: bool, human: bool) -> None:
    record = {
        "type": "object",
        "key": found.key,
        "size": found.size,
        "etag": found.etag,
        "last_modified": found.last_modified,
        "storage_class": found.storage_class,
    }
    text = printable(shown)
    if long:
        text = f"{moment(found.last_modified)}  {size_of(found.size, human):>12}  {text}"
    row(as_json, record, text)


def _group(as_json: bool, prefix: str, shown: str, long: bool) -> None:
    text = printable(shown)
    row(as_json, {"type": "prefix", "prefix": prefix}, f"{'':19}  {'-':>12}  {text}" if long else text)


@command
@click.argument("url")
@click.option("-l", "--long", is_flag=True, help="With time and size.")
@click.option("-r", "--recursive", is_flag=True, help="Everything below, not one level.")
@click.option("--buckets", is_flag=True, help="The buckets of the service.")
@human_option
@json_option
def ls(session: Session, url: str, long: bool, recursive: bool, buckets: bool, human: bool, as_json: bool) -> None:
    """List objects and groups below URL, one level; or buckets, where URL names none.

    A URL without a slash at its end that names a group of keys (a folder) shows what is in it.
    """
    location = parse(url)
    if buckets or location.lacks_bucket:
        for bucket in session.service(location).list_buckets():
            text = printable(bucket.name)
            if long:
                text = f"{moment(bucket.created) if bucket.created else '':19}  {text}"
            row(as_json, {"type": "bucket", "name": bucket.name, "created": bucket.created}, text)
        return
    store = session.store(location)
    empty = True
    if recursive:
        for found in store.list(location.key):
            empty = False
            _object(as_json, found, found.key, long, human)
    else:
        prefix, names = _inside(store, location.key)
        for name in names:
            empty = False
            if isinstance(name, str):
                _group(as_json, name, name[_cut(prefix) :], long)
            else:
                _object(as_json, name, name.key[_cut(prefix) :] or name.key, long, human)
    if empty and location.key:
        nothing_found(location.text)


def _cut(key: str) -> int:
    """How much of each key of a level is not shown: up to the last slash of what was asked for."""
    return key.rfind("/") + 1


def _inside(store: Store, key: str) -> tuple[str, list[ObjectSummary | str]]:
    """The prefix that is shown, and its level: of a single group named without its slash, the inside."""
    rows = _level(store, key)
    if key and not key.endswith("/") and rows == [key + "/"]:
        return key + "/", _level(store, key + "/")
    return key, rows


def _level(store: Store, prefix: str) -> list[ObjectSummary | str]:
    """Objects and groups of one level in the order of their bytes."""
    level = store.list_with_delimiter(prefix)
    merged: list[ObjectSummary | str] = [*level.objects, *level.prefixes]
    return sorted(merged, key=lambda name: (name if isinstance(name, str) else name.key).encode())


@command
@click.argument("url")
@click.option("-d", "--depth", default=0, show_default=True, type=click.IntRange(0), help="Groups down to this level.")
@human_option
@json_option
def du(session: Session, url: str, depth: int, human: bool, as_json: bool) -> None:
    """Add up the sizes of all objects below URL."""
    location = parse(url)
    sums: dict[str, list[int]] = {}
    total = [0, 0]
    for found in session.store(location).list(location.key):
        segments = found.key[_cut(location.key) :].split("/")
        total[0] += found.size
        total[1] += 1
        for level in range(1, min(depth, len(segments) - 1) + 1):
            entry = sums.setdefault("/".join(segments[:level]) + "/", [0, 0])
            entry[0] += found.size
            entry[1] += 1
    if not total[1] and location.key:
        nothing_found(location.text)
    for prefix, (size, objects) in sums.items():
        _sum(as_json, location.key[: _cut(location.key)] + prefix, prefix, size, objects, human)
    _sum(as_json, location.key, location.text, total[0], total[1], human)


def _sum(as_json: bool, prefix: str, shown: str, size: int, objects: int, human: bool) -> None:
    record = {"prefix": prefix, "size": size, "objects": objects}
    row(as_json, record, f"{size_of(size, human):>12}  {objects:>8}  {printable(shown)}")


@command
@click.argument("url")
@click.option("-L", "--level", type=click.IntRange(1), help="Groups down to this level only.")
@json_option
def tree(session: Session, url: str, level: int | None, as_json: bool) -> None:
    """Draw the keys below URL as a tree of their segments."""
    location = parse(url)
    store = session.store(location)
    counts = [0, 0]
    if location.key and next(iter(store.list(location.key)), None) is None:
        nothing_found(location.text)
    if not as_json:
        click.echo(printable(location.text))
    _branch(store, location, location.key, "", level, as_json, counts)
    if not as_json:
        click.echo(f"\n{counted(counts[0], 'group')}, {counted(counts[1])}")


def _branch(
    store: Store, location: Location, prefix: str, indent: str, level: int | None, as_json: bool, counts: list[int]
) -> None:
    rows = _level(store, prefix)
    for position, name in enumerate(rows, 1):
        last = position == len(rows)
        key = name if isinstance(name, str) else name.key
        shown = key[len(prefix) :] if prefix.endswith("/") or not prefix else key[_cut(prefix) :]
        counts[0 if isinstance(name, str) else 1] += 1
        kind = "prefix" if isinstance(name, str) else "object"
        row(as_json, {"type": kind, "key": key}, f"{indent}{'└── ' if last else '├── '}{printable(shown) or '(empty)'}")
        if isinstance(name, str) and (level is None or level > 1):
            deeper = None if level is None else level - 1
            _branch(store, location, name, indent + ("    " if last else "│   "), deeper, as_json, counts)
