"""A form's policy for minio-py: its own has no redirects, no ``${filename}`` and no clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from minio.credentials.credentials import Credentials
from minio.datatypes import PostPolicy
from minio.signer import get_credential_string, post_presign_v4

from ..signers import FormOptions

__all__ = ["FormPolicy"]

ALGORITHM = "AWS4-HMAC-SHA256"


class FormPolicy(PostPolicy):
    """What ``Minio.presigned_post_policy`` asks for the fields once it knows credentials and region."""

    def __init__(self, bucket: str, key: str, options: FormOptions, now: datetime) -> None:
        self._until = now + timedelta(seconds=options.expires_in)
        super().__init__(bucket, self._until)
        self._key = key
        self._options = options
        self._now = now

    def form_data(self, creds: Credentials, region: str) -> dict[str, str]:
        signature = {
            "x-amz-algorithm": ALGORITHM,
            "x-amz-credential": get_credential_string(creds.access_key, self._now, region),
            "x-amz-date": f"{self._now:%Y%m%dT%H%M%SZ}",
        }
        if creds.session_token:
            signature["x-amz-security-token"] = creds.session_token
        policy = self._options.policy(self.bucket_name, self._key, self._until, signature)
        return {
            "key": self._key,
            **self._options.fields,
            **signature,
            "policy": policy,
            "x-amz-signature": post_presign_v4(policy, creds.secret_key, self._now, region),
        }
