"""`ReferenceService`: the one place where S3's semantics live, over a catalog and a blob port."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from dskit.clock import Clock, SystemClock
from dskit.errors import BucketExistsError, BucketNotEmptyError
from dskit.ids import Ids, RandomIds
from dskit.keys import check_bucket_name
from dskit.limits import Limits
from dskit.places import Place, place_in
from dskit.types import BucketInfo

from .blobs import Blobs
from .catalog import Catalog, ClosedCatalog
from .core import no_such_bucket
from .listing import ListingVerbs
from .multipart import MultipartVerbs
from .records import BucketRow

if TYPE_CHECKING:
    from dskit.capabilities import Capabilities

__all__ = ["ReferenceService"]


class ReferenceService(MultipartVerbs, ListingVerbs):
    """Buckets of objects with the whole of `dskit.backend.ConfigurableService`.

    Stage, verify, commit: no lock is held while bytes stream, every condition is checked in the transaction that
    publishes, and a call that raises has changed nothing. `limits` are the bounds that it enforces, S3's by default.
    """

    def __init__(
        self,
        catalog: Catalog,
        blobs: Blobs,
        *,
        name: str = "memory",
        clock: Clock | None = None,
        ids: Ids | None = None,
        limits: Limits | None = None,
        durability: Literal["none", "process", "power"] = "none",
        blocking: bool = False,
        folder: str | None = None,
    ) -> None:
        super().__init__(
            catalog,
            blobs,
            clock=clock or SystemClock(),
            ids=ids or RandomIds(),
            limits=limits or Limits(),
            blocking=blocking,
        )
        self.name = name
        self._durability: Literal["none", "process", "power"] = durability
        self._folder = folder

    def _declared(self) -> Capabilities:
        from dskit.capabilities import Capabilities, Semantics

        return Capabilities(limits=self.limits, semantics=Semantics(durability=self._durability))

    def place(self, bucket: str, beginning: str) -> Place | None:
        """Where the objects are whose keys begin so; None in memory."""
        return None if self._folder is None else Place(place_in(self._folder).path, f"{bucket}/{beginning}")

    def __repr__(self) -> str:
        return f"ReferenceService({self.name!r})"

    def create_bucket(
        self,
        bucket: str,
        *,
        region: str | None = None,
        owner: str | None = None,
        configurations: Mapping[str, Any] | None = None,
    ) -> BucketInfo:
        bucket = check_bucket_name(str(bucket))  # whichever had the name before
        with self.catalog.transaction() as change:
            if change.bucket(bucket) is not None:
                raise BucketExistsError(
                    "Your previous request to create the named bucket succeeded and you already own it.",
                    bucket=bucket,
                    details={"BucketName": bucket},
                )
            kept = MappingProxyType(dict(configurations or {}))
            row = BucketRow(change.next_seq(), bucket, self.stamp(None), region, owner, kept)
            change.put_bucket(bucket, row)
        return row.info

    def head_bucket(self, bucket: str) -> BucketInfo:
        row, _ = self.catalog.find(bucket)
        if row is None:
            raise no_such_bucket(bucket)
        return row.info

    def put_configuration(self, bucket: str, name: str, document: Any) -> None:
        with self.catalog.transaction() as change:
            change.configure(self.bucket_row(change, bucket).id, name, document)

    def delete_bucket(self, bucket: str) -> None:
        with self.catalog.transaction() as change:
            row = self.bucket_row(change, bucket)
            if not change.is_empty(row.id):
                raise BucketNotEmptyError(
                    "The bucket you tried to delete is not empty", bucket=bucket, details={"BucketName": bucket}
                )
            change.delete_bucket(row.id)

    def list_buckets(self) -> list[BucketInfo]:
        with self.catalog.view() as view:
            return [row.info for row in view.buckets()]

    def close(self) -> None:
        """Writes that are being published end first. Every call after that is a `ClosedError`, and so is the end of a
        write that was begun before."""
        catalog, self.catalog = self.catalog, ClosedCatalog(f"the store {self.name}")
        catalog.close()
        self.blobs.close()
