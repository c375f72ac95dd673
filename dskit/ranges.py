"""Byte ranges: what a Range header asks for, and which bytes of an object that is. Pure.

S3 serves one range. A header that is malformed, names another unit, asks for several ranges or starts after its own
end is ignored and the whole object is answered (RFC 9110 section 14.2; aws-recorded:test_range_header_body_length and
botocore's text of GetObject.Range); a range that no byte satisfies is 416.
"""

from __future__ import annotations

import re

from .errors import InvalidRequestError, RangeNotSatisfiableError
from .types import ByteRange

__all__ = ["parse_copy_range", "parse_range", "range_header", "resolve"]

_RANGE = r"(?ai)bytes=[ \t]*(\d*)-(\d*)[ \t]*"
_COPY_RANGE = r"(?a)bytes=(\d+)-(\d+)"
_MAX_DIGITS = 20  # beyond 2**63 a number says nothing about any object


def parse_range(header: str) -> ByteRange | None:
    """The range that a Range header asks for; None for one that S3 ignores."""
    match = re.fullmatch(_RANGE, header)
    if match is None or max(map(len, match.groups())) > _MAX_DIGITS:
        return None
    first, last = match.groups()
    if not first:
        return ByteRange(suffix=int(last)) if last else None
    asked = ByteRange(int(first), int(last) if last else None)
    return None if is_inverted(asked) else asked


def is_inverted(asked: ByteRange) -> bool:
    """Whether a range starts after its own end, which S3 ignores."""
    return asked.first is not None and asked.last is not None and asked.first > asked.last


def range_header(asked: ByteRange) -> str:
    """The Range header of a range."""
    if asked.suffix is not None:
        return f"bytes=-{asked.suffix}"
    return f"bytes={asked.first or 0}-{'' if asked.last is None else asked.last}"


def resolve(asked: ByteRange | None, size: int) -> tuple[int, int, bool]:
    """`(start, stop, partial)` of the bytes to send, half-open; `partial` says that the answer is 206.

    Raises `RangeNotSatisfiableError` where no byte satisfies the range: a start at or beyond the size, an empty
    suffix, or anything asked of an empty object.
    """
    if asked is None or is_inverted(asked):
        return 0, size, False
    if asked.suffix is not None:
        if asked.suffix == 0 or size == 0:
            raise _unsatisfiable(asked, size)
        return max(0, size - asked.suffix), size, True
    start = asked.first or 0
    if start >= size:
        raise _unsatisfiable(asked, size)
    return start, size if asked.last is None else min(asked.last + 1, size), True


def parse_copy_range(header: str) -> ByteRange:
    """The range of an UploadPartCopy, which must be ``bytes=FIRST-LAST`` (aws-recorded:test_upload_part_copy_range).

    Raises `InvalidRequestError` (``InvalidArgument``).
    """
    match = re.fullmatch(_COPY_RANGE, header)
    if match is None or max(map(len, match.groups())) > _MAX_DIGITS or int(match[1]) > int(match[2]):
        raise InvalidRequestError(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
            "zero-based offsets of the first and last bytes to copy",
            details={"ArgumentName": "x-amz-copy-source-range", "ArgumentValue": header},
        )
    return ByteRange(int(match[1]), int(match[2]))


def _unsatisfiable(asked: ByteRange, size: int) -> RangeNotSatisfiableError:
    return RangeNotSatisfiableError(
        "The requested range is not satisfiable",
        details={"RangeRequested": range_header(asked), "ActualObjectSize": str(size)},
    )
