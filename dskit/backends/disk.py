"""`DiskStore`: the reference store on disk, durable and safe for several processes."""

from __future__ import annotations

import os
from typing import Any

from ..backend import ObjectService
from ..store import Store
from .default_bucket import ensure_bucket

__all__ = ["DiskStore"]


class DiskStore(Store):
    """A bucket of a reference store in the directory `path`: any key, all of S3's meaning, in dskit's own format.

    For plain files that other programs can read use `LocalStore`. The directory and the bucket are created.
    An acknowledged write survives power loss. Several processes may open the same path at once. `options` are
    those of `dskit.reference.disk_service`.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        bucket: str = "default",
        *,
        prefix: str = "",
        service: ObjectService | None = None,
        **options: Any,
    ) -> None:
        owned = service is None
        if service is None:
            service = open_disk(path, **options)
        ensure_bucket(service, bucket)
        super().__init__(service, bucket, prefix=prefix, owns_service=owned)


def open_disk(path: str | os.PathLike[str] | None, **options: Any) -> ObjectService:
    """The service of a directory. Raises `ConfigurationError` without a path."""
    from ..errors import ConfigurationError
    from ..reference import disk_service

    if path is None or not os.fspath(path):
        raise ConfigurationError("a disk store needs a path: DiskStore('data'), or the URL disk:data")
    return disk_service(path, **options)
