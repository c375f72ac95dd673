"""The two connectors of the ForePaaS SDK: a datastore, which is a set of buckets, and a bucket.

They are written over a client of minio-py 7, `minio`: a real ``minio.Minio``, or a `StoreClient` over any dskit store.
What the document says of minio-py 5 is done with 7 (docs/compat/forepaas.md has the decisions).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from minio.commonconfig import CopySource
from minio.datatypes import Object
from minio.deleteobjects import DeleteObject
from minio.error import S3Error
from minio.helpers import check_bucket_name

from ...ids import RandomIds
from .client import StoreClient, listed_names
from .web import Body, fetched

if TYPE_CHECKING:
    from minio import Minio
    from urllib3.response import BaseHTTPResponse

__all__ = ["BucketConnector", "DataStoreConnector"]

Names: TypeAlias = list[str] | str
Objects: TypeAlias = list[Object]
Buckets: TypeAlias = "list[BucketConnector]"
NOT_CREATED = ("BucketAlreadyOwnedByYou", "BucketAlreadyExists")
NOT_REMOVED = ("NoSuchBucket", "BucketNotEmpty")


class DataStoreConnector:
    """All buckets: what ``connect('data_store')`` gives."""

    def __init__(self, minio: Minio | StoreClient) -> None:
        self.minio = minio

    def list(self, return_type: str = "array") -> Names:
        """The buckets' names: a list, or with ``'str'`` one string with commas. Other types are a ValueError."""
        return as_type([each.name for each in self.minio.list_buckets()], return_type)

    def get_buckets(self) -> Buckets:
        return [BucketConnector(self.minio, each.name) for each in self.minio.list_buckets()]

    def get_bucket(self, name: str) -> BucketConnector:
        """Sends nothing: a bucket that is not there is an error of the first call that needs it."""
        return BucketConnector(self.minio, name)

    def create_bucket(self, name: str) -> bool:
        """Whether the bucket was made: False where it was there. Other failures raise."""
        check_bucket_name(name, strict=True)
        if self.minio.bucket_exists(name):
            return False
        try:
            self.minio.make_bucket(name)
        except S3Error as error:
            if error.code in NOT_CREATED:
                return False
            raise
        return True

    def remove_bucket(self, name: str) -> bool:
        """Whether the bucket was removed: False where it is missing or not empty. Other failures raise."""
        try:
            self.minio.remove_bucket(name)
        except S3Error as error:
            if error.code in NOT_REMOVED:
                return False
            raise
        return True

    def bucket_exists(self, name: str) -> bool:
        return self.minio.bucket_exists(name)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class BucketConnector:
    """One bucket: what ``connect('data_store/NAME')`` and ``datastore.get_bucket(NAME)`` give."""

    def __init__(self, minio: Minio | StoreClient, name: str) -> None:
        self.minio = minio
        self.name = name

    def list(self, metadata: bool = True, recursive: bool = True, **kwargs: Any) -> Objects:
        """The objects, and with ``recursive=False`` the folders at the top.

        With `metadata` each object is asked for its headers, one HEAD each; one that is deleted meanwhile is left out.
        """
        rows: Objects = []
        for row in self.minio.list_objects(self.name, recursive=recursive, **kwargs):
            if not metadata or row.last_modified is None:  # a folder has no time and nothing to ask
                rows.append(row)
                continue
            try:
                rows.append(self.minio.stat_object(self.name, row.object_name or ""))
            except S3Error as error:
                if error.code != "NoSuchKey":
                    raise
        return rows

    def list_filename(
        self, return_type: str = "array", contains: str = "", recursive: bool = True, **kwargs: Any
    ) -> Names:
        """The keys that contain the string `contains`, cases told apart; with ``recursive=False`` also folders,
        which end with ``/``. Raises ValueError for a `return_type` but ``'array'`` and ``'str'``."""
        names: Iterable[str]
        if isinstance(self.minio, StoreClient):
            names = listed_names(self.minio, self.name, recursive=recursive, **kwargs)
        else:
            rows = self.minio.list_objects(self.name, recursive=recursive, **kwargs)
            names = (row.object_name or "" for row in rows)
        return as_type([name for name in names if contains in name], return_type)

    def get(self, file_name: str, **kwargs: Any) -> BaseHTTPResponse:
        """The response, not read yet: ``stream(n)``, ``read()``, ``data``; close it."""
        return self.minio.get_object(self.name, file_name, **kwargs)

    def fget(self, object_name: str, file_path: str, **kwargs: Any) -> Object:
        """Download to a file, which appears whole or not at all; what was there stays if the download fails.

        minio-py leaves its own staging file behind then, so it gets a name that can be removed here.
        """
        staging = kwargs.pop("tmp_file_path", None) or f"{file_path}.{RandomIds().token().hex()}.part"
        try:
            return self.minio.fget_object(self.name, object_name, file_path, tmp_file_path=staging, **kwargs)
        except BaseException:
            with suppress(OSError):
                os.unlink(staging)
            raise

    getobject = fget
    """The name that the document's table of contents gives to `fget`."""

    def put(self, object_name: str, data: BinaryIO, length: int, **kwargs: Any) -> str:
        """The ETag, without quotes. The first `length` bytes of `data` are stored; OSError where there are fewer."""
        return self.minio.put_object(self.name, object_name, data, length, **kwargs).etag or ""

    def fput(self, object_name: str, file_path: str, **kwargs: Any) -> str:
        """The ETag, without quotes."""
        return self.minio.fput_object(self.name, object_name, file_path, **kwargs).etag or ""

    def put_request(
        self,
        url: str,
        path: str,
        data: Body = {},  # noqa: B006  # as documented; it is only read
        method: str = "GET",
        headers: Mapping[str, str] = {},
        **kwargs: Any,
    ) -> str:
        """Store what a request to `url` answers; the ETag. With an empty `path` the URL's last segment is the name.

        `data` is the request's body: a mapping or pairs are sent as a form. The rest goes to `put_object`. Raises
        `urllib3.exceptions.HTTPError` where the answer is no success or ends early; nothing is stored then.
        """
        with fetched(url, data, method, headers) as answer:
            if answer.length is None:
                kwargs.setdefault("part_size", 16 * 1024**2)
            length = -1 if answer.length is None else answer.length
            return self.put(path or answer.name, answer.file, length, **kwargs)

    def delete(self, path: str | Iterable[str], **kwargs: Any) -> None:
        """Remove an object, or several. Raises `S3Error` where some of several could not be; the others are gone."""
        if isinstance(path, str):
            self.minio.remove_object(self.name, path, **kwargs)
            return
        failures = list(self.minio.remove_objects(self.name, [DeleteObject(name) for name in path], **kwargs))
        if failures:
            told = ", ".join(f"{each.name!r} ({each.code}: {each.message})" for each in failures[:5])
            more = f" and {len(failures) - 5} more" if len(failures) > 5 else ""
            raise S3Error(
                None,  # type: ignore[arg-type]  # the answer was a success that lists failures
                failures[0].code,
                f"not deleted: {told}{more}",
                f"/{self.name}",
                request_id=None,
                host_id=None,
                bucket_name=self.name,
            )

    def stat(self, path: str | Iterable[str], **kwargs: Any) -> Object | Objects:
        """What is known of an object, or of several in order. Raises `S3Error` (NoSuchKey) where one is missing."""
        if isinstance(path, str):
            if not kwargs:  # a call with ** costs a tenth of all that a store in memory has to do
                return self.minio.stat_object(self.name, path)
            return self.minio.stat_object(self.name, path, **kwargs)
        return [self.minio.stat_object(self.name, name, **kwargs) for name in path]

    def fcopy_to(self, new_bucket: str, object_name: str, object_source: str, **kwargs: Any) -> None:
        """Copy this bucket's object `object_source` to `new_bucket` as `object_name`."""
        self.minio.copy_object(new_bucket, object_name, CopySource(self.name, object_source), **kwargs)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"


def as_type(names: list[str], return_type: str) -> Names:
    if return_type == "array":
        return names
    if return_type == "str":
        return ",".join(names)
    raise ValueError(f"return_type is 'array' or 'str', not {return_type!r}")
