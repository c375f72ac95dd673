"""`dskit cp` and `mv`: move objects and files."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path
from typing import Any

import click

from ..errors import ConfigurationError, ConflictError, StoreError, TransferIncompleteError
from ..places import refuse_nested
from ..store import Store
from ..transfer import ProgressCallback, copy, upload_folder
from ..transfer.staging import made_folder
from .locations import Location, Session, folder_prefix, parse, refuse_itself
from .output import command, counted, json_option, nothing_found, printable, progress_bar, row, send, show_failures

__all__ = ["cp", "mv", "remove_moved"]


@dataclass(frozen=True, slots=True)
class Options:
    """How `cp` and `mv` move."""

    overwrite: bool = True
    resume: bool = False
    durable: bool = False
    skip_special: bool = False
    attributes: dict[str, Any] | None = None
    progress: ProgressCallback | None = None


def _options(function: Any) -> Any:
    for option in (
        json_option,
        click.option("-q", "--quiet", is_flag=True, help="No progress bar."),
        click.option("--resume", is_flag=True, help="Go on with what a broken off transfer of the same file left."),
        click.option("--meta", "metadata", multiple=True, metavar="NAME=VALUE", help="Metadata of an upload."),
        click.option("--content-type", help="Of an upload; else it is guessed from the name."),
        click.option("-n", "--no-clobber", is_flag=True, help="Never replace what is there; that is an error then."),
        click.option("-r", "--recursive", is_flag=True, help="Everything below a folder."),
        click.argument("target"),
        click.argument("sources", nargs=-1, required=True, metavar="SOURCE…"),
    ):
        function = option(function)
    return function


@command
@click.option("--durable", is_flag=True, help="Sync local files to the disk, as mv always does.")
@click.option("--skip-special", is_flag=True, help="Leave out what is no file below a local folder: links, devices.")
@_options
def cp(session: Session, sources: tuple[str, ...], target: str, **flags: Any) -> None:
    """Copy objects and files: each of SOURCE and TARGET is a URL, a local path, or - for standard input or output.

    A TARGET that ends with a slash, is a bucket or a local folder keeps the names of the sources. With -r the contents
    of each SOURCE go below TARGET.
    """
    _move(session, sources, target, remove=False, **flags)


@command
@_options
def mv(session: Session, sources: tuple[str, ...], target: str, **flags: Any) -> None:
    """Copy as cp does, then remove each source that was copied, if it is still what was copied."""
    _move(session, sources, target, remove=True, durable=True, **flags)  # else a power failure could take both


def _move(
    session: Session,
    sources: tuple[str, ...],
    target: str,
    *,
    remove: bool,
    recursive: bool,
    no_clobber: bool,
    content_type: str | None,
    metadata: tuple[str, ...],
    resume: bool,
    durable: bool,
    quiet: bool,
    as_json: bool,
    skip_special: bool = False,
) -> None:
    goal = parse(target)
    origins = [parse(source) for source in sources]
    if durable and not remove and (goal.is_stream or not goal.is_local):
        raise ConfigurationError("--durable is for copies to local files: a store has a durability of its own")
    if skip_special and not (recursive and all(origin.path is not None for origin in origins)):
        raise ConfigurationError("--skip-special is for local folders, with -r: a store has objects alone")
    _check(origins, goal, remove=remove, recursive=recursive, described=bool(content_type or metadata), resume=resume)
    attributes = _attributes(content_type, metadata)
    for origin in origins:
        moved: list[tuple[str, str]] = []
        try:
            with progress_bar(origin.text, quiet or as_json or goal.is_stream) as progress:
                options = Options(not no_clobber, resume, durable, skip_special, attributes, progress)
                if recursive:
                    for pair in _folder(session, origin, goal, options, remove):
                        moved.append(pair)  # noqa: PERF402 - kept if a later one fails
                else:
                    moved.append(_one(session, origin, goal, options, remove))
        except TransferIncompleteError as error:
            show_failures(error)
            raise
        finally:
            for came, went in moved:
                if not goal.is_stream:
                    verb = "moved" if remove else "copied"
                    row(as_json, {"source": came, "target": went}, f"{verb} {printable(came)} to {printable(went)}")


def _check(
    origins: list[Location], goal: Location, *, remove: bool, recursive: bool, described: bool, resume: bool
) -> None:
    """What cannot be meant, before anything is opened."""
    for origin in origins:
        if origin.is_local and goal.is_local:
            raise ConfigurationError(f"{origin.text} and {goal.text} are both local; name a store by its URL")
        if described and not origin.is_local:
            raise ConfigurationError("--content-type and --meta are for uploads: a copy keeps what the source has")
        if origin.is_stream and (recursive or remove):
            raise ConfigurationError("standard input can be copied to one key, without -r, and cannot be moved")
        if origin.is_stream and (not goal.key or goal.key.endswith("/")):
            raise ConfigurationError("standard input has no name: TARGET must be a key")
        if not recursive and not origin.is_local and (not origin.key or origin.key.endswith("/")):
            raise ConfigurationError(f"{origin.text} names no object; add -r to copy all that is below it")
        if resume:
            _check_resume(origin, goal, recursive)
    if goal.is_stream and (recursive or len(origins) > 1 or remove):
        raise ConfigurationError("standard output takes the copy of one object")
    if len(origins) > 1 and not _is_folder(goal):
        raise ConfigurationError(f"{goal.text} is no folder: end it with a slash to put several sources there")


def _check_resume(origin: Location, goal: Location, recursive: bool) -> None:
    """What a broken off transfer left is found again beside the local file that it was of."""
    if recursive:
        raise ConfigurationError("--resume goes on with files, not with folders: leave -r out, or use dskit sync")
    if origin.is_stream or goal.is_stream:
        raise ConfigurationError("--resume needs a file: a stream begins anew; leave --resume out")
    if not (origin.is_local or goal.is_local):
        raise ConfigurationError("--resume goes on with an upload or a download: leave it out between two stores")


def _attributes(content_type: str | None, metadata: tuple[str, ...]) -> dict[str, Any]:
    attributes: dict[str, Any] = {}
    if content_type is not None:
        attributes["content_type"] = content_type
    if metadata:
        pairs = [item.partition("=") for item in metadata]
        if wrong := [item for item, pair in zip(metadata, pairs, strict=True) if not pair[1]]:
            raise ConfigurationError(f"metadata is NAME=VALUE, not {wrong[0]!r}")
        attributes["metadata"] = {name: value for name, _, value in pairs}
    return attributes


def _is_folder(goal: Location) -> bool:
    if goal.path is not None:
        return goal.text.endswith(os.sep) or goal.path.is_dir()
    return not goal.key or goal.key.endswith("/")


def _one(session: Session, origin: Location, goal: Location, options: Options, remove: bool) -> tuple[str, str]:
    """Move one thing; how messages call where it came from and where it went."""
    name = origin.path.name if origin.path is not None else origin.key.rpartition("/")[2]
    if goal.path is not None:
        return _down(session, origin, goal, name, options, remove)
    key = goal.key + name if _is_folder(goal) else goal.key
    refuse_itself(origin, goal, origin.file(origin.key), goal.file(key))
    if origin.path is not None and not origin.is_stream:
        _check_file(origin, origin.path)
    store = session.store(goal, make=True)
    if origin.path is not None:
        return _up(store, origin, goal, key, options, remove)
    source = session.store(origin)
    etag = source.head(origin.key).etag if remove else None
    condition = None if options.overwrite else "*"
    copy(source, origin.key, store, key, if_none_match=condition, progress=options.progress)
    if etag is not None:
        remove_moved(source, origin.key, etag)
    return origin.text, goal.below(key)


def _check_file(origin: Location, path: Path) -> None:
    """Before the target is made."""
    if not path.exists():
        raise ConfigurationError(f"there is no file {origin.text}: check the path")
    if path.is_dir():
        raise ConfigurationError(f"{origin.text} is a folder; add -r to copy all that is in it")


def _up(store: Store, origin: Location, goal: Location, key: str, options: Options, remove: bool) -> tuple[str, str]:
    assert origin.path is not None
    condition = None if options.overwrite else "*"
    attributes = _guesser(store)(key) | (options.attributes or {})
    if origin.is_stream:
        # Not through its buffer, whose `read` makes many system calls in a row: a signal that comes between two of them
        # would not be heeded before more data comes.
        stream = getattr(sys.stdin.buffer, "raw", sys.stdin.buffer)
        store.put(key, stream, if_none_match=condition, **attributes)
        return origin.text, goal.below(key)
    store.upload(
        origin.path, key, if_none_match=condition, resume=options.resume, progress=options.progress, **attributes
    )
    if remove:
        origin.path.unlink()
    return origin.text, goal.below(key)


def _guesser(store: Store) -> Callable[[str], dict[str, Any]]:
    """What gives the content type that the end of a key suggests, if any and if the store keeps one."""

    def guessed(key: str) -> dict[str, Any]:
        guess = guess_type(key)[0]
        return {"content_type": guess} if guess and store.capabilities.supports.put_content_type else {}

    return guessed


def _down(
    session: Session, origin: Location, goal: Location, name: str, options: Options, remove: bool
) -> tuple[str, str]:
    assert goal.path is not None
    store = session.store(origin)
    if goal.is_stream:
        with store.get(origin.key) as result:
            send(result)
        return origin.text, goal.text
    if _is_folder(goal) and name in ("", ".", ".."):
        raise ConfigurationError(f"{origin.text} has no name for a file: name one as TARGET")
    path = goal.path / name if _is_folder(goal) else goal.path
    refuse_itself(origin, goal, origin.file(origin.key), Path(os.path.realpath(path)))
    with made_folder(path.parent, durable=options.durable):
        meta = store.download(
            origin.key,
            path,
            overwrite=options.overwrite,
            resume=options.resume,
            durable=options.durable,
            progress=options.progress,
        )
    if remove:
        remove_moved(store, origin.key, meta.etag)
    return origin.text, str(path)


def remove_moved(store: Store, key: str, etag: str) -> None:
    """Remove what was moved, and nothing that came under its key meanwhile."""
    if store.capabilities.supports.delete_if_match:
        store.delete(key, if_match=etag or None)
        return
    if store.head(key).etag != etag:
        raise ConflictError("the object was replaced while it was moved; both are there", key=key)
    store.delete(key)


def _folder(
    session: Session, origin: Location, goal: Location, options: Options, remove: bool
) -> Iterable[tuple[str, str]]:
    if options.attributes:
        raise ConfigurationError("--content-type and --meta are for one upload at a time, not for -r")
    if origin.path is not None:
        return _folder_up(session, origin, goal, options, remove)
    source = session.store(origin)
    prefix = folder_prefix(origin.key)
    if goal.path is not None:
        refuse_nested(origin.place, goal.place, (origin.text, goal.text))
        return _folder_down(source, origin, prefix, goal, options, remove)
    target = session.store(goal, make=True)
    if source.service is not target.service:
        refuse_nested(origin.place, goal.place, (origin.text, goal.text))
    return _folder_across(source, origin, prefix, target, goal, options, remove)


def _folder_up(
    session: Session, origin: Location, goal: Location, options: Options, remove: bool
) -> list[tuple[str, str]]:
    assert origin.path is not None
    if remove:
        raise ConfigurationError(f"{origin.text}: folders are copied, not moved, out of the file system; use cp -r")
    if not origin.path.is_dir():
        raise ConfigurationError(f"{origin.text} is no folder")
    prefix = folder_prefix(goal.key)
    refuse_nested(origin.place, goal.place, (origin.text, goal.text))
    store = session.store(goal, make=True)
    upload_folder(
        store,
        origin.path,
        prefix,
        overwrite=options.overwrite,
        skip_special=options.skip_special,
        progress=options.progress,
        attributes=_guesser(store),
    )
    return [(origin.text, goal.below(prefix))]


def _folder_down(
    source: Store, origin: Location, prefix: str, goal: Location, options: Options, remove: bool
) -> list[tuple[str, str]]:
    assert goal.path is not None
    if prefix and next(iter(source.list(prefix)), None) is None:
        nothing_found(origin.text)
    rows = list(source.list(prefix)) if remove else []
    source.download_folder(
        prefix, goal.path, overwrite=options.overwrite, durable=options.durable, progress=options.progress
    )
    for found in rows:
        remove_moved(source, found.key, found.etag)
    return [(origin.text, goal.text)]


def _folder_across(
    source: Store, origin: Location, prefix: str, target: Store, goal: Location, options: Options, remove: bool
) -> Iterator[tuple[str, str]]:
    moved = 0
    failures: list[StoreError] = []
    condition = None if options.overwrite else "*"
    rows = {folder_prefix(goal.key) + found.key[len(prefix) :]: found for found in source.list(prefix)}
    if source is target and (both := rows.keys() & {found.key for found in rows.values()}):
        raise ConfigurationError(
            f"{goal.below(min(both))} is itself to be copied: choose a TARGET apart from the source; nothing was done"
        )
    for key, found in rows.items():
        try:
            copy(source, found.key, target, key, if_none_match=condition, progress=options.progress)
            if remove:
                remove_moved(source, found.key, found.etag)
        except StoreError as error:
            failures.append(error.with_context(key=found.key))
            continue
        moved += 1
        yield origin.below(found.key), goal.below(key)
    if failures:
        raise TransferIncompleteError(
            f"{len(failures)} of {counted(len(rows))} were not {'moved' if remove else 'copied'}; the rest was",
            failures=failures,
        )
    if not moved:
        nothing_found(origin.text)
