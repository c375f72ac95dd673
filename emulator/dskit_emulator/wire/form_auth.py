"""Who signed a form: the signature of its policy, by version 4 or 2.

Source: S3 API reference, "Authenticating Requests in Browser-Based Uploads Using POST". The order and texts of the
refusals are recorded (aws-recorded:test_post_request_missing_fields, test_post_request_missing_signature,
test_post_request_malformed_policy).
"""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest

from ..accounts import Account, Accounts
from .auth_v2 import check_region
from .authorization import Credential, parse_amz_date, parse_form_credential, wrong_region
from .denials import no_such_access_key, signature_mismatch, unknown_token
from .errors import S3Error
from .signatures import ALGORITHM, SigningKeys, sign
from .signatures_v2 import sign_v2

__all__ = ["FormVerifier", "missing_field"]

_V4 = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature")
_V2 = ("AWSAccessKeyId", "Signature")


class FormVerifier:
    """`region` of `verify` is that of the bucket; None where any will do."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts
        self._keys = SigningKeys()

    def verify(self, fields: Mapping[str, str], region: str | None) -> Account | None:
        """The account that signed; None for a form without policy and signature, which is anonymous.

        `fields` have lower-case names. Raises `S3Error`.
        """
        version_4 = any(name.lower() in fields for name in _V4)
        version_2 = any(name.lower() in fields for name in _V2)
        if not version_4 and not version_2 and "policy" not in fields:
            return None
        names = _V4 if version_4 else _V2
        for name in (*names[:-1], "policy", names[-1]):
            if name.lower() not in fields:
                raise missing_field(name)
        if "x-amz-security-token" in fields:
            raise unknown_token(fields["x-amz-security-token"])
        return self._version_4(fields, region) if version_4 else self._version_2(fields, region)

    def _version_4(self, fields: Mapping[str, str], region: str | None) -> Account:
        if fields["x-amz-algorithm"] != ALGORITHM:
            raise _bad_field("X-Amz-Algorithm", fields["x-amz-algorithm"], f"X-Amz-Algorithm only supports {ALGORITHM}")
        credential: Credential = parse_form_credential(fields["x-amz-credential"])
        date = fields["x-amz-date"]
        if parse_amz_date(date) is None or date[:8] != credential.date:
            raise _bad_field("X-Amz-Date", date, "X-Amz-Date must be a time of the day in the credential")
        if region is not None and credential.region != region:
            raise wrong_region(credential.region, region, presigned=True)
        account = self._account(credential.access_key)
        key = self._keys.get(account.secret_key, credential.date, credential.region)
        return _checked(account, sign(key, _wire(fields["policy"])), fields["x-amz-signature"], fields["policy"])

    def _version_2(self, fields: Mapping[str, str], region: str | None) -> Account:
        check_region(region)
        account = self._account(fields["awsaccesskeyid"])
        return _checked(
            account, sign_v2(account.secret_key, _wire(fields["policy"])), fields["signature"], fields["policy"]
        )

    def _account(self, access_key: str) -> Account:
        account = self.accounts.by_access_key(access_key)
        if account is None:
            raise no_such_access_key(access_key)
        return account


def _checked(account: Account, computed: str, provided: str, policy: str) -> Account:
    if not compare_digest(computed.encode(), provided.encode()):
        raise signature_mismatch(account.access_key, _wire(policy), provided)
    return account


def _wire(text: str) -> str:
    """As latin-1 text of the bytes, which is what the signing functions take."""
    return text.encode().decode("latin-1")


def missing_field(name: str) -> S3Error:
    text = f"Bucket POST must contain a field named '{name}'."
    return _bad_field(name, "", f"{text}  If it is specified, please check the order of the fields.")


def _bad_field(name: str, value: str, message: str) -> S3Error:
    fields = {"ArgumentName": name, "ArgumentValue": value[:1024]}
    return S3Error("InvalidArgument", message, fields=fields, status=400)
