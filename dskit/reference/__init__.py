"""The reference store: one exact meaning of "object store", over memory or over a durable folder."""

from __future__ import annotations

from dskit.capabilities import Capabilities, Limits
from dskit.clock import Clock
from dskit.ids import Ids

from .blobs import MemoryBlobs
from .catalog_memory import MemoryCatalog
from .engine import ReferenceService

__all__ = ["ReferenceService", "memory_service"]


def memory_service(
    *, clock: Clock | None = None, ids: Ids | None = None, limits: Limits | None = None
) -> ReferenceService:
    """A reference store that forgets everything when it goes. Calls never block."""
    blobs = MemoryBlobs()
    capabilities = Capabilities(limits=limits or Limits())
    return ReferenceService(MemoryCatalog(blobs.remove), blobs, clock=clock, ids=ids, capabilities=capabilities)
