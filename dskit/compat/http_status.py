"""The HTTP status that S3 answers for a dskit error: what the SDKs put into their exceptions."""

from __future__ import annotations

from ..errors import (
    AuthenticationError,
    ConflictError,
    NotFoundError,
    NotModifiedError,
    OutcomeUnknownError,
    PermissionDeniedError,
    PreconditionFailedError,
    RangeNotSatisfiableError,
    StoreError,
    ThrottledError,
    TimedOutError,
    UnavailableError,
    UnsupportedError,
)

__all__ = ["reason_of", "status_of"]

_STATUSES: tuple[tuple[type[StoreError], int, str], ...] = (
    (NotModifiedError, 304, "Not Modified"),
    (AuthenticationError, 403, "Forbidden"),
    (PermissionDeniedError, 403, "Forbidden"),
    (NotFoundError, 404, "Not Found"),
    (ConflictError, 409, "Conflict"),
    (PreconditionFailedError, 412, "Precondition Failed"),
    (RangeNotSatisfiableError, 416, "Requested Range Not Satisfiable"),
    (UnsupportedError, 501, "Not Implemented"),
    (ThrottledError, 503, "Slow Down"),
    (UnavailableError, 503, "Service Unavailable"),
    (TimedOutError, 503, "Service Unavailable"),
    (OutcomeUnknownError, 500, "Internal Server Error"),
)
"""The first class that fits counts; anything else is the caller's mistake, 400 (botocore text of S3's error codes)."""


def status_of(error: StoreError) -> int:
    return next((status for kind, status, _ in _STATUSES if isinstance(error, kind)), 400)


def reason_of(error: StoreError) -> str:
    """The reason phrase that goes with `status_of`."""
    return next((reason for kind, _, reason in _STATUSES if isinstance(error, kind)), "Bad Request")
