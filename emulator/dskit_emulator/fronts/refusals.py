"""Refusals that the front itself pronounces: HTTP that never becomes an S3 request.

They are S3's error documents. Codes are S3's where S3 has one (`wire/error_codes.py`); what S3 leaves to its load
balancer is our reading of RFC 9112.
"""

from __future__ import annotations

from collections.abc import Mapping

from dskit.ids import Ids

from ..messages import Response
from ..wire.errors import S3Error, encode_error

__all__ = [
    "bad_request",
    "expectation_failed",
    "head_too_large",
    "incomplete_body",
    "internal_error",
    "invalid_target",
    "method_not_allowed",
    "not_implemented",
    "target_too_long",
    "timed_out",
]


def _refusal(
    ids: Ids,
    code: str,
    reason: str,
    *,
    message: str | None = None,
    fields: Mapping[str, str] | None = None,
    status: int | None = None,
    close: bool = True,
) -> Response:
    """`reason` goes into ``x-dskit-reason``; `message` and `status` are needed for codes that S3 does not have."""
    request_id = ids.token(8).hex().upper()
    host_id = ids.token(24).hex()
    error = S3Error(code, message, fields=fields, reason=reason, status=status)
    status, headers, body = encode_error(error, request_id=request_id, host_id=host_id)
    headers += [("x-amz-request-id", request_id), ("x-amz-id-2", host_id)]
    response = Response(status, headers, body, close=close)
    response.request_id = request_id
    response.reason = reason
    return response


def bad_request(ids: Ids, reason: str) -> Response:
    return _refusal(ids, "BadRequest", reason, message="An error occurred when parsing the HTTP request.")


def invalid_target(ids: Ids) -> Response:
    return _refusal(ids, "InvalidURI", "the request target is not valid")


def head_too_large(ids: Ids, limit: int, unit: str = "bytes") -> Response:
    """S3's code for it has status 400, not RFC 6585's 431 (user guide, list of error codes)."""
    fields = {"MaxSizeAllowed": str(limit)} if unit == "bytes" else None
    reason = f"the request head is longer than {limit} {unit}"
    return _refusal(ids, "RequestHeaderSectionTooLarge", reason, fields=fields)


def target_too_long(ids: Ids, limit: int) -> Response:
    reason = f"the request target is longer than {limit} bytes"
    return _refusal(ids, "URITooLong", reason, message="The request target is too long.", status=414)


def timed_out(ids: Ids, what: str) -> Response:
    return _refusal(ids, "RequestTimeout", f"the {what} did not arrive in time")


def incomplete_body(ids: Ids, expected: int, received: int) -> Response:
    """`expected` is what Content-Length said, below 0 where nothing did."""
    fields = {"NumberBytesExpected": str(expected), "NumberBytesProvided": str(received)} if expected >= 0 else None
    return _refusal(ids, "IncompleteBody", "the client closed its side inside the body", fields=fields)


def method_not_allowed(ids: Ids, method: str) -> Response:
    return _refusal(ids, "MethodNotAllowed", "S3 has no operation with this HTTP method", fields={"Method": method})


def expectation_failed(ids: Ids) -> Response:
    message = "The expectation in the Expect header cannot be met."
    reason = "100-continue is the only expectation there is"
    return _refusal(ids, "ExpectationFailed", reason, message=message, status=417)


def not_implemented(ids: Ids, header: str) -> Response:
    reason = f"{header} has a value that is not implemented"
    return _refusal(ids, "NotImplemented", reason, fields={"Header": header})


def internal_error(ids: Ids) -> Response:
    return _refusal(ids, "InternalError", "an unexpected exception; the server's log has it", close=False)
