"""The other side of `auth`: URLs and forms signed by version 4, in the endpoint's own process and by its own clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..accounts import Account
from .signatures import ALGORITHM, UNSIGNED_PAYLOAD, SigningKeys, canonical_query, sign, string_to_sign

if TYPE_CHECKING:
    from dskit.signers import FormOptions

__all__ = ["Presigner"]


class Presigner:
    """Signs for one endpoint; addresses are path-style. Thread-safe."""

    def __init__(self) -> None:
        self._keys = SigningKeys()

    def url(
        self,
        account: Account,
        method: str,
        bucket: str,
        key: str,
        *,
        origin: str,
        region: str,
        now: datetime,
        expires_in: int,
        query: Mapping[str, str],
        content_type: str | None = None,
    ) -> str:
        """`origin` is ``http://HOST[:PORT]`` as the sender will write it; with an empty `key` the URL is the bucket's.

        `query` are further parameters; `content_type` is a header that the sender then must send.
        """
        host = origin.partition("://")[2]
        amz_date, scope = _stamp(now, region)
        path = f"/{bucket}/{quote(key, safe='/~')}"
        headers = f"host:{host}\n" if content_type is None else f"content-type:{content_type}\nhost:{host}\n"
        names = "host" if content_type is None else "content-type;host"
        parameters = {
            **query,
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": f"{account.access_key}/{scope}",
            "X-Amz-Date": amz_date,
            "X-Amz-Expires": str(expires_in),
            "X-Amz-SignedHeaders": names,
        }
        written = canonical_query(
            "&".join([f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in parameters.items()])
        )
        canonical = f"{method}\n{path}\n{written}\n{headers}\n{names}\n{UNSIGNED_PAYLOAD}"
        signing_key = self._keys.get(account.secret_key, amz_date[:8], region)
        signature = sign(signing_key, string_to_sign(amz_date, scope, canonical))
        return f"{origin}{path}?{written}&X-Amz-Signature={signature}"

    def form(
        self, account: Account, bucket: str, key: str, options: FormOptions, *, region: str, now: datetime
    ) -> dict[str, str]:
        """All fields of the form but the file's, the policy and its signature among them."""
        amz_date, scope = _stamp(now, region)
        signature = {
            "x-amz-algorithm": ALGORITHM,
            "x-amz-credential": f"{account.access_key}/{scope}",
            "x-amz-date": amz_date,
        }
        policy = options.policy(bucket, key, now + timedelta(seconds=options.expires_in), signature)
        signing_key = self._keys.get(account.secret_key, amz_date[:8], region)
        return {
            "key": key,
            **options.fields,
            **signature,
            "policy": policy,
            "x-amz-signature": sign(signing_key, policy),
        }


def _stamp(now: datetime, region: str) -> tuple[str, str]:
    amz_date = f"{now:%Y%m%dT%H%M%SZ}"
    return amz_date, f"{amz_date[:8]}/{region}/s3/aws4_request"
