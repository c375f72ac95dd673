"""``import obstore`` over any stores of dskit, for code that is not to be changed.

In these modules ``S3Store("data", …)`` is the bucket `data` of a storage, and so are `GCSStore` and `AzureStore`: code
that names a cloud runs in memory or on disk.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any, ClassVar, Self

from ...service import Service
from ..shim import importable
from ..storage import Storage, service_of
from ._base import Traits, below
from ._methods import ObjectStoreMethods
from ._schemes import bucket_address, parse_scheme
from .exceptions import GenericError
from .store import LocalStore, MemoryStore

__all__ = ["modules", "provided"]


class BucketStore(ObjectStoreMethods):
    """A bucket of `service` with obstore's constructor. Credentials, addresses and options of the client are taken and
    not looked at: the storage is open already. Bucket and prefix say which objects are meant."""

    service: ClassVar[Service]

    def __init__(
        self,
        bucket: str | None = None,
        *,
        prefix: str | None = None,
        config: Mapping[str, Any] | None = None,
        client_options: Mapping[str, Any] | None = None,
        retry_config: Mapping[str, Any] | None = None,
        credential_provider: Any = None,
        **kwargs: Any,
    ) -> None:
        options = {**(config or {}), **kwargs}
        name = bucket or options.get("bucket") or options.get("container_name")
        if name is None:
            raise GenericError("Missing bucket name")
        self.config, self.prefix = {**options, "bucket": name}, prefix
        self.client_options, self.retry_config = client_options, retry_config
        self.credential_provider = credential_provider
        traits = Traits(label=type(self).__name__, copy_onto_itself=False, create_copy="none")
        super().__init__(below(self.service.bucket(name), prefix), traits)

    @classmethod
    def from_url(cls, url: str, **options: Any) -> Self:
        bucket, prefix = bucket_address(url)
        return cls(bucket, prefix=prefix or None, **options)

    def _identity(self) -> tuple[Any, ...]:
        return self.config["bucket"], self.prefix

    def __repr__(self) -> str:
        prefix = f', prefix="{self.prefix}"' if self.prefix else ""
        return f'{type(self).__name__}(bucket="{self.config["bucket"]}"{prefix})'


def modules(storage: Storage) -> dict[str, ModuleType]:
    """``obstore`` and its modules `store`, `exceptions` and `fsspec` by name, over the buckets of `storage`."""
    from dskit.compat import obstore

    opened = service_of(storage)
    stores: dict[str, type[Any]] = {
        name: type(name, (BucketStore,), {"service": opened}) for name in ("S3Store", "GCSStore", "AzureStore")
    }
    kinds: dict[str, Any] = {
        "s3": stores["S3Store"],
        "gcs": stores["GCSStore"],
        "azure": stores["AzureStore"],
        "local": LocalStore,
    }

    def from_url(url: str, **options: Any) -> ObjectStoreMethods:
        """The store of a URL; what names a bucket is a bucket of the storage."""
        scheme = parse_scheme(url)
        if scheme == "memory":
            return MemoryStore()
        if scheme not in kinds:
            return obstore.store.from_url(url, **options)
        made: ObjectStoreMethods = kinds[scheme].from_url(url, **options)
        return made

    store = ModuleType("obstore.store", "Provided by dskit.")
    store.__dict__.update({name: getattr(obstore.store, name) for name in obstore.store.__all__ if name != "wrap"})
    store.__dict__.update(stores, from_url=from_url)
    exceptions = ModuleType("obstore.exceptions", "Provided by dskit.")
    exceptions.__dict__.update({name: getattr(obstore.exceptions, name) for name in obstore.exceptions.__all__})
    fsspec = ModuleType("obstore.fsspec", "Provided by dskit.")

    @cache
    def filesystems() -> dict[str, Any]:
        return importlib.import_module("dskit.compat.obstore.fsspec").members(from_url)  # type: ignore[no-any-return]

    def member(name: str) -> Any:
        """Of `obstore.fsspec`, whose library is loaded with the first name that is asked for."""
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return filesystems()[name]
        except KeyError:
            raise AttributeError(f"module 'obstore.fsspec' has no attribute {name!r}") from None

    fsspec.__dict__["__getattr__"] = member
    package = ModuleType("obstore", "Provided by dskit.")
    package.__dict__.update({name: getattr(obstore, name) for name in obstore.__all__})
    package.__dict__.update(store=store, exceptions=exceptions, fsspec=fsspec, __path__=[])
    return {module.__name__: module for module in (package, store, exceptions, fsspec)}


@contextmanager
def provided(storage: Storage) -> Iterator[ModuleType]:
    """Inside the block ``import obstore`` works, over the buckets of `storage`.

    Raises `ConfigurationError`, and changes nothing, where obstore is installed or imported already.
    """
    with importable(lambda: modules(storage), "obstore") as made:
        yield made["obstore"]
