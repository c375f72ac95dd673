"""dskit: one client API over object stores, and what it takes to test against them.

``import dskit`` loads the standard library only; every public name is imported when it is first used, and a backend
imports its library when it is constructed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .aio import AsyncStore as AsyncStore
    from .aio_files import AsyncFile as AsyncFile
    from .aio_service import AsyncService as AsyncService
    from .backend import ConfigurableService as ConfigurableService
    from .backend import ObjectService as ObjectService
    from .backend import PushService as PushService
    from .backend import Source as Source
    from .backends.azure import AzureStore as AzureStore
    from .backends.disk import DiskStore as DiskStore
    from .backends.gcs import GCSStore as GCSStore
    from .backends.local import LocalStore as LocalStore
    from .backends.memory import MemoryStore as MemoryStore
    from .backends.minio import MinIOStore as MinIOStore
    from .backends.obstore_s3 import ObstoreS3Store as ObstoreS3Store
    from .backends.s3 import S3Store as S3Store
    from .backends.webdav import WebDAVStore as WebDAVStore
    from .capabilities import Capabilities as Capabilities
    from .capabilities import Semantics as Semantics
    from .capabilities import Supports as Supports
    from .clock import Clock as Clock
    from .clock import ManualClock as ManualClock
    from .errors import *  # noqa: F403
    from .file_reader import ObjectReader as ObjectReader
    from .file_writer import ObjectWriter as ObjectWriter
    from .files import TextFile as TextFile
    from .limits import Limits as Limits
    from .results import GetResult as GetResult
    from .service import Service as Service
    from .signers import FormOptions as FormOptions
    from .signers import SignedForm as SignedForm
    from .signers import Signer as Signer
    from .signers import SignOptions as SignOptions
    from .store import Store as Store
    from .streams import Reading as Reading
    from .streams import Staging as Staging
    from .types import *  # noqa: F403
    from .urls import open_service as open_service
    from .urls import open_store as open_store

__version__ = "0.1.0"

_MODULES = {
    "aio": ("AsyncStore",),
    "aio_files": ("AsyncFile",),
    "aio_service": ("AsyncService",),
    "backend": ("ConfigurableService", "ObjectService", "PushService", "Source"),
    "backends.azure": ("AzureStore",),
    "backends.disk": ("DiskStore",),
    "backends.gcs": ("GCSStore",),
    "backends.local": ("LocalStore",),
    "backends.memory": ("MemoryStore",),
    "backends.minio": ("MinIOStore",),
    "backends.obstore_s3": ("ObstoreS3Store",),
    "backends.s3": ("S3Store",),
    "backends.webdav": ("WebDAVStore",),
    "capabilities": ("Capabilities", "Semantics", "Supports"),
    "clock": ("Clock", "ManualClock"),
    "file_reader": ("ObjectReader",),
    "file_writer": ("ObjectWriter",),
    "files": ("TextFile",),
    "limits": ("Limits",),
    "results": ("GetResult",),
    "service": ("Service",),
    "signers": ("FormOptions", "SignOptions", "SignedForm", "Signer"),
    "store": ("Store",),
    "streams": ("Reading", "Staging"),
    "urls": ("open_service", "open_store"),
    "errors": (
        "AlreadyExistsError",
        "AuthenticationError",
        "BucketExistsError",
        "BucketNotEmptyError",
        "BucketNotFoundError",
        "ChecksumMismatchError",
        "ClosedError",
        "ConfigurationError",
        "ConflictError",
        "FileModeError",
        "InvalidBucketNameError",
        "InvalidKeyError",
        "InvalidPartError",
        "InvalidRequestError",
        "KeyConflictError",
        "NotFoundError",
        "NotModifiedError",
        "OutcomeUnknownError",
        "PermissionDeniedError",
        "PreconditionFailedError",
        "RangeNotSatisfiableError",
        "StoreError",
        "ThrottledError",
        "TimedOutError",
        "TooLargeError",
        "TransferIncompleteError",
        "UnavailableError",
        "UnsupportedError",
        "UploadNotFoundError",
    ),
    "types": (
        "Access",
        "Attributes",
        "BucketInfo",
        "ByteRange",
        "CompletedPart",
        "Conditions",
        "CopyOptions",
        "DeleteError",
        "DeleteRequest",
        "DeleteResult",
        "FileSegment",
        "Grant",
        "ListPage",
        "ObjectMeta",
        "ObjectPart",
        "ObjectParts",
        "ObjectSummary",
        "Part",
        "PartPage",
        "PutOptions",
        "PutResult",
        "ReadOptions",
        "UploadInfo",
        "UploadOptions",
        "UploadPage",
    ),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_HOME)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    """A public name on first use (PEP 562)."""
    try:
        module = _HOME[name]
    except KeyError:
        raise AttributeError(f"module 'dskit' has no attribute {name!r}") from None
    value = getattr(importlib.import_module(f"dskit.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
