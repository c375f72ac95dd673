"""One connection to the durable catalog, and the statements of it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dskit.errors import OutcomeUnknownError
from dskit.this_bucket import ThisBucket
from dskit.types import ObjectSummary

from .blobs_files import is_small
from .catalog_errors import translated
from .catalog_schema import BUSY_SECONDS
from .records import BucketRow, Extent, PartRow, UploadRow, VersionRow
from .rows import (
    dump_configurations,
    dump_listed,
    dump_part,
    dump_upload,
    dump_version,
    load_bucket,
    load_configurations,
    load_extents,
    load_listed,
    load_part,
    load_upload,
    load_version,
    micros,
)

__all__ = ["Session"]

_NOTHING_WRITTEN = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_BUSY")

_BUCKET = "SELECT id, name, created, region, owner, configurations FROM buckets "
_BUCKET_COLUMNS = 6
_CURRENT = (
    "FROM current c JOIN versions v ON v.bucket = c.bucket AND v.key = c.key AND v.seq = c.seq WHERE c.bucket = ? AND "
)
_VERSION = "v.key, v.seq, v.version_id, v.size, v.etag, v.modified, v.record, v.extents, v.parts "
_WHOLE = "SELECT " + _VERSION
_FOUND = (
    f"SELECT b.id, b.name, b.created, b.region, b.owner, b.configurations, {_VERSION}FROM buckets b "
    "LEFT JOIN current c ON c.bucket = b.id AND c.key = ? "
    "LEFT JOIN versions v ON v.bucket = c.bucket AND v.key = c.key AND v.seq = c.seq WHERE b.name = ?"
)
_LISTED = "SELECT CAST(key AS TEXT), size, etag, modified, told FROM current WHERE bucket = ? AND key >= ? "


class Session:
    """One connection: `catalog.View` and, between BEGIN IMMEDIATE and COMMIT, `catalog.Transaction`."""

    def __init__(self, path: Path, synchronous: str) -> None:
        with translated(path):
            self._db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute(f"PRAGMA synchronous = {synchronous}")
            except BaseException:
                self._db.close()
                raise
        self.busy = threading.RLock()
        """Held by whoever is in a call, so that nobody closes the connection meanwhile."""
        self.execute = self._db.execute
        self.many = self._db.executemany
        self._referred: dict[int, int] = {}
        """What the transaction adds to the references of each blob, or takes from them."""

    def begin(self) -> None:
        self._referred.clear()
        self.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Raises `OutcomeUnknownError` where SQLite cannot say whether what it wrote will count after a crash."""
        try:
            self.execute("COMMIT")
        except sqlite3.OperationalError as error:
            self.rollback()
            if error.sqlite_errorname in _NOTHING_WRITTEN:
                raise
            raise OutcomeUnknownError(f"the catalog could not be committed: {error}") from error

    def end(self) -> None:
        """End a view. Some errors have ended it already."""
        if self._db.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        if self._db.in_transaction:
            self.execute("ROLLBACK")

    def close(self) -> None:
        """Waits for the call that its thread is in."""
        with self.busy:
            self._db.close()

    def one(self, statement: str, *values: object) -> tuple[object, ...] | None:
        row: tuple[object, ...] | None = self.execute(statement, values).fetchone()
        return row

    def find(self, name: str, key: bytes | None) -> tuple[BucketRow | None, VersionRow | None]:
        """One statement, and so a consistent read by itself: a transaction around it would cost as much again."""
        if not name.isascii():
            return None, None
        row = self.execute(_FOUND, (key, name)).fetchone()
        if row is None or (isinstance(name, ThisBucket) and name.id != row[0]):
            return None, None
        version = row[_BUCKET_COLUMNS:]
        return load_bucket(*row[:_BUCKET_COLUMNS]), None if version[0] is None else load_version(*version)

    # buckets
    def bucket(self, name: str) -> BucketRow | None:
        if not name.isascii():
            return None  # no bucket has such a name, and SQLite takes no lone surrogates
        row = self.execute(_BUCKET + "WHERE name = ?", (name,)).fetchone()
        if row is None or (isinstance(name, ThisBucket) and name.id != row[0]):
            return None
        return load_bucket(*row)

    def buckets(self) -> list[BucketRow]:
        return [load_bucket(*row) for row in self.execute(_BUCKET + "ORDER BY name")]

    def put_bucket(self, name: str, row: BucketRow) -> None:
        values = (row.id, name, micros(row.created), row.region, row.owner, dump_configurations(row.configurations))
        self.execute("INSERT INTO buckets VALUES (?, ?, ?, ?, ?, ?)", values)

    def configure(self, bucket: int, name: str, document: Any) -> None:
        (text,) = self.execute("SELECT configurations FROM buckets WHERE id = ?", (bucket,)).fetchone()
        documents = {**load_configurations(text), name: document}
        if document is None:
            del documents[name]
        self.execute("UPDATE buckets SET configurations = ? WHERE id = ?", (dump_configurations(documents), bucket))

    def delete_bucket(self, bucket: int) -> None:
        for upload in list(self.scan_uploads(bucket, b"", b"")):
            self.delete_upload(bucket, upload)
        self.execute("DELETE FROM buckets WHERE id = ?", (bucket,))

    def is_empty(self, bucket: int) -> bool:
        return self.one("SELECT 1 FROM versions WHERE bucket = ? LIMIT 1", bucket) is None

    # versions
    def next_seq(self) -> int:
        self.execute("UPDATE counter SET value = value + 1")
        (value,) = self.execute("SELECT value FROM counter").fetchone()
        return int(value)

    def current(self, bucket: int, key: bytes) -> VersionRow | None:
        row = self.execute(_WHOLE + _CURRENT + "c.key = ?", (bucket, key)).fetchone()
        return None if row is None else load_version(*row)

    def scan(self, bucket: int, start: bytes, prefix: bytes) -> Iterator[ObjectSummary]:
        if not prefix:
            return map(load_listed, self.execute(_LISTED + "ORDER BY key", (bucket, start)))
        end = prefix[:-1] + bytes([prefix[-1] + 1])  # greater than all with the prefix: UTF-8 has no byte 0xFF
        values = (bucket, max(start, prefix), end)
        return map(load_listed, self.execute(_LISTED + "AND key < ? ORDER BY key", values))

    def put_version(self, bucket: int, row: VersionRow) -> None:
        self._refer(row.extents)
        same = "SELECT seq, extents FROM versions WHERE bucket = ? AND key = ? AND version_id = ?"
        for seq, extents in self.execute(same, (bucket, row.key, row.version_id)).fetchall():
            self._forget(load_extents(extents))
            self.execute("DELETE FROM versions WHERE bucket = ? AND key = ? AND seq = ?", (bucket, row.key, seq))
        values = (bucket, row.key, row.seq, row.version_id, row.size, row.etag, micros(row.modified))
        self.execute("INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*values, *dump_version(row)))
        self._list(bucket, row)

    def _list(self, bucket: int, row: VersionRow) -> None:
        """Make a version the current one of its key, with what a listing tells of it beside."""
        values = (bucket, row.key, row.seq, *dump_listed(row))
        self.execute("INSERT OR REPLACE INTO current VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def delete_version(self, bucket: int, row: VersionRow) -> None:
        place = (bucket, row.key)
        self.execute("DELETE FROM versions WHERE bucket = ? AND key = ? AND seq = ?", (*place, row.seq))
        others = "FROM versions v WHERE v.bucket = ? AND v.key = ? ORDER BY v.seq DESC LIMIT 1"
        newest = self.execute(_WHOLE + others, place).fetchone()
        if newest is None:
            self.execute("DELETE FROM current WHERE bucket = ? AND key = ?", place)
        else:
            self._list(bucket, load_version(*newest))
        self._forget(row.extents)
        if self.one("SELECT 1 FROM uploads WHERE bucket = ? AND key = ? LIMIT 1", *place):
            self.execute("INSERT OR REPLACE INTO deletions VALUES (?, ?, ?)", (*place, self.next_seq()))

    def last_change(self, bucket: int, key: bytes) -> int:
        statement = (
            "SELECT max(coalesce((SELECT seq FROM deletions WHERE bucket = ?1 AND key = ?2), 0), "
            "coalesce((SELECT seq FROM current WHERE bucket = ?1 AND key = ?2), 0))"
        )
        (value,) = self.execute(statement, (bucket, key)).fetchone()
        return int(value)

    # uploads
    def upload(self, bucket: int, key: bytes, upload_id: str) -> UploadRow | None:
        if not upload_id.isascii():
            return None
        statement = "SELECT key, seq, upload_id, record FROM uploads WHERE upload_id = ? AND bucket = ? AND key = ?"
        row = self.execute(statement, (upload_id, bucket, key)).fetchone()
        return None if row is None else load_upload(*row)

    def scan_uploads(self, bucket: int, start: bytes, prefix: bytes) -> Iterator[UploadRow]:
        statement = "SELECT key, seq, upload_id, record FROM uploads WHERE bucket = ? AND key >= ? ORDER BY key, seq"
        for row in self.execute(statement, (bucket, max(start, prefix))):
            if not row[0].startswith(prefix):
                return
            yield load_upload(*row)

    def put_upload(self, bucket: int, row: UploadRow) -> None:
        values = (bucket, row.key, row.seq, row.upload_id, dump_upload(row))
        self.execute("INSERT INTO uploads VALUES (?, ?, ?, ?, ?)", values)

    def delete_upload(self, bucket: int, row: UploadRow) -> None:
        for part in self.parts(bucket, row.upload_id):
            self._forget(part.extents)
        self.execute("DELETE FROM parts WHERE upload_id = ?", (row.upload_id,))
        self.execute("DELETE FROM uploads WHERE bucket = ? AND key = ? AND seq = ?", (bucket, row.key, row.seq))
        if not self.one("SELECT 1 FROM uploads WHERE bucket = ? AND key = ? LIMIT 1", bucket, row.key):
            self.execute("DELETE FROM deletions WHERE bucket = ? AND key = ?", (bucket, row.key))

    def parts(self, bucket: int, upload_id: str, *, after: int = 0, limit: int | None = None) -> list[PartRow]:
        statement = "SELECT number, record FROM parts WHERE upload_id = ? AND number > ? ORDER BY number LIMIT ?"
        return [load_part(*row) for row in self.execute(statement, (upload_id, after, -1 if limit is None else limit))]

    def put_part(self, bucket: int, upload_id: str, row: PartRow) -> None:
        self._refer(row.extents)
        replaced = self.execute(
            "SELECT number, record FROM parts WHERE upload_id = ? AND number = ?", (upload_id, row.number)
        ).fetchone()
        self.execute("INSERT OR REPLACE INTO parts VALUES (?, ?, ?)", (upload_id, row.number, dump_part(row)))
        if replaced is not None:
            self._forget(load_part(*replaced).extents)

    # blobs
    def put_small(self, blob: int, data: bytes) -> None:
        self.execute("INSERT INTO small VALUES (?, ?)", (blob, data))

    def knows(self, blob: int) -> bool:
        return self.one("SELECT 1 FROM blobs WHERE id = ?", blob) is not None

    def _refer(self, extents: tuple[Extent, ...], change: int = 1) -> None:
        for extent in extents:
            self._referred[extent.blob] = self._referred.get(extent.blob, 0) + change

    def _forget(self, extents: tuple[Extent, ...]) -> None:
        self._refer(extents, -1)

    def collect(self) -> list[int]:
        """Count the references, before the commit. Forgets blobs that have none left; the files among them become
        garbage and are returned."""
        freed = [blob for blob, change in self._referred.items() if self._count(blob, change)]
        self.many("DELETE FROM small WHERE id = ?", [(blob,) for blob in freed if is_small(blob)])
        freed = [blob for blob in freed if not is_small(blob)]
        self.many("INSERT INTO garbage VALUES (?)", [(blob,) for blob in freed])
        return freed

    def _count(self, blob: int, change: int) -> bool:
        """Whether that leaves a blob without references."""
        if change > 0:
            counted = "INSERT INTO blobs VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET refs = refs + excluded.refs"
            self.execute(counted, (blob, change))
            return False
        if change == 0:
            return not self.knows(blob)  # it came and went, unless it was there before
        if self.execute("DELETE FROM blobs WHERE id = ? AND refs = ?", (blob, -change)).rowcount:
            return True
        self.execute("UPDATE blobs SET refs = refs + ? WHERE id = ?", (change, blob))
        return False
