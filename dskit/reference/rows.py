"""Catalog rows as JSON text and back: what SQLite keeps beside the columns that it searches."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from dskit.types import Attributes

from .records import Extent, PartRow, Sizes, UploadRow, VersionRow

__all__ = [
    "dump_part",
    "dump_upload",
    "dump_version",
    "from_micros",
    "load_part",
    "load_upload",
    "load_version",
    "micros",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False)
_DECODER = json.JSONDecoder()
_ATTRIBUTES = tuple(field.name for field in fields(Attributes))


def micros(time: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (time - _EPOCH) // _MICROSECOND


def from_micros(value: int) -> datetime:
    return _EPOCH + timedelta(microseconds=value)


def dump_version(row: VersionRow) -> str:
    return _dump(
        attributes=_attributes(row.attributes),
        extents=row.extents,
        checksums=row.checksums,
        checksum_type=row.checksum_type,
        parts=row.parts,
        upload_id=row.upload_id,
    )


def load_version(key: bytes, seq: int, version_id: str, size: int, etag: str, modified: int, record: str) -> VersionRow:
    told = _load(record)
    parts = told["parts"]
    return VersionRow(
        key,
        seq,
        size,
        etag,
        from_micros(modified),
        Attributes(**told["attributes"]),
        _extents(told["extents"]),
        told["checksums"],
        told["checksum_type"],
        None if parts is None else tuple(Sizes(*part) for part in parts),
        version_id,
        told["upload_id"],
    )


def dump_upload(row: UploadRow) -> str:
    return _dump(
        initiated=micros(row.initiated),
        attributes=_attributes(row.attributes),
        checksum_algorithm=row.checksum_algorithm,
        checksum_type=row.checksum_type,
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
        _extents(told["extents"]),
        told["checksums"],
    )


def _attributes(attributes: Attributes) -> dict[str, Any]:
    return {name: value for name in _ATTRIBUTES if (value := getattr(attributes, name))}


def _extents(rows: list[list[int]]) -> tuple[Extent, ...]:
    return tuple([Extent(*row) for row in rows])


def _dump(**record: Any) -> str:
    return _ENCODER.encode(record)


def _load(record: str) -> Any:
    return _DECODER.raw_decode(record)[0]
