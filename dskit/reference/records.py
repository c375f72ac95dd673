"""Rows of the catalog. Plain data; nothing here knows how they are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from dskit.record import Record, record
from dskit.this_bucket import ThisBucket
from dskit.types import Access, Attributes, BucketInfo, ObjectSummary

__all__ = ["NULL_VERSION", "BucketRow", "Extent", "PartRow", "Sizes", "UploadRow", "VersionRow", "summary"]

NULL_VERSION = "null"


class Extent(NamedTuple):
    """`length` bytes of blob `blob` from `offset`. Objects and parts are ordered lists of these."""

    blob: int
    offset: int
    length: int


class Sizes(NamedTuple):
    """One part of a completed multipart object: what `partNumber` reads and GetObjectAttributes need."""

    number: int
    size: int
    checksums: Mapping[str, str]


@record(slots=True)
class BucketRow(Record):
    """A bucket; `id` is the catalog's own."""

    id: int
    name: str
    created: datetime
    region: str | None = None
    owner: str | None = None
    configurations: Mapping[str, Any] = field(default_factory=dict)
    info: BucketInfo = field(init=False, repr=False, compare=False)
    """What is told of it, made once: every request to a bucket asks for it."""

    def __post_init__(self) -> None:
        self.info = BucketInfo(
            name=self.name,
            created=self.created,
            region=self.region,
            owner=self.owner,
            configurations=self.configurations,
            this=ThisBucket(self.name, self.id),
        )


@record(slots=True)
class VersionRow(Record):
    """One version of a key; a null version is a version like any other.

    `seq` is the catalog's counter, never time: the greatest of a key is the current version.
    """

    key: bytes
    seq: int
    size: int
    etag: str
    modified: datetime
    attributes: Attributes
    extents: tuple[Extent, ...]
    checksums: Mapping[str, str] = field(default_factory=dict)
    checksum_type: str | None = None
    parts: tuple[Sizes, ...] | None = None
    version_id: str = NULL_VERSION
    upload_id: str | None = None
    """The upload that made it, so that a repeated completion gives the same answer."""
    access: Access | None = None


_summary: Callable[[tuple[Any, ...]], ObjectSummary] = partial(tuple.__new__, ObjectSummary)
"""Without the named tuple's own constructor, which is half the cost of a row of a listing."""


def summary(row: VersionRow) -> ObjectSummary:
    """What a listing tells of a version."""
    return _summary(
        (
            row.key.decode(),
            row.size,
            row.etag,
            row.modified,
            row.attributes.storage_class or "STANDARD",
            tuple(row.checksums),
            row.checksum_type,
            None,
            row.access.owner if row.access is not None else None,
        ),
    )


@record(slots=True)
class UploadRow(Record):
    """An upload in progress. `seq` is the catalog's counter when it began, for conflicts with later writes."""

    key: bytes
    upload_id: str
    seq: int
    initiated: datetime
    attributes: Attributes
    checksum_algorithm: str | None = None
    checksum_type: str | None = None
    access: Access | None = None
    initiator: str | None = None


@record(slots=True)
class PartRow(Record):
    """An uploaded part, which a further upload of its number replaces."""

    number: int
    size: int
    etag: str
    modified: datetime
    extents: tuple[Extent, ...]
    checksums: Mapping[str, str] = field(default_factory=dict)
