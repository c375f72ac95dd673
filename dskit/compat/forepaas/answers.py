"""dskit's results and errors as minio-py's: its own classes, so that ``isinstance`` and ``except`` hold."""

from __future__ import annotations

import functools
from collections.abc import Callable
from functools import cached_property
from typing import ParamSpec, Self, TypeVar

from minio.datatypes import Object
from minio.error import S3Error
from minio.helpers import ObjectWriteResult
from urllib3 import HTTPHeaderDict, HTTPResponse

from ...errors import BucketNotFoundError, NotFoundError, StoreError
from ...results import GetResult
from ...types import ObjectMeta, ObjectSummary, PutResult
from ..http_status import reason_of, status_of
from ..object_headers import object_headers

__all__ = ["answered", "listed", "s3_error", "stat_of", "translated", "unquoted", "write_result"]

P = ParamSpec("P")
T = TypeVar("T")


class ObjectHeaders(HTTPHeaderDict):
    """The headers of an object as minio-py shows them, made when one is wanted first.

    urllib3's class keeps them in `_container`; a test holds it to that.
    """

    _meta: ObjectMeta

    @classmethod
    def of(cls, meta: ObjectMeta) -> Self:
        headers = cls.__new__(cls)
        headers._meta = meta
        return headers

    @cached_property
    def _container(self) -> dict[str, list[str]]:  # type: ignore[override]
        return {name.lower(): [name, value] for name, value in object_headers(self._meta).items()}


class ObjectBody:
    """An open read as the file that urllib3 reads from."""

    def __init__(self, result: GetResult) -> None:
        self._result = result

    @property
    def closed(self) -> bool:
        return self._result.closed

    def read(self, size: int | None = None) -> bytes:
        """Raises OSError where the store fails, which urllib3 makes the ProtocolError of a broken connection."""
        try:
            return self._result.read(-1 if size is None else size)
        except StoreError as error:
            raise OSError(str(error)) from error

    def close(self) -> None:
        self._result.close()


def answered(result: GetResult, overrides: dict[str, str]) -> HTTPResponse:
    """The response of a GET. `overrides` are headers that the caller asked to be answered instead."""
    headers = object_headers(result.meta, result.start, result.stop, partial=result.partial) | overrides
    return HTTPResponse(
        body=ObjectBody(result),  # type: ignore[arg-type]  # urllib3 needs read, close and closed
        headers=headers,
        status=206 if result.partial else 200,
        reason="Partial Content" if result.partial else "OK",
        preload_content=False,
        request_method="GET",
    )


def unquoted(etag: str) -> str:
    return etag.replace('"', "")


def stat_of(bucket: str, meta: ObjectMeta) -> Object:
    """What minio-py makes of the answer to a HEAD. Times have no fractions there: they come from a header."""
    return Object(
        bucket,
        meta.key,
        last_modified=meta.last_modified.replace(microsecond=0),
        etag=unquoted(meta.etag),
        size=meta.size,
        content_type=meta.content_type,
        metadata=ObjectHeaders.of(meta),
        version_id=meta.version_id,
    )


def listed(bucket: str, row: ObjectSummary) -> Object:
    """What minio-py makes of a row of a listing. Times have no fractions there either: S3 writes none."""
    return Object(
        bucket,
        row.key,
        last_modified=row.last_modified.replace(microsecond=0),
        etag=unquoted(row.etag),
        size=row.size,
        metadata={},
        version_id=row.version_id,
        storage_class=row.storage_class,
    )


def write_result(bucket: str, key: str, result: PutResult, *, copied: bool = False) -> ObjectWriteResult:
    """minio-py tells when an object was written for copies only."""
    headers = HTTPHeaderDict({} if copied else {"ETag": result.etag})
    if result.version_id is not None:
        headers["x-amz-version-id"] = result.version_id
    moment = result.last_modified if copied else None
    return ObjectWriteResult(bucket, key, result.version_id, unquoted(result.etag), headers, last_modified=moment)


def s3_error(error: StoreError, *, head: bool = False) -> S3Error:
    """minio-py's exception for an error of a store. The message is S3's, followed by what the store knows more.

    An answer to HEAD has no document: `head` gives the code and message that minio-py then guesses from the status.
    """
    status = status_of(error)
    code, message = error.code, error.message or error.code
    if head and isinstance(error, NotFoundError) and not isinstance(error, BucketNotFoundError):
        code, message = "NoSuchKey", "Object does not exist"
    elif head and status == 403:
        code, message = "AccessDenied", "Access denied"
    resource = "/" + "/".join(part for part in (error.bucket, error.key) if part)
    return S3Error(
        HTTPResponse(body=b"", status=status, reason=reason_of(error)),
        code,
        message,
        resource,
        request_id=None,
        host_id=None,
        bucket_name=error.bucket,
        object_name=error.key,
    )


def translated(call: Callable[P, T]) -> Callable[P, T]:
    """Around a method of the client: errors of the store become minio-py's, their cause chained."""

    @functools.wraps(call)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return call(*args, **kwargs)
        except StoreError as error:
            raise s3_error(error) from error

    return wrapper
