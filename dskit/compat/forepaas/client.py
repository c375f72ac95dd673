"""`StoreClient`: the methods of minio-py's client that the connectors call, over any dskit service."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from minio.commonconfig import REPLACE, CopySource
from minio.datatypes import Bucket, Object
from minio.deleteobjects import DeleteError, DeleteObject
from minio.helpers import ObjectWriteResult, check_bucket_name, check_object_name, genheaders, get_part_info
from urllib3 import HTTPResponse

from ...errors import BucketNotFoundError, InvalidRequestError, StoreError
from ...service import Service
from ...store import Store
from ...types import Attributes, DeleteRequest
from ..local_file import local_file
from ..object_headers import condition_options, put_arguments
from .answers import listed, s3_error, stat_of, translated, write_result
from .arguments import attributes_of, read_options, refuse, refuse_given
from .listing import pages
from .progress import counted
from .response import StoreResponse

__all__ = ["StoreClient", "listed_names"]

COPY_BYTES = 1024 * 1024


class StoreClient:
    """What minio-py's client does, with its signatures, results and exceptions, without a server.

    An argument that only a server could honour (encryption, retention, legal hold, tags) is refused as a server
    without it would: `S3Error` with the code ``NotImplemented``. A put is one write, whatever its size, so that the
    ETag of a large object is that of its bytes, not that of a multipart upload.
    """

    def __init__(self, service: Service) -> None:
        self.service = service
        self._stores: dict[str, Store] = {}

    @translated
    def _store(self, bucket: str) -> Store:
        """The view of a bucket, made once."""
        if bucket not in self._stores:
            self._stores[bucket] = self.service.bucket(bucket)
        return self._stores[bucket]

    def _checked(self, bucket: str, key: str) -> Store:
        """As `_store`, after minio-py's own checks of both names: ValueError. A bucket's name is checked once."""
        store = self._stores.get(bucket)
        if store is None:
            check_bucket_name(bucket)
        if "." in key or not key.strip():  # nothing else is refused there
            check_object_name(key)
        return self._store(bucket) if store is None else store

    def list_buckets(self) -> list[Bucket]:
        return self._list_buckets()

    def make_bucket(self, bucket_name: str, location: str | None = None, object_lock: bool = False) -> None:
        check_bucket_name(bucket_name, True)
        if object_lock:
            refuse("object_lock", "make_bucket", bucket_name)
        self._make_bucket(bucket_name, location)

    def remove_bucket(self, bucket_name: str) -> None:
        check_bucket_name(bucket_name)
        self._remove_bucket(bucket_name)

    def bucket_exists(self, bucket_name: str) -> bool:
        check_bucket_name(bucket_name)
        try:
            self.service.head_bucket(bucket_name)
        except BucketNotFoundError:
            return False
        except StoreError as error:
            raise s3_error(error, head=True) from error
        return True

    def list_objects(
        self,
        bucket_name: str,
        prefix: str | None = None,
        recursive: bool = False,
        start_after: str | None = None,
        include_user_meta: bool = False,
        include_version: bool = False,
        use_api_v1: bool = False,
        use_url_encoding_type: bool = True,
        fetch_owner: bool = False,
        extra_headers: Any = None,
        extra_query_params: Any = None,
    ) -> Iterator[Object]:
        """Page by page as the iterator moves: of each page the objects first, then the groups, as minio-py does."""
        for page in pages(
            self._store,
            bucket_name,
            prefix,
            recursive,
            start_after,
            include_user_meta,
            include_version,
            use_api_v1,
            use_url_encoding_type,
            fetch_owner,
            extra_headers,
            extra_query_params,
        ):
            yield from (listed(bucket_name, row) for row in page.objects)
            yield from (Object(bucket_name, name) for name in page.prefixes)

    def get_object(
        self,
        bucket_name: str,
        object_name: str,
        offset: int = 0,
        length: int = 0,
        request_headers: Any = None,
        ssec: Any = None,
        version_id: str | None = None,
        extra_query_params: Any = None,
    ) -> HTTPResponse:
        store = self._checked(bucket_name, object_name)
        if ssec:
            refuse("ssec", "get_object", bucket_name, object_name)
        options: dict[str, Any] = {}
        overrides: dict[str, str] = {}
        if offset or length or request_headers or version_id or extra_query_params:
            headers = dict(request_headers or {})
            if offset or length:
                headers["Range"] = f"bytes={offset}-{offset + length - 1 if length else ''}"
            query = {**(extra_query_params or {}), **({"versionId": version_id} if version_id else {})}
            options, overrides = read_options(bucket_name, object_name, headers, query)
        try:
            result = store.get(object_name, **options)
        except StoreError as error:
            raise s3_error(error) from error
        return StoreResponse(result, overrides)

    def fget_object(
        self,
        bucket_name: str,
        object_name: str,
        file_path: str,
        request_headers: Any = None,
        ssec: Any = None,
        version_id: str | None = None,
        extra_query_params: Any = None,
        tmp_file_path: str | None = None,
        progress: Any = None,
    ) -> Object:
        """The file appears whole or not at all. Folders above it are made. `tmp_file_path` names the file before."""
        self._checked(bucket_name, object_name)
        if os.path.isdir(file_path):
            raise ValueError(f"file {file_path} is a directory")
        stat = self.stat_object(bucket_name, object_name, ssec, version_id=version_id, extra_headers=request_headers)
        response = self.get_object(
            bucket_name, object_name, 0, 0, request_headers, ssec, version_id or stat.version_id, extra_query_params
        )
        if progress:
            progress.set_meta(object_name=object_name, total_length=int(response.headers["Content-Length"]))
        os.makedirs(os.path.dirname(file_path) or ".", exist_ok=True)
        try:
            with local_file(tmp_file_path or file_path) as file:
                for chunk in response.stream(COPY_BYTES):
                    file.write(chunk)
                    if progress:
                        progress.update(len(chunk))
            if tmp_file_path:
                os.replace(tmp_file_path, file_path)
        finally:
            response.close()
        return stat

    def put_object(
        self,
        bucket_name: str,
        object_name: str,
        data: BinaryIO,
        length: int,
        content_type: str = "application/octet-stream",
        metadata: Any = None,
        sse: Any = None,
        progress: Any = None,
        part_size: int = 0,
        num_parallel_uploads: int = 3,
        tags: Any = None,
        retention: Any = None,
        legal_hold: bool = False,
        write_offset: int | None = None,
    ) -> ObjectWriteResult:
        """The first `length` bytes of `data`, or with -1 all of them. Raises OSError where there are fewer."""
        store = self._checked(bucket_name, object_name)
        refuse_given(
            "put_object",
            bucket_name,
            object_name,
            sse=sse,
            tags=tags,
            retention=retention,
            legal_hold=legal_hold,
            write_offset=write_offset,
        )
        if not callable(data.read):
            raise ValueError("input data must have callable read()")
        get_part_info(length, part_size)  # raises ValueError for sizes that minio-py does not send
        if progress:
            progress.set_meta(object_name=object_name, total_length=length)
        options: dict[str, Any] = {"content_type": content_type or "application/octet-stream"}
        if metadata:
            headers = genheaders(metadata, None, None, None, False)
            headers["Content-Type"] = options["content_type"]
            options = put_arguments(attributes_of(headers, "put_object"))
        reader = counted(data, progress) if progress else data
        try:
            result = store.put(object_name, reader, length=None if length < 0 else length, **options)
        except InvalidRequestError as error:
            if error.code == "IncompleteBody":
                raise OSError(f"stream having not enough data;{error.message}") from error
            raise s3_error(error) from error
        except StoreError as error:
            raise s3_error(error) from error
        return write_result(bucket_name, object_name, result)

    def fput_object(
        self,
        bucket_name: str,
        object_name: str,
        file_path: str,
        content_type: str = "application/octet-stream",
        metadata: Any = None,
        sse: Any = None,
        progress: Any = None,
        part_size: int = 0,
        num_parallel_uploads: int = 3,
        tags: Any = None,
        retention: Any = None,
        legal_hold: bool = False,
    ) -> ObjectWriteResult:
        size = os.stat(file_path).st_size
        with open(file_path, "rb") as file:
            return self.put_object(
                bucket_name,
                object_name,
                file,
                size,
                content_type,
                metadata,
                sse,
                progress,
                part_size,
                num_parallel_uploads,
                tags,
                retention,
                legal_hold,
            )

    def stat_object(
        self,
        bucket_name: str,
        object_name: str,
        ssec: Any = None,
        version_id: str | None = None,
        extra_headers: Any = None,
        extra_query_params: Any = None,
    ) -> Object:
        store = self._stores.get(bucket_name)
        if store is None or "." in object_name or not object_name.strip():
            store = self._checked(bucket_name, object_name)
        options: dict[str, Any] | None = None
        if version_id or extra_headers or ssec is not None or extra_query_params is not None:
            refuse_given("stat_object", bucket_name, object_name, ssec=ssec, extra_query_params=extra_query_params)
            options, rest = condition_options(extra_headers or {})
            if rest:
                refuse(f"the header {next(iter(rest))}", "stat_object", bucket_name, object_name)
            if version_id:
                options["version_id"] = version_id
        try:
            meta = store.head(object_name, **options) if options else store.head(object_name)
        except StoreError as error:
            raise s3_error(error, head=True) from error
        return stat_of(bucket_name, meta)

    def copy_object(
        self,
        bucket_name: str,
        object_name: str,
        source: CopySource,
        sse: Any = None,
        metadata: Any = None,
        tags: Any = None,
        retention: Any = None,
        legal_hold: bool = False,
        metadata_directive: str | None = None,
        tagging_directive: str | None = None,
    ) -> ObjectWriteResult:
        """`metadata` counts with the directive ``REPLACE`` only, as on S3."""
        self._checked(bucket_name, object_name)
        if not isinstance(source, CopySource):
            raise ValueError("source must be CopySource type")
        refuse_given(
            "copy_object",
            bucket_name,
            object_name,
            sse=sse,
            tags=tags,
            retention=retention,
            legal_hold=legal_hold,
            tagging_directive=tagging_directive,
            source_ssec=source.ssec,
            source_offset=source.offset,
            source_length=source.length,
        )
        if metadata_directive not in (None, "COPY", REPLACE):
            raise ValueError(f"metadata directive must be COPY or {REPLACE}")
        self.stat_object(source.bucket_name, source.object_name, version_id=source.version_id)
        replace = None
        if metadata_directive == REPLACE:
            replace = attributes_of(genheaders(metadata, None, None, None, False), "copy_object")
        return self._copy(bucket_name, object_name, source, replace)

    def remove_object(self, bucket_name: str, object_name: str, version_id: str | None = None) -> None:
        self._checked(bucket_name, object_name)
        self._remove(bucket_name, object_name, version_id)

    def remove_objects(
        self,
        bucket_name: str,
        delete_object_list: Iterable[DeleteObject],
        bypass_governance_mode: bool = False,
    ) -> Iterator[DeleteError]:
        """A generator: nothing is deleted before it is consumed, as in minio-py."""
        check_bucket_name(bucket_name)
        rows = (DeleteRequest(key=each.name, version_id=each.version_id) for each in delete_object_list)
        try:
            result = self._store(bucket_name).delete_many(rows)
        except StoreError as error:
            raise s3_error(error) from error
        for failure in result.errors:
            yield DeleteError(failure.code, failure.message, failure.key, failure.version_id)

    @translated
    def _list_buckets(self) -> list[Bucket]:
        return [Bucket(each.name, each.created) for each in self.service.list_buckets()]

    @translated
    def _make_bucket(self, bucket: str, location: str | None) -> None:
        self.service.create_bucket(bucket, region=location)

    @translated
    def _remove_bucket(self, bucket: str) -> None:
        self.service.delete_bucket(bucket)

    @translated
    def _copy(self, bucket: str, key: str, source: CopySource, replace: Attributes | None) -> ObjectWriteResult:
        result = self._store(bucket).copy(
            source.object_name,
            key,
            source_bucket=source.bucket_name,
            source_version_id=source.version_id,
            replace=replace,
            source_if_match=source.match_etag,
            source_if_none_match=source.not_match_etag,
            source_if_modified_since=source.modified_since,
            source_if_unmodified_since=source.unmodified_since,
        )
        return write_result(bucket, key, result, copied=True)

    @translated
    def _remove(self, bucket: str, key: str, version_id: str | None) -> None:
        self._store(bucket).delete(key, version_id=version_id or None)


def listed_names(client: StoreClient, bucket: str, **options: Any) -> Iterator[str]:
    """The names of what `client.list_objects` with these options gives, without making objects of them."""
    for page in pages(client._store, bucket, **options):
        for row in page.objects:
            yield row.key
        yield from page.prefixes
