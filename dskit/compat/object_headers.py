"""The HTTP headers of an object, for SDKs that speak in headers: out of a store's records, and into them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..backends.minio_headers import attribute_headers, http_time
from ..backends.remote_meta import http_date
from ..errors import InvalidRequestError, UnsupportedError
from ..types import DEFAULT_CONTENT_TYPE, Attributes, ByteRange, ObjectMeta

__all__ = [
    "attributes_of_headers",
    "condition_options",
    "get_options",
    "object_headers",
    "put_arguments",
    "range_of_header",
]

META = "x-amz-meta-"

_ATTRIBUTES = {
    "content-type": "content_type",
    "cache-control": "cache_control",
    "content-disposition": "content_disposition",
    "content-encoding": "content_encoding",
    "content-language": "content_language",
    "expires": "expires",
    "x-amz-storage-class": "storage_class",
}
_CONDITIONS = {
    "if-match": "if_match",
    "if-none-match": "if_none_match",
    "if-modified-since": "if_modified_since",
    "if-unmodified-since": "if_unmodified_since",
}
_RANGE = re.compile(r"bytes=(?:(\d+)-(\d*)|-(\d+))")


def object_headers(
    meta: ObjectMeta, start: int = 0, stop: int | None = None, *, partial: bool = False
) -> dict[str, str]:
    """What S3 answers to GET or HEAD of an object, names spelt as S3 spells them.

    `start` and `stop` (half-open) are the bytes that the answer carries, all of them by default.
    """
    stop = meta.size if stop is None else stop
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Length": str(stop - start),
        "Content-Type": DEFAULT_CONTENT_TYPE,
        "ETag": meta.etag,
        "Last-Modified": http_time(meta.last_modified) or "",
        **attribute_headers(meta.attributes),
    }
    if partial and stop > start:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{meta.size}"
    if meta.version_id is not None:
        headers["x-amz-version-id"] = meta.version_id
    return headers


def attributes_of_headers(headers: Mapping[str, str]) -> tuple[Attributes, dict[str, str]]:
    """The attributes that request headers name, and the headers (lower-case names) that are none."""
    named: dict[str, str] = {}
    metadata: dict[str, str] = {}
    rest: dict[str, str] = {}
    for name, value in headers.items():
        lower = name.lower()
        if lower.startswith(META):
            metadata[lower[len(META) :]] = value
        elif lower in _ATTRIBUTES:
            named[_ATTRIBUTES[lower]] = value
        else:
            rest[lower] = value
    return Attributes(**named, metadata=metadata), rest


def put_arguments(attributes: Attributes) -> dict[str, Any]:
    """The attributes as the keyword arguments of `Store.put` and `Store.create_multipart_upload`."""
    return {name: getattr(attributes, name) for name in (*_ATTRIBUTES.values(), "metadata")}


def condition_options(headers: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The conditions among request headers as keyword arguments of `Store.get`, and the other headers."""
    conditions: dict[str, Any] = {}
    rest: dict[str, str] = {}
    for name, value in headers.items():
        option = _CONDITIONS.get(name.lower())
        if option is None:
            rest[name.lower()] = value
        else:
            conditions[option] = http_date(value) if option.endswith("since") else value
    return conditions, rest


def get_options(headers: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """As `condition_options`, with the range. Raises as `range_of_header` does."""
    options, rest = condition_options(headers)
    wanted = rest.pop("range", None)
    if wanted is not None:
        options["range"] = range_of_header(wanted)
    return options, rest


def range_of_header(value: str) -> ByteRange:
    """Raises `InvalidRequestError` for what is no range, `UnsupportedError` for several (RFC 9110 section 14.1.2)."""
    if "," in value:
        raise UnsupportedError(f"one range at a time, not {value!r}")
    match = _RANGE.fullmatch(value.strip())
    if match is None:
        raise InvalidRequestError(f"a Range header looks like bytes=0-99, bytes=100- or bytes=-100, not {value!r}")
    first, last, suffix = match.groups()
    if suffix is not None:
        return ByteRange(suffix=int(suffix))
    return ByteRange(int(first), int(last) if last else None)
