"""Ranges as headers say them: ``Range`` of a read, ``x-amz-copy-source-range`` of a part copy."""

from __future__ import annotations

import re

from dskit.types import ByteRange

from .refusals import invalid_argument

__all__ = ["copy_range", "read_range"]

_READ = re.compile(r"bytes=[ \t]*(?:([0-9]{1,19})-([0-9]{0,19})|-([0-9]{1,19}))[ \t]*", re.ASCII)
_COPY = re.compile(r"bytes=([0-9]{1,19})-([0-9]{1,19})", re.ASCII)


def read_range(text: str) -> ByteRange | None:
    """A single range, or None for what S3 ignores: other units, several ranges, an end before the start, no range.

    aws-recorded:test_get_object_range; RFC 9110 section 14.2 allows to ignore any of them.
    """
    matched = _READ.fullmatch(text)
    if matched is None:
        return None
    first, last, suffix = matched.groups()
    if suffix is not None:
        return ByteRange(suffix=int(suffix))
    if not last:
        return ByteRange(first=int(first))
    if int(last) < int(first):
        return None
    return ByteRange(first=int(first), last=int(last))


def copy_range(text: str) -> ByteRange:
    """Both ends are needed (aws-recorded:test_upload_part_copy_range)."""
    matched = _COPY.fullmatch(text)
    if matched is None or int(matched[2]) < int(matched[1]):
        raise invalid_argument(
            "x-amz-copy-source-range",
            text,
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
            "zero-based offsets of the first and last bytes to copy",
        )
    return ByteRange(first=int(matched[1]), last=int(matched[2]))
