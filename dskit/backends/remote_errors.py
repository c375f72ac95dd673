"""S3 error codes and HTTP status → dskit errors: one table for every remote S3 backend."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from ..errors import (
    AlreadyExistsError,
    AuthenticationError,
    BucketExistsError,
    BucketNotEmptyError,
    BucketNotFoundError,
    ChecksumMismatchError,
    ConfigurationError,
    ConflictError,
    InvalidBucketNameError,
    InvalidKeyError,
    InvalidPartError,
    InvalidRequestError,
    KeyConflictError,
    NotFoundError,
    NotModifiedError,
    PermissionDeniedError,
    PreconditionFailedError,
    RangeNotSatisfiableError,
    StoreError,
    ThrottledError,
    TimedOutError,
    TooLargeError,
    UnavailableError,
    UnsupportedError,
    UploadNotFoundError,
)
from ..retry import Failure
from ..types import Conditions
from .remote_common import bare_url

__all__ = [
    "COPY_TOO_LARGE",
    "MalformedAnswer",
    "answered",
    "error_for",
    "malformed",
    "missing_source",
    "no_connection",
    "redirected",
    "tls_failure",
]


_PLAIN = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"})
"""What OpenSSL calls an answer that is not TLS."""


class MalformedAnswer(Exception):
    """A success that no S3 server would send: the page of a proxy, a document that was cut, one without what it must
    have. It proves nothing of what was asked. The message is its reason."""


BY_CODE: Mapping[str, type[StoreError]] = {
    "NoSuchKey": NotFoundError,
    "NoSuchVersion": NotFoundError,
    "NotFound": NotFoundError,
    "NoSuchBucket": BucketNotFoundError,
    "NoSuchUpload": UploadNotFoundError,
    "PreconditionFailed": PreconditionFailedError,
    "NotModified": NotModifiedError,
    "ConditionalRequestConflict": ConflictError,
    "OperationAborted": ConflictError,
    "BucketAlreadyExists": BucketExistsError,
    "BucketAlreadyOwnedByYou": BucketExistsError,
    "BucketNotEmpty": BucketNotEmptyError,
    "InvalidRange": RangeNotSatisfiableError,
    "KeyTooLongError": InvalidKeyError,
    "InvalidURI": InvalidKeyError,
    "XMinioInvalidObjectName": InvalidKeyError,
    "XMinioInvalidResourceName": InvalidKeyError,
    "KeyConflict": KeyConflictError,
    "XMinioParentIsObject": KeyConflictError,
    "XMinioObjectExistsAsDirectory": KeyConflictError,
    "InvalidBucketName": InvalidBucketNameError,
    "InvalidPart": InvalidPartError,
    "InvalidPartOrder": InvalidPartError,
    "EntityTooSmall": InvalidPartError,
    "EntityTooLarge": TooLargeError,
    "MetadataTooLarge": TooLargeError,
    "BadDigest": ChecksumMismatchError,
    "XAmzContentSHA256Mismatch": ChecksumMismatchError,
    "XAmzContentChecksumMismatch": ChecksumMismatchError,
    "AccessDenied": PermissionDeniedError,
    "AllAccessDisabled": PermissionDeniedError,
    "AccountProblem": PermissionDeniedError,
    "InvalidAccessKeyId": AuthenticationError,
    "SignatureDoesNotMatch": AuthenticationError,
    "AuthorizationHeaderMalformed": AuthenticationError,
    "ExpiredToken": AuthenticationError,
    "InvalidToken": AuthenticationError,
    "RequestTimeTooSkewed": AuthenticationError,
    "NotImplemented": UnsupportedError,
    "SlowDown": ThrottledError,
    "SlowDownRead": ThrottledError,
    "SlowDownWrite": ThrottledError,
    "TooManyRequests": ThrottledError,
    "RequestLimitExceeded": ThrottledError,
    "Throttling": ThrottledError,
    "ServiceUnavailable": UnavailableError,
    "InternalError": UnavailableError,
    "XMinioServerNotInitialized": UnavailableError,
    "RequestTimeout": TimedOutError,
}

BY_STATUS: Mapping[int, type[StoreError]] = {
    304: NotModifiedError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    408: TimedOutError,
    409: ConflictError,
    412: PreconditionFailedError,
    413: TooLargeError,
    416: RangeNotSatisfiableError,
    429: ThrottledError,
    501: UnsupportedError,
}

_UNTOLD: Mapping[type[StoreError], str] = {
    AlreadyExistsError: 'there is an object already, and if_none_match="*" only creates: choose another key, or leave '
    "the condition out",
    AuthenticationError: "the credentials are not accepted: check access key, secret key and this machine's clock",
    BucketNotFoundError: "there is no such bucket: check its name and the endpoint, or create it",
    ConflictError: "another request is changing the same thing: try it again",
    NotFoundError: "there is no such object: check the key and the endpoint; list shows what there is",
    NotModifiedError: "the object is still what if_none_match or if_modified_since names",
    PermissionDeniedError: "the credentials do not allow it: use others, or have it granted",
    PreconditionFailedError: "the object is not (any more) what the condition (if_match, …) names: read it again and "
    "decide anew",
    RangeNotSatisfiableError: "the object ends before the range begins: head tells its size",
    ThrottledError: "the server wants fewer requests: send them slower",
    TooLargeError: "that is more than the server takes",
    UnsupportedError: "the server does not have this operation, or not this option of it",
}
"""What an answer means that says it by its status alone (all that obstore tells, and every answer to HEAD)."""

COPY_TOO_LARGE = "larger than the maximum allowable size for a copy source"
"""S3's words (an `InvalidRequest`) for more than 5 GiB."""

