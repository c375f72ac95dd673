"""Keys as fsspec's tree of files and directories. Pure.

A directory is a prefix that ends in a slash. Its name is what is before the slash, so a key that ends in a slash is the
marker of a directory and no file; and a prefix with an empty segment (``a//``) has no name: listings of a directory do
not show it, flat ones do.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

from .types import ByteRange, ListPage, ObjectMeta, ObjectSummary

__all__ = ["Entry", "directory", "file_entry", "listing", "slice_range", "tree"]

Entry: TypeAlias = dict[str, Any]
"""`name`, `size`, `type`, and for files `etag` and `mtime`."""


def directory(path: str) -> Entry:
    return {"name": path, "size": 0, "type": "directory"}


def file_entry(row: ObjectSummary | ObjectMeta) -> Entry:
    return {"name": row.key, "size": row.size, "type": "file", "etag": row.etag, "mtime": row.last_modified}


def listing(page: ListPage, base: str) -> list[Entry]:
    """The entries of the directory whose prefix is `base`, from a listing with the delimiter ``/``."""
    found = [file_entry(row) for row in page.objects if row.key != base]
    found += [directory(prefix[:-1]) for prefix in page.prefixes if not f"/{prefix}".endswith("//")]
    return sorted(found, key=lambda entry: str(entry["name"]))


def tree(rows: Iterable[ObjectSummary], base: str, maxdepth: int | None, *, withdirs: bool) -> list[Entry]:
    """The files at most `maxdepth` levels below `base`, and with `withdirs` the directories in which they are."""
    files: list[Entry] = []
    directories: dict[str, Entry] = {}
    for row in rows:
        *parents, name = row.key[len(base) :].split("/")
        if name and (maxdepth is None or len(parents) < maxdepth):
            files.append(file_entry(row))
        if withdirs:
            for depth in range(1, len(parents[:maxdepth]) + 1):
                path = base + "/".join(parents[:depth])
                if not parents[depth - 1]:
                    break
                directories.setdefault(path, directory(path))
    return files + list(directories.values())


def slice_range(start: int | None, end: int | None, size: int | None) -> ByteRange | Literal["all", "nothing"]:
    """The request for a slice of bytes. `size` is needed where a bound is negative, but for the last bytes."""
    if start is not None and start < 0 and end is None:
        return ByteRange(suffix=-start)
    first = start or 0
    if first < 0:
        first = max(0, first + (size or 0))
    if end is not None and end < 0:
        end = max(0, end + (size or 0))
    if end is not None and end <= first:
        return "nothing"
    if first == 0 and end is None:
        return "all"
    return ByteRange(first, None if end is None else end - 1)
