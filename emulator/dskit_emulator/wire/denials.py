"""Checks of a request's claims that need no key, and the refusals that they and the signatures end in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime

from .errors import S3Error
from .signatures import UNSIGNED_PAYLOAD

__all__ = [
    "STREAMING",
    "check_all_signed",
    "check_content_sha256",
    "expired",
    "is_sha256",
    "iso_time",
    "no_such_access_key",
    "signature_mismatch",
    "too_skewed",
    "two_mechanisms",
    "unknown_token",
]

STREAMING = frozenset(
    {
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    }
)

is_sha256 = re.compile(r"[0-9a-f]{64}", re.ASCII).fullmatch
_ECDSA = ("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER")


def check_all_signed(headers: Iterable[str], signed: Collection[str]) -> None:
    """`host` and every ``x-amz-*`` of the names `headers` must be signed.

    The payload hash is covered anyway, by its place in the signature.
    aws-recorded:test_put_object_with_md5_and_chunk_signature_bad_headers[s3v4-True].
    """
    missing = [
        name for name in headers if name[:6] == "x-amz-" and name not in signed and name != "x-amz-content-sha256"
    ]
    if "host" not in signed:
        missing.append("host")
    if missing:
        raise S3Error(
            "AccessDenied",
            "There were headers present in the request which were not signed",
            fields={"HeadersNotSigned": ", ".join(sorted(missing))},
        )


def check_content_sha256(value: str) -> None:
    if value == UNSIGNED_PAYLOAD or is_sha256(value) or value in STREAMING:
        return
    if value in _ECDSA:
        raise S3Error(
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
            fields={"Header": "x-amz-content-sha256"},
            reason="asymmetric signatures (SigV4A) are not built",
        )
    raise S3Error(
        "InvalidArgument",
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER "
        "or a valid sha256 value.",
        fields={"ArgumentName": "x-amz-content-sha256", "ArgumentValue": value[:1024]},
        status=400,
    )


def signature_mismatch(
    access_key: str, text: str, provided: str, canonical_request: str | None = None, *, reason: str | None = None
) -> S3Error:
    """SignatureDoesNotMatch with all that is needed to find out why."""
    fields = {
        "AWSAccessKeyId": access_key,
        "StringToSign": _readable(text),
        "SignatureProvided": provided,
        "StringToSignBytes": text.encode("latin-1").hex(" "),
    }
    if canonical_request is not None:
        fields["CanonicalRequest"] = _readable(canonical_request)
        fields["CanonicalRequestBytes"] = canonical_request.encode("latin-1").hex(" ")
    return S3Error(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing "
        "method.",
        fields=fields,
        reason=reason
        or f"the secret key of {access_key!r} gives another signature: either it is not the client's, or something "
        "that was signed changed on the way",
    )


def _readable(text: str) -> str:
    return text.encode("latin-1").decode("utf-8", "replace")


def unknown_token(token: str) -> S3Error:
    return S3Error(
        "InvalidToken",
        "The provided token is malformed or otherwise invalid.",
        fields={"Token-0": token[:1024]},
        status=400,
        reason="accounts of the emulator have no session tokens",
    )


def two_mechanisms(authorization: str) -> S3Error:
    return S3Error(
        "InvalidArgument",
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter "
        "or the Authorization header should be specified",
        fields={"ArgumentName": "Authorization", "ArgumentValue": authorization[:1024]},
        status=400,
    )


def iso_time(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


def no_such_access_key(access_key: str) -> S3Error:
    return S3Error(
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
        fields={"AWSAccessKeyId": access_key},
        reason="no account of this endpoint has this access key",
    )


def too_skewed(amz_date: str, now: datetime) -> S3Error:
    return S3Error(
        "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
        fields={"RequestTime": amz_date, "ServerTime": iso_time(now), "MaxAllowedSkewMilliseconds": "900000"},
        reason="the clocks of client and endpoint differ by more than 15 minutes, or the request was kept too long",
    )


def expired(until: datetime, now: datetime, expires: int | None = None) -> S3Error:
    """aws-recorded:test_s3_presigned_url_expired; only version 4 shows the number of seconds."""
    fields = {} if expires is None else {"X-Amz-Expires": str(expires)}
    fields.update({"Expires": iso_time(until), "ServerTime": iso_time(now)})
    return S3Error("AccessDenied", "Request has expired", fields=fields)
