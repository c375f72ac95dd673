"""Options of a call → request headers, for the backend that writes its headers itself."""

from __future__ import annotations

import base64
import email.utils
import hashlib
from datetime import UTC, datetime
from urllib.parse import quote

from ..errors import InvalidRequestError
from ..ranges import range_header
from ..types import Attributes, Conditions, CopyOptions, PutOptions, ReadOptions

__all__ = ["attribute_headers", "checksum_headers", "condition_headers", "copy_headers", "put_headers", "read_headers"]

Headers = dict[str, str]

_ATTRIBUTES = {
    "content_type": "Content-Type",
    "cache_control": "Cache-Control",
    "content_disposition": "Content-Disposition",
    "content_encoding": "Content-Encoding",
    "content_language": "Content-Language",
    "expires": "Expires",
    "storage_class": "x-amz-storage-class",
    "website_redirect_location": "x-amz-website-redirect-location",
}


def attribute_headers(attributes: Attributes) -> Headers:
    headers = {
        header: value for name, header in _ATTRIBUTES.items() if (value := getattr(attributes, name)) is not None
    }
    headers |= {f"x-amz-meta-{name}": text for name, text in attributes.metadata.items()}
    for name, text in headers.items():
        if not (name.isascii() and text.isascii()):
            raise InvalidRequestError(f"{name} travels as an HTTP header and must be ASCII")
        if "\r" in text or "\n" in text or not name.isprintable():
            raise InvalidRequestError(f"{name!r} cannot be an HTTP header: it has a line break")
    return headers


def condition_headers(conditions: Conditions, prefix: str = "") -> Headers:
    """`prefix` is ``x-amz-copy-source-`` for the conditions of a source."""
    return {
        f"{prefix}{name}": value
        for name, value in (
            ("if-match", conditions.if_match),
            ("if-none-match", conditions.if_none_match),
            ("if-modified-since", http_time(conditions.if_modified_since)),
            ("if-unmodified-since", http_time(conditions.if_unmodified_since)),
        )
        if value is not None
    }


def checksum_headers(options: PutOptions) -> Headers:
    headers: Headers = {}
    if options.content_md5 is not None:
        headers["Content-MD5"] = options.content_md5
    if options.checksum_algorithm and options.checksum is not None:
        headers["x-amz-sdk-checksum-algorithm"] = options.checksum_algorithm
        headers[f"x-amz-checksum-{options.checksum_algorithm.lower()}"] = options.checksum
    return headers


def content_md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


def put_headers(options: PutOptions) -> Headers:
    return attribute_headers(options.attributes) | condition_headers(options.conditions) | checksum_headers(options)


def read_headers(options: ReadOptions) -> Headers:
    headers = condition_headers(options.conditions)
    if options.range is not None:
        headers["Range"] = range_header(options.range)
    if options.checksum_mode:
        headers["x-amz-checksum-mode"] = "ENABLED"
    return headers


def copy_headers(source_bucket: str, source_key: str, options: CopyOptions) -> Headers:
    """What CopyObject and UploadPartCopy have in common: the source, percent-encoded, and its conditions."""
    source = quote(f"/{source_bucket}/{source_key}", safe="/~")
    if options.source_version_id is not None:
        source += f"?versionId={quote(options.source_version_id, safe='')}"
    return {"x-amz-copy-source": source} | condition_headers(options.source_conditions, "x-amz-copy-source-")


def http_time(moment: datetime | None) -> str | None:
    """An HTTP date (RFC 9110 section 5.6.7)."""
    return email.utils.format_datetime(moment.astimezone(UTC), usegmt=True) if moment else None
