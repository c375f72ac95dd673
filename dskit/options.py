"""From the keyword arguments of a verb to the option records of the port, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias

from .checksums import ALGORITHMS, decode
from .conditions import validate_write
from .errors import InvalidBucketNameError, InvalidRequestError, TooLargeError
from .types import NO_ATTRIBUTES, NO_CONDITIONS, Attributes, ByteRange, Conditions, PutOptions

__all__ = [
    "Checksum",
    "Range",
    "attributes_of",
    "byte_range",
    "check_md5",
    "check_source_bucket",
    "check_version",
    "checksum_of",
    "conditions_of",
    "given",
    "is_count",
]

Checksum: TypeAlias = str | tuple[str, str] | None
"""An algorithm whose value is computed and stored, or an algorithm and the base64 value that the bytes must have."""

Range: TypeAlias = ByteRange | tuple[int, int | None] | None
"""A `ByteRange`, or ``(start, stop)``: half-open, `stop` None for the end of the object."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2
_TEXT = re.compile(r"[\t\x20-\x7e]*")  # RFC 9110 section 5.5, the ASCII part of a field value


def attributes_of(
    content_type: str | None = None,
    cache_control: str | None = None,
    content_disposition: str | None = None,
    content_encoding: str | None = None,
    content_language: str | None = None,
    expires: str | datetime | None = None,
    metadata: Mapping[str, str] | None = None,
    storage_class: str | None = None,
    max_metadata_bytes: int | None = None,
) -> Attributes:
    """Raises `InvalidRequestError` for what no HTTP header can carry, `TooLargeError` for too much metadata."""
    checked: dict[str, Any] = {}
    if content_type is not None:
        checked["content_type"] = _text("content_type", content_type)
    if cache_control is not None:
        checked["cache_control"] = _text("cache_control", cache_control)
    if content_disposition is not None:
        checked["content_disposition"] = _text("content_disposition", content_disposition)
    if content_encoding is not None:
        checked["content_encoding"] = _text("content_encoding", content_encoding)
    if content_language is not None:
        checked["content_language"] = _text("content_language", content_language)
    if expires is not None:
        checked["expires"] = _http_date(expires) if isinstance(expires, datetime) else _text("expires", expires)
    if storage_class is not None:
        checked["storage_class"] = _text("storage_class", storage_class)
    if metadata:
        checked["metadata"] = _metadata(metadata, max_metadata_bytes)
    return Attributes(**checked) if checked else NO_ATTRIBUTES


def given(attributes: Attributes) -> dict[str, Any]:
    """By name what is not empty: `Attributes(**given(attributes))` is the same again."""
    return {name: value for name in Attributes.__slots__ if (value := getattr(attributes, name))}


def put_options(
    max_metadata_bytes: int | None,
    length: int | None,
    content_type: str | None,
    cache_control: str | None,
    content_disposition: str | None,
    content_encoding: str | None,
    content_language: str | None,
    expires: str | datetime | None,
    metadata: Mapping[str, str] | None,
    storage_class: str | None,
    if_none_match: str | None,
    if_match: str | None,
    checksum: Checksum,
    content_md5: str | None,
) -> PutOptions:
    """The record of a put, checked: a value wrong for a header, a digest, a condition is refused by its checker."""
    algorithm, value = (None, None) if checksum is None else checksum_of(checksum)
    return PutOptions(
        attributes=attributes_of(
            content_type,
            cache_control,
            content_disposition,
            content_encoding,
            content_language,
            expires,
            metadata,
            storage_class,
            max_metadata_bytes,
        ),
        conditions=write_conditions(if_match, if_none_match),
        checksum_algorithm=algorithm,
        checksum=value,
        content_md5=None if content_md5 is None else check_md5(content_md5),
        length=length,
    )


def check_attributes(attributes: Attributes, max_metadata_bytes: int | None) -> Attributes:
    """The same checks for a record that the caller made. Raises `InvalidRequestError` for what is none."""
    if not isinstance(attributes, Attributes):
        raise InvalidRequestError(f"replace is dskit.Attributes(...), not a {type(attributes).__name__}")
    checked = attributes_of(
        content_type=attributes.content_type,
        cache_control=attributes.cache_control,
        content_disposition=attributes.content_disposition,
        content_encoding=attributes.content_encoding,
        content_language=attributes.content_language,
        expires=attributes.expires,
        storage_class=attributes.storage_class,
        metadata=attributes.metadata,
        max_metadata_bytes=max_metadata_bytes,
    )
    location = attributes.website_redirect_location
    if location is None:
        return checked
    return replace(checked, website_redirect_location=_text("website_redirect_location", location))


def _text(name: str, value: str) -> str:
    if not isinstance(value, str) or not _TEXT.fullmatch(value):
        raise InvalidRequestError(
            f"{name} is a str of printable ASCII (it travels in a header), not {value!r}; "
            "percent-encode or base64 what is not"
        )
    return value


def _metadata(metadata: Mapping[str, str], limit: int | None) -> dict[str, str]:
    """Names in lower case and values without outer blanks, as S3 stores them (user guide, "Working with metadata")."""
    if not isinstance(metadata, Mapping):
        raise InvalidRequestError(f"metadata is a mapping of str to str, not a {type(metadata).__name__}")
    stored: dict[str, str] = {}
    for name, value in metadata.items():
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            raise InvalidRequestError(
                f"a metadata name is a token of ASCII letters, digits and !#$%&'*+.^_`|~-: {name!r}"
            )
        _text(f"metadata {name!r}", value)
        if name.lower() in stored:
            raise InvalidRequestError(f"metadata names are case-insensitive: {name.lower()!r} is given twice")
        stored[name.lower()] = value.strip()
    size = sum(len(name) + len(value) for name, value in stored.items())
    if limit is not None and size > limit:
        raise TooLargeError(
            "Your metadata headers exceed the maximum allowed metadata size",
            code="MetadataTooLarge",
            details={"MaxSizeAllowed": str(limit), "Size": str(size)},
        )
    return stored


