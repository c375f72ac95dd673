"""The methods that every store has: the functions of the package, with the store in front."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

from . import _listing, _reading, _writing
from ._base import ObjectStoreBase
from ._bytes import Bytes
from ._listing import ListStream
from ._results import GetResult
from ._types import AsyncPutInput, Attributes, GetOptions, ListResult, ObjectMeta, PutInput, PutMode, PutResult

__all__ = ["ObjectStoreMethods"]


class ObjectStoreMethods(ObjectStoreBase):
    """What all stores of the facade can do. The functions of the same names say how."""

    def copy(self, from_: str, to: str, *, overwrite: bool = True) -> None:
        _writing.copy(self, from_, to, overwrite=overwrite)

    async def copy_async(self, from_: str, to: str, *, overwrite: bool = True) -> None:
        await _writing.copy_async(self, from_, to, overwrite=overwrite)

    def delete(self, paths: str | Sequence[str]) -> None:
        _writing.delete(self, paths)

    async def delete_async(self, paths: str | Sequence[str]) -> None:
        await _writing.delete_async(self, paths)

    def get(self, path: str, *, options: GetOptions | None = None) -> GetResult:
        return _reading.get(self, path, options=options)

    async def get_async(self, path: str, *, options: GetOptions | None = None) -> GetResult:
        return await _reading.get_async(self, path, options=options)

    def get_range(
        self,
        path: str,
        *,
        start: int | None = None,
        end: int | None = None,
        length: int | None = None,
        offset: int | None = None,
    ) -> Bytes:
        return _reading.get_range(self, path, start=start, end=end, length=length, offset=offset)

    async def get_range_async(
        self,
        path: str,
        *,
        start: int | None = None,
        end: int | None = None,
        length: int | None = None,
        offset: int | None = None,
    ) -> Bytes:
        return await _reading.get_range_async(self, path, start=start, end=end, length=length, offset=offset)

    def get_ranges(
        self,
        path: str,
        *,
        starts: Sequence[int],
        ends: Sequence[int] | None = None,
        lengths: Sequence[int] | None = None,
        coalesce: int = _reading.COALESCE_BYTES,
    ) -> builtins.list[Bytes]:
        return _reading.get_ranges(self, path, starts=starts, ends=ends, lengths=lengths, coalesce=coalesce)

    async def get_ranges_async(
        self,
        path: str,
        *,
        starts: Sequence[int],
        ends: Sequence[int] | None = None,
        lengths: Sequence[int] | None = None,
        coalesce: int = _reading.COALESCE_BYTES,
    ) -> builtins.list[Bytes]:
        return await _reading.get_ranges_async(self, path, starts=starts, ends=ends, lengths=lengths, coalesce=coalesce)

    def head(self, path: str) -> ObjectMeta:
        return _reading.head(self, path)

    async def head_async(self, path: str) -> ObjectMeta:
        return await _reading.head_async(self, path)

    def list(
        self,
        prefix: str | None = None,
        *,
        offset: str | None = None,
        chunk_size: int = 50,
        return_arrow: bool = False,
    ) -> ListStream:
        return _listing.list(self, prefix, offset=offset, chunk_size=chunk_size, return_arrow=return_arrow)

    def list_async(
        self,
        prefix: str | None = None,
        *,
        offset: str | None = None,
        chunk_size: int = 50,
        return_arrow: bool = False,
    ) -> ListStream:
        """The same as `list`: its stream is for both worlds."""
        return _listing.list(self, prefix, offset=offset, chunk_size=chunk_size, return_arrow=return_arrow)

    def list_with_delimiter(self, prefix: str | None = None, *, return_arrow: bool = False) -> ListResult[Any]:
        return _listing.list_with_delimiter(self, prefix, return_arrow=return_arrow)

    async def list_with_delimiter_async(
        self, prefix: str | None = None, *, return_arrow: bool = False
    ) -> ListResult[Any]:
        return await _listing.list_with_delimiter_async(self, prefix, return_arrow=return_arrow)

    def put(
        self,
        path: str,
        file: PutInput,
        *,
        attributes: Attributes | None = None,
        tags: dict[str, str] | None = None,
        mode: PutMode | None = None,
        use_multipart: bool | None = None,
        chunk_size: int = _writing.CHUNK_BYTES,
        max_concurrency: int = 12,
    ) -> PutResult:
        return _writing.put(
            self,
            path,
            file,
            attributes=attributes,
            tags=tags,
            mode=mode,
            use_multipart=use_multipart,
            chunk_size=chunk_size,
            max_concurrency=max_concurrency,
        )

    async def put_async(
        self,
        path: str,
        file: AsyncPutInput,
        *,
        attributes: Attributes | None = None,
        tags: dict[str, str] | None = None,
        mode: PutMode | None = None,
        use_multipart: bool | None = None,
        chunk_size: int = _writing.CHUNK_BYTES,
        max_concurrency: int = 12,
    ) -> PutResult:
        return await _writing.put_async(
            self,
            path,
            file,
            attributes=attributes,
            tags=tags,
            mode=mode,
            use_multipart=use_multipart,
            chunk_size=chunk_size,
            max_concurrency=max_concurrency,
        )

    def rename(self, from_: str, to: str, *, overwrite: bool = True) -> None:
        _writing.rename(self, from_, to, overwrite=overwrite)

    async def rename_async(self, from_: str, to: str, *, overwrite: bool = True) -> None:
        await _writing.rename_async(self, from_, to, overwrite=overwrite)
