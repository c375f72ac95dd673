"""Values that cross the API: what goes into a call, what comes out. Pure, standard library only.

ETags are RFC 9110 entity tags *with* their quotes, whatever the backend (``'"9e107d9d…"'``); conditions accept
them with or without quotes. Times are aware UTC datetimes. Sizes and offsets are bytes. Keys are `str`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, NamedTuple

from .frozen import FrozenDict
from .record import FrozenRecord, Record, record
from .this_bucket import ThisBucket

__all__ = [
    "Access",
    "Attributes",
    "BucketInfo",
    "ByteRange",
    "CompletedPart",
    "Conditions",
    "CopyOptions",
    "DeleteError",
    "DeleteRequest",
    "DeleteResult",
    "FileSegment",
    "Grant",
    "ListPage",
    "ObjectMeta",
    "ObjectPart",
    "ObjectParts",
    "ObjectSummary",
    "Part",
    "PartPage",
    "PutOptions",
    "PutResult",
    "ReadOptions",
    "UploadInfo",
    "UploadOptions",
    "UploadPage",
]

DEFAULT_CONTENT_TYPE = "binary/octet-stream"


class FileSegment(NamedTuple):
    """Bytes that a front may send straight from a file: `length` bytes of descriptor `fd` from `offset`."""

    fd: int
    offset: int
    length: int


class Grant(NamedTuple):
    """What an ACL grants (``READ WRITE READ_ACP WRITE_ACP FULL_CONTROL``) to a canonical id or the URI of a group."""

    grantee: str
    permission: str


class Access(NamedTuple):
    """Whose an object is, by canonical id, and what its ACL grants. A record has None instead where the object is
    of the owner of the bucket and nobody else has a grant."""

    owner: str
    grants: tuple[Grant, ...]


class ObjectSummary(NamedTuple):
    """One row of a listing. `owner` None is the owner of the bucket."""

    key: str
    size: int
    etag: str
    last_modified: datetime
    storage_class: str = "STANDARD"
    checksum_algorithms: tuple[str, ...] = ()
    checksum_type: str | None = None
    version_id: str | None = None
    owner: str | None = None


@record(frozen=True, slots=True, kw_only=True)
class Attributes(FrozenRecord):
    """What is stored with the bytes: standard headers and the user's metadata (names lower-case).

    A record of its own of the `metadata` that it is made with: neither that dict nor what a store hands out can change
    what is stored.
    """

    content_type: str | None = None
    cache_control: str | None = None
    content_disposition: str | None = None
    content_encoding: str | None = None
    content_language: str | None = None
    expires: str | None = None
    storage_class: str | None = None
    website_redirect_location: str | None = None
    metadata: Mapping[str, str] = FrozenDict()

    def __post_init__(self) -> None:
        if type(self.metadata) is not FrozenDict:
            object.__setattr__(self, "metadata", FrozenDict(self.metadata))


NO_ATTRIBUTES = Attributes()
"""What most objects are stored with, and share."""


@record(slots=True, kw_only=True)
class ObjectMeta(Record):
    """All that a store knows of an object but its bytes.

    `size` is that of the whole object, even on the answer to a ranged read. `checksums` maps S3's algorithm
    names (``CRC32 CRC32C CRC64NVME SHA1 SHA256``) to base64 values; `checksum_type` is ``FULL_OBJECT`` or
    ``COMPOSITE``. `parts_count` is None unless the object came from a multipart upload.
    """

    key: str
    size: int
    etag: str
    last_modified: datetime
    attributes: Attributes = NO_ATTRIBUTES
    version_id: str | None = None
    checksums: Mapping[str, str] = field(default_factory=dict)
    checksum_type: str | None = None
    parts_count: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Other response headers of a remote store, lower-case names; empty for stores that have no wire."""
    access: Access | None = None

    @property
    def content_type(self) -> str:
        """The stored one; ``binary/octet-stream`` where there is none, as S3 has it."""
        return self.attributes.content_type or DEFAULT_CONTENT_TYPE

    @property
    def metadata(self) -> Mapping[str, str]:
        """The user's, by lower-case name; those of `attributes`."""
        return self.attributes.metadata


