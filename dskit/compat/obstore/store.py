"""The stores: obstore's classes over stores of dskit.

====================================================  ==================================================================
`MemoryStore()`                                       dskit's memory
`LocalStore(path)`                                    dskit's store of plain files
`S3Store(bucket, …)`                                  dskit's S3 store, through boto3
`PrefixStore(store, prefix)`                          a store of this module, seen from a folder
`wrap(store)`                                         any store of dskit
`GCSStore`, `AzureStore`, `HTTPStore`                 `NotSupportedError`: dskit has no such backend
====================================================  ==================================================================
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self, TypeAlias
from urllib.parse import unquote

from ...errors import StoreError
from ...store import Store
from ._base import Traits, below
from ._methods import ObjectStoreMethods
from ._paths import path_of
from ._s3_config import client_arguments, retry_arguments, s3_arguments, s3_config, s3_traits
from ._schemes import parse_scheme, s3_address, split
from ._translation import translated
from ._types import AzureConfig, BackoffConfig, ClientConfig, GCSConfig, RetryConfig, S3Config
from .exceptions import BaseError, GenericError, NotSupportedError

__all__ = [
    "AzureConfig",
    "AzureStore",
    "BackoffConfig",
    "ClientConfig",
    "GCSConfig",
    "GCSStore",
    "HTTPStore",
    "LocalStore",
    "MemoryStore",
    "ObjectStore",
    "ObjectStoreMethods",
    "PrefixStore",
    "RetryConfig",
    "S3Config",
    "S3Store",
    "from_url",
    "wrap",
]

_MEMORY = Traits(label="InMemory", tags="ignored")
_LOCAL = Traits(label="LocalFileSystem", attributes=False, update=False, tags="ignored", delete_missing=False)


class MemoryStore(ObjectStoreMethods):
    """Objects in memory. Two of them share nothing."""

    def __init__(self) -> None:
        from ...backends.memory import MemoryStore as Native

        super().__init__(Native(), _MEMORY)

    def __reduce__(self) -> Any:
        raise TypeError("cannot pickle 'MemoryStore' object")


class LocalStore(ObjectStoreMethods):
    """The files of a directory. obstore's store without a directory is the whole file system; this one needs one.

    `mkdir` makes the directory. Directories that a delete leaves empty are always removed (obstore's
    ``automatic_cleanup``). In the directory is ``.dskit``, where unfinished writes are kept; it is never listed.
    """

    def __init__(
        self, prefix: str | os.PathLike[str] | None = None, *, automatic_cleanup: bool = False, mkdir: bool = False
    ) -> None:
        from ...backends.local import LocalStore as Native

        if prefix is None:
            raise NotSupportedError("LocalStore() would be the whole file system: give a directory, LocalStore('data')")
        self._prefix = Path(prefix)
        self._options = {"automatic_cleanup": automatic_cleanup, "mkdir": mkdir}
        if mkdir:
            self._prefix.mkdir(parents=True, exist_ok=True)
        elif not self._prefix.exists():
            raise GenericError(f"Generic LocalFileSystem error: {self._prefix} does not exist; mkdir=True makes it")
        try:
            native = Native(self._prefix)
        except StoreError as error:
            raise translated(error, "LocalFileSystem", str(prefix)) from error
        super().__init__(native, _LOCAL)

    @classmethod
    def from_url(cls, url: str, *, automatic_cleanup: bool = False, mkdir: bool = False) -> Self:
        """The directory of a ``file://`` URL. Raises `ValueError` for any other."""
        if split(url).scheme != "file":
            raise ValueError("Not a `file://` URL")
        parse_scheme(url)
        return cls(unquote(split(url).path), automatic_cleanup=automatic_cleanup, mkdir=mkdir)

    @property
    def prefix(self) -> Path:
        """The directory."""
        return self._prefix

    def _identity(self) -> tuple[Any, ...]:
        return self._prefix, self._options

    def __repr__(self) -> str:
        return f'LocalStore("{self._prefix}")'

    def __reduce__(self) -> Any:
        return _unpickled, (type(self), (self._prefix,), self._options)


