"""The buckets of an S3 endpoint through obstore: less than `S3Service` can do, for a fraction of its CPU."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import Any, Literal, Unpack
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from ..conditions import normal_etag, validate_write
from ..errors import ConfigurationError, StoreError
from ..retry import Safety
from ..types import Conditions, DeleteRequest, DeleteResult
from .obstore_client import ObstoreOptions, client_options, parted
from .obstore_paths import is_path
from .obstore_service import NO_RETRIES, OBSTORE_CAPABILITIES, Flavour, ObstoreService
from .remote_common import bare_url, refuse_userinfo, without_signing

__all__ = ["OBSTORE_S3_CAPABILITIES", "ObstoreS3Service"]

OBSTORE_S3_CAPABILITIES = OBSTORE_CAPABILITIES.replace(
    supports=OBSTORE_CAPABILITIES.supports.replace(sign=True),
    semantics=OBSTORE_CAPABILITIES.semantics.replace(etag="content-md5"),
)

_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
_REGIONS = ("AWS_DEFAULT_REGION", "AWS_REGION")


class ObstoreS3Service(ObstoreService):
    """Buckets of an S3 endpoint, through obstore.

    * `endpoint` None is that of the environment (``AWS_ENDPOINT_URL_S3``, ``AWS_ENDPOINT_URL``), else AWS. `addressing`
      None is ``path`` with an endpoint, and without where a bucket's name has a dot; else ``virtual``.
    * Credentials are the keywords, else those of `session`, a boto3 session, asked again every half an hour, else
      ``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY`` and ``AWS_SESSION_TOKEN``; `anonymous` signs nothing. No file, no
      role and no metadata service is asked unless by a session.
    * Every body is signed with its SHA-256, which the server verifies. A put above `part_bytes` without conditions goes
      in parts; any other is one request, its body in memory.
    * obstore reads some more of the environment by itself: the variables of encryption and requester-pays.
    """

    def __init__(
        self,
        *,
        endpoint: str | None = None,
        region: str | None = None,
        addressing: Literal["path", "virtual"] | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
        session_token: str | None = None,
        anonymous: bool = False,
        session: Any = None,
        **common: Unpack[ObstoreOptions],
    ) -> None:
        connection, options = parted(common)
        if addressing not in (None, "path", "virtual"):
            raise ConfigurationError(f"addressing is 'path' or 'virtual', not {addressing!r}")
        endpoint = (endpoint or _first_of(_ENDPOINTS) or "").rstrip("/")
        refuse_userinfo(endpoint)
        name = f"s3 {bare_url(endpoint)}" if endpoint else "s3"
        credentials = _credentials(access_key, secret_key, session_token, session, anonymous)
        client: Any = client_options(endpoint, **connection)
        where = region or (session and session.region_name) or _first_of(_REGIONS) or "us-east-1"

        def connect(bucket: str, *, batches: bool = False) -> Any:
            virtual = addressing == "virtual" or (addressing is None and not endpoint and "." not in bucket)
            address: dict[str, Any] = {"virtual_hosted_style_request": virtual}
            if endpoint:
                url = _with_bucket(endpoint, bucket) if virtual else endpoint
                address |= {"endpoint": url, "aws_endpoint_url_s3": url}
            try:
                return S3Store(
                    bucket,
                    region=where,
                    client_options=client,
                    retry_config=NO_RETRIES,
                    conditional_put="etag",
                    copy_if_not_exists="header-with-status:If-None-Match:*:412",
                    disable_bulk_delete=not batches,
                    unsigned_payload=False,
                    **address,
                    **credentials,
                )
            except (BaseError, ValueError) as error:
                raise ConfigurationError("obstore refuses the options") from error

        self._connect_batches = partial(connect, batches=True)  # which deletes by DeleteObjects, always
        super().__init__(
            name,
            connect,
            without_signing(OBSTORE_S3_CAPABILITIES) if anonymous else OBSTORE_S3_CAPABILITIES,
            Flavour(),
            **options,
        )

    def _mode(self, bucket: str, key: str, conditions: Conditions) -> Any:
        """The conditions go along as they are, in ``If-Match`` and ``If-None-Match``: no look before the put."""
        validate_write(conditions)
        if conditions.if_match:
            return {"e_tag": f'"{normal_etag(conditions.if_match)}"'}
        return "create" if conditions.if_none_match else "overwrite"

    def delete_many(self, bucket: str, requests: Sequence[DeleteRequest]) -> DeleteResult:
        """One DeleteObjects. Where it fails it does not say for which key: then the keys go one by one."""
        keys = [request.key for request in requests if is_path(request.key)]
        if len(keys) != len(requests) or len(keys) < 2:
            return super().delete_many(bucket, requests)
        try:
            self.call(
                "delete_many",
                partial(obstore.delete, self.store(bucket, self._connect_batches), keys),
                bucket,
                safety=Safety.IDEMPOTENT,
            )
        except StoreError:
            return super().delete_many(bucket, requests)
        return DeleteResult(deleted=keys)


def _first_of(names: Sequence[str]) -> str | None:
    return next((found for name in names if (found := os.environ.get(name))), None)


def _with_bucket(endpoint: str, bucket: str) -> str:
    """obstore wants the bucket inside a virtual-hosted endpoint."""
    parts = urlsplit(endpoint)
    return parts._replace(netloc=f"{bucket}.{parts.netloc}").geturl()


def _credentials(
    access_key: str | None, secret_key: str | None, token: str | None, session: Any, anonymous: bool
) -> dict[str, Any]:
    """Exactly one source. A provider, since next to keys of ours obstore would still read the environment's token."""
    if anonymous:
        return {"skip_signature": True}
    if (access_key is None) != (secret_key is None):
        raise ConfigurationError("access_key and secret_key come together")
    if access_key is None and session is not None:
        return {"skip_signature": False, "credential_provider": _of_session(session)}
    if access_key is None:
        access_key, secret_key = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
        token = token or os.environ.get("AWS_SESSION_TOKEN")
    if not access_key or not secret_key:
        raise ConfigurationError(
            "S3 through obstore needs credentials: access_key and secret_key, AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY in the environment, session=boto3.session.Session() for all that boto3 finds, or "
            "anonymous=True"
        )
    found = {"access_key_id": access_key, "secret_access_key": secret_key, "token": token, "expires_at": None}
    return {"skip_signature": False, "credential_provider": lambda: found}


def _of_session(session: Any) -> Any:
    from obstore.auth.boto3 import Boto3CredentialProvider

    try:
        return Boto3CredentialProvider(session)
    except ValueError as error:
        raise ConfigurationError("the boto3 session has no credentials") from error
