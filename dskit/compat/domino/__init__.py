"""Domino's data sources (`dominodatalab-data` 6.7) over any dskit store::

    from dskit.compat import domino

    DataSourceClient = domino.connect({"s3-dev": MemoryStore()})
    DataSourceClient().get_datasource("s3-dev").put("key", b"content")

Object stores only. Where it differs from the package, and why: `docs/compat/domino.md`.
"""

from .client import ENVIRONMENT, DataSourceClient, connect
from .configuration import (
    ADLSConfig,
    AzureBlobStorageConfig,
    Config,
    DatasetConfig,
    DatasourceConfig,
    GCSConfig,
    GenericS3Config,
    NetAppVolumeConfig,
    S3Config,
)
from .datasource import Datasource, ObjectStoreDatasource, _Object
from .errors import DominoError, HTTPStatusError, UnauthenticatedError
from .shim import provided

__all__ = [
    "ENVIRONMENT",
    "ADLSConfig",
    "AzureBlobStorageConfig",
    "Config",
    "DataSourceClient",
    "DatasetConfig",
    "Datasource",
    "DatasourceConfig",
    "DominoError",
    "GCSConfig",
    "GenericS3Config",
    "HTTPStatusError",
    "NetAppVolumeConfig",
    "ObjectStoreDatasource",
    "S3Config",
    "UnauthenticatedError",
    "_Object",
    "connect",
    "provided",
]
