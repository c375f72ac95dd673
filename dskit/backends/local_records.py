"""What a store knows of a file beside its bytes, kept with the file and believed only while the file is the same.

The record goes into an extended attribute; where the file system has none, or the record is too long for it, into the
side index: a file of `.dskit/index` named after inode, modification time and size. Either is written before the file
is published and says which file it describes, so that a file that another program wrote or changed has no record:
its ETag is then derived from inode, size and time.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from ..options import given
from ..types import Attributes, ObjectMeta
from .local_paths import sync_folder
from .local_traits import ATTRIBUTE, Traits

__all__ = [
    "Record",
    "derived",
    "forget",
    "from_nanoseconds",
    "identity",
    "load",
    "modified_at",
    "nanoseconds",
    "save",
]

INDEX = b"index"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOO_LONG = {errno.ENOSPC, errno.E2BIG, errno.ERANGE, errno.EDQUOT, errno.ENOTSUP}


@dataclass(slots=True, kw_only=True)
class Record:
    """`parts` are the sizes of the parts of a multipart object."""

    etag: str
    attributes: Attributes = field(default_factory=Attributes)
    checksums: Mapping[str, str] = field(default_factory=dict)
    parts: list[int] | None = None

    def to_bytes(self, same: str) -> bytes:
        attributes = given(self.attributes)
        row: dict[str, Any] = {"file": same, "etag": self.etag, "attributes": attributes}
        if self.checksums:
            row["checksums"] = dict(self.checksums)
        if self.parts is not None:
            row["parts"] = self.parts
        return json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, raw: bytes, same: str) -> Self | None:
        """None for a record of another file, or one that is not ours to read."""
        try:
            row = json.loads(raw)
            if row["file"] != same:
                return None
            return cls(
                etag=row["etag"],
                attributes=Attributes(**row["attributes"]),
                checksums=row.get("checksums", {}),
                parts=row.get("parts"),
            )
        except (ValueError, KeyError, TypeError):
            return None

    def meta(self, key: str, status: os.stat_result) -> ObjectMeta:
        return ObjectMeta(
            key=key,
            size=status.st_size,
            etag=self.etag,
            last_modified=modified_at(status),
            attributes=self.attributes,
            checksums=self.checksums,
            checksum_type="FULL_OBJECT" if self.checksums else None,
            parts_count=None if self.parts is None else len(self.parts),
        )


def identity(status: os.stat_result) -> str:
    """What changes when a file is replaced or written to."""
    return f"{status.st_ino:x}-{status.st_mtime_ns:x}-{status.st_size:x}"


def modified_at(status: os.stat_result) -> datetime:
    return from_nanoseconds(status.st_mtime_ns)


def from_nanoseconds(value: int) -> datetime:
    return _EPOCH + timedelta(microseconds=value // 1000)


def nanoseconds(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(microseconds=1) * 1000


def save(record: Record, file: int, status: os.stat_result, control: int, traits: Traits) -> None:
    """Keep the record of the open, not yet published `file`; where it is an attribute it is synced with the file."""
    same = identity(status)
    raw = record.to_bytes(same)
    if traits.attributes:
        try:
            os.setxattr(file, ATTRIBUTE, raw)
        except OSError as error:
            if error.errno not in _TOO_LONG:
                raise
        else:
            return
    name = INDEX + b"/" + same.encode()
    draft = name + b".new"
    file = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666, dir_fd=control)
    with open(file, "wb") as stream:
        stream.write(raw)
        stream.flush()
        if traits.sync:
            os.fsync(file)
    os.rename(draft, name, src_dir_fd=control, dst_dir_fd=control)
    if traits.sync:
        sync_folder(control, INDEX)


def load(file: int, status: os.stat_result, root: int) -> Record | None:
    """The record of an open file; None where there is none that is valid for it."""
    same = identity(status)
    if hasattr(os, "getxattr"):
        try:
            record = Record.from_bytes(os.getxattr(file, ATTRIBUTE), same)
        except OSError:
            record = None  # no such attribute, or a file system without them
        if record is not None:
            return record
    try:
        entry = os.open(b".dskit/index/" + same.encode(), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=root)
    except OSError:
        return None
    with open(entry, "rb") as stream:
        return Record.from_bytes(stream.read(), same)


def forget(status: os.stat_result, root: int) -> None:
    """Drop the index entry of a file that is gone."""
    try:
        os.unlink(b".dskit/index/" + identity(status).encode(), dir_fd=root)
    except OSError:
        return


def derived(status: os.stat_result) -> Record:
    """The record of a file that another program wrote."""
    return Record(etag=f'"{identity(status)}"')
