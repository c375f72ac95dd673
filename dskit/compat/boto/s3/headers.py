"""Headers that boto's callers pass along, into a store's terms; and times as S3 writes them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

from ....errors import UnsupportedError
from ....types import Attributes, ObjectMeta
from ...object_headers import META, attributes_of_headers, get_options
from ..exception import server_error

__all__ = ["ACL_HEADER", "acl_of", "iso", "metadata_of", "quoted", "read_options", "refuse_headers", "written"]

ACL_HEADER = "x-amz-acl"
SAFE = "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~ "
"""What boto leaves as it is in a header; the rest is percent-encoded UTF-8."""
SETTABLE = frozenset(
    (
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-md5",
        "content-type",
        "expires",
        "x-robots-tag",
    )
)
IGNORED = frozenset({"expect", "content-length", "host", "user-agent", "date"})


def iso(moment: datetime) -> str:
    """S3's form in XML, whose milliseconds are always zero: ``2011-04-21T18:05:39.000Z``."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def acl_of(headers: Any) -> str | None:
    """The canned ACL among headers; any other is refused."""
    rest = {name.lower(): value for name, value in (headers or {}).items()}
    acl: str | None = rest.pop(ACL_HEADER, None)
    refuse_headers(rest)
    return acl


def refuse_headers(headers: Any) -> None:
    """Raises `S3ResponseError` (NotImplemented) for a header that would change what a call does."""
    for name in headers or {}:
        if name.lower() not in IGNORED:
            error = UnsupportedError(f"the header {name} cannot be honoured without a server")
            raise server_error(error) from error


def written(headers: Any, metadata: Mapping[str, str], content_type: str | None) -> tuple[Attributes, dict[str, str]]:
    """The attributes of a write, and of the other headers those that are honoured: ACL, MD5 and conditions.

    `metadata` is a key's: names of standard headers are those headers, as in boto. An empty header is none.
    """
    merged = {name.lower(): value for name, value in (headers or {}).items()}
    for name, value in metadata.items():
        merged[name.lower() if name.lower() in SETTABLE else META + name.lower()] = value
    if content_type:
        merged.setdefault("content-type", content_type)
    merged = {name: quoted(str(value)) for name, value in merged.items() if value is not None}
    attributes, rest = attributes_of_headers(merged)
    known = {name: rest.pop(name) for name in (ACL_HEADER, "content-md5", "if-match", "if-none-match") if name in rest}
    refuse_headers(rest)
    return attributes, known


def quoted(value: str) -> str:
    return value if value.isascii() and value.isprintable() else quote(value, SAFE)


def read_options(headers: Any) -> dict[str, Any]:
    """Range and conditions among headers as arguments of `Store.get`; any other is refused."""
    if not headers:
        return {}
    options, rest = get_options(headers)
    refuse_headers(rest)
    return options


def metadata_of(meta: ObjectMeta) -> dict[str, str]:
    """The user's metadata as boto shows it: percent-decoded."""
    return {name: unquote(value) for name, value in meta.metadata.items()}


def with_class(attributes: Attributes, storage_class: str | None) -> Attributes:
    return dataclasses.replace(attributes, storage_class=storage_class) if storage_class else attributes
