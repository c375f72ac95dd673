"""`connect`: from the names that the ForePaaS SDK knows to connectors."""

from __future__ import annotations

from typing import TypeAlias

from minio import Minio

from ...errors import ConfigurationError
from ..storage import Storage, configured_service, service_of
from .client import StoreClient
from .connectors import BucketConnector, DataStoreConnector

__all__ = ["ENVIRONMENT", "DataStorage", "client_of", "connect"]

DATA_STORE = "data_store"
ENVIRONMENT = "DSKIT_FOREPAAS_STORE"
DataStorage: TypeAlias = Storage | Minio | StoreClient


def client_of(storage: DataStorage) -> Minio | StoreClient:
    return storage if isinstance(storage, Minio | StoreClient) else StoreClient(service_of(storage))


def connect(name: str, *, storage: DataStorage | None = None) -> DataStoreConnector | BucketConnector:
    """``'data_store'`` gives a `DataStoreConnector`, ``'data_store/NAME'`` a `BucketConnector`. Sends nothing.

    `storage` is a dskit service, store or URL, or a ``minio.Minio``; without it the environment variable
    ``DSKIT_FOREPAAS_STORE`` is the URL, such as ``disk:PATH``. Raises `ConfigurationError` for other names, and where
    it is not told what to connect to.
    """
    kind, slash, bucket = name.partition("/")
    if kind != DATA_STORE or (slash and not bucket):
        raise ConfigurationError(f"there is no connector {name!r}; there are 'data_store' and 'data_store/BUCKET'")
    if storage is None:
        storage = configured_service(ENVIRONMENT, "connect(…, storage=…) or provided(storage)")
    minio = client_of(storage)
    return BucketConnector(minio, bucket) if slash else DataStoreConnector(minio)
