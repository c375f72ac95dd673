"""What the headers of an answer say of an object. One reading of them for every HTTP backend."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from ..errors import UnavailableError
from ..ranges import resolve
from ..types import Attributes, ByteRange, ObjectMeta, ReadOptions

__all__ = ["CHECKSUM_NAMES", "described", "http_date", "iso_time", "meta_of", "quoted", "span_of"]

CHECKSUM_NAMES = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")

_META = "x-amz-meta-"
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


def quoted(etag: str | None) -> str:
    """An entity tag with its quotes (RFC 9110 section 8.8.3), whatever the server wrote."""
    text = (etag or "").strip()
    return text if not text or text.endswith('"') else f'"{text}"'


def http_date(text: str | None) -> datetime:
    """The time of an HTTP date; the epoch where there is none or it cannot be read."""
    try:
        moment = email.utils.parsedate_to_datetime(text or "")
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def iso_time(text: str | None) -> datetime | None:
    """The time of an ISO 8601 string as S3 writes them in XML, None where there is none."""
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def span_of(headers: Mapping[str, str], status: int) -> tuple[int, int, int]:
    """(start, stop, size of the whole object) of the bytes that an answer carries, from lower-case headers.

    Raises `UnavailableError` for a 206 whose Content-Range is missing or makes no sense: its bytes could be any.
    """
    length = int(headers.get("content-length") or 0)
    if status != 206 or length == 0:
        return 0, length, length  # the only part of an empty object is 206 too: no Content-Range can say so
    match = _CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
    if match is None or match[3] == "*":
        raise UnavailableError("the server sent a part without saying which (Content-Range)", code="BadContentRange")
    start, last, size = int(match[1]), int(match[2]), int(match[3])
    if last < start or last >= size:
        raise UnavailableError(f"the server sent an impossible Content-Range {match[0]!r}", code="BadContentRange")
    return start, last + 1, size


def described(
    key: str, headers: Mapping[str, str], status: int, options: ReadOptions, *, body: bool
) -> tuple[ObjectMeta, int, int]:
    """Metadata, and `(start, stop)` of the bytes that an answer carries.

    Raises `UnavailableError` for what is no object of S3, for a body of other bytes than were asked for, and for one
    whose length is not said.
    """
    if not headers.get("etag") and not headers.get("last-modified"):
        raise UnavailableError(
            "the answer is not one of an S3 server: it has no ETag and no Last-Modified", code="MalformedAnswer"
        )
    if body and "content-length" not in headers:
        raise UnavailableError("the answer does not say how long it is (Content-Length)", code="BadContentLength")
    meta = meta_of(key, headers, status, checksums=options.checksum_mode)
    start, stop, size = span_of(headers, status)
    if body and options.range is not None:
        _check_span(options.range, start, stop, size)
    return meta, start, stop


def _check_span(asked: ByteRange, start: int, stop: int, size: int) -> None:
    """A server may ignore a Range header and send the whole object (RFC 9110 section 14.2); S3 does not."""
    wanted = resolve(asked, size)[:2]
    if (start, stop) != wanted:
        raise UnavailableError(
            f"asked for the bytes {wanted[0]}-{wanted[1] - 1} of {size}, the server sent {start}-{stop - 1}: it, or a "
            "proxy before it, knows no ranges; read the whole object",
            code="BadContentRange",
            retryable=False,
        )


def meta_of(key: str, headers: Mapping[str, str], status: int, *, checksums: bool) -> ObjectMeta:
    """The object's metadata. `headers` have lower-case names; digests are shown where they were asked for."""
    digests = {
        name: value for name in CHECKSUM_NAMES if checksums and (value := headers.get(f"x-amz-checksum-{name.lower()}"))
    }
    parts = headers.get("x-amz-mp-parts-count")
    return ObjectMeta(
        key=key,
        size=span_of(headers, status)[2],
        etag=quoted(headers.get("etag")),
        last_modified=http_date(headers.get("last-modified")),
        attributes=Attributes(
            content_type=headers.get("content-type"),
            cache_control=headers.get("cache-control"),
            content_disposition=headers.get("content-disposition"),
            content_encoding=_without_aws_chunked(headers.get("content-encoding")),
            content_language=headers.get("content-language"),
            expires=headers.get("expires"),
            storage_class=headers.get("x-amz-storage-class"),
            website_redirect_location=headers.get("x-amz-website-redirect-location"),
            metadata={name[len(_META) :]: value for name, value in headers.items() if name.startswith(_META)},
        ),
        version_id=headers.get("x-amz-version-id"),
        checksums=digests,
        checksum_type=headers.get("x-amz-checksum-type") if digests else None,
        parts_count=int(parts) if parts else None,
        headers=dict(headers),
    )


def _without_aws_chunked(encoding: str | None) -> str | None:
    """Some servers keep the transfer's own ``aws-chunked`` with the object; it is not the object's encoding."""
    if not encoding or "aws-chunked" not in encoding:
        return encoding or None
    kept = [name.strip() for name in encoding.split(",") if name.strip() not in ("", "aws-chunked")]
    return ",".join(kept) or None
