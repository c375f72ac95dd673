"""Names for annotations: the dicts that go in and come out, as obstore's stubs call them."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, Generic, Literal, TypeAlias, TypedDict, TypeVar

__all__ = [
    "HTTP_METHOD",
    "AsyncPutInput",
    "Attribute",
    "Attributes",
    "AzureConfig",
    "BackoffConfig",
    "ClientConfig",
    "GCSConfig",
    "GetOptions",
    "ListChunkType",
    "ListResult",
    "ObjectMeta",
    "OffsetRange",
    "PutInput",
    "PutMode",
    "PutResult",
    "RetryConfig",
    "S3Config",
    "SuffixRange",
    "UpdateVersion",
]

Buffer: TypeAlias = bytes | bytearray | memoryview
PutInput: TypeAlias = IO[bytes] | Path | str | Buffer | Iterable[Buffer]
AsyncPutInput: TypeAlias = PutInput | AsyncIterable[Buffer]
Attribute: TypeAlias = str
Attributes: TypeAlias = dict[Attribute, str]
HTTP_METHOD: TypeAlias = Literal["GET", "PUT", "POST", "HEAD", "PATCH", "TRACE", "DELETE", "OPTIONS", "CONNECT"]
ListChunkType = TypeVar("ListChunkType", covariant=True)  # noqa: PLC0105 - obstore's name


class ObjectMeta(TypedDict):
    """What is known of an object: `last_modified` is aware, `e_tag` has its quotes, `size` is in bytes."""

    path: str
    last_modified: datetime
    size: int
    e_tag: str | None
    version: str | None


class PutResult(TypedDict):
    e_tag: str | None
    version: str | None


class UpdateVersion(TypedDict, total=False):
    """What the object must be for a put to replace it."""

    e_tag: str
    version: str


PutMode: TypeAlias = Literal["create", "overwrite"] | UpdateVersion


class ListResult(TypedDict, Generic[ListChunkType]):
    common_prefixes: Sequence[str]
    objects: ListChunkType


class OffsetRange(TypedDict):
    """From a byte to the end."""

    offset: int


class SuffixRange(TypedDict):
    """The last bytes."""

    suffix: int


class GetOptions(TypedDict, total=False):
    """Options of a get. A range of two numbers is half-open."""

    if_match: str
    if_none_match: str
    if_unmodified_since: datetime
    if_modified_since: datetime
    range: tuple[int, int] | Sequence[int] | OffsetRange | SuffixRange
    version: str
    head: bool


class BackoffConfig(TypedDict, total=False):
    init_backoff: timedelta
    max_backoff: timedelta
    base: int | float


class RetryConfig(TypedDict, total=False):
    backoff: BackoffConfig
    max_retries: int
    retry_timeout: timedelta


ClientConfig: TypeAlias = dict[str, Any]
"""Options of the HTTP client; `_s3_config` says which are honoured."""

S3Config: TypeAlias = dict[str, Any]
"""Options of an S3 store; `_s3_config` says which are honoured."""

GCSConfig: TypeAlias = dict[str, Any]
AzureConfig: TypeAlias = dict[str, Any]
