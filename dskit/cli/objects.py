"""`dskit cat`, `stat`, `rm` and `sign`: what can be done with objects in place."""

from __future__ import annotations

import sys
from dataclasses import asdict
from itertools import chain, islice
from typing import Any

import click

from ..errors import ConfigurationError
from ..signing import Method
from ..store import Store
from ..types import ByteRange, ObjectMeta
from .locations import Location, Session, parse
from .output import ask, command, counted, json_option, nothing_found, printable, row, send, yes_option

__all__ = ["cat", "rm", "sign", "stat"]


def _key(location: Location) -> str:
    if not location.key and not location.is_local:
        raise ConfigurationError(f"{location.text} names no key")
    return location.key


@command
@click.argument("urls", nargs=-1, required=True, metavar="URL…")
@click.option("--range", "span", metavar="FIRST-LAST", help="These bytes only, counted from 0; 5- and -5 work too.")
@click.option("--version-id", help="This version of the object.")
def cat(session: Session, urls: tuple[str, ...], span: str | None, version_id: str | None) -> None:
    """Write objects to standard output, one after the other."""
    wanted = None if span is None else _range(span)
    for location in [parse(url) for url in urls]:
        store = session.store(location)
        with store.get(_key(location), range=wanted, version_id=version_id) as result:
            send(result)


def _range(text: str) -> ByteRange:
    first, dash, last = text.partition("-")
    if dash and all(part.isascii() and (part.isdigit() or not part) for part in (first, last)) and (first or last):
        if first and last and int(first) > int(last):
            raise ConfigurationError(f"the range {text} ends before it begins")
        if not first:
            return ByteRange(suffix=int(last))
        return ByteRange(int(first), int(last) if last else None)
    raise ConfigurationError(f"a range is FIRST-LAST, FIRST- or -COUNT, not {text!r}")


@command
@click.argument("urls", nargs=-1, required=True, metavar="URL…")
@click.option("--version-id", help="This version of the object.")
@json_option
def stat(session: Session, urls: tuple[str, ...], version_id: str | None, as_json: bool) -> None:
    """Show all that a store knows of objects but their bytes."""
    for number, location in enumerate([parse(url) for url in urls]):
        meta = session.store(location).head(_key(location), version_id=version_id, checksum_mode=True)
        if as_json:
            row(True, _record(meta), "")
            continue
        if number:
            click.echo()
        for name, value in _fields(_record(meta)):
            click.echo(f"{name + ':':<20} {printable(value)}")


def _record(meta: ObjectMeta) -> dict[str, Any]:
    record: dict[str, Any] = {
        "key": meta.key,
        "size": meta.size,
        "etag": meta.etag,
        "last_modified": meta.last_modified,
        **asdict(meta.attributes),
        "content_type": meta.content_type,
        "version_id": meta.version_id,
        "checksums": dict(meta.checksums),
        "checksum_type": meta.checksum_type,
        "parts_count": meta.parts_count,
    }
    return {name: value for name, value in record.items() if value not in (None, {})}


def _fields(record: dict[str, Any]) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in record.items():
        if isinstance(value, dict):
            rows += [(f"{name} {inner}", str(text)) for inner, text in value.items()]
        else:
            rows.append((name, str(value)))
    return rows


@command
@click.argument("urls", nargs=-1, required=True, metavar="URL…")
@click.option("-r", "--recursive", is_flag=True, help="Everything whose key begins with the URL's; asks first.")
@click.option("-f", "--force", is_flag=True, help="What is not there is no error.")
@click.option("-n", "--dry-run", is_flag=True, help="Show what would be removed.")
@yes_option
@json_option
def rm(
    session: Session,
    urls: tuple[str, ...],
    recursive: bool,
    force: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Remove objects. With -r, all whose keys begin with the one of URL: end it with a slash for a folder."""
    locations = [parse(url) for url in urls]
    for location in locations:
        if location.is_local:
            raise ConfigurationError(f"{location.text} is a local path; rm removes objects of a store: give its URL")
        if not location.key and not recursive:
            raise ConfigurationError(f"{location.text} names no key; with -r it is everything in the bucket")
    for location in locations:
        store = session.store(location)
        if recursive:
            _remove_below(store, location, force=force, dry_run=dry_run, yes=yes, as_json=as_json)
            continue
        if not force and not store.exists(location.key):
            nothing_found(location.text)
        if not dry_run:
            store.delete(location.key)
        _removed(as_json, location.key, dry_run)


def _remove_below(store: Store, location: Location, *, force: bool, dry_run: bool, yes: bool, as_json: bool) -> None:
    keys = (found.key for found in store.list(location.key))
    if dry_run:
        for key in keys:
            _removed(as_json, key, True)
        return
    first = list(islice(keys, 1001))
    if not first:
        if not force:
            nothing_found(location.text)
        return
    count = counted(len(first)) if len(first) <= 1000 else "more than 1000 objects"
    ask(f"Remove {count} below {printable(location.text)}?", yes)
    failed = 0
    batch: list[str] = []
    size = store.capabilities.limits.max_delete_batch
    for key in chain(first, keys):
        batch.append(key)
        if len(batch) == size:
            failed += _remove(store, batch, as_json)
            batch = []
    failed += _remove(store, batch, as_json)
    if failed:
        sys.exit(1)


def _remove(store: Store, keys: list[str], as_json: bool) -> int:
    if store.capabilities.supports.delete_many:
        result = store.delete_many(keys)
        for error in result.errors:
            click.echo(f"dskit: {printable(error.key)}: {error.code}: {printable(error.message)}", err=True)
        for key in result.deleted:
            _removed(as_json, key, False)
        return len(result.errors)
    for key in keys:
        store.delete(key)
        _removed(as_json, key, False)
    return 0


def _removed(as_json: bool, key: str, dry_run: bool) -> None:
    action = "would remove" if dry_run else "removed"
    row(as_json, {"key": key, "removed": not dry_run}, f"{action} {printable(key)}")


@command
@click.argument("url")
@click.option("-X", "--method", default="GET", show_default=True, type=click.Choice(["GET", "HEAD", "PUT", "DELETE"]))
@click.option(
    "-e", "--expires", default=3600, show_default=True, type=click.IntRange(1, 604_800), help="Seconds, at most 7 days."
)
@click.option("--content-type", help="What the one who uses a PUT URL must send.")
@json_option
def sign(session: Session, url: str, method: Method, expires: int, content_type: str | None, as_json: bool) -> None:
    """Print a URL with which anybody may do METHOD on an object for a while."""
    location = parse(url)
    store = session.store(location)
    if not store.capabilities.supports.sign:
        raise ConfigurationError(
            f"{location.text} has no server that a link could lead to, or no credentials that sign: `dskit serve` "
            "makes an endpoint of a disk: store, whose URL can be signed"
        )
    signed = store.sign(_key(location), method, expires_in=expires, content_type=content_type)
    row(as_json, {"url": signed, "method": method, "expires_in": expires}, signed)
