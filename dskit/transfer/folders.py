"""Many objects ↔ the files of a local folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import AlreadyExistsError, PreconditionFailedError, StoreError
from ..places import place_in, place_of, refuse_nested
from ..transfer_verbs import CONCURRENCY, PART_BYTES
from ..types import ObjectSummary
from .crew import Job, ProgressCallback, Step, Tally, run
from .origins import regular_file
from .pinned import changed, pin_of
from .receiving import Receiving
from .sending import Sending, check_tuning
from .trees import Found, Tree

if TYPE_CHECKING:
    from ..store import Store

__all__ = ["FolderReport", "download_folder", "upload_folder"]


@dataclass(frozen=True, slots=True)
class FolderReport:
    """How many files were moved, and their bytes."""

    files: int
    bytes: int


def upload_folder(
    store: Store,
    folder: str | os.PathLike[str],
    prefix: str = "",
    *,
    overwrite: bool = True,
    skip_special: bool = False,
    part_bytes: int = PART_BYTES,
    concurrency: int = CONCURRENCY,
    progress: ProgressCallback | None = None,
    attributes: Callable[[str], Mapping[str, Any]] | None = None,
) -> FolderReport:
    """`Store.upload_folder`; `attributes` says by key what is stored with the bytes."""
    check_tuning(part_bytes, concurrency)
    shown = repr(os.fsdecode(folder))
    refuse_nested(place_in(folder), place_of(store, prefix), (shown, store.name))
    with Tree.opened(folder) as tree:
        found = list(tree.files(skip_special=skip_special))
        for row in found:
            store.check_key(prefix + row.name)
        total = sum(row.size for row in found)
        tally = Tally(progress, total_bytes=total, total_files=len(found))

        def send(row: Found, step: Step, threads: int) -> None:
            key = prefix + row.name
            try:
                with tree.open_file(row.name) as file:
                    Sending(
                        store=store,
                        key=key,
                        origin=regular_file(file, os.path.join(tree.shown, row.name)),
                        attributes=attributes(key) if attributes else {},
                        if_none_match=None if overwrite else "*",
                        part_bytes=part_bytes,
                        concurrency=threads,
                    ).run(step)
            except StoreError as error:
                error.with_context(key=key)
                raise
            step(0, files=1, key=key)

        small = [row for row in found if row.size <= part_bytes]
        run(_each(small, send), tally, concurrency=concurrency)
        for row in found:
            if row.size > part_bytes:
                send(row, tally, concurrency)
        return FolderReport(tally.files, tally.bytes)


def download_folder(
    store: Store,
    prefix: str,
    folder: str | os.PathLike[str],
    *,
    overwrite: bool = True,
    durable: bool = False,
    part_bytes: int = PART_BYTES,
    concurrency: int = CONCURRENCY,
    progress: ProgressCallback | None = None,
) -> FolderReport:
    """`Store.download_folder`."""
    check_tuning(part_bytes, concurrency)
    shown = repr(os.fsdecode(folder))
    refuse_nested(place_of(store, prefix), place_in(folder), (store.name, shown))
    rows = list(store.list(prefix))
    files = [row for row in rows if not _is_folder(row)]
    folders = {row.key[len(prefix) : -1]: row.key for row in rows if _is_folder(row) and row.key != prefix}
    with Tree.opened(folder, make=True, durable=durable) as tree:
        tree.check({row.key[len(prefix) :]: row.key for row in files}, folders)
        tally = Tally(progress, total_bytes=sum(row.size for row in files), total_files=len(files))

        def receive(row: ObjectSummary, step: Step, threads: int) -> None:
            try:
                with tree.staged(row.key, row.key[len(prefix) :]) as staged:
                    if not overwrite and staged.taken:
                        raise AlreadyExistsError(f"there is a file {staged.shown!r} already: move it, or overwrite it")
                    _receiving(store, row, staged, part_bytes, threads).run(step)
                    staged.commit(overwrite=overwrite, durable=durable)
            except StoreError as error:
                error.with_context(key=row.key)
                raise
            step(0, files=1, key=row.key)

        for name, key in folders.items():
            tree.make_folder(key, name)
        small = [row for row in files if row.size <= part_bytes]
        run(_each(small, receive), tally, concurrency=concurrency)
        for row in files:
            if row.size > part_bytes:
                receive(row, tally, concurrency)
        return FolderReport(tally.files, tally.bytes)


def _is_folder(row: ObjectSummary) -> bool:
    """An empty object whose key ends in ``/``: how many tools write down a folder."""
    return not row.size and row.key.endswith("/")


def _receiving(store: Store, row: ObjectSummary, staged: Any, part_bytes: int, threads: int) -> Receiving:
    """A small object is one GET, which says all there is to know; a large one is looked at first."""
    try:
        pin = pin_of(store, row.etag)
        if row.size <= part_bytes:
            opened = store.get(row.key, if_match=pin, checksum_mode=True)
            meta = opened.meta
        else:
            opened, meta = None, store.head(row.key, if_match=pin, checksum_mode=True)
    except PreconditionFailedError as error:
        raise changed(row.key, store.name) from error
    return Receiving(
        store=store,
        key=row.key,
        meta=meta,
        staged=staged,
        part_bytes=part_bytes,
        concurrency=threads,
        opened=opened,
    )


def _each(rows: list[Any], move: Any) -> Iterator[Job]:
    for row in rows:

        def job(step: Step, row: Any = row) -> None:
            move(row, step, 1)

        yield job
