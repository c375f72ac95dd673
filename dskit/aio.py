"""`AsyncStore`: the verbs of `Store` for coroutines, under asyncio and trio.

A call runs inline where the service does not block, else in a worker thread of anyio (whose default limiter says how
many at once; more operations wait for one). A cancelled verb fails the reader of its data, waits for its worker, and
leaves nothing behind. What a worker has begun without such data (a delete, a copy, a put of bytes) it ends: when the
cancellation comes out, the call has happened, whole, or it has not, and never will.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeAlias

from .aio_files import AsyncFileVerbs
from .aio_listing import AsyncListingVerbs
from .aio_multipart import AsyncMultipartVerbs
from .aio_put import async_chunks, put_async
from .aio_signing import AsyncSigningVerbs
from .aio_transfer import AsyncTransferVerbs
from .aio_view import documented
from .options import Checksum, Range
from .results import GetResult
from .sources import Buffer, Data
from .store import COALESCE_BYTES, Store
from .types import Attributes, DeleteRequest, DeleteResult, ObjectMeta, PutResult

__all__ = ["AsyncData", "AsyncStore"]

AsyncData: TypeAlias = Data | AsyncIterable[Buffer]


@documented(Store)
class AsyncStore(AsyncListingVerbs, AsyncMultipartVerbs, AsyncSigningVerbs, AsyncFileVerbs, AsyncTransferVerbs):
    """A store for coroutines; `store.aio` makes it. The same verbs and options, the same errors.

    `store` is the one that it is made of. What `get` returns is read with ``await result.aread()`` or
    ``async for chunk in result``.
    """

    async def put(
        self,
        key: str,
        data: AsyncData,
        *,
        content_type: str | None = None,
        cache_control: str | None = None,
        content_disposition: str | None = None,
        content_encoding: str | None = None,
        content_language: str | None = None,
        expires: str | datetime | None = None,
        metadata: Mapping[str, str] | None = None,
        storage_class: str | None = None,
        if_none_match: str | None = None,
        if_match: str | None = None,
        checksum: Checksum = None,
        content_md5: str | None = None,
        length: int | None = None,
    ) -> PutResult:
        options: dict[str, Any] = {
            "content_type": content_type,
            "cache_control": cache_control,
            "content_disposition": content_disposition,
            "content_encoding": content_encoding,
            "content_language": content_language,
            "expires": expires,
            "metadata": metadata,
            "storage_class": storage_class,
            "if_none_match": if_none_match,
            "if_match": if_match,
            "checksum": checksum,
            "content_md5": content_md5,
            "length": length,
        }
        chunks = async_chunks(data)
        if chunks is not None:
            return await put_async(self.store, key, chunks, self.store.prepare_put(key, **options))
        return await self._call_with(data, partial(self.store.put, key), **options)

    async def get(
        self,
        key: str,
        *,
        range: Range = None,
        part_number: int | None = None,
        if_match: str | None = None,
        if_none_match: str | None = None,
        if_modified_since: datetime | None = None,
        if_unmodified_since: datetime | None = None,
        version_id: str | None = None,
        checksum_mode: bool = False,
    ) -> GetResult:
        return await self._call(
            _opened if self.store.service.blocking else Store.get,
            self.store,
            key,
            range=range,
            part_number=part_number,
            if_match=if_match,
            if_none_match=if_none_match,
            if_modified_since=if_modified_since,
            if_unmodified_since=if_unmodified_since,
            version_id=version_id,
            checksum_mode=checksum_mode,
        )

    async def head(
        self,
        key: str,
        *,
        range: Range = None,
        part_number: int | None = None,
        if_match: str | None = None,
        if_none_match: str | None = None,
        if_modified_since: datetime | None = None,
        if_unmodified_since: datetime | None = None,
        version_id: str | None = None,
        checksum_mode: bool = False,
    ) -> ObjectMeta:
        return await self._call(
            self.store.head,
            key,
            range=range,
            part_number=part_number,
            if_match=if_match,
            if_none_match=if_none_match,
            if_modified_since=if_modified_since,
            if_unmodified_since=if_unmodified_since,
            version_id=version_id,
            checksum_mode=checksum_mode,
        )

    async def exists(self, key: str) -> bool:
        return await self._call(self.store.exists, key)

    async def delete(self, key: str, *, if_match: str | None = None, version_id: str | None = None) -> None:
        await self._call(self.store.delete, key, if_match=if_match, version_id=version_id)

    async def delete_many(self, requests: Iterable[str | DeleteRequest]) -> DeleteResult:
        return await self._call(self.store.delete_many, requests)

    async def copy(
        self,
        source: str,
        key: str,
        *,
        source_bucket: str | None = None,
        source_version_id: str | None = None,
        replace: Attributes | None = None,
        if_none_match: str | None = None,
        if_match: str | None = None,
        source_if_match: str | None = None,
        source_if_none_match: str | None = None,
        source_if_modified_since: datetime | None = None,
        source_if_unmodified_since: datetime | None = None,
        checksum: str | None = None,
    ) -> PutResult:
        return await self._call(
            self.store.copy,
            source,
            key,
            source_bucket=source_bucket,
            source_version_id=source_version_id,
            replace=replace,
            if_none_match=if_none_match,
            if_match=if_match,
            source_if_match=source_if_match,
            source_if_none_match=source_if_none_match,
            source_if_modified_since=source_if_modified_since,
            source_if_unmodified_since=source_if_unmodified_since,
            checksum=checksum,
        )

    async def rename(self, source: str, key: str, *, if_none_match: str | None = None) -> PutResult:
        return await self._call(self.store.rename, source, key, if_none_match=if_none_match)

    async def get_range(self, key: str, *, start: int, end: int | None = None, length: int | None = None) -> bytes:
        return await self._call(self.store.get_range, key, start=start, end=end, length=length)

    async def get_ranges(
        self,
        key: str,
        *,
        starts: Sequence[int],
        ends: Sequence[int] | None = None,
        lengths: Sequence[int] | None = None,
        coalesce: int = COALESCE_BYTES,
    ) -> Sequence[bytes]:
        return await self._call(
            self.store.get_ranges, key, starts=starts, ends=ends, lengths=lengths, coalesce=coalesce
        )

    async def raw(self, operation: str, **params: Any) -> dict[str, Any]:
        return await self._call(self.store.raw, operation, **params)

    async def close(self) -> None:
        await self._call(self.store.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<AsyncStore of {self.store!r}>"


def _opened(store: Store, key: str, **options: Any) -> GetResult:
    return store.get(key, **options).prefetch()
