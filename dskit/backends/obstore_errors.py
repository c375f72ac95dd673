"""obstore's exceptions → dskit errors, in one place.

Messages of obstore repeat whole URLs and answers, so none of their text is repeated: status and error code are read
from it, and the exception itself is the cause.
"""

from __future__ import annotations

import re

from obstore import exceptions as o

from ..errors import InvalidKeyError, StoreError, TimedOutError, UnavailableError, UnsupportedError
from ..retry import Failure
from .remote_errors import BY_CODE, COPY_TOO_LARGE, answered, error_for, no_connection, tls_failure

__all__ = ["FOREIGN", "failure_of", "status_of"]

FOREIGN: tuple[type[Exception], ...] = (o.BaseError, FileNotFoundError, NotImplementedError, ValueError)
"""obstore raises the builtins too."""

_STATUS = re.compile(r"status code: (\d{3})")
_NO_CONNECTION = re.compile(r"kind: Connect\b")  # not ConnectionReset, which comes after sending
_PLACE = re.compile(r"https?://(?:[^/@\s]*@)?([^/?\s]+)")
_CODE = re.compile(r"<Code>(\w+)</Code>")
_CODES = {**dict(zip(BY_CODE, BY_CODE, strict=True)), "ContainerNotFound": "NoSuchBucket"}
"""Codes of answers whose meaning is known, by S3's name; of any other answer the status counts."""
_KINDS: tuple[tuple[type[Exception], int], ...] = (
    (FileNotFoundError, 404),
    (o.NotFoundError, 404),
    (o.AlreadyExistsError, 412),
    (o.PreconditionError, 412),
    (o.NotModifiedError, 304),
    (o.PermissionDeniedError, 403),
    (o.UnauthenticatedError, 401),
)


def status_of(exception: BaseException) -> int | None:
    """The HTTP status behind an exception, None where there was no answer."""
    for kind, status in _KINDS:
        if isinstance(exception, kind):
            return status
    text = str(exception)
    if "InvalidRangeRequest" in text:
        return 416  # obstore's own judgement of an answer whose object ends before the range
    found = _STATUS.search(text)
    return int(found[1]) if found else None


def failure_of(exception: Exception, *, exclusive: bool = False) -> Failure:
    """What one failed call means. A `StoreError`, raised by data that was being read, is raised again as it is."""
    if isinstance(exception, StoreError):
        raise exception
    if isinstance(exception, NotImplementedError | o.NotSupportedError):
        return Failure(error=UnsupportedError("obstore or the server has no such operation"))
    if isinstance(exception, o.InvalidPathError):  # keys that go out are checked before
        return Failure(error=InvalidKeyError("the bucket holds a key that obstore cannot name; the cause says which"))
    text = str(exception)
    status = status_of(exception)
    if status is not None:
        code = _CODE.search(text)
        if COPY_TOO_LARGE in text:
            return answered(error_for("InvalidRequest", status, f"the source is {COPY_TOO_LARGE}"), status)
        return answered(error_for(_CODES.get(code[1], "") if code else "", status, exclusive=exclusive), status)
    if "ParseContentRange" in text:
        return Failure(error=UnavailableError("the server sent no sensible Content-Range", code="BadContentRange"))
    if "certificate" in text:
        return tls_failure(exception)
    if _NO_CONNECTION.search(text):
        place = _PLACE.search(text)
        return no_connection(place[1] if place else "", "")
    if "kind: Timeout" in text:
        return Failure(error=TimedOutError("the server did not answer in time"), lost=True, again=True)
    if "HTTP error" in text or "reqwest" in text:
        broken = UnavailableError("the connection broke before a whole answer had come")
        return Failure(error=broken, lost=True, again=True)
    return Failure(error=UnavailableError("obstore failed; the cause says why", retryable=False), lost=True)
