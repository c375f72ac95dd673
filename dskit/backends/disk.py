"""`DiskStore`: the reference store on disk, durable and safe for several processes."""

from __future__ import annotations

import os
from typing import Literal

from ..backend import ObjectService
from ..clock import Clock
from ..ids import Ids
from ..limits import Limits
from ..store import Store
from .default_bucket import ensure_bucket
from .folder_path import folder_path

__all__ = ["DiskStore"]


class DiskStore(Store):
    """A bucket of a reference store in the directory `path`: any key, all of S3's meaning, in dskit's own format.

    For plain files that other programs can read use `LocalStore`. The directory and the bucket are created.
    An acknowledged write survives power loss, or with durability ``process`` only ``kill -9``. Several processes may
    open the same path at once. `limits` are S3's by default.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        bucket: str = "default",
        *,
        prefix: str = "",
        service: ObjectService | None = None,
        durability: Literal["power", "process"] = "power",
        clock: Clock | None = None,
        ids: Ids | None = None,
        limits: Limits | None = None,
    ) -> None:
        owned = service is None
        if service is None:
            service = open_disk(path, durability=durability, clock=clock, ids=ids, limits=limits)
        ensure_bucket(service, bucket)
        super().__init__(service, bucket, prefix=prefix, owns_service=owned)


def open_disk(
    path: str | os.PathLike[str] | None,
    *,
    durability: Literal["power", "process"] = "power",
    clock: Clock | None = None,
    ids: Ids | None = None,
    limits: Limits | None = None,
) -> ObjectService:
    """The service of a directory. Raises `ConfigurationError` without a path."""
    from ..reference import disk_service

    path = folder_path(path, "a disk store", "DiskStore('data'), or the URL disk:data")
    return disk_service(path, durability=durability, clock=clock, ids=ids, limits=limits)
