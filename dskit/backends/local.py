"""`LocalStore`: a folder of plain files as a store. Keys are paths; other programs can read and write the files."""

from __future__ import annotations

import os
from typing import Literal

from ..backend import ObjectService
from ..clock import Clock
from ..ids import Ids
from ..keys import check_bucket_name
from ..store import Store
from .folder_path import folder_path
from .local_service import LocalService

__all__ = ["LocalStore", "open_local"]


class LocalStore(Store):
    """The folder `path` as one bucket: the object ``a/b`` is the file ``path/a/b``.

    Declares ``semantics.keys == "path"``: keys that no file can have are refused with `InvalidKeyError`, and so is
    `a` beside ``a/b`` (`KeyConflictError`). Files that appear by other means are objects with an ETag derived from
    their status. What readers see is always a whole object. `durability` "process" gives up survival of power loss.
    See ``docs/design/local-store.md``.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        bucket: str = "default",
        *,
        prefix: str = "",
        service: ObjectService | None = None,
        durability: Literal["power", "process"] = "power",
        min_part_bytes: int = 1,
        clock: Clock | None = None,
        ids: Ids | None = None,
    ) -> None:
        owned = service is None
        if service is None:
            check_bucket_name(bucket)
            service = LocalService(
                _checked(path),
                single=bucket,
                durability=durability,
                min_part_bytes=min_part_bytes,
                clock=clock,
                ids=ids,
            )
        super().__init__(service, bucket, prefix=prefix, owns_service=owned)


def open_local(
    path: str | os.PathLike[str],
    *,
    durability: Literal["power", "process"] = "power",
    min_part_bytes: int = 1,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> LocalService:
    """A service whose buckets are the sub-folders of `path`."""
    return LocalService(_checked(path), durability=durability, min_part_bytes=min_part_bytes, clock=clock, ids=ids)


def _checked(path: str | os.PathLike[str] | None) -> str:
    return folder_path(path, "a store of plain files", "LocalStore('data'), or the URL file:data")
