"""Buckets of Google Cloud Storage."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path
from string import ascii_letters, digits
from typing import Any, Unpack

from obstore.exceptions import BaseError
from obstore.store import GCSStore

from ..errors import ConfigurationError, InvalidKeyError
from ..signers import SignOptions
from .obstore_client import ObstoreOptions, client_options, parted
from .obstore_service import NO_RETRIES, OBSTORE_CAPABILITIES, Flavour, ObstoreService
from .remote_common import bare_url, refuse_userinfo, without_signing

__all__ = ["GCS_CAPABILITIES", "GCSService"]

GCS_CAPABILITIES = OBSTORE_CAPABILITIES.replace(
    supports=OBSTORE_CAPABILITIES.supports.replace(sign=True),
    semantics=OBSTORE_CAPABILITIES.semantics.replace(bucket_names="gcs"),
)

ENDPOINT = "https://storage.googleapis.com"

_SIGNED_AS_IT_IS = frozenset(ascii_letters + digits + "-._~/")
"""obstore signs the path as a URL parser leaves it; Google's rule ("Canonical requests") encodes all but these."""

_KEY = "GOOGLE_SERVICE_ACCOUNT_KEY"
_PATHS = ("GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_PATH")
_TOKEN = "GOOGLE_BEARER_TOKEN"
_RIVALS = {
    "service_account": (_TOKEN, _KEY),
    "service_account_key": (_TOKEN, *_PATHS, "SERVICE_ACCOUNT"),
}
"""What obstore reads from the environment by itself, and would take instead of what it was given, or refuse beside it;
found by trying each. A token wins over all of them."""


class GCSService(ObstoreService):
    """Exactly one kind of credentials, from keywords, else from the environment:

    * the key of a service account: `service_account`, the path of its file, or `service_account_key`, its text;
      ``GOOGLE_SERVICE_ACCOUNT_KEY``, ``GOOGLE_SERVICE_ACCOUNT`` or ``GOOGLE_APPLICATION_CREDENTIALS``. Tokens are made
      of it without asking anybody;
    * a bearer `token`, or ``GOOGLE_BEARER_TOKEN``;
    * none: `anonymous`.

    Nothing else is asked: no metadata service of a machine, no files of gcloud. Only a key can sign, and only for the
    endpoint ``https://storage.googleapis.com``, since obstore signs for that host whatever the endpoint is.
    """

    def __init__(
        self,
        *,
        service_account: str | None = None,
        service_account_key: str | None = None,
        token: str | None = None,
        endpoint: str | None = None,
        anonymous: bool = False,
        **common: Unpack[ObstoreOptions],
    ) -> None:
        connection, options = parted(common)
        credentials = _credentials(service_account, service_account_key, token, anonymous)
        account = _account(credentials)
        endpoint = (endpoint or account.get("gcs_base_url") or ENDPOINT).rstrip("/")
        refuse_userinfo(endpoint)

        client: Any = client_options(endpoint, **connection)
        # Google unpacks an object with Content-Encoding: gzip for a reader that does not say this ("Transcoding"); its
        # other answers might come packed to who does, and obstore unpacks none.
        reader: Any = client_options(endpoint, **connection, headers={"Accept-Encoding": "gzip"})

        def connect(bucket: str, *, reads: bool = False) -> Any:
            try:
                return GCSStore(
                    bucket,
                    base_url=endpoint,
                    client_options=reader if reads else client,
                    retry_config=NO_RETRIES,
                    **{"skip_signature": False, **credentials},
                )
            except (BaseError, ValueError) as error:
                raise ConfigurationError(
                    "obstore refuses the options, or what it reads from GOOGLE_… in the environment; the cause says why"
                ) from error

        signs = account and not account.get("disable_oauth") and endpoint == ENDPOINT
        super().__init__(
            f"gcs at {bare_url(endpoint)}",
            connect,
            GCS_CAPABILITIES if signs else without_signing(GCS_CAPABILITIES),
            Flavour(),
            connect_reads=partial(connect, reads=True),
            **options,
        )

    def sign_url(self, bucket: str, key: str, options: SignOptions) -> str:
        """GET, HEAD, PUT and DELETE. Refused are keys that a URL must encode: obstore signs another form of them."""
        if not _SIGNED_AS_IT_IS.issuperset(key):
            raise InvalidKeyError("obstore's signature for Google does not fit a key that a URL must encode", key=key)
        return super().sign_url(bucket, key, options)


def _credentials(path: str | None, key: str | None, token: str | None, anonymous: bool) -> dict[str, Any]:
    """obstore's options. Every kind of them keeps it from asking the machine's metadata service."""
    given = {"service_account": path, "service_account_key": key, "bearer_token": token}
    found = {name: value for name, value in given.items() if value is not None}
    if len(found) + anonymous > 1:
        raise ConfigurationError("give one of service_account, service_account_key, token and anonymous")
    if anonymous:
        # skip_signature alone is for reads: obstore's writes ask for a token all the same, and this one is empty.
        return {"skip_signature": True, "bearer_token": ""}
    found = found or _from_environment()
    for name, rivals in _RIVALS.items():
        rival = next((variable for variable in rivals if os.environ.get(variable)), None)
        if name in found and rival is not None:
            raise ConfigurationError(f"obstore would read {rival} from the environment beside {name}: unset it")
    return found


def _from_environment() -> dict[str, Any]:
    if key := os.environ.get(_KEY):
        return {"service_account_key": key}
    for variable in (*_PATHS, "GOOGLE_APPLICATION_CREDENTIALS"):
        if path := os.environ.get(variable):
            return {"service_account": path}
    if token := os.environ.get(_TOKEN):
        return {"bearer_token": token}
    raise ConfigurationError(
        "Google Cloud Storage needs credentials: service_account, service_account_key or token; "
        "GOOGLE_APPLICATION_CREDENTIALS, GOOGLE_SERVICE_ACCOUNT, GOOGLE_SERVICE_ACCOUNT_KEY or GOOGLE_BEARER_TOKEN in "
        "the environment; or anonymous=True"
    )


def _account(credentials: dict[str, Any]) -> dict[str, Any]:
    """The key of a service account, empty where there is none; says what is wrong with it and repeats nothing of it."""
    path, text = credentials.get("service_account"), credentials.get("service_account_key")
    if path is None and text is None:
        return {}
    try:
        account = json.loads(Path(path).read_text("utf-8") if path is not None else text or "")
    except OSError as error:
        raise ConfigurationError(f"the service account's key file {path}: {error.strerror}") from error
    except ValueError:
        raise ConfigurationError("the service account's key is not JSON") from None
    wanted = ("client_email", "private_key", "private_key_id")
    if not isinstance(account, dict) or not all(isinstance(account.get(name), str) for name in wanted):
        raise ConfigurationError(f"a service account's key has {', '.join(wanted)}; other kinds are not supported")
    return account
