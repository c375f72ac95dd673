"""`list` and `list_with_delimiter`: the objects below a path."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Sequence
from typing import Any

from ...errors import StoreError
from ...hops import hop
from ...types import ListPage, ObjectSummary
from ._arrow import record_batch, require_arrow, table
from ._base import ObjectStoreBase, hopped, store_of
from ._numbers import unsigned
from ._paths import folder_of, listed, listed_all, path_of
from ._translation import translated_listing
from ._types import ListResult, ObjectMeta

__all__ = ["ListStream", "list", "list_with_delimiter", "list_with_delimiter_async"]


FEW = 8
"""Rows that are sooner looked at one by one."""


class ListStream:
    """The chunks of a listing, fetched as they are asked for; for ``for`` and ``async for``, in any mixture.

    A chunk is a list of `ObjectMeta` dicts, or an Arrow record batch. Raises `GenericError` where the store fails,
    `InvalidPathError` where it holds a key that is no path.
    """

    def __init__(self, store: ObjectStoreBase, pages: Iterator[ListPage], chunk_size: int, arrow: bool) -> None:
        self._store = store
        self._pages = pages
        self._size = chunk_size
        self._arrow = arrow
        self._rows: builtins.list[ObjectMeta] = []
        self._more = True

    def __iter__(self) -> ListStream:
        return self

    def __aiter__(self) -> ListStream:
        return self

    def __next__(self) -> Any:
        while self._more and len(self._rows) < self._size:
            self._take(self._page())
        return self._chunk(StopIteration)

    async def __anext__(self) -> Any:
        while self._more and len(self._rows) < self._size:
            self._take(await hop(self._store.native.service, self._page))
        return self._chunk(StopAsyncIteration)

    def collect(self) -> Any:
        """All that is left, in one chunk."""
        while self._more:
            self._take(self._page())
        return self._rest()

    async def collect_async(self) -> Any:
        """`collect` for a coroutine."""
        while self._more:
            self._take(await hop(self._store.native.service, self._page))
        return self._rest()

    def _page(self) -> ListPage | None:
        try:
            return next(self._pages, None)
        except StoreError as error:
            raise translated_listing(error, self._store.label) from error

    def _take(self, page: ListPage | None) -> None:
        if page is None:
            self._more = False
        else:
            self._rows += _metas(page.objects)

    def _chunk(self, end: type[Exception]) -> Any:
        if not self._rows:
            raise end("stream exhausted")
        chunk = self._rows[: self._size]
        del self._rows[: self._size]
        return record_batch(chunk) if self._arrow else chunk

    def _rest(self) -> Any:
        rows, self._rows = self._rows, []
        return record_batch(rows) if self._arrow else rows


def list(  # noqa: A001 - obstore's name
    store: ObjectStoreBase,
    prefix: str | None = None,
    *,
    offset: str | None = None,
    chunk_size: int = 50,
    return_arrow: bool = False,
) -> ListStream:
    """All objects below the path `prefix`, at any depth, that come after the path `offset`.

    Prefixes go by whole segments: ``a`` is not one of ``ab``. No request is sent before the first chunk is taken.
    `return_arrow` gives Arrow record batches (`ImportError` where neither arro3 nor pyarrow is installed).
    """
    target = store_of(store)
    if return_arrow:
        require_arrow()
    folder, after = folder_of(prefix), "" if offset is None else path_of(offset)
    try:
        pages = target.native.list_pages(folder, start_after=after)
    except StoreError as error:
        raise translated_listing(error, target.label) from error
    return ListStream(target, pages, max(1, unsigned(chunk_size)), return_arrow)


def list_with_delimiter(
    store: ObjectStoreBase, prefix: str | None = None, *, return_arrow: bool = False
) -> ListResult[Any]:
    """The objects directly below the path `prefix`, and the paths that lead further down."""
    target = store_of(store)
    if return_arrow:
        require_arrow()
    try:
        found = target.native.list_with_delimiter(folder_of(prefix))
    except StoreError as error:
        raise translated_listing(error, target.label) from error
    objects = _metas(found.objects)
    return {
        "common_prefixes": [listed(name) for name in found.prefixes],
        "objects": table(objects) if return_arrow else objects,
    }


async def list_with_delimiter_async(
    store: ObjectStoreBase, prefix: str | None = None, *, return_arrow: bool = False
) -> ListResult[Any]:
    """`list_with_delimiter` for a coroutine."""
    return await hopped(list_with_delimiter, store, prefix, return_arrow=return_arrow)


def _metas(rows: Sequence[ObjectSummary]) -> builtins.list[ObjectMeta]:
    if len(rows) < FEW:
        return [_meta(listed(row.key), row) for row in rows]
    return builtins.list(map(_meta, listed_all([row.key for row in rows]), rows))


def _meta(path: str, row: ObjectSummary) -> ObjectMeta:
    return {
        "path": path,
        "last_modified": row.last_modified,
        "size": row.size,
        "e_tag": row.etag,
        "version": row.version_id,
    }
