"""Credential providers: a callable of the caller's, asked again when what it gave has expired."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from .exceptions import GenericError

__all__ = ["provided_session"]


def provided_session(provider: Callable[[], Any]) -> Any:
    """A boto3 session with the credentials of `provider`, which returns a dict with ``access_key_id``,
    ``secret_access_key``, perhaps ``token``, and ``expires_at``: an aware datetime, or None for never."""
    import boto3.session
    import botocore.session
    from botocore.credentials import CredentialProvider, Credentials, RefreshableCredentials

    class Provided(CredentialProvider):  # type: ignore[misc,unused-ignore]
        METHOD = CANONICAL_NAME = "dskit-credential-provider"

        def load(self) -> Credentials:
            given = asked(provider)
            if given.get("expires_at") is None:
                return Credentials(given["access_key_id"], given["secret_access_key"], given.get("token"))
            return RefreshableCredentials.create_from_metadata(
                metadata=_metadata(given), refresh_using=lambda: _metadata(asked(provider)), method=self.METHOD
            )

    session = botocore.session.Session()
    session.get_component("credential_provider").providers.insert(0, Provided())
    return boto3.session.Session(botocore_session=session)


def asked(provider: Callable[[], Any]) -> Mapping[str, Any]:
    """What the provider gives. Raises `GenericError` for one that has to be awaited: boto3 cannot."""
    given = provider()
    if inspect.isawaitable(given):
        if inspect.iscoroutine(given):
            given.close()
        raise GenericError("Generic S3 error: the S3 store of this facade takes no async credential provider")
    return dict(given)


def _metadata(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "access_key": given["access_key_id"],
        "secret_key": given["secret_access_key"],
        "token": given.get("token"),
        "expiry_time": given["expires_at"].isoformat(),
    }
