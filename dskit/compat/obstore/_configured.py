"""Stores that have options: a bucket of S3, of Google Cloud Storage, of Azure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from ...errors import StoreError
from ...store import Store
from ._base import Traits, below
from ._client_config import client_arguments, retry_arguments
from ._methods import ObjectStoreMethods
from ._options import Options
from ._paths import path_of
from ._types import ClientConfig, RetryConfig
from .exceptions import GenericError

__all__ = ["ConfiguredStore", "Kind", "unpickled"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What differs between them."""

    options: Options
    bucket: str
    """The option that names the bucket."""
    arguments: Callable[[Mapping[str, str]], dict[str, Any]]
    """Options in the terms of `connect`."""
    traits: Callable[[Mapping[str, str]], Traits]
    address: Callable[[str], tuple[dict[str, str], str]]
    """Options and prefix of a URL."""
    connect: Callable[..., Store]
    """dskit's store of a bucket."""
    client: frozenset[str] = frozenset()
    """Options of the client that it honours beside the common ones."""
    shown: tuple[str, ...] = ()
    """Options that the repr has beside the bucket."""
    session: Callable[[Callable[[], Any]], Any] | None = None
    """A session with the credentials of a provider; None where dskit's store takes no provider."""


class ConfiguredStore(ObjectStoreMethods):
    """Options are keywords or in `config`, by obstore's names; the module of each kind has those that are honoured.

    Raises `UnknownConfigurationKeyError`, `GenericError` for values that make no sense, `NotImplementedError` for
    options that dskit cannot honour.
    """

    _kind: ClassVar[Kind]

    def _connect(
        self,
        config: Mapping[str, str],
        prefix: str | None,
        client_options: ClientConfig | None,
        retry_config: RetryConfig | None,
        credential_provider: Callable[[], Any] | None,
    ) -> None:
        kind, options = self._kind, self._kind.options
        self.config = dict(config)
        self.prefix = (path_of(prefix) or None) if prefix is not None else None
        self.client_options = client_options
        self.retry_config = retry_config
        self.credential_provider = credential_provider
        traits = kind.traits(config)
        arguments = kind.arguments(config)
        arguments |= client_arguments(
            options.kind,
            client_options,
            arguments["endpoint"],
            also=kind.client,
            variable=f"{options.prefix}ALLOW_HTTP",
        )
        arguments |= retry_arguments(retry_config)
        if credential_provider is not None:
            if kind.session is None:
                raise NotImplementedError(
                    f"the {options.kind} store of this facade cannot honour 'credential_provider': leave it out"
                )
            arguments["session"] = kind.session(credential_provider)
        bucket = arguments.pop("bucket")
        try:
            native = kind.connect(bucket, **arguments)
        except StoreError as error:
            raise GenericError(f"Generic {traits.label} error: {error}") from error
        super().__init__(below(native, self.prefix), traits)

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        config: dict[str, Any] | None = None,
        client_options: ClientConfig | None = None,
        retry_config: RetryConfig | None = None,
        credential_provider: Callable[[], Any] | None = None,
        **kwargs: Any,
    ) -> Self:
        """The bucket that a URL names, and the folder in it as prefix."""
        address, prefix = cls._kind.address(url)
        merged = cls._kind.options.merged(address, config, kwargs)
        store = cls.__new__(cls)
        store._connect(merged, prefix, client_options, retry_config, credential_provider)
        return store

    def __repr__(self) -> str:
        shown = {self._kind.bucket: self.native.bucket}
        shown |= {name: self.config[name] for name in self._kind.shown if name in self.config}
        if self.prefix:
            shown["prefix"] = self.prefix
        options = ", ".join(f'{name}="{value}"' for name, value in shown.items())
        return f"{type(self).__name__}({options})"

    def __reduce__(self) -> Any:
        options = {
            "prefix": self.prefix,
            "config": self.config,
            "client_options": self.client_options,
            "retry_config": self.retry_config,
            "credential_provider": self.credential_provider,
        }
        return unpickled, (type(self), (), options)

    def _identity(self) -> tuple[Any, ...]:
        return self.config, self.prefix, self.client_options, self.retry_config, self.credential_provider


def unpickled(kind: type, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    return kind(*args, **options)
