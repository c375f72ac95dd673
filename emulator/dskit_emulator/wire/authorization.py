"""What a request claims about its signature: the Authorization header and the presigned query, read but not verified.

Codes and messages are those of S3 (aws-recorded: the presigned URL tests; the other texts from S3's error answers as
seen in public bug reports).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from .errors import S3Error
from .signatures import ALGORITHM

__all__ = [
    "MAX_SKEW",
    "ONLY_V4",
    "QUERY_PARAMETERS",
    "Credential",
    "HeaderClaim",
    "QueryClaim",
    "parse_amz_date",
    "parse_date_header",
    "parse_form_credential",
    "parse_header",
    "parse_http_date",
    "parse_presigned",
    "wrong_region",
]

QUERY_PARAMETERS = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
)
MAX_EXPIRES = 604_800  # seconds, a week
MAX_SKEW = timedelta(minutes=15)  # "RequestTimeTooSkewed", MaxAllowedSkewMilliseconds 900000

_AMZ_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)
_DAY = re.compile(r"\d{8}", re.ASCII)
_HEADER = "The authorization header is malformed; "
_PARAMETER = "Error parsing the X-Amz-Credential parameter; "
ONLY_V4 = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."


class Credential(NamedTuple):
    """``ACCESSKEY/YYYYMMDD/REGION/s3/aws4_request`` in pieces; `scope` is all but the access key."""

    access_key: str
    date: str
    region: str
    scope: str


class HeaderClaim(NamedTuple):
    """An Authorization header without its signature: the same for most requests of one client."""

    credential: Credential
    signed_names: str
    signed: tuple[str, ...]


class QueryClaim(NamedTuple):
    """A presigned URL. `expires` is in seconds."""

    credential: Credential
    signed_names: str
    signed: tuple[str, ...]
    signature: str
    amz_date: str
    expires: int


def parse_header(value: str) -> tuple[HeaderClaim, str]:
    """Read an Authorization header; returns the claim and the signature.

    Raises `S3Error`: AuthorizationHeaderMalformed, InvalidRequest for other versions of AWS signatures, InvalidArgument
    for other schemes.
    """
    scheme, _, rest = value.partition(" ")
    if scheme != ALGORITHM:
        if scheme.startswith("AWS4-"):
            raise S3Error("InvalidRequest", ONLY_V4, status=400, reason=f"{scheme[:100]} is not built")
        raise S3Error(
            "InvalidArgument",
            "Unsupported Authorization Type",
            fields={"ArgumentName": "Authorization", "ArgumentValue": value[:1024]},
            status=400,
        )
    parts: dict[str, str] = {}
    for component in rest.split(","):
        name, mark, text = component.strip().partition("=")
        if not mark:
            if not name and len(parts) < 3:
                break
            raise _malformed(f'the authorization component "{component.strip()}" is malformed.')
        parts[name] = text.strip()
    if len(parts) != 3:
        raise _malformed(
            "the authorization header requires three components: Credential, SignedHeaders, and Signature."
        )
    for name in ("Credential", "SignedHeaders", "Signature"):
        if name not in parts:
            raise _malformed(f"missing {name}.")
    credential = _parse_credential(parts["Credential"], _malformed)
    names = parts["SignedHeaders"]
    return HeaderClaim(credential, names, _split_names(names)), parts["Signature"]


def parse_presigned(params: Mapping[str, str]) -> QueryClaim:
    """Read the parameters of a presigned URL. Raises `S3Error` AuthorizationQueryParametersError."""
    if any(name not in params for name in QUERY_PARAMETERS):
        raise _bad_parameter(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
            "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
        )
    if params["X-Amz-Algorithm"] != ALGORITHM:
        raise _bad_parameter('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"')
    credential = _parse_credential(params["X-Amz-Credential"], lambda text: _bad_parameter(_PARAMETER + text))
    if not params["X-Amz-SignedHeaders"].isascii():
        raise _bad_parameter("X-Amz-SignedHeaders names a header that cannot be")
    amz_date = params["X-Amz-Date"]
    if parse_amz_date(amz_date) is None:
        raise _bad_parameter("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
    if amz_date[:8] != credential.date:
        raise _bad_parameter(
            f'Invalid credential date "{credential.date}". This date is not the same as X-Amz-Date: "{amz_date[:8]}".'
        )
    return QueryClaim(
        credential,
        params["X-Amz-SignedHeaders"],
        _split_names(params["X-Amz-SignedHeaders"]),
        params["X-Amz-Signature"],
        amz_date,
        _parse_expires(params["X-Amz-Expires"]),
    )


def parse_form_credential(text: str) -> Credential:
    """Read the field ``X-Amz-Credential`` of a form. Raises `S3Error` AuthorizationQueryParametersError."""
    return _parse_credential(text, lambda problem: _bad_parameter(_PARAMETER + problem))


def _parse_expires(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise _bad_parameter("X-Amz-Expires should be a number")
    expires = int(text)
    if expires < 0:
        raise _bad_parameter("X-Amz-Expires must be non-negative")
    if expires > MAX_EXPIRES:
        raise _bad_parameter(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than "
            "604800 seconds"
        )
    return expires


def wrong_region(region: str, expected: str, *, presigned: bool) -> S3Error:
    """aws-recorded:test_create_bucket_aws_global."""
    text = f"the region '{region}' is wrong; expecting '{expected}'"
    fields = {"Region": expected}
    return _bad_parameter(_PARAMETER + text, fields) if presigned else _malformed(text, fields)


def parse_amz_date(text: str) -> datetime | None:
    """``YYYYMMDDTHHMMSSZ`` as an aware time, None for anything else."""
    matched = _AMZ_DATE.fullmatch(text)
    if matched is None:
        return None
    year, month, day, hour, minute, second = map(int, matched.groups())
    try:
        return _plausible(datetime(year, month, day, hour, minute, second, tzinfo=UTC))
    except ValueError:
        return None


def parse_date_header(text: str) -> datetime | None:
    """A Date header (RFC 9110 section 5.6.7), None where it is not one."""
    when = parse_http_date(text)
    return None if when is None else _plausible(when)


def parse_http_date(text: str) -> datetime | None:
    """As `parse_date_header`, of any year."""
    try:
        from email.utils import parsedate_to_datetime  # a tenth of a start, and most clients send x-amz-date

        when = parsedate_to_datetime(text)
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _plausible(when: datetime) -> datetime | None:
    """None for years at which adding a week or a quarter of an hour would leave the calendar."""
    return when if 1 < when.year < 9999 else None


def _split_names(names: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in names.split(";") if name.strip())


def _parse_credential(text: str, refuse: Callable[[str], S3Error]) -> Credential:
    """`refuse` makes the error that fits the place: the same sentences stand in two of them."""
    parts = text.split("/")
    if len(parts) != 5 or not text.isascii():
        raise refuse('the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".')
    access_key, date, region, service, terminal = parts
    if not access_key:
        raise refuse("a non-empty Access Key (AKID) must be provided in the credential.")
    if not _DAY.fullmatch(date):
        raise refuse(f'incorrect date format "{date}". This date in the credential must be in the format "yyyyMMdd".')
    if service != "s3":
        raise refuse(f'incorrect service "{service}". This endpoint belongs to "s3".')
    if terminal != "aws4_request":
        raise refuse(f'incorrect terminal "{terminal}". This endpoint uses "aws4_request".')
    return Credential(access_key, date, region, f"{date}/{region}/s3/aws4_request")


def _malformed(text: str, fields: Mapping[str, str] | None = None) -> S3Error:
    return S3Error("AuthorizationHeaderMalformed", _HEADER + text, fields=dict(fields or {}), status=400)


def _bad_parameter(message: str, fields: Mapping[str, str] | None = None) -> S3Error:
    return S3Error("AuthorizationQueryParametersError", message, fields=dict(fields or {}), status=400)
