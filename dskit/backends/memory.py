"""`MemoryStore`: the reference store with everything in memory."""

from __future__ import annotations

from ..backend import ObjectService
from ..clock import Clock
from ..ids import Ids
from ..limits import Limits
from ..store import Store
from .default_bucket import ensure_bucket

__all__ = ["MemoryStore"]


class MemoryStore(Store):
    """A bucket of a reference store in memory. Two of them share nothing, unless they are given one `service`.

    The bucket is created. `limits` are S3's by default. What is stored is gone when the last store of the service is
    collected.
    """

    def __init__(
        self,
        bucket: str = "default",
        *,
        prefix: str = "",
        service: ObjectService | None = None,
        clock: Clock | None = None,
        ids: Ids | None = None,
        limits: Limits | None = None,
    ) -> None:
        owned = service is None
        if service is None:
            from ..reference import memory_service

            service = memory_service(clock=clock, ids=ids, limits=limits)
        ensure_bucket(service, bucket)
        super().__init__(service, bucket, prefix=prefix, owns_service=owned)
