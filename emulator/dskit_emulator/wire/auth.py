"""Who sent a request: AWS Signature Version 4 verified in full, in the Authorization header or in a presigned URL.

What is signed by version 2 goes to `auth_v2`.

`Verifier.verify` is called once a request, before anything is looked up. It returns an `Identity`, which also carries
what the body still has to prove (`payload.open_payload`). Nothing here does I/O.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hmac import compare_digest
from operator import itemgetter
from typing import TYPE_CHECKING

from dskit.clock import Clock

from ..accounts import ANONYMOUS, Account, Accounts
from ..messages import RequestHead
from ..rules import Rules
from .address import QUERY_CHECKSUM, Address
from .authorization import (
    MAX_SKEW,
    Credential,
    HeaderClaim,
    parse_amz_date,
    parse_date_header,
    parse_header,
    parse_presigned,
    wrong_region,
)
from .denials import (
    STREAMING,
    check_all_signed,
    check_content_sha256,
    expired,
    is_sha256,
    no_such_access_key,
    signature_mismatch,
    too_skewed,
    two_mechanisms,
    unknown_token,
)
from .diagnosis import explain_mismatch
from .errors import S3Error
from .signatures import (
    EMPTY_SHA256,
    UNSIGNED_PAYLOAD,
    SigningKeys,
    canonical_headers,
    canonical_path,
    canonical_query,
    is_plain_path,
    sign,
    string_to_sign,
)

if TYPE_CHECKING:
    from .auth_v2 import VerifierV2

__all__ = ["STREAMING", "Identity", "Verifier"]

_QUERY_V4 = frozenset(("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature"))
_QUERY_V2 = frozenset(("AWSAccessKeyId", "Signature"))
_CARRIED_HEADERS = re.compile(
    r"(?!x-amz-(?:algorithm|credential|signature|date|signedheaders|expires|security-token)$)x-amz-.+",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
_CLIENTS_REMEMBERED = 512
_SHAPES_REMEMBERED = 64
_LONGEST_SHAPE = 2048  # characters of all names of a head that is remembered
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Identity:
    """The outcome of a verification.

    `content_sha256` is what was signed of the body: 64 hexadecimal digits, ``UNSIGNED-PAYLOAD`` or a member of
    `STREAMING`. `headers` are request headers that a presigned URL carries as query parameters (``x-amz-*``; in version
    2 also ``content-type`` and ``content-md5``), with lower-case names; they count where the request has no such header
    (aws-recorded:test_presigned_url_v4_x_amz_in_qs, test_put_url_metadata_with_sig_s3).
    `signature`, `signing_key`, `amz_date` and `scope` seed the signatures of an aws-chunked body.
    """

    __slots__ = (
        "account",
        "amz_date",
        "anonymous",
        "content_sha256",
        "headers",
        "presigned",
        "region",
        "scope",
        "signature",
        "signing_key",
    )

    def __init__(
        self,
        account: Account,
        anonymous: bool = False,
        presigned: bool = False,
        region: str = "",
        content_sha256: str = UNSIGNED_PAYLOAD,
        signature: str = "",
        signing_key: bytes = b"",
        amz_date: str = "",
        scope: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        self.account = account
        self.anonymous = anonymous
        self.presigned = presigned
        self.region = region
        self.content_sha256 = content_sha256
        self.signature = signature
        self.signing_key = signing_key
        self.amz_date = amz_date
        self.scope = scope
        self.headers = headers


class _Client:
    """What all requests with the same Authorization header have in common, but for the signature: that is most
    requests of a client until the day changes. Nothing of it depends on what a request asks for."""

    __slots__ = ("_template", "_values", "account", "claim", "covered", "date", "key", "scope")

    def __init__(self, claim: HeaderClaim, account: Account, key: bytes) -> None:
        self.claim = claim
        self.account = account
        self.key = key
        self.date = claim.credential.date
        self.scope = claim.credential.scope
        names = claim.signed
        self._template = "".join([name.replace("%", "%%") + ":%s\n" for name in names])
        self._values = itemgetter(*names) if len(names) > 1 else None
        self.covered: set[tuple[str, ...]] = set()
        """Names of headers of requests that signed all that has to be."""

    def canonical_headers(self, headers: Mapping[str, str]) -> str:
        """As `signatures.canonical_headers`."""
        try:
            text = self._template % self._values(headers) if self._values is not None else "\t"
        except KeyError:  # a signed header that was not sent
            text = "\t"
        return canonical_headers(self.claim.signed, headers) if "\t" in text or "  " in text else text

    def check_all_signed(self, names: tuple[str, ...]) -> None:
        """As `denials.check_all_signed`; what passed is remembered in `covered`."""
        check_all_signed(names, self.claim.signed)
        if sum(map(len, names)) <= _LONGEST_SHAPE:
            if len(self.covered) >= _SHAPES_REMEMBERED:
                self.covered.clear()
            self.covered.add(names)


class _Window:
    """The time around a time of signing in which its signatures are accepted.

    The time of day is looked at once a second; between two looks the monotonic clock, which costs a tenth, tells that
    the end has not come yet.
    """

    __slots__ = ("amz_date", "found_good", "good_until", "when")

    def __init__(self, amz_date: str, when: datetime) -> None:
        self.amz_date = amz_date
        self.when = when
        self.found_good = 0.0
        self.good_until = -1.0

    def check(self, clock: Clock) -> None:
        """Raises `S3Error` RequestTimeTooSkewed."""
        moment, now = clock.monotonic(), clock.now()
        if not -MAX_SKEW <= now - self.when <= MAX_SKEW:
            raise too_skewed(self.amz_date, now)
        self.good_until = moment + min(1.0, (self.when + MAX_SKEW - now).total_seconds())
        self.found_good = moment


class Verifier:
    """Verifies the requests of one endpoint. `region` is the endpoint's; rule ``any-region`` switches its check off."""

    def __init__(
        self, accounts: Accounts, clock: Clock, *, rules: Rules | None = None, region: str = "us-east-1"
    ) -> None:
        self.accounts = accounts
        self.clock = clock
        self.rules = rules or Rules()
        self.region = region
        self._keys = SigningKeys()
        self._clients: dict[tuple[str, str], _Client] = {}
        self._window = _Window("", _LONG_AGO)

    def verify(self, head: RequestHead, address: Address, region: str | None = None) -> Identity:
        """Check who signed; `region` is the one to expect if it is not the endpoint's (that of a bucket).

        A request without a signature is the anonymous user's or, under rule ``anonymous``, the default account's.

        Raises `S3Error` with the code, message and extra elements of S3.
        """
        authorization = head.index.get("authorization")
        if address.raw_query:
            params = address.params
            if not _QUERY_V4.isdisjoint(params) or not _QUERY_V2.isdisjoint(params):
                if authorization is not None:
                    raise two_mechanisms(authorization)
                if _QUERY_V4.isdisjoint(params):
                    return self._verify_v2(head, address, None, region or self.region)
                return self._verify_query(head, address, region or self.region)
        if authorization is not None:
            if authorization[:4] in ("AWS ", "AWS"):
                return self._verify_v2(head, address, authorization, region or self.region)
            return self._verify_header(head, address, authorization, region or self.region)
        content_sha256 = head.index.get("x-amz-content-sha256", UNSIGNED_PAYLOAD)
        check_content_sha256(content_sha256)
        if content_sha256.startswith("STREAMING-AWS4"):
            raise S3Error("AccessDenied", "Access Denied", reason="signed chunks need a signed request")
        account = self.accounts.default if self.rules.anonymous else ANONYMOUS
        return Identity(account, anonymous=True, content_sha256=content_sha256)

    def _verify_header(self, head: RequestHead, address: Address, authorization: str, expected: str) -> Identity:
        front, mark, signature = authorization.rpartition(", Signature=")
        client = self._clients.get((front, expected)) if mark else None
        if client is None:
            claim, signature = parse_header(authorization)
        else:
            claim = client.claim
        headers = head.index
        window = self._window
        amz_date = window.amz_date
        if amz_date != headers.get("x-amz-date") or not amz_date:
            window = self._signing_time(headers)
            amz_date = window.amz_date
        if amz_date[:8] != claim.credential.date:
            raise S3Error(
                "AuthorizationHeaderMalformed",
                "The authorization header is malformed; Invalid credential date. Date is not the same as X-Amz-Date.",
                status=400,
            )
        if client is None:
            client = self._remember(front if mark else "", claim, expected)
        if not window.found_good <= self.clock.monotonic() <= window.good_until:
            window.check(self.clock)
        if "x-amz-security-token" in headers:
            raise unknown_token(headers["x-amz-security-token"])
        names = tuple(headers)
        if names not in client.covered:
            client.check_all_signed(names)
        content_sha256 = headers.get("x-amz-content-sha256")
        if content_sha256 is None:
            raise S3Error(
                "InvalidRequest", "Missing required header for this request: x-amz-content-sha256", status=400
            )
        if content_sha256 != EMPTY_SHA256 and not is_sha256(content_sha256):
            check_content_sha256(content_sha256)
        path, raw_query = address.raw_path, address.raw_query
        if not is_plain_path(path):
            path = canonical_path(path)
        canonical = (
            f"{head.method}\n{path}\n{canonical_query(raw_query) if raw_query else ''}\n"
            f"{client.canonical_headers(headers)}\n{claim.signed_names}\n{content_sha256}"
        )
        account, key, scope = client.account, client.key, client.scope
        text = string_to_sign(amz_date, scope, canonical)
        if not (signature.isascii() and compare_digest(sign(key, text), signature)):
            raise _mismatch(account, key, amz_date, scope, canonical, signature, address)
        return Identity(account, False, False, claim.credential.region, content_sha256, signature, key, amz_date, scope)

    def _remember(self, front: str, claim: HeaderClaim, expected: str) -> _Client:
        """Look up who signs. `front` is the Authorization header up to the signature, "" where it ends otherwise."""
        credential = claim.credential
        account = self._account(credential, expected, presigned=False)
        client = _Client(claim, account, self._keys.get(account.secret_key, credential.date, credential.region))
        if 0 < len(front) < 1024:
            if len(self._clients) >= _CLIENTS_REMEMBERED:
                self._clients.clear()
            self._clients[front, expected] = client
        return client

    def _signing_time(self, headers: dict[str, str]) -> _Window:
        """The time of signing as it stands in the string to sign, and around it the times when it is accepted."""
        amz_date = headers.get("x-amz-date", "")
        when = parse_amz_date(amz_date)
        if when is None:
            date = headers.get("date", "")
            when = None if amz_date else parse_amz_date(date) or parse_date_header(date)
            if when is None:
                raise S3Error("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")
            amz_date = f"{when:%Y%m%dT%H%M%SZ}"
        window = self._window = _Window(amz_date, when)  # most requests are of the same second as the one before
        return window

    def _verify_query(self, head: RequestHead, address: Address, expected: str) -> Identity:
        params, headers = address.params, head.index
        claim = parse_presigned(params)
        credential, amz_date = claim.credential, claim.amz_date
        account = self._account(credential, expected, presigned=True)
        when = parse_amz_date(amz_date)
        now = self.clock.now()
        if when is None or when - now > MAX_SKEW:
            raise S3Error("AccessDenied", "Request is not valid yet")
        until = when + timedelta(seconds=claim.expires)
        if now > until:
            raise expired(until, now, claim.expires)
        for token in (params.get("X-Amz-Security-Token"), headers.get("x-amz-security-token")):
            if token is not None:
                raise unknown_token(token)
        check_all_signed(headers, claim.signed)
        # The hash may travel in the query, as some SDKs do, or in a header; else the body was not signed.
        content_sha256 = params.get("X-Amz-Content-Sha256") or headers.get("x-amz-content-sha256", UNSIGNED_PAYLOAD)
        check_content_sha256(content_sha256)
        carried = address.carried(_CARRIED_HEADERS)
        # A header that was signed may have its value in the query alone, as aws-sdk-js 2 writes it
        # (aws-recorded:test_presigned_url_v4_signed_headers_in_qs).
        present = {**{name: value.strip(" ") for name, value in carried.items()}, **headers} if carried else headers
        key = self._keys.get(account.secret_key, credential.date, credential.region)
        canonical = (
            f"{head.method}\n{canonical_path(address.raw_path)}\n"
            f"{canonical_query(address.raw_query, without='X-Amz-Signature')}\n"
            f"{canonical_headers(claim.signed, present)}\n{claim.signed_names}\n{content_sha256}"
        )
        scope, signature = credential.scope, claim.signature
        text = string_to_sign(amz_date, scope, canonical)
        if not (signature.isascii() and compare_digest(sign(key, text), signature)):
            raise _mismatch(account, key, amz_date, scope, canonical, signature, address)
        for name in [name for name in carried if name not in claim.signed and QUERY_CHECKSUM.match(name)]:
            del carried[name]
        return Identity(
            account,
            presigned=True,
            region=credential.region,
            content_sha256=content_sha256,
            signature=signature,
            signing_key=key,
            amz_date=amz_date,
            scope=scope,
            headers=carried or None,
        )

    @cached_property
    def _version_2(self) -> VerifierV2:
        from .auth_v2 import VerifierV2  # few processes ever see such a request

        return VerifierV2(self.accounts, self.clock)

    def _verify_v2(self, head: RequestHead, address: Address, authorization: str | None, expected: str) -> Identity:
        region = None if self.rules.any_region else expected
        if authorization is None:
            proof = self._version_2.query(head, address, region)
        else:
            proof = self._version_2.header(head, address, authorization, region)
        return Identity(
            proof.account,
            presigned=authorization is None,
            region=self.region,
            content_sha256=proof.content_sha256,
            headers=proof.headers,
        )

    def _account(self, credential: Credential, expected: str, *, presigned: bool) -> Account:
        if credential.region != expected and not self.rules.any_region:
            raise wrong_region(credential.region, expected, presigned=presigned)
        account = self.accounts.by_access_key(credential.access_key)
        if account is None:
            raise no_such_access_key(credential.access_key)
        return account


def _mismatch(
    account: Account, key: bytes, amz_date: str, scope: str, canonical: str, provided: str, address: Address
) -> S3Error:
    reason = explain_mismatch(
        key, amz_date, scope, canonical, provided, raw_path=address.raw_path, raw_query=address.raw_query
    )
    text = string_to_sign(amz_date, scope, canonical)
    return signature_mismatch(account.access_key, text, provided, canonical, reason=reason)
