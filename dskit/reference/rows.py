"""Catalog rows as JSON text and back: what SQLite keeps beside the columns that it searches."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from dskit.options import given
from dskit.types import Access, Attributes, Grant, ObjectSummary

from .records import BucketRow, Extent, PartRow, Sizes, UploadRow, VersionRow, summary

__all__ = [
    "dump_configurations",
    "dump_listed",
    "dump_part",
    "dump_upload",
    "dump_version",
    "from_micros",
    "load_bucket",
    "load_configurations",
    "load_extents",
    "load_listed",
    "load_part",
    "load_upload",
    "load_version",
    "micros",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False)
_DECODER = json.JSONDecoder()
_EXTENT = struct.Struct("<QQQ")
_TOLD_FROM = ObjectSummary._fields.index("storage_class")


def micros(time: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (time - _EPOCH) // _MICROSECOND


def from_micros(value: int) -> datetime:
    return _EPOCH + timedelta(0, 0, value)


def dump_listed(row: VersionRow) -> tuple[int, str, int, str]:
    """`(size, etag, modified, told)`: what a listing tells of a version, beside its key. `told` is what many share."""
    return row.size, row.etag, micros(row.modified), _ENCODER.encode(summary(row)[_TOLD_FROM:])


def load_listed(row: tuple[str, int, str, int, str]) -> ObjectSummary:
    """Of the key as text and `dump_listed`. A page is a thousand of these: no call that is not needed."""
    key, size, etag, modified, told = row
    return tuple.__new__(ObjectSummary, (key, size, etag, _EPOCH + timedelta(0, 0, modified), *_load_told(told)))


@lru_cache(maxsize=256)
def _load_told(text: str) -> tuple[Any, ...]:
    storage_class, algorithms, *others = _load(text)
    return storage_class, tuple(algorithms), *others


def dump_version(row: VersionRow) -> tuple[str, bytes, str | None]:
    """`(record, extents, parts)`; the last two are long for an object of many parts, and a listing skips them."""
    record = _dump(
        attributes=given(row.attributes),
        checksums=row.checksums,
        checksum_type=row.checksum_type,
        upload_id=row.upload_id,
        **_access(row.access),
    )
    return record, dump_extents(row.extents), None if row.parts is None else _ENCODER.encode(row.parts)


def load_version(
    key: bytes,
    seq: int,
    version_id: str,
    size: int,
    etag: str,
    modified: int,
    record: str,
    extents: bytes = b"",
    parts: str | None = None,
) -> VersionRow:
    told = _load(record)
    return VersionRow(
        key,
        seq,
        size,
        etag,
        from_micros(modified),
        Attributes(**told["attributes"]),
        load_extents(extents),
        told["checksums"],
        told["checksum_type"],
        None if parts is None else tuple([Sizes(*part) for part in _load(parts)]),
        version_id,
        told["upload_id"],
        _load_access(told.get("access")),
    )


def dump_upload(row: UploadRow) -> str:
    return _dump(
        initiated=micros(row.initiated),
        attributes=given(row.attributes),
        checksum_algorithm=row.checksum_algorithm,
        checksum_type=row.checksum_type,
        initiator=row.initiator,
        **_access(row.access),
    )


def load_upload(key: bytes, seq: int, upload_id: str, record: str) -> UploadRow:
    told = _load(record)
    return UploadRow(
        key,
        upload_id,
        seq,
        from_micros(told["initiated"]),
        Attributes(**told["attributes"]),
        told["checksum_algorithm"],
        told["checksum_type"],
        _load_access(told.get("access")),
        told.get("initiator"),
    )


def dump_part(row: PartRow) -> str:
    return _dump(
        size=row.size, etag=row.etag, modified=micros(row.modified), extents=row.extents, checksums=row.checksums
    )


def load_part(number: int, record: str) -> PartRow:
    told = _load(record)
    return PartRow(
        number,
        told["size"],
        told["etag"],
        from_micros(told["modified"]),
        tuple([Extent(*row) for row in told["extents"]]),
        told["checksums"],
    )


def _access(access: Access | None) -> dict[str, Access]:
    """Nothing for most rows; a named tuple is written as a list."""
    return {} if access is None else {"access": access}


def _load_access(told: Any) -> Access | None:
    """Rows that were written before there were ACLs have none."""
    return None if told is None else Access(told[0], tuple([Grant(*row) for row in told[1]]))


def dump_configurations(documents: Mapping[str, Any]) -> str | None:
    return _ENCODER.encode(dict(documents)) if documents else None


@lru_cache(maxsize=256)  # a bucket's row is read for every request, and its documents may be long
def load_bucket(
    number: int, name: str, created: int, region: str | None, owner: str | None, configurations: str | None
) -> BucketRow:
    return BucketRow(number, name, from_micros(created), region, owner, load_configurations(configurations))


def load_configurations(text: str | None) -> Mapping[str, Any]:
    return MappingProxyType(_load(text) if text else {})


def dump_extents(extents: tuple[Extent, ...]) -> bytes:
    return b"".join([_EXTENT.pack(*extent) for extent in extents])


def load_extents(packed: bytes) -> tuple[Extent, ...]:
    return tuple(map(Extent._make, _EXTENT.iter_unpack(packed)))


def _dump(**record: Any) -> str:
    return _ENCODER.encode(record)


def _load(record: str) -> Any:
    return _DECODER.raw_decode(record)[0]
