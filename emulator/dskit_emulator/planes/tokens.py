"""Bearer tokens of planes: JSON Web Tokens (RFC 7519) signed with HS256, one key an account."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from hmac import digest as hmac_digest
from typing import Any

from dskit.clock import Clock

from ..accounts import Account, Accounts

__all__ = ["TokenError", "Tokens"]

_SHAPE = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)", re.ASCII)
_LONGEST = 4096


class TokenError(Exception):
    """Why a token is refused. The text never holds the token."""


class Tokens:
    """Gives out and checks the tokens of one plane of one endpoint, by the endpoint's clock."""

    __slots__ = ("_accounts", "_audience", "_clock", "_header")

    def __init__(self, audience: str, accounts: Accounts, clock: Clock) -> None:
        self._audience = audience
        self._accounts = accounts
        self._clock = clock
        self._header = _encode(b'{"alg":"HS256","typ":"JWT"}')

    def issue(self, account: Account, lifetime: timedelta) -> str:
        """A token that is good for `lifetime` from now (a negative one: expired already)."""
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": "dskit",
            "aud": self._audience,
            "sub": account.name,
            "iat": now,
            "exp": now + int(lifetime.total_seconds()),
        }
        signed = f"{self._header}.{_encode(json.dumps(claims, separators=(',', ':')).encode())}"
        return f"{signed}.{_encode(self._mac(account, signed))}"

    def check(self, token: str) -> Account:
        """The account of a token. Raises `TokenError`: malformed, not signed here, expired."""
        matched = _SHAPE.fullmatch(token) if len(token) <= _LONGEST else None
        claims = _claims(matched[2]) if matched else None
        if matched is None or claims is None:
            raise TokenError("the token is malformed: a JSON Web Token is three base64url parts between dots")
        account = next((known for known in self._accounts if known.name == claims.get("sub")), None)
        signed, _, signature = token.rpartition(".")
        if (
            account is None
            or claims.get("aud") != self._audience
            or matched[1] != self._header
            or not compare_digest(_encode(self._mac(account, signed)), signature)
        ):
            raise TokenError("the token was not issued by this endpoint")
        until = datetime.fromtimestamp(claims["exp"], UTC)
        if self._clock.now() >= until:
            raise TokenError(f"the token expired at {until:%Y-%m-%dT%H:%M:%SZ}")
        return account

    def _mac(self, account: Account, signed: str) -> bytes:
        key = hmac_digest(account.secret_key.encode(), b"dskit token", sha256)
        return hmac_digest(key, signed.encode(), sha256)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _claims(part: str) -> dict[str, Any] | None:
    try:
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None
