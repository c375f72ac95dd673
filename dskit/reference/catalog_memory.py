"""The catalog in memory: sorted maps under one lock."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import MappingProxyType, TracebackType
from typing import Any

from sortedcontainers import SortedDict

from dskit.errors import UnavailableError
from dskit.this_bucket import ThisBucket
from dskit.types import ObjectSummary

from .records import BucketRow, Extent, PartRow, UploadRow, VersionRow, summary

__all__ = ["MemoryCatalog"]

FORKED_SECONDS = 10.0
"""How long a transaction in a forked child may wait; all of them together take microseconds."""


class _Bucket:
    """Everything of one bucket. `current` is what listings walk; `older` are the versions that are not current."""

    __slots__ = ("current", "deleted", "older", "parts", "row", "uploads")

    def __init__(self, row: BucketRow) -> None:
        self.row = row
        self.current: Any = SortedDict()  # key bytes -> VersionRow
        self.older: dict[bytes, list[VersionRow]] = {}
        self.uploads: Any = SortedDict()  # (key bytes, seq) -> UploadRow
        self.parts: dict[str, tuple[UploadRow, Any]] = {}  # upload id -> (row, SortedDict number -> PartRow)
        self.deleted: dict[bytes, int] = {}  # keys with an upload in progress -> seq of the last delete


class MemoryCatalog:
    """View, transaction and catalog in one: entering either takes the lock. Changes are made at once, so a caller
    checks everything before the first; `release` is called with each blob that nothing refers to any more."""

    def __init__(self, release: Callable[[int], None]) -> None:
        self._release = release
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._buckets: dict[str, _Bucket] = {}
        self._by_id: dict[int, _Bucket] = {}
        self._references: dict[int, int] = {}
        self._small: dict[int, bytes] = {}
        self.next_seq: Callable[[], int] = itertools.count(1).__next__

    def view(self) -> MemoryCatalog:
        return self

    def transaction(self) -> MemoryCatalog:
        return self

    def find(self, bucket: str, key: bytes | None = None) -> tuple[BucketRow | None, VersionRow | None]:
        # Without the lock: each look-up is one step of a dictionary, and a row that was found never changes.
        found = self._buckets.get(bucket)
        if found is None or (isinstance(bucket, ThisBucket) and bucket.id != found.row.id):
            return None, None
        return found.row, None if key is None else found.current.get(key)

    def __enter__(self) -> MemoryCatalog:
        if not self._lock.acquire(False):
            self._wait()
        return self

    def _wait(self) -> None:
        """A thread that held the lock when the process was forked does not exist in the child, and never lets go."""
        while not self._lock.acquire(timeout=FORKED_SECONDS):
            if os.getpid() != self._process:
                raise UnavailableError(
                    "this store in memory was being written to by another thread when the process was forked; "
                    "open the store in each worker, or fork before there are threads",
                    retryable=False,
                )

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    def close(self) -> None:
        """Nothing is held but memory; a transaction is under way as long as somebody has the lock."""
        self._lock.acquire()
        self._lock.release()

    # buckets
    def bucket(self, name: str) -> BucketRow | None:
        found = self._buckets.get(name)
        if found is None or (isinstance(name, ThisBucket) and name.id != found.row.id):
            return None
        return found.row

    def buckets(self) -> list[BucketRow]:
        return [self._buckets[name].row for name in sorted(self._buckets)]

    def put_bucket(self, name: str, row: BucketRow) -> None:
        self._buckets[name] = self._by_id[row.id] = _Bucket(row)

    def configure(self, bucket: int, name: str, document: Any) -> None:
        found = self._by_id[bucket]
        documents = {other: kept for other, kept in found.row.configurations.items() if other != name}
        if document is not None:
            documents[name] = document
        found.row = replace(found.row, configurations=MappingProxyType(documents))

    def delete_bucket(self, bucket: int) -> None:
        gone = self._by_id[bucket]
        for upload in list(gone.uploads.values()):
            self.delete_upload(bucket, upload)
        del self._by_id[bucket], self._buckets[gone.row.name]

    def is_empty(self, bucket: int) -> bool:
        found = self._by_id[bucket]
        return not found.current and not found.older

    # versions
    def current(self, bucket: int, key: bytes) -> VersionRow | None:
        row: VersionRow | None = self._by_id[bucket].current.get(key)
        return row

    def scan(self, bucket: int, start: bytes, prefix: bytes) -> Iterator[ObjectSummary]:
        current = self._by_id[bucket].current
        # The least string greater than all with the prefix: UTF-8 has no byte 0xFF.
        end = prefix[:-1] + bytes([prefix[-1] + 1]) if prefix else None
        return map(summary, map(current.__getitem__, current.irange(max(start, prefix), end, (True, False))))

    def put_version(self, bucket: int, row: VersionRow) -> None:
        found = self._by_id[bucket]
        self._refer(row.extents)
        key = row.key
        previous = found.current.get(key)
        if previous is None:
            found.current[key] = row
            return
        dict.__setitem__(found.current, key, row)  # the order stays
        if previous.version_id == row.version_id:
            self._forget(previous.extents)
        else:
            found.older.setdefault(key, []).insert(0, previous)

    def delete_version(self, bucket: int, row: VersionRow) -> None:
        found = self._by_id[bucket]
        if found.current.get(row.key) is row:
            del found.current[row.key]
            older = found.older.get(row.key)
            if older:
                found.current[row.key] = older.pop(0)
        else:
            found.older[row.key].remove(row)
        if not found.older.get(row.key, True):
            del found.older[row.key]
        self._forget(row.extents)
        if found.uploads and next(found.uploads.irange((row.key, 0), (row.key, row.seq + (1 << 62))), None):
            found.deleted[row.key] = self.next_seq()

    def last_change(self, bucket: int, key: bytes) -> int:
        found = self._by_id[bucket]
        row = found.current.get(key)
        return max(found.deleted.get(key, 0), row.seq if row else 0)

    # uploads
    def upload(self, bucket: int, key: bytes, upload_id: str) -> UploadRow | None:
        found = self._by_id[bucket].parts.get(upload_id)
        return found[0] if found and found[0].key == key else None

    def scan_uploads(self, bucket: int, start: bytes, prefix: bytes) -> Iterator[UploadRow]:
        uploads = self._by_id[bucket].uploads
        for place in uploads.irange((max(start, prefix), 0)):
            if not place[0].startswith(prefix):
                return
            yield uploads[place]

    def put_upload(self, bucket: int, row: UploadRow) -> None:
        found = self._by_id[bucket]
        found.uploads[row.key, row.seq] = row
        found.parts[row.upload_id] = (row, SortedDict())

    def delete_upload(self, bucket: int, row: UploadRow) -> None:
        found = self._by_id[bucket]
        del found.uploads[row.key, row.seq]
        for part in found.parts.pop(row.upload_id)[1].values():
            self._forget(part.extents)
        if next(found.uploads.irange((row.key, 0), (row.key, 1 << 63)), None) is None:
            found.deleted.pop(row.key, None)

    def parts(self, bucket: int, upload_id: str, *, after: int = 0, limit: int | None = None) -> list[PartRow]:
        parts = self._by_id[bucket].parts[upload_id][1]
        return [parts[number] for number in itertools.islice(parts.irange(after, inclusive=(False, True)), limit)]

    def put_part(self, bucket: int, upload_id: str, row: PartRow) -> None:
        parts = self._by_id[bucket].parts[upload_id][1]
        self._refer(row.extents)
        replaced = parts.get(row.number)
        parts[row.number] = row
        if replaced is not None:
            self._forget(replaced.extents)

    # blobs
    def put_small(self, blob: int, data: bytes) -> None:
        self._small[blob] = data

    def small(self, blob: int) -> bytes | None:
        return self._small.get(blob)

    def _refer(self, extents: tuple[Extent, ...]) -> None:
        references = self._references
        for blob, _, _ in extents:
            references[blob] = references.get(blob, 0) + 1

    def _forget(self, extents: tuple[Extent, ...]) -> None:
        references = self._references
        for blob, _, _ in extents:
            left = references[blob] - 1
            if left:
                references[blob] = left
            else:
                del references[blob]
                if self._small.pop(blob, None) is None:
                    self._release(blob)