class S3Store(ObjectStoreMethods):
    """A bucket of S3, or of anything that speaks it.

    >>> S3Store("data", endpoint="http://127.0.0.1:9000", access_key_id="dskit", secret_access_key="dskit-secret",
    ...         region="us-east-1", client_options={"allow_http": True})

    Options are keywords or in `config`, by obstore's names; `_s3_config` has those that are honoured. Raises
    `UnknownConfigurationKeyError`, `GenericError` for values that make no sense, `NotImplementedError` for options that
    dskit cannot honour.
    """

    def __init__(
        self,
        bucket: str | None = None,
        *,
        prefix: str | None = None,
        config: S3Config | None = None,
        client_options: ClientConfig | None = None,
        retry_config: RetryConfig | None = None,
        credential_provider: Callable[[], Any] | None = None,
        **kwargs: Any,
    ) -> None:
        named = {} if bucket is None else {"bucket": bucket}
        self._connect(s3_config(named, config, kwargs), prefix, client_options, retry_config, credential_provider)

    def _connect(
        self,
        config: Mapping[str, str],
        prefix: str | None,
        client_options: ClientConfig | None,
        retry_config: RetryConfig | None,
        credential_provider: Callable[[], Any] | None,
    ) -> None:
        from ...backends.s3 import S3Store as Native

        self.config = dict(config)
        self.prefix = (path_of(prefix) or None) if prefix is not None else None
        self.client_options = client_options
        self.retry_config = retry_config
        self.credential_provider = credential_provider
        traits = s3_traits(config)
        arguments = s3_arguments(config)
        arguments |= client_arguments(client_options, arguments["endpoint"]) | retry_arguments(retry_config)
        if credential_provider is not None:
            from ._credentials import provided_session

            arguments["session"] = provided_session(credential_provider)
        bucket = arguments.pop("bucket")
        try:
            native = Native(bucket, **arguments)
        except StoreError as error:
            raise GenericError(f"Generic S3 error: {error}") from error
        super().__init__(below(native, self.prefix), traits)

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        config: S3Config | None = None,
        client_options: ClientConfig | None = None,
        retry_config: RetryConfig | None = None,
        credential_provider: Callable[[], Any] | None = None,
        **kwargs: Any,
    ) -> Self:
        """``s3://bucket/prefix``, ``s3a://…``, or an https address of Amazon's or Cloudflare's."""
        address, prefix = s3_address(url)
        store = cls.__new__(cls)
        store._connect(s3_config(address, config, kwargs), prefix, client_options, retry_config, credential_provider)
        return store

    def __repr__(self) -> str:
        prefix = f', prefix="{self.prefix}"' if self.prefix else ""
        return f'S3Store(bucket="{self.native.bucket}"{prefix})'

    def __reduce__(self) -> Any:
        options = {
            "prefix": self.prefix,
            "config": self.config,
            "client_options": self.client_options,
            "retry_config": self.retry_config,
            "credential_provider": self.credential_provider,
        }
        return _unpickled, (type(self), (), options)

    def _identity(self) -> tuple[Any, ...]:
        return self.config, self.prefix, self.client_options, self.retry_config, self.credential_provider


class PrefixStore(ObjectStoreMethods):
    """Another store, seen from the folder `prefix`: obstore's guide names it, its releases have had it up to 0.3."""

    def __init__(self, store: ObjectStoreMethods, prefix: str) -> None:
        self.store = store
        self.prefix = path_of(prefix)
        super().__init__(below(store.native, self.prefix), store._traits)

    def _identity(self) -> tuple[Any, ...]:
        return self.store._identity(), self.prefix

    def __repr__(self) -> str:
        return f'PrefixStore({self.store!r}, prefix="{self.prefix}")'


class WrappedStore(ObjectStoreMethods):
    """A store of dskit; `wrap` makes it."""

    def __repr__(self) -> str:
        return f"WrappedStore({self.native!r})"


