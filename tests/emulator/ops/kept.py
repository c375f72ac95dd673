"""An object that bad requests may not touch, and requests that are signed whatever they are."""

from __future__ import annotations

import base64
import hashlib

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from dskit.types import PutOptions
from dskit_emulator.service import S3Service
from tests.emulator.transport import Answered, call

__all__ = ["keep", "md5", "send", "sign", "untouched"]


def keep(service: S3Service) -> S3Service:
    """The service, with the object."""
    staging = service.store.begin_put("test-bucket", "kept", PutOptions())
    staging.write(b"kept")
    staging.commit()
    return service


def send(
    service: S3Service, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b""
) -> Answered:
    """Sign and send, with the digest that batch deletes need."""
    return call(service, method, target, sign(service, method, target, headers, body), body)


def sign(
    service: S3Service, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b""
) -> dict[str, str]:
    request = AWSRequest(method, f"http://localhost:9000{target}", headers=headers or {}, data=body)
    account = service.accounts.default
    S3SigV4Auth(Credentials(account.access_key, account.secret_key), "s3", "us-east-1").add_auth(request)
    return {"host": "localhost:9000", **{name.lower(): str(value) for name, value in request.headers.items()}}


def md5(body: bytes) -> dict[str, str]:
    return {"Content-MD5": base64.b64encode(hashlib.md5(body).digest()).decode()}


def untouched(service: S3Service) -> bool:
    page = service.store.list_page("test-bucket")
    return [(row.key, row.size) for row in page.objects] == [("kept", 4)]