# A server that says one of these has turned the request away before doing anything.
REFUSED_UNSEEN = frozenset(
    code for code, kind in BY_CODE.items() if kind is ThrottledError or code in ("RequestTimeout", "NotImplemented")
) | {"XMinioServerNotInitialized"}

# Elements of an error document that echo the request's authentication, or that the error carries anyway.
_LEFT_OUT = frozenset(
    {
        "AWSAccessKeyId",
        "CanonicalRequest",
        "CanonicalRequestBytes",
        "Code",
        "HostId",
        "Message",
        "RequestId",
        "SignatureProvided",
        "StringToSign",
        "StringToSignBytes",
        "Type",
    }
)


def error_for(
    code: str,
    status: int,
    message: str = "",
    *,
    details: Mapping[str, object] | None = None,
    exclusive: bool = False,
) -> StoreError:
    """The dskit error of an S3 error document, or of a bare status (an answer to HEAD has no document).

    `exclusive`: the request was a write with ``If-None-Match: *``, so that 412 means "already exists".
    """
    bare = not code or code.isdigit()  # botocore puts the status where there is no code
    kind = BY_STATUS.get(status) if bare else BY_CODE.get(code) or BY_STATUS.get(status)
    if kind is None:
        kind = UnavailableError if status >= 500 else InvalidRequestError
    if kind is PreconditionFailedError and exclusive:
        kind = AlreadyExistsError
    if COPY_TOO_LARGE in message:
        kind = TooLargeError
        message = f"{message}; dskit.transfer.copy copies it in parts"
    elif bare or not message:
        untold = _UNTOLD.get(kind)
        answer = f"the server answered {status}"
        message = (f"{untold} ({answer})" if bare else untold) if untold else message or answer
    texts = {name: str(value) for name, value in (details or {}).items() if name not in _LEFT_OUT}
    return kind(
        message,
        code=(kind.default_code if status in BY_STATUS or status >= 500 else f"HTTP{status}") if bare else code,
        details=texts,
    )


_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def redirected(
    code: str, status: int, headers: Mapping[str, str], details: Mapping[str, object], endpoint: str
) -> ConfigurationError | None:
    """The error of an answer that sends a signed request elsewhere, where its signature does not hold; None for any
    other answer.

    S3 names the place in the document's ``Endpoint`` and the region in ``x-amz-bucket-region`` (user guide, "Making
    requests", redirection), a proxy in ``Location`` (RFC 9110 section 15.4). `headers` have lower-case names.
    """
    if status not in _REDIRECTS:
        return None
    try:
        where = bare_url(headers.get("location", ""))
    except ValueError:  # none, or one without a host
        where = str(details.get("Endpoint") or "elsewhere")
    region = headers.get("x-amz-bucket-region")
    return ConfigurationError(
        f"{endpoint} sends the request to {where} (the server answered {status}): give the endpoint that has the "
        f"bucket itself, and the bucket's region{f', {region}' if region else ''}",
        code=f"HTTP{status}" if not code or code.isdigit() else code,
    )


@contextmanager
def missing_source(source_bucket: str, source_key: str, conditions: Conditions) -> Iterator[None]:
    """A copy whose source is not there: the error is about the source. (Under ``If-Match`` it may be the target.)"""
    try:
        yield
    except NotFoundError as error:
        named = source_key if not conditions else None
        if error.code == "NoSuchKey" and error.details.get("Key", named) == source_key:
            error.bucket, error.key = source_bucket, source_key
        raise


def answered(error: StoreError, status: int, *, retry_after: str | None = None) -> Failure:
    """The failure that an error answer is: a 5xx is ambiguous unless its code says that nothing was done.

    The code counts more than the status: an error document inside a 200 (CopyObject, CompleteMultipartUpload) is
    reported with status 500, and may well say ``PreconditionFailed``.
    """
    refused = error.code in REFUSED_UNSEEN or status in (429, 501)
    again = isinstance(error, UnavailableError | TimedOutError)
    pause = float(retry_after) if retry_after and retry_after.strip().isdigit() else 0.0
    lost = status >= 500 and not refused and isinstance(error, UnavailableError)
    return Failure(error=error, lost=lost, again=again, retry_after=pause)


def malformed(exception: Exception) -> Failure:
    """An answer that is none: reads ask again, and what became of a write is not known."""
    error = UnavailableError(f"the answer is not one of an S3 server: {exception}", code="MalformedAnswer")
    return Failure(error=error, lost=True, again=True)


def no_connection(place: str, why: str, kind: type[StoreError] = UnavailableError) -> Failure:
    """Nothing was sent. `place` is host and port, or empty where the library below does not tell."""
    text = f"no connection to {place or 'the endpoint'}{why and f' ({why})'}: check that a server listens there"
    return Failure(error=kind(text), again=True)


def tls_failure(exception: BaseException) -> Failure:
    """A certificate that is not accepted ends the connection before anything is sent, and will do so again. Other
    failures of TLS can come at any moment."""
    seen: BaseException | None = exception
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            reason = seen.verify_message or "not accepted"
            return Failure(error=UnavailableError(f"the server's certificate: {reason}", code="BadCertificate"))
        if isinstance(seen, ssl.SSLError) and seen.reason in _PLAIN:
            text = "the TLS connection failed: the server speaks plain HTTP; use http://, for minio: ?secure=false"
            return Failure(error=UnavailableError(text, code="NotTLS"))
        seen = seen.__cause__ or seen.__context__
    return Failure(error=UnavailableError("the TLS connection failed"), lost=True, again=True)
