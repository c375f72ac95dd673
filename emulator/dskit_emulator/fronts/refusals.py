"""Refusals that the front itself pronounces: HTTP that never becomes an S3 request.

The shape is S3's error document. Codes are S3's where S3 has one (botocore's and the user guide's lists of error
codes); what S3 leaves to its load balancer is our reading of RFC 9112.
"""

from __future__ import annotations

from dskit.ids import Ids

from ..messages import Response

__all__ = [
    "bad_request",
    "expectation_failed",
    "head_too_large",
    "incomplete_body",
    "internal_error",
    "method_not_allowed",
    "not_implemented",
    "refusal",
    "target_too_long",
    "timed_out",
]

_DOCUMENT = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message>'
    "<RequestId>{request_id}</RequestId><HostId>{host_id}</HostId></Error>"
)


def refusal(ids: Ids, status: int, code: str, message: str, reason: str, *, close: bool = True) -> Response:
    """An S3 error document; `reason` goes into ``x-dskit-reason``. Arguments must need no XML escaping."""
    request_id = ids.token(8).hex().upper()
    host_id = ids.token(24).hex()
    headers = [
        ("x-amz-request-id", request_id),
        ("x-amz-id-2", host_id),
        ("x-dskit-reason", reason),
        ("Content-Type", "application/xml"),
    ]
    body = _DOCUMENT.format(code=code, message=message, request_id=request_id, host_id=host_id).encode()
    response = Response(status, headers, body, close=close)
    response.request_id = request_id
    response.reason = reason
    return response


def bad_request(ids: Ids, reason: str) -> Response:
    message = "An error occurred when parsing the HTTP request."
    return refusal(ids, 400, "BadRequest", message, reason)


def head_too_large(ids: Ids, limit: int, unit: str = "bytes") -> Response:
    """S3's code for it has status 400, not RFC 6585's 431 (user guide, list of error codes)."""
    message = "Your request header section exceeds the maximum allowed size."
    reason = f"the request head is longer than {limit} {unit}"
    return refusal(ids, 400, "RequestHeaderSectionTooLarge", message, reason)


def target_too_long(ids: Ids, limit: int) -> Response:
    message = "The request target is too long."
    return refusal(ids, 414, "URITooLong", message, f"the request target is longer than {limit} bytes")


def timed_out(ids: Ids, what: str) -> Response:
    message = (
        "Your socket connection to the server was not read from or written to within the timeout period. "
        "Idle connections will be closed."
    )
    return refusal(ids, 400, "RequestTimeout", message, f"the {what} did not arrive in time")


def incomplete_body(ids: Ids) -> Response:
    message = "You did not provide the number of bytes specified by the Content-Length HTTP header"
    return refusal(ids, 400, "IncompleteBody", message, "the client closed its side inside the body")


def method_not_allowed(ids: Ids) -> Response:
    message = "The specified method is not allowed against this resource."
    return refusal(ids, 405, "MethodNotAllowed", message, "S3 has no operation with this HTTP method")


def expectation_failed(ids: Ids) -> Response:
    message = "The expectation in the Expect header cannot be met."
    return refusal(ids, 417, "ExpectationFailed", message, "100-continue is the only expectation there is")


def not_implemented(ids: Ids, header: str) -> Response:
    message = "A header you provided implies functionality that is not implemented."
    return refusal(ids, 501, "NotImplemented", message, f"{header} has a value that is not implemented")


def internal_error(ids: Ids) -> Response:
    message = "We encountered an internal error. Please try again."
    return refusal(ids, 500, "InternalError", message, "an unexpected exception; the server's log has it", close=False)
