"""Stores around stores: each is a `Store` that passes every verb on and changes one thing on the way.

`PrefixStore` (below a prefix), `ReadOnlyStore`, `RetryStore`, `ThrottleStore` (bytes and requests a second),
`CacheStore` (validated by ETag), `FaultStore` (errors, latency, truncation) and `RecordingStore`. Each has a
service of the same kind (`RetryService` …), which wraps all buckets at once and may be what an emulator serves.
Wrappers can be nested. Closing one closes what it wraps.
"""

from ..retry import RetryOptions
from .caching import CacheService, CacheStore
from .faults import Fault, FaultService, FaultStore
from .forwarding import WrappedService, WrappedStore
from .prefix import PrefixStore
from .readonly import ReadOnlyService, ReadOnlyStore
from .recording import Recorded, RecordingService, RecordingStore
from .retrying import RetryService, RetryStore
from .throttling import ThrottleService, ThrottleStore

__all__ = [
    "CacheService",
    "CacheStore",
    "Fault",
    "FaultService",
    "FaultStore",
    "PrefixStore",
    "ReadOnlyService",
    "ReadOnlyStore",
    "Recorded",
    "RecordingService",
    "RecordingStore",
    "RetryOptions",
    "RetryService",
    "RetryStore",
    "ThrottleService",
    "ThrottleStore",
    "WrappedService",
    "WrappedStore",
]
