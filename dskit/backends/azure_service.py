"""The containers of an Azure storage account, each a bucket."""

from __future__ import annotations

import os
from typing import Any, Unpack

from obstore.exceptions import BaseError
from obstore.store import AzureStore

from ..errors import ConfigurationError, InvalidKeyError, UnsupportedError
from ..signers import SignOptions
from .obstore_client import ObstoreOptions, client_options, parted
from .obstore_service import NO_RETRIES, OBSTORE_CAPABILITIES, Flavour, ObstoreService
from .remote_common import bare_url, refuse_userinfo, without_signing

__all__ = ["AZURE_CAPABILITIES", "AzureService"]

AZURE_CAPABILITIES = OBSTORE_CAPABILITIES.replace(
    supports=OBSTORE_CAPABILITIES.supports.replace(
        get_suffix_range=False,  # obstore: "Azure does not support suffix range requests"
        put_metadata=False,  # names are identifiers: Azure answers 400 to a hyphen, which S3's have
        sign=True,
    ),
    semantics=OBSTORE_CAPABILITIES.semantics.replace(bucket_names="azure"),
)
"""Whoever keeps to Azure's names of metadata says ``capabilities={"supports": {"put_metadata": True}}``."""

_ENCODED = frozenset(' "#%<>?`{}')
"""ASCII that obstore's URLs percent-encode, found by trying each; control characters are in no key here."""

_KEYS = ("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ACCESS_KEY", "AZURE_STORAGE_MASTER_KEY")


class AzureService(ObstoreService):
    """`account` and `access_key` (base64), or a bearer `token`, come from keywords, else from the environment:
    ``AZURE_STORAGE_ACCOUNT_NAME`` with ``AZURE_STORAGE_ACCOUNT_KEY`` or ``AZURE_STORAGE_TOKEN``. Nothing else is
    asked: no metadata service, no command line of Azure. Only a key can sign.
    """

    def __init__(
        self,
        *,
        account: str | None = None,
        access_key: str | None = None,
        token: str | None = None,
        endpoint: str | None = None,
        anonymous: bool = False,
        **common: Unpack[ObstoreOptions],
    ) -> None:
        connection, options = parted(common)
        account = account or os.environ.get("AZURE_STORAGE_ACCOUNT_NAME")
        if not account:
            raise ConfigurationError("Azure needs an account: give account, or set AZURE_STORAGE_ACCOUNT_NAME")
        endpoint = (endpoint or f"https://{account}.blob.core.windows.net").rstrip("/")
        refuse_userinfo(endpoint)
        credentials = _credentials(access_key, token, anonymous)
        client: Any = client_options(endpoint, **connection)

        def connect(container: str) -> Any:
            try:
                return AzureStore(
                    container,
                    account_name=account,
                    endpoint=endpoint,
                    client_options=client,
                    retry_config=NO_RETRIES,
                    **credentials,
                )
            except (BaseError, ValueError) as error:
                raise ConfigurationError("obstore refuses the options: an account key is base64") from error

        signs = "account_key" in credentials
        super().__init__(
            f"azure {account} at {bare_url(endpoint)}",
            connect,
            AZURE_CAPABILITIES if signs else without_signing(AZURE_CAPABILITIES),
            Flavour(),
            **options,
        )

    def check_key(self, key: str) -> None:
        """Refuses a backslash too: Azurite takes it for a slash, so that two keys would be one blob."""
        super().check_key(key)
        if "\\" in key:
            raise InvalidKeyError("Azure takes a backslash in a key for a slash", key=key)

    def sign_url(self, bucket: str, key: str, options: SignOptions) -> str:
        """GET, PUT (the sender adds ``x-ms-blob-type: BlockBlob``) and DELETE.

        Refused is what obstore signs so that nobody can use it: HEAD, which it gives no permission, and keys with
        characters that a URL writes percent-encoded, because it signs that form of them.
        """
        if options.method == "HEAD":
            raise UnsupportedError("obstore signs no HEAD for Azure; sign a GET", operation="sign")
        if not key.isascii() or not _ENCODED.isdisjoint(key):
            raise InvalidKeyError("obstore's signature for Azure does not fit a key that a URL must encode", key=key)
        return super().sign_url(bucket, key, options)


def _credentials(access_key: str | None, token: str | None, anonymous: bool) -> dict[str, Any]:
    """Exactly one kind, which is named, so that obstore never looks for another by itself.

    The rest switches off what it would read from the environment and prefer: a token there wins over a key that is
    given, ``AZURE_SKIP_SIGNATURE`` over both, and ``AZURE_STORAGE_USE_EMULATOR`` over the endpoint.
    """
    alone = {"use_emulator": False, "skip_signature": anonymous}
    if anonymous:
        return {"credential_type": "auto", **alone}
    if access_key is None and token is None:
        access_key = next((found for name in _KEYS if (found := os.environ.get(name))), None)
        token = os.environ.get("AZURE_STORAGE_TOKEN") if access_key is None else None
    if access_key is not None:
        return {"account_key": access_key, "credential_type": "access_key", **alone}
    if token is not None:
        return {"token": token, "credential_type": "bearer_token", **alone}
    raise ConfigurationError(
        "Azure needs credentials: access_key or token, AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_TOKEN in the "
        "environment, or anonymous=True"
    )
