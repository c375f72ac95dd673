"""The stores: obstore's classes over stores of dskit.

====================================================  ==================================================================
`MemoryStore()`                                       dskit's memory
`LocalStore(path)`                                    dskit's store of plain files
`S3Store(bucket, …)`                                  dskit's S3 store, through boto3
`PrefixStore(store, prefix)`                          a store of this module, seen from a folder
`wrap(store)`                                         any store of dskit
`GCSStore(bucket, …)`, `AzureStore(container, …)`     dskit's stores of these clouds, through the real obstore
`HTTPStore(url)`                                      dskit's WebDAV store, through the real obstore
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
from ._azure_config import AZURE_OPTIONS, azure_arguments, azure_traits
from ._base import Traits, below
from ._configured import ConfiguredStore, Kind, unpickled
from ._gcs_config import GCS_OPTIONS, gcs_arguments, gcs_traits
from ._http_store import HTTPStore
from ._methods import ObjectStoreMethods
from ._paths import path_of
from ._s3_config import S3_OPTIONS, s3_arguments, s3_traits
from ._schemes import azure_address, gcs_address, parse_scheme, s3_address, split
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

_OBSTORE_CAN = {"supports": {"put_metadata": True, "put_headers": True}}
"""dskit's stores decline these for S3's names and for ``Expires``, which no call of obstore has."""

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
        return unpickled, (type(self), (self._prefix,), self._options)


def _s3(bucket: str, **options: Any) -> Store:
    from ...backends.s3 import S3Store as Native

    return Native(bucket, **options)


def _azure(bucket: str, **options: Any) -> Store:
    from ...backends.azure import AzureStore as Native

    return Native(bucket, capabilities=_OBSTORE_CAN, **options)


def _gcs(bucket: str, **options: Any) -> Store:
    from ...backends.gcs import GCSStore as Native

    return Native(bucket, capabilities=_OBSTORE_CAN, **options)


def _provided_session(provider: Callable[[], Any]) -> Any:
    from ._credentials import provided_session

    return provided_session(provider)


class S3Store(ConfiguredStore):
    """A bucket of S3, or of anything that speaks it.

    >>> S3Store("data", endpoint="http://127.0.0.1:9000", access_key_id="dskit", secret_access_key="dskit-secret",
    ...         region="us-east-1", client_options={"allow_http": True})

    URLs are ``s3://bucket/prefix``, ``s3a://…``, and https addresses of Amazon's and Cloudflare's.
    """

    _kind = Kind(
        S3_OPTIONS,
        "bucket",
        s3_arguments,
        s3_traits,
        s3_address,
        _s3,
        client=frozenset({"pool_max_idle_per_host"}),
        session=_provided_session,
    )

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
        merged = S3_OPTIONS.merged(named, config, kwargs)
        self._connect(merged, prefix, client_options, retry_config, credential_provider)


class GCSStore(ConfiguredStore):
    """A bucket of Google Cloud Storage. URLs are ``gs://bucket/prefix``.

    >>> GCSStore("data", service_account="key.json")
    """

    _kind = Kind(GCS_OPTIONS, "bucket", gcs_arguments, gcs_traits, gcs_address, _gcs)

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
        named = {} if bucket is None else {"bucket": bucket}
        merged = GCS_OPTIONS.merged(named, config, kwargs)
        self._connect(merged, prefix, client_options, retry_config, credential_provider)


class AzureStore(ConfiguredStore):
    """A container of Azure Blob Storage. URLs are ``az://container/prefix``, ``abfs://container@account.…/prefix`` and
    https addresses of accounts.

    >>> AzureStore("data", account_name="account", account_key="bm90LWEtcmVhbC1rZXk=")
    """

    _kind = Kind(
        AZURE_OPTIONS, "container_name", azure_arguments, azure_traits, azure_address, _azure, shown=("account_name",)
    )

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
        named = {} if container_name is None else {"container_name": container_name}
        merged = AZURE_OPTIONS.merged(named, config, kwargs)
        self._connect(merged, prefix, client_options, retry_config, credential_provider)


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
    if scheme == "http":
        if config or kwargs or credential_provider:
            raise BaseError("HTTPStore does not accept any configuration")
        return HTTPStore.from_url(url, client_options=client_options, retry_config=retry_config)
    kinds: dict[str, type[ConfiguredStore]] = {"s3": S3Store, "gcs": GCSStore, "azure": AzureStore}
    return kinds[scheme].from_url(
        url,
        config=dict(config) if config else None,
        client_options=client_options,
        retry_config=retry_config,
        credential_provider=credential_provider,
        **kwargs,
    )
