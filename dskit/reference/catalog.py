"""The catalog port: ordered metadata and one kind of transaction. The only place that touches metadata.

Narrow on purpose (point read, ordered scan, one transaction), so that another engine can stand behind it. Rows are
keyed (bucket, key bytes, seq descending); an index of current rows keeps a page of a listing O(page) however many
versions there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, NoReturn, Protocol

from dskit.errors import ClosedError
from dskit.types import ObjectSummary

from .records import BucketRow, PartRow, UploadRow, VersionRow

__all__ = ["Catalog", "ClosedCatalog", "Transaction", "View"]


class View(Protocol):
    """A consistent read. Scans are ordered by the bytes of the key and begin at `start`, inclusive."""

    def bucket(self, name: str) -> BucketRow | None:
        """The bucket of that name; of a `ThisBucket`, only the one that it means."""
        ...

    def buckets(self) -> list[BucketRow]: ...

    def current(self, bucket: int, key: bytes) -> VersionRow | None: ...

    def scan(self, bucket: int, start: bytes, prefix: bytes) -> Iterator[ObjectSummary]:
        """What a listing tells of the current versions with that prefix, from `start` on."""
        ...

    def upload(self, bucket: int, key: bytes, upload_id: str) -> UploadRow | None: ...

    def scan_uploads(self, bucket: int, start: bytes, prefix: bytes) -> Iterator[UploadRow]:
        """Uploads in progress by key, then in the order in which they began."""
        ...

    def parts(self, bucket: int, upload_id: str, *, after: int = 0, limit: int | None = None) -> list[PartRow]: ...

    def is_empty(self, bucket: int) -> bool:
        """Whether no version is left in the bucket; uploads in progress do not count."""
        ...

    def last_change(self, bucket: int, key: bytes) -> int:
        """`seq` of the last write or delete of a key since its oldest upload in progress began; 0 for none."""
        ...


class Transaction(View, Protocol):
    """Reads and writes, serialised with every other transaction; all or nothing.

    Putting a version or a part counts one reference to each blob of its extents, removing it takes that back; a blob
    without references is garbage. So what is put may share bytes with something that is there already.
    """

    def next_seq(self) -> int: ...

    def put_bucket(self, name: str, row: BucketRow) -> None: ...

    def configure(self, bucket: int, name: str, document: Any) -> None:
        """Keep a document of a bucket under a name; None removes it."""
        ...

    def delete_bucket(self, bucket: int) -> None:
        """Remove a bucket without versions, with its uploads in progress."""
        ...

    def put_small(self, blob: int, data: bytes) -> None:
        """Keep the bytes of a small blob, to which the same transaction is about to refer."""
        ...

    def put_version(self, bucket: int, row: VersionRow) -> None:
        """Make `row` the current version, in place of the one with the same version id. Blobs of that are released."""
        ...

    def delete_version(self, bucket: int, row: VersionRow) -> None:
        """Remove a version and release its blobs; remembers the change for `last_change`."""
        ...

    def put_upload(self, bucket: int, row: UploadRow) -> None: ...

    def delete_upload(self, bucket: int, row: UploadRow) -> None:
        """Remove an upload with its parts and release their blobs."""
        ...

    def put_part(self, bucket: int, upload_id: str, row: PartRow) -> None:
        """Add or replace a part; blobs of the replaced one are released."""
        ...


class Catalog(Protocol):
    def view(self) -> AbstractContextManager[View]: ...

    def transaction(self) -> AbstractContextManager[Transaction]: ...

    def find(self, bucket: str, key: bytes | None = None) -> tuple[BucketRow | None, VersionRow | None]:
        """A bucket, as `View.bucket` finds it, and the current version of a key in it: the one point read that most
        requests need."""
        ...

    def small(self, blob: int) -> bytes | None:
        """The bytes of a small blob; None where nothing refers to it any more."""
        ...

    def close(self) -> None:
        """Transactions that are under way end first."""
        ...


class ClosedCatalog:
    """What a service has in place of its catalog once it is closed: who is not closed never has to ask."""

    def __init__(self, name: str) -> None:
        self._name = name

    def view(self) -> NoReturn:
        raise ClosedError(f"{self._name} has been closed: open it again")

    transaction = view

    def find(self, bucket: str, key: bytes | None = None) -> NoReturn:
        self.view()

    def small(self, blob: int) -> NoReturn:
        self.view()

    def close(self) -> None:
        """It is."""
