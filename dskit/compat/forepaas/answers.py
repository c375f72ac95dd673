"""dskit's results and errors as minio-py's: its own classes, so that ``isinstance`` and ``except`` hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, Self

from minio.datatypes import Object
from minio.error import S3Error
from minio.helpers import ObjectWriteResult
from urllib3 import HTTPHeaderDict, HTTPResponse

from ...errors import BucketNotFoundError, NotFoundError, StoreError
from ...types import DEFAULT_CONTENT_TYPE, ObjectMeta, ObjectSummary, PutResult
from ..http_status import reason_of, status_of
from ..object_headers import object_headers
from ..translation import translating

__all__ = ["listed", "s3_error", "stat_of", "translated", "unquoted", "write_result"]

VERSION = "x-amz-version-id"


class LateHeaders(HTTPHeaderDict):
    """Headers as minio-py shows them, made when one is wanted first: what `make(*told)` gives.

    urllib3's class keeps them in `_container`; a test holds it to that.
    """

    _late: tuple[Callable[..., dict[str, str]], tuple[Any, ...]]

    @classmethod
    def of(cls, make: Callable[..., dict[str, str]], *told: Any) -> Self:
        headers = object.__new__(cls)
        headers._late = make, told
        return headers

    @cached_property
    def _container(self) -> dict[str, list[str]]:  # type: ignore[override]
        make, told = self._late
        return {name.lower(): [name, value] for name, value in make(*told).items()}


def unquoted(etag: str) -> str:
    return etag.replace('"', "")


def known(
    bucket: str,
    told: ObjectMeta | ObjectSummary,
    metadata: HTTPHeaderDict | dict[str, str],
    storage_class: str | None,
    content_type: str | None,
) -> Object:
    """minio-py's object. Times have no fractions there: a header has none, and S3 writes none in a listing.

    The initialiser of that frozen dataclass sets each attribute by a call of its own, which takes as long as a store
    in memory takes to answer; so they are set at once here. A test holds that both make the same.
    """
    key = told.key
    made = new(Object)
    attributes = {
        "bucket_name": bucket,
        "object_name": key,
        "last_modified": _whole_seconds(told.last_modified),
        "etag": told.etag.replace('"', ""),
        "size": told.size,
        "metadata": metadata,
        "version_id": told.version_id,
        "is_latest": None,
        "storage_class": storage_class,
        "owner_id": None,
        "owner_name": None,
        "content_type": content_type,
        "is_delete_marker": False,
        "tags": None,
        "is_dir": key[-1] == "/",
    }
    set_attribute(made, "__dict__", attributes)
    return made


@lru_cache(maxsize=4096)  # an object's time is told again and again, and a datetime remembers its hash
def _whole_seconds(time: datetime) -> datetime:
    return time.replace(microsecond=0)


new = object.__new__
set_attribute = object.__setattr__


def stat_of(bucket: str, meta: ObjectMeta) -> Object:
    """What minio-py makes of the answer to a HEAD."""
    headers = new(LateHeaders)
    headers._late = object_headers, (meta,)
    return known(bucket, meta, headers, None, meta.attributes.content_type or DEFAULT_CONTENT_TYPE)


def listed(bucket: str, row: ObjectSummary) -> Object:
    """What minio-py makes of a row of a listing."""
    return known(bucket, row, {}, row.storage_class, None)


def write_result(bucket: str, key: str, result: PutResult, *, copied: bool = False) -> ObjectWriteResult:
    """minio-py tells when an object was written for copies only."""
    if copied:
        headers = HTTPHeaderDict({} if result.version_id is None else {VERSION: result.version_id})
        moment = result.last_modified
    else:
        headers, moment = LateHeaders.of(write_headers, result), None
    return ObjectWriteResult(bucket, key, result.version_id, unquoted(result.etag), headers, last_modified=moment)


def write_headers(result: PutResult) -> dict[str, str]:
    headers = {"ETag": result.etag}
    if result.version_id is not None:
        headers[VERSION] = result.version_id
    return headers


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


translated = translating(s3_error)
"""Around a method of the client: errors of the store become minio-py's, their cause chained."""