def _http_date(value: datetime) -> str:
    from email.utils import format_datetime

    return format_datetime(_aware("expires", value), usegmt=value.utcoffset() is not None and not value.utcoffset())


def _aware(name: str, value: datetime) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise InvalidRequestError(f"{name} is an aware datetime (with tzinfo), not {value!r}")
    return value


def conditions_of(
    if_match: str | None,
    if_none_match: str | None,
    if_modified_since: datetime | None = None,
    if_unmodified_since: datetime | None = None,
) -> Conditions:
    """Raises `InvalidRequestError` for an ETag that is not a str and for a time without a time zone."""
    if if_match is None and if_none_match is None and if_modified_since is None and if_unmodified_since is None:
        return NO_CONDITIONS
    for name, tag in (("if_match", if_match), ("if_none_match", if_none_match)):
        if tag is not None and not (isinstance(tag, str) and tag):
            raise InvalidRequestError(f"{name} is an ETag or '*', not {tag!r}")
    return Conditions(
        if_match=if_match,
        if_none_match=if_none_match,
        if_modified_since=if_modified_since and _aware("if_modified_since", if_modified_since),
        if_unmodified_since=if_unmodified_since and _aware("if_unmodified_since", if_unmodified_since),
    )


def write_conditions(if_match: str | None, if_none_match: str | None) -> Conditions:
    """Conditions of a write: create (``if_none_match="*"``) or replace (`if_match` one ETag); S3 has no others.

    Raises `UnsupportedError` for the rest, which S3 answers with 501 (`conditions.validate_write`).
    """
    if if_match is None and if_none_match is None:
        return NO_CONDITIONS
    conditions = conditions_of(if_match, if_none_match)
    validate_write(conditions)
    return conditions


def byte_range(value: Range) -> ByteRange | None:
    """A tuple as the range it names. Raises `InvalidRequestError` for an empty, backward or negative tuple, and for a
    `ByteRange` that no header can say; one that is backward is the caller's, and ignored as S3 does."""
    if value is None:
        return None
    if isinstance(value, ByteRange):
        return _sayable(value)
    try:
        start, stop = value
    except (TypeError, ValueError):
        raise InvalidRequestError(f"range is a ByteRange or (start, stop), not {value!r}") from None
    if not is_count(start) or not (stop is None or is_count(stop)):
        raise InvalidRequestError(f"a range is of ints, not {value!r}")
    if start < 0:
        raise InvalidRequestError("a range starts at 0 or later; the last n bytes are ByteRange(suffix=n)")
    if stop is not None and stop <= start:
        raise InvalidRequestError(f"the range {start}:{stop} is empty")
    return ByteRange(start, None if stop is None else stop - 1)


def is_count(value: object) -> bool:
    """Whether it is an int and not a bool, which is one to Python and a mistake here."""
    return isinstance(value, int) and not isinstance(value, bool)


def check_version(version_id: object) -> None:
    """Raises `InvalidRequestError` unless it is None or can be the id of a version."""
    if version_id is not None and not (isinstance(version_id, str) and version_id):
        raise InvalidRequestError(f"a version id is a str of at least one character, not {version_id!r}")


def check_source_bucket(bucket: object) -> None:
    """Raises `InvalidBucketNameError` unless it is None, for a store's own, or can be the name of a bucket."""
    if bucket is not None and not (isinstance(bucket, str) and bucket):
        raise InvalidBucketNameError(f"source_bucket is the name of a bucket, not {bucket!r}")


def _sayable(asked: ByteRange) -> ByteRange:
    given = [value for value in (asked.first, asked.last, asked.suffix) if value is not None]
    counts = all(is_count(value) and value >= 0 for value in given)
    if (
        not counts
        or (asked.first is None) == (asked.suffix is None)
        or (asked.last is not None and asked.first is None)
    ):
        raise InvalidRequestError(
            f"a ByteRange has first, first and last, or suffix, each a number of bytes from 0 on; not {asked!r}"
        )
    return asked


def checksum_of(value: Checksum) -> tuple[str | None, str | None]:
    """Algorithm and expected base64 value. Raises `InvalidRequestError`."""
    if value is None:
        return None, None
    try:
        algorithm, digest = (value, None) if isinstance(value, str) else value
    except (TypeError, ValueError):
        raise InvalidRequestError(f"a checksum is an algorithm or (algorithm, base64 value), not {value!r}") from None
    name = str(algorithm).upper()
    if name not in ALGORITHMS:
        raise InvalidRequestError(f"checksum algorithms are {', '.join(ALGORITHMS)}; not {algorithm!r}")
    if digest is not None and not _is_digest(digest, name):
        raise InvalidRequestError(f"Value for x-amz-checksum-{name.lower()} header is invalid.", code="InvalidRequest")
    return name, digest


def check_md5(value: str | None) -> str | None:
    """Raises `InvalidRequestError` (code ``InvalidDigest``) unless the value is base64 of 16 bytes."""
    if value is not None and not _is_digest(value, "MD5"):
        raise InvalidRequestError(
            "The Content-MD5 you specified was invalid.", code="InvalidDigest", details={"Content-MD5": str(value)}
        )
    return value


def _is_digest(value: object, algorithm: str) -> bool:
    return isinstance(value, str) and decode(value, algorithm) is not None
