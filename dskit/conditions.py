"""The If-* matrix: who may read, write, delete or copy what, given the object that is there now. Pure.

Reads and copy sources follow RFC 9110 section 13.2.2: If-Match before If-Unmodified-Since, If-None-Match before
If-Modified-Since, the second of each pair ignored where the first is present (botocore's text of GetObject). Writes
know two forms, `If-None-Match: *` and `If-Match: <etag>`; every other is refused, never ignored
(aws-recorded:test_put_object_if_none_match_validation, test_put_object_if_match_validation).
Dates have the granularity of HTTP: whole seconds.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NoReturn

from .errors import (
    AlreadyExistsError,
    NotFoundError,
    NotModifiedError,
    PreconditionFailedError,
    UnsupportedError,
)
from .types import Conditions, ObjectMeta

__all__ = [
    "check_copy_source",
    "check_delete",
    "check_read",
    "check_write",
    "etag_matches",
    "same_state",
    "validate_write",
]

_FAILED = "At least one of the pre-conditions you specified did not hold"
_UNSUPPORTED = "A header you provided implies functionality that is not implemented"


def normal_etag(tag: str) -> str:
    """An entity tag without quotes, blanks and the mark of a weak tag."""
    return tag.strip().removeprefix("W/").strip('"')


def etag_matches(condition: str, etag: str) -> bool:
    """Whether a condition (``*``, a tag or several separated by commas, quoted or not) names `etag`."""
    if condition.strip() == "*":
        return True
    current = normal_etag(etag)
    return any(normal_etag(tag) == current for tag in condition.split(","))


def same_state(meta: ObjectMeta, other: ObjectMeta) -> bool:
    """Whether two answers are about one state of an object: its size and its ETag, or its time where it has no ETag."""
    if not meta.etag and not other.etag:
        return (meta.size, meta.last_modified) == (other.size, other.last_modified)
    return (meta.size, meta.etag) == (other.size, other.etag)


def check_read(conditions: Conditions, etag: str, modified: datetime, *, now: datetime | None = None) -> None:
    """Raises `PreconditionFailedError` (412) or `NotModifiedError` (304, with the tag and the date in `details`)."""
    failed = _failed_match(conditions, etag, modified)
    if failed is not None:
        raise PreconditionFailedError(_FAILED, details={"Condition": failed})
    if _not_modified(conditions, etag, modified, now):
        from email.utils import format_datetime  # 10 ms that only who gets this answer pays

        date = format_datetime(modified.astimezone(UTC), usegmt=True)
        raise NotModifiedError("the object is what the caller has", details={"ETag": etag, "Last-Modified": date})


def check_copy_source(conditions: Conditions, etag: str, modified: datetime, *, now: datetime | None = None) -> None:
    """As for a read, but every condition that does not hold is 412.

    aws-recorded:test_s3_copy_object_preconditions.
    """
    failed = _failed_match(conditions, etag, modified)
    if failed is None and _not_modified(conditions, etag, modified, now):
        failed = "If-None-Match" if conditions.if_none_match else "If-Modified-Since"
    if failed is not None:
        raise PreconditionFailedError(_FAILED, details={"Condition": f"x-amz-copy-source-{failed}"})


def validate_write(conditions: Conditions) -> None:
    """Refuse the forms of write conditions that S3 does not have. Raises `UnsupportedError` (501)."""
    if conditions.if_match and conditions.if_none_match:
        _refuse("If-Match,If-None-Match", "Multiple conditional request headers present in the request")
    if conditions.if_none_match and conditions.if_none_match.strip() != "*":
        _refuse("If-None-Match")
    if conditions.if_match and conditions.if_match.strip() == "*":
        _refuse("If-Match")


def check_write(conditions: Conditions, current: str | None, key: str) -> None:
    """Check the conditions of a write against the ETag that is there now, None where there is no object.

    Raises `UnsupportedError` for the forms of `validate_write`, `AlreadyExistsError` for ``If-None-Match: *``,
    `PreconditionFailedError` for a stale If-Match, and `NotFoundError` for If-Match without an object.
    """
    validate_write(conditions)
    if conditions.if_none_match and current is not None:
        raise AlreadyExistsError(_FAILED, key=key, details={"Condition": "If-None-Match"})
    if conditions.if_match:
        if current is None:
            raise NotFoundError("The specified key does not exist.", key=key, details={"Key": key})
        if not etag_matches(conditions.if_match, current):
            raise PreconditionFailedError(_FAILED, key=key, details={"Condition": "If-Match"})


def check_delete(if_match: str | None, current: str | None, key: str) -> None:
    """Check If-Match of a delete (aws-recorded:test_delete_object_if_match_non_express).

    Raises `PreconditionFailedError` for a stale tag and `NotFoundError` where there is no object; ``*`` asks only
    that there is one.
    """
    if not if_match:
        return
    if current is None:
        raise NotFoundError("The specified key does not exist.", key=key, details={"Key": key})
    if not etag_matches(if_match, current):
        raise PreconditionFailedError(_FAILED, key=key, details={"Condition": "If-Match"})


def _failed_match(conditions: Conditions, etag: str, modified: datetime) -> str | None:
    if conditions.if_match:
        return None if etag_matches(conditions.if_match, etag) else "If-Match"
    since = conditions.if_unmodified_since
    return "If-Unmodified-Since" if since is not None and _second(modified) > _second(since) else None


def _not_modified(conditions: Conditions, etag: str, modified: datetime, now: datetime | None) -> bool:
    if conditions.if_none_match:
        return etag_matches(conditions.if_none_match, etag)
    since = conditions.if_modified_since
    if since is None or (now is not None and since > now):
        return False  # a date in the future is ignored (RFC 9110 section 13.1.3)
    return _second(modified) <= _second(since)


def _second(time: datetime) -> datetime:
    return time.replace(microsecond=0)


def _refuse(header: str, additional: str | None = None) -> NoReturn:
    additional = additional or f"We don't accept the provided value of {header} header for this API"
    raise UnsupportedError(_UNSUPPORTED, details={"Header": header, "additionalMessage": additional})