@record(frozen=True, slots=True)
class ByteRange(FrozenRecord):
    """A single range as asked for: `first`-`last` inclusive, `first`- to the end, or the last `suffix` bytes."""

    first: int | None = None
    last: int | None = None
    suffix: int | None = None


@record(frozen=True, slots=True, kw_only=True)
class Conditions(FrozenRecord):
    """Preconditions. ETags may be quoted or not, several separated by commas, or ``*``. Times are aware.

    The same record serves reads, copy sources and writes, which know `if_match`, `if_none_match` and, where owners are
    kept, two more. `owned_by`: whose an object must be to be replaced. `configured`: configurations of the bucket by
    name (None: there is none), which must still be those. Most requests have none and share `NO_CONDITIONS`.
    """

    if_match: str | None = None
    if_none_match: str | None = None
    if_modified_since: datetime | None = None
    if_unmodified_since: datetime | None = None
    owned_by: str | None = None
    configured: Mapping[str, Any] | None = None

    def __bool__(self) -> bool:
        given = (self.if_match, self.if_none_match, self.if_modified_since, self.if_unmodified_since)
        return any(value is not None for value in given)


NO_CONDITIONS = Conditions()


@record(slots=True, kw_only=True)
class PutOptions(Record):
    """Options of a whole put.

    `checksum_algorithm` names the algorithm whose value is computed and stored; `checksum` is the base64
    value that the bytes must have. `content_md5` is base64. `length` is the number of bytes announced, if known.
    `access` is for services that keep it (`backend.ConfigurableService`).
    """

    attributes: Attributes = NO_ATTRIBUTES
    conditions: Conditions = NO_CONDITIONS
    checksum_algorithm: str | None = None
    checksum: str | None = None
    content_md5: str | None = None
    length: int | None = None
    access: Access | None = None


@record(slots=True, kw_only=True)
class UploadOptions(Record):
    """Options of CreateMultipartUpload. `checksum_type` is ``FULL_OBJECT``, ``COMPOSITE`` or None (S3's default).

    `access` is that of the object to be; `initiator` the canonical id of who begins, None for the bucket's owner.
    """

    attributes: Attributes = NO_ATTRIBUTES
    checksum_algorithm: str | None = None
    checksum_type: str | None = None
    access: Access | None = None
    initiator: str | None = None


@record(frozen=True, slots=True, kw_only=True)
class ReadOptions(FrozenRecord):
    """Options of get and head. `range` and `part_number` exclude each other."""

    range: ByteRange | None = None
    part_number: int | None = None
    conditions: Conditions = NO_CONDITIONS
    version_id: str | None = None
    checksum_mode: bool = False


READ_ALL = ReadOptions()
"""All of the current version, whatever it is: what most reads ask for."""


@record(slots=True, kw_only=True)
class CopyOptions(Record):
    """Options of a copy. `attributes` None keeps the source's (directive COPY), else they replace all (REPLACE).

    `access` is the copy's own: a source's ACL is never copied. `source_seen`, for services that keep it, is what was
    decided about: where the source is another by now, the copy is a `ConflictError`.
    """

    attributes: Attributes | None = None
    source_conditions: Conditions = NO_CONDITIONS
    conditions: Conditions = NO_CONDITIONS
    source_version_id: str | None = None
    checksum_algorithm: str | None = None
    access: Access | None = None
    source_seen: ObjectMeta | None = None


@record(slots=True, kw_only=True)
class PutResult(Record):
    """What a write answered. `size` is in bytes; what the store did not tell is None."""

    etag: str
    version_id: str | None = None
    size: int | None = None
    last_modified: datetime | None = None
    checksums: Mapping[str, str] = field(default_factory=dict)
    checksum_type: str | None = None