def _unavailable(name: str) -> NotSupportedError:
    return NotSupportedError(
        f"{name}: dskit has no backend for it; the stores of this facade are MemoryStore, LocalStore, S3Store, and "
        "wrap(store) for any store of dskit"
    )


class _UnavailableBucket(ObjectStoreMethods):
    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        config: Mapping[str, Any] | None = None,
        client_options: ClientConfig | None = None,
        retry_config: RetryConfig | None = None,
        credential_provider: Callable[[], Any] | None = None,
        **kwargs: Any,
    ) -> Self:
        raise _unavailable(cls.__name__)


class GCSStore(_UnavailableBucket):
    """Google Cloud Storage: not available."""

    def __init__(
        self,
        bucket: str | None = None,
        *,
        prefix: str | None = None,
        config: GCSConfig | None = None,
        client_options: ClientConfig | None = None,
        retry_config: RetryConfig | None = None,
        credential_provider: Callable[[], Any] | None = None,
        **kwargs: Any,
    ) -> None:
        raise _unavailable(type(self).__name__)


class AzureStore(_UnavailableBucket):
    """Microsoft Azure Blob Storage: not available."""

    def __init__(
        self,
        container_name: str | None = None,
        *,
        prefix: str | None = None,
        config: AzureConfig | None = None,
        client_options: ClientConfig | None = None,
        retry_config: RetryConfig | None = None,
        credential_provider: Callable[[], Any] | None = None,
        **kwargs: Any,
    ) -> None:
        raise _unavailable(type(self).__name__)


class HTTPStore(ObjectStoreMethods):
    """A server of HTTP and WebDAV: not available."""

    def __init__(
        self, url: str, *, client_options: ClientConfig | None = None, retry_config: RetryConfig | None = None
    ) -> None:
        raise _unavailable(type(self).__name__)

    @classmethod
    def from_url(
        cls, url: str, *, client_options: ClientConfig | None = None, retry_config: RetryConfig | None = None
    ) -> Self:
        raise _unavailable(cls.__name__)


ObjectStore: TypeAlias = ObjectStoreMethods


def wrap(store: Store) -> WrappedStore:
    """Any store of dskit behind obstore's functions: all that the store can do, and nothing ignored."""
    if not isinstance(store, Store):
        raise TypeError(f"wrap takes a store of dskit, not a {type(store).__name__}")
    return WrappedStore(store, Traits(label=store.name))


def from_url(
    url: str,
    *,
    config: Mapping[str, Any] | None = None,
    client_options: ClientConfig | None = None,
    retry_config: RetryConfig | None = None,
    credential_provider: Callable[[], Any] | None = None,
    **kwargs: Any,
) -> ObjectStoreMethods:
    """The store of a URL: ``memory:///``, ``file:///path``, ``s3://bucket/prefix``, and what `parse_scheme` knows.

    Raises `BaseError` for options that the kind of store has not.
    """
    scheme = parse_scheme(url)
    if scheme == "memory":
        if config or kwargs:
            raise BaseError("MemoryStore does not accept any configuration")
        return MemoryStore()
    if scheme == "local":
        if credential_provider:
            raise BaseError("LocalStore does not accept a credential provider")
        return LocalStore.from_url(
            url, automatic_cleanup=kwargs.get("automatic_cleanup", False), mkdir=kwargs.get("mkdir", False)
        )
    if scheme == "s3":
        return S3Store.from_url(
            url,
            config=dict(config) if config else None,
            client_options=client_options,
            retry_config=retry_config,
            credential_provider=credential_provider,
            **kwargs,
        )
    if scheme == "http" and (config or kwargs or credential_provider):
        raise BaseError("HTTPStore does not accept any configuration")
    raise _unavailable({"gcs": "GCSStore", "azure": "AzureStore", "http": "HTTPStore"}[scheme])


def _unpickled(kind: type, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    return kind(*args, **options)
