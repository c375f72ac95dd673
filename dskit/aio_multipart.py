"""The verbs of a multipart upload, for coroutines."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from .aio_put import async_chunks
from .aio_view import AsyncView, documented
from .errors import StoreError
from .multipart import MultipartVerbs
from .options import Checksum, Range
from .sources import Buffer, Data, as_chunk
from .types import CompletedPart, ObjectParts, Part, PartPage, PutResult, UploadInfo, UploadPage

__all__ = ["AsyncMultipartVerbs"]


@documented(MultipartVerbs)
class AsyncMultipartVerbs(AsyncView):
    async def create_multipart_upload(
        self,
        key: str,
        *,
        content_type: str | None = None,
        cache_control: str | None = None,
        content_disposition: str | None = None,
        content_encoding: str | None = None,
        content_language: str | None = None,
        expires: str | datetime | None = None,
        metadata: Mapping[str, str] | None = None,
        storage_class: str | None = None,
        checksum_algorithm: str | None = None,
        checksum_type: str | None = None,
    ) -> UploadInfo:
        return await self._call(
            self.store.create_multipart_upload,
            key,
            content_type=content_type,
            cache_control=cache_control,
            content_disposition=content_disposition,
            content_encoding=content_encoding,
            content_language=content_language,
            expires=expires,
            metadata=metadata,
            storage_class=storage_class,
            checksum_algorithm=checksum_algorithm,
            checksum_type=checksum_type,
        )

    async def upload_part(
        self,
        key: str,
        upload_id: str,
        number: int,
        data: Data | AsyncIterable[Buffer],
        *,
        checksum: Checksum = None,
        content_md5: str | None = None,
        length: int | None = None,
    ) -> Part:
        chunks = async_chunks(data)
        if chunks is not None:
            try:
                data = b"".join([as_chunk(chunk, "an async iterable of bytes") async for chunk in chunks])
            except StoreError as error:
                self.store.explain(error, "upload_part", key)
                raise
        upload = partial(self.store.upload_part, key, upload_id, number)
        return await self._call_with(data, upload, checksum=checksum, content_md5=content_md5, length=length)

    async def upload_part_copy(
        self,
        key: str,
        upload_id: str,
        number: int,
        source: str,
        *,
        source_bucket: str | None = None,
        range: Range = None,
        source_if_match: str | None = None,
        source_if_none_match: str | None = None,
        source_if_modified_since: datetime | None = None,
        source_if_unmodified_since: datetime | None = None,
        source_version_id: str | None = None,
    ) -> Part:
        return await self._call(
            self.store.upload_part_copy,
            key,
            upload_id,
            number,
            source,
            source_bucket=source_bucket,
            range=range,
            source_if_match=source_if_match,
            source_if_none_match=source_if_none_match,
            source_if_modified_since=source_if_modified_since,
            source_if_unmodified_since=source_if_unmodified_since,
            source_version_id=source_version_id,
        )

    async def complete_multipart_upload(
        self,
        key: str,
        upload_id: str,
        parts: Sequence[CompletedPart | Part],
        *,
        if_none_match: str | None = None,
        if_match: str | None = None,
        checksums: Mapping[str, str] | None = None,
        checksum_type: str | None = None,
        size: int | None = None,
    ) -> PutResult:
        return await self._call(
            self.store.complete_multipart_upload,
            key,
            upload_id,
            parts,
            if_none_match=if_none_match,
            if_match=if_match,
            checksums=checksums,
            checksum_type=checksum_type,
            size=size,
        )

    async def abort_multipart_upload(self, key: str, upload_id: str) -> None:
        await self._call(self.store.abort_multipart_upload, key, upload_id)

    async def list_parts(self, key: str, upload_id: str, *, after: int = 0, max_parts: int = 1000) -> PartPage:
        return await self._call(self.store.list_parts, key, upload_id, after=after, max_parts=max_parts)

    async def list_uploads(
        self,
        prefix: str = "",
        *,
        delimiter: str = "",
        key_marker: str = "",
        upload_id_marker: str = "",
        max_uploads: int = 1000,
    ) -> UploadPage:
        return await self._call(
            self.store.list_uploads,
            prefix,
            delimiter=delimiter,
            key_marker=key_marker,
            upload_id_marker=upload_id_marker,
            max_uploads=max_uploads,
        )

    async def object_parts(
        self, key: str, *, version_id: str | None = None, after: int = 0, max_parts: int = 1000
    ) -> ObjectParts | None:
        return await self._call(self.store.object_parts, key, version_id=version_id, after=after, max_parts=max_parts)