@record(slots=True, kw_only=True)
class DeleteRequest(Record):
    """One row of a batch delete; also what a single delete may ask for. `owned_by` is as in `Conditions`."""

    key: str
    version_id: str | None = None
    if_match: str | None = None
    if_match_size: int | None = None
    if_match_last_modified: datetime | None = None
    owned_by: str | None = None

    @property
    def is_conditional(self) -> bool:
        """Whether only a certain state of the object is to go: made twice, it could meet its own success."""
        return any(value is not None for value in (self.if_match, self.if_match_size, self.if_match_last_modified))


@record(slots=True, kw_only=True)
class DeleteError(Record):
    """A key of a batch that is still there, with S3's code (``AccessDenied``) and the store's sentence."""

    key: str
    code: str
    message: str
    version_id: str | None = None


@record(slots=True, kw_only=True)
class DeleteResult(Record):
    """`deleted` are the keys that are gone now, whether they existed or not; `errors` those that are not."""

    deleted: list[str] = field(default_factory=list)
    errors: list[DeleteError] = field(default_factory=list)


@record(slots=True, kw_only=True)
class ListPage(Record):
    """One page. `next_token` is opaque, None on the last page. `objects` and `prefixes` are each in UTF-8 order."""

    objects: list[ObjectSummary] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    next_token: str | None = None

    @property
    def is_truncated(self) -> bool:
        """Whether another page follows (S3 model, ListObjectsV2: ``IsTruncated``)."""
        return self.next_token is not None

    @property
    def last(self) -> str | None:
        """The greatest key or prefix of the page: what S3's first listing calls NextMarker."""
        rows = ([self.objects[-1].key] if self.objects else []) + self.prefixes[-1:]
        return max(rows, key=lambda name: name.encode()) if rows else None


@record(slots=True, kw_only=True)
class UploadInfo(Record):
    """An upload in progress. `owner` (of the object to be) and `initiator`: canonical ids, None the bucket's owner."""

    key: str
    upload_id: str
    initiated: datetime | None = None
    checksum_algorithm: str | None = None
    checksum_type: str | None = None
    storage_class: str | None = None
    owner: str | None = None
    initiator: str | None = None


@record(slots=True, kw_only=True)
class Part(Record):
    """An uploaded part of an upload in progress."""

    number: int
    etag: str
    size: int | None = None
    last_modified: datetime | None = None
    checksums: Mapping[str, str] = field(default_factory=dict)


@record(slots=True, kw_only=True)
class CompletedPart(Record):
    """One row of a part list. `etag` None means "whatever was uploaded" where a store allows it."""

    number: int
    etag: str | None = None
    checksums: Mapping[str, str] = field(default_factory=dict)


@record(slots=True, kw_only=True)
class PartPage(Record):
    """`next_marker` is the last part number of the page where more follow, else None."""

    upload: UploadInfo
    parts: list[Part] = field(default_factory=list)
    next_marker: int | None = None


@record(slots=True, kw_only=True)
class UploadPage(Record):
    """Uploads by key, then by time. The two `next_*` are None on the last page."""

    uploads: list[UploadInfo] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    next_key_marker: str | None = None
    next_upload_id_marker: str | None = None


@record(slots=True, kw_only=True)
class ObjectPart(Record):
    """A part of a completed multipart object."""

    number: int
    size: int
    checksums: Mapping[str, str] = field(default_factory=dict)


@record(slots=True, kw_only=True)
class ObjectParts(Record):
    """A page of the parts that a completed object was made of; `total` counts all of them."""

    total: int
    parts: list[ObjectPart] = field(default_factory=list)
    next_marker: int | None = None


@record(frozen=True, slots=True, kw_only=True)
class BucketInfo(FrozenRecord):
    """`owner` is a canonical id, None where the service keeps none. `configurations` are documents by name, each of
    values that JSON has; nobody changes one in place."""

    name: str
    created: datetime | None = None
    region: str | None = None
    owner: str | None = None
    configurations: Mapping[str, Any] = field(default_factory=dict)
    this: ThisBucket | None = field(default=None, compare=False, repr=False)
    """The name for calls that must not reach another bucket of that name; None where the service cannot tell."""
