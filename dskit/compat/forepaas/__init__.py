"""The ForePaaS SDK's buckets connector over any dskit store, or over a real minio-py client.

>>> from dskit.compat.forepaas import connect
>>> bucket = connect("data_store/reports", storage="disk:/srv/data")  # doctest: +SKIP

`provided(storage)` lets ``from forepaas.dwh import connect`` work unchanged. Needs minio-py, whose classes are what the
SDK answers with: ``pip install "dskit[minio]"``. Decisions where the SDK's document is silent: docs/compat/forepaas.md.
"""

from __future__ import annotations

from ...extras import explained

with explained():
    from .client import StoreClient
    from .connection import connect
    from .connectors import BucketConnector, DataStoreConnector
    from .shim import modules, provided

__all__ = ["BucketConnector", "DataStoreConnector", "StoreClient", "connect", "modules", "provided"]
