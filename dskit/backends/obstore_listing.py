"""Listings through obstore, whose prefixes are folders and whose order is the server's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import obstore

from ..keys import utf8_key
from ..types import ListPage, ObjectSummary
from .obstore_paths import folder_of, is_path
from .remote_meta import quoted

__all__ = ["page_of_groups", "page_of_keys"]

CHUNK_ROWS = 1000


def page_of_keys(store: Any, prefix: str, after: str) -> ListPage:
    """All keys with the string `prefix` that are greater than `after`, sorted here.

    Azurite ignores where a listing is to begin, so every row is compared.
    """
    folder = folder_of(prefix)
    if folder is None:
        return ListPage()
    found = _rows(store, folder, after if is_path(after) else None)
    rows = [row for row in found if row.key.startswith(prefix) and utf8_key(row.key) > utf8_key(after)]
    rows.sort(key=lambda row: utf8_key(row.key))
    return ListPage(objects=rows)


def page_of_groups(store: Any, prefix: str, after: str, *, empty_folders: bool) -> ListPage:
    """All rows of a listing with the delimiter ``/``. `empty_folders`: the server has folders of its own, also empty
    ones, so that only the keys say which groups there are."""
    folder = folder_of(prefix)
    if folder is None:
        return ListPage()
    groups: set[str] = set()
    if empty_folders:
        objects: list[ObjectSummary] = []
        for row in _rows(store, folder, None):
            if not row.key.startswith(prefix):
                continue
            name, slash, _ = row.key[len(prefix) :].partition("/")
            if slash:
                groups.add(f"{prefix}{name}/")
            else:
                objects.append(row)
    else:
        level = obstore.list_with_delimiter(store, folder or None)
        objects = [row for found in level["objects"] if (row := _summary(found)).key.startswith(prefix)]
        groups = {f"{name}/" for name in level["common_prefixes"] if f"{name}/".startswith(prefix)}
        groups.discard(prefix)
    objects = sorted((row for row in objects if utf8_key(row.key) > utf8_key(after)), key=lambda row: utf8_key(row.key))
    return ListPage(
        objects=objects, prefixes=sorted((name for name in groups if utf8_key(name) > utf8_key(after)), key=utf8_key)
    )


def _rows(store: Any, folder: str, offset: str | None) -> Iterator[ObjectSummary]:
    for chunk in obstore.list(store, folder or None, offset=offset or None, chunk_size=CHUNK_ROWS):
        yield from map(_summary, chunk)


def _summary(row: Any) -> ObjectSummary:
    return ObjectSummary(row["path"], row["size"], quoted(row["e_tag"]), row["last_modified"])
