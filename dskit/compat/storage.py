"""What a facade stands on: the buckets of whatever the caller has."""

from __future__ import annotations

import os
from typing import TypeAlias

from ..backend import ObjectService
from ..errors import ConfigurationError
from ..service import Service
from ..store import Store
from ..urls import open_service

__all__ = ["Storage", "configured_service", "service_of"]

Storage: TypeAlias = Service | Store | ObjectService | str


def service_of(storage: Storage) -> Service:
    """The buckets of a service, of a store's service, or of what a URL names (``memory:``, ``disk:PATH``, …).

    A store stands for all buckets of its service. Raises `ConfigurationError` for a store with a prefix, which these
    SDKs know nothing of, and for anything else.
    """
    if isinstance(storage, Service):
        return storage
    if isinstance(storage, Store):
        if storage.prefix:
            raise ConfigurationError(
                f"this facade sees whole buckets; the store's prefix {storage.prefix!r} would be lost"
            )
        return Service(storage.service)
    if isinstance(storage, str):
        return open_service(storage)
    if isinstance(storage, ObjectService):
        return Service(storage)
    raise ConfigurationError(
        f"a facade stands on a Service, a Store, or a URL such as memory:, not {type(storage).__name__}"
    )


def configured_service(variable: str, instead: str) -> Service:
    """The service whose URL an environment variable holds: what a facade stands on where nothing was handed over.

    Raises `ConfigurationError` for none, and for ``memory:``, of which each caller would see another one; both say how
    to hand one over: by what is called `instead`.
    """
    url = os.environ.get(variable)
    if not url:
        raise ConfigurationError(
            f"there is no storage to stand on: use {instead}, or set {variable} to the URL of a service such as "
            "disk:PATH"
        )
    if url.startswith("memory:"):
        raise ConfigurationError(f"{variable} is {url}: each client would see a new, empty memory; use {instead}")
    return open_service(url)
