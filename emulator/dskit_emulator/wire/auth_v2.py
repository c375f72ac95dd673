"""Who sent a request: Signature Version 2 verified, in the Authorization header or in a presigned URL.

Which regions know it is data of AWS (botocore's endpoints list, ``signatureVersions``): those from before 2014. Older
clients send it in headers (boto 2), boto3 still makes URLs with it. Source of the rules: S3 developer guide, "Signing
and authenticating REST requests"; the texts of the refusals are those of S3's answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hmac import compare_digest
from typing import NamedTuple

from dskit.clock import Clock

from ..accounts import Account, Accounts
from ..messages import RequestHead
from .address import Address
from .authorization import MAX_SKEW, ONLY_V4, parse_amz_date, parse_http_date
from .denials import check_content_sha256, expired, no_such_access_key, signature_mismatch, too_skewed, unknown_token
from .errors import S3Error
from .signatures import UNSIGNED_PAYLOAD
from .signatures_v2 import CARRIED_HEADERS, parse_presigned_v2, sign_v2, strings_to_sign_v2

__all__ = ["ProofV2", "VerifierV2"]

REGIONS = frozenset(
    (
        "ap-northeast-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "eu-west-1",
        "sa-east-1",
        "us-east-1",
        "us-gov-east-1",
        "us-gov-west-1",
        "us-west-1",
        "us-west-2",
    )
)
_AWS_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ProofV2(NamedTuple):
    """Who signed, what was said of the body, and the headers that stood in the query (see `auth.Identity`)."""

    account: Account
    content_sha256: str
    headers: dict[str, str] | None


class VerifierV2:
    """`region` of the methods is that of the bucket, else the endpoint's; None where any will do."""

    def __init__(self, accounts: Accounts, clock: Clock) -> None:
        self.accounts = accounts
        self.clock = clock

    def header(self, head: RequestHead, address: Address, authorization: str, region: str | None) -> ProofV2:
        """Raises `S3Error` as S3 answers, in its order: form, date, access key, skew, signature."""
        check_region(region)
        access_key, signature = parse_authorization_v2(authorization)
        headers = head.index
        date, when = _signing_time(headers)
        account = self._account(access_key)
        now = self.clock.now()
        if abs(now - when) > MAX_SKEW:
            raise too_skewed(date, now)
        written = "" if "x-amz-date" in headers else date
        return self._prove(head.method, address, account, headers, written, signature, None)

    def query(self, head: RequestHead, address: Address, region: str | None) -> ProofV2:
        check_region(region)
        claim = parse_presigned_v2(address.params)
        account = self._account(claim.access_key)
        now = self.clock.now()
        if now > claim.until:
            raise expired(claim.until, now)
        carried = address.carried(CARRIED_HEADERS)
        headers = {**carried, **head.index}
        return self._prove(head.method, address, account, headers, claim.expires, claim.signature, carried or None)

    def _account(self, access_key: str) -> Account:
        account = self.accounts.by_access_key(access_key)
        if account is None:
            raise no_such_access_key(access_key)
        return account

    def _prove(
        self,
        method: str,
        address: Address,
        account: Account,
        headers: Mapping[str, str],
        date: str,
        signature: str,
        carried: dict[str, str] | None,
    ) -> ProofV2:
        if "x-amz-security-token" in headers:
            raise unknown_token(headers["x-amz-security-token"])
        texts = strings_to_sign_v2(method, address, headers, date)
        if not any(compare_digest(sign_v2(account.secret_key, text).encode(), signature.encode()) for text in texts):
            raise signature_mismatch(account.access_key, texts[0], signature)
        content_sha256 = headers.get("x-amz-content-sha256", UNSIGNED_PAYLOAD)
        check_content_sha256(content_sha256)
        if content_sha256.startswith("STREAMING-AWS4"):
            raise S3Error("AccessDenied", "Access Denied", reason="signed chunks need a request signed by version 4")
        return ProofV2(account, content_sha256, carried)


def check_region(region: str | None) -> None:
    """A region of AWS that is not in the list takes version 4 only; a region of somebody else takes both."""
    if region is not None and region not in REGIONS and _AWS_REGION.fullmatch(region):
        raise S3Error("InvalidRequest", ONLY_V4, status=400, reason=f"{region} never knew version 2")


def parse_authorization_v2(value: str) -> tuple[str, str]:
    """Access key and signature of ``AWS ACCESSKEY:SIGNATURE``. Raises `S3Error` InvalidArgument."""
    _, blank, rest = value.partition(" ")
    if not blank or " " in rest:
        raise _bad_header(value, "Authorization header is invalid -- one and only one ' ' (space) required")
    access_key, colon, signature = rest.rpartition(":")
    if not colon or not access_key or not signature:
        raise _bad_header(value, "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature")
    return access_key, signature


def _bad_header(value: str, message: str) -> S3Error:
    fields = {"ArgumentName": "Authorization", "ArgumentValue": value[:1024]}
    return S3Error("InvalidArgument", message, fields=fields, status=400)


def _signing_time(headers: Mapping[str, str]) -> tuple[str, datetime]:
    """The date as it was written, and as a time; ``x-amz-date`` counts where both are sent."""
    text = headers["x-amz-date"] if "x-amz-date" in headers else headers.get("date", "")
    when = parse_amz_date(text) or parse_http_date(text)
    if when is None or when < _EPOCH:
        raise S3Error("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")
    return text, when
