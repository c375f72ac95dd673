"""The reference store: one exact meaning of "object store", over memory or over a durable folder."""

from __future__ import annotations

import os
from typing import Literal

from dskit.clock import Clock
from dskit.ids import Ids
from dskit.limits import Limits

from .blobs import MemoryBlobs
from .catalog_memory import MemoryCatalog
from .engine import ReferenceService

__all__ = ["ReferenceService", "disk_service", "memory_service"]


def memory_service(
    *, clock: Clock | None = None, ids: Ids | None = None, limits: Limits | None = None
) -> ReferenceService:
    """A reference store that forgets everything when it goes. Calls never block. `limits` are S3's by default."""
    blobs = MemoryBlobs()
    return ReferenceService(MemoryCatalog(blobs.remove), blobs, clock=clock, ids=ids, limits=limits)


def disk_service(
    path: str | os.PathLike[str],
    *,
    durability: Literal["power", "process"] = "power",
    clock: Clock | None = None,
    ids: Ids | None = None,
    limits: Limits | None = None,
) -> ReferenceService:
    """A durable reference store in the directory `path`, which is made. Several processes may open it at once.

    With durability ``power`` an acknowledged write survives the loss of power (files, folders and the catalog are
    synced before the answer); with ``process`` it survives ``kill -9``, and nothing is synced. Opening sweeps what
    dead processes left. Raises `ConfigurationError` where the path cannot hold a store.
    """
    from pathlib import Path

    from .disk import open_disk

    catalog, blobs = open_disk(Path(path), durability)
    return ReferenceService(
        catalog,
        blobs,
        name=f"disk:{path}",
        clock=clock,
        ids=ids,
        limits=limits,
        durability=durability,
        blocking=True,
        folder=os.path.abspath(path),
    )
