"""`HTTPStore`: a folder of a WebDAV server. A server without WebDAV answers reads only, as in obstore."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Self

from ...errors import StoreError
from ._base import Traits
from ._client_config import client_arguments, retry_arguments
from ._configured import unpickled
from ._methods import ObjectStoreMethods
from ._schemes import parse_scheme
from ._types import ClientConfig, RetryConfig
from .exceptions import GenericError

__all__ = ["HTTPStore"]

_HTTP = Traits(label="HTTP", attributes=False, create=False, update=False, delete_missing=False)


class HTTPStore(ObjectStoreMethods):
    """The folder `url` of a WebDAV server.

    Credentials are the header ``Authorization`` of the client option ``default_headers``: ``Basic …`` or ``Bearer …``.
    Other headers cannot be honoured, and attributes of a put are refused, which obstore drops. Raises
    `NotImplementedError` and `GenericError`.
    """

    def __init__(
        self, url: str, *, client_options: ClientConfig | None = None, retry_config: RetryConfig | None = None
    ) -> None:
        from ...backends.webdav import WebDAVStore as Native

        if parse_scheme(url) in ("memory", "local") or not url.startswith(("http://", "https://")):
            raise GenericError(f"Generic HTTP error: {url!r} is no address of HTTP")
        self.url = url
        self.client_options = client_options
        self.retry_config = retry_config
        options = dict(client_options or {})
        credentials = _credentials(options.pop("default_headers", None))
        arguments = client_arguments("HTTP", options, url) | retry_arguments(retry_config)
        try:
            native = Native(url.rstrip("/"), **credentials, **arguments)
        except StoreError as error:
            raise GenericError(f"Generic HTTP error: {error}") from error
        super().__init__(native, _HTTP)

    @classmethod
    def from_url(
        cls, url: str, *, client_options: ClientConfig | None = None, retry_config: RetryConfig | None = None
    ) -> Self:
        """The same as the constructor."""
        return cls(url, client_options=client_options, retry_config=retry_config)

    def __repr__(self) -> str:
        return f'HTTPStore("{self.url}")'

    def __reduce__(self) -> Any:
        return unpickled, (
            type(self),
            (self.url,),
            {"client_options": self.client_options, "retry_config": self.retry_config},
        )

    def _identity(self) -> tuple[Any, ...]:
        return self.url, self.client_options, self.retry_config


def _credentials(headers: Mapping[str, str | bytes] | None) -> dict[str, Any]:
    """Arguments of dskit's store; without the header nothing of the environment counts, as in obstore."""
    given = {
        name.lower(): value.decode("latin-1") if isinstance(value, bytes) else value
        for name, value in (headers or {}).items()
    }
    said = given.pop("authorization", None)
    if given:
        raise NotImplementedError(
            f"the HTTP store of this facade sends no header {sorted(given)[0]!r} of default_headers: leave it out"
        )
    if said is None:
        return {"anonymous": True}
    scheme, _, text = said.partition(" ")
    if scheme.lower() == "bearer":
        return {"token": text}
    try:
        if scheme.lower() == "basic":
            username, _, password = b64decode(text, validate=True).decode().partition(":")
            return {"username": username, "password": password}
    except (binascii.Error, UnicodeDecodeError):
        pass
    raise NotImplementedError("the HTTP store of this facade knows Basic and Bearer in Authorization")
