"""What a store can be asked, how much of it, and with which of the allowed meanings: one public record.

* `Supports`: may it be asked? Flat booleans, ``<verb>`` or ``<verb>_<option>``. False means that the facade raises
  `UnsupportedError` before any I/O.
* `Limits`: numbers; None is "no limit that we know".
* `Semantics`: which documented behaviour it has where stores legitimately differ.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal, Self

from .errors import ConfigurationError
from .limits import Limits, Section
from .record import record

__all__ = ["Capabilities", "Limits", "Semantics", "Supports"]


@record(frozen=True, slots=True)
class Supports(Section):
    """What may be asked. Everything is True for the reference store."""

    put_if_none_match: bool = True
    put_if_match: bool = True
    put_checksum: bool = True
    put_content_md5: bool = True
    put_metadata: bool = True
    put_headers: bool = True
    """The standard headers beside Content-Type: Cache-Control, Content-Disposition, -Encoding, -Language, Expires."""
    put_content_type: bool = True
    put_storage_class: bool = True
    get_range: bool = True
    get_suffix_range: bool = True
    get_part_number: bool = True
    get_if_match: bool = True
    get_if_none_match: bool = True
    get_if_modified_since: bool = True
    get_if_unmodified_since: bool = True
    get_version_id: bool = True
    delete_if_match: bool = True
    delete_many: bool = True
    delete_many_if_match: bool = True
    copy: bool = True
    copy_from_bucket: bool = True
    copy_replace: bool = True
    copy_if_none_match: bool = True
    copy_if_match: bool = True
    copy_source_conditions: bool = True
    list: bool = True
    list_delimiter: bool = True
    list_delimiter_any: bool = True
    """Any non-empty string groups, not just ``/``."""
    list_start_after: bool = True
    list_page: bool = True
    """Pages of a chosen size and tokens that a caller may keep."""
    multipart: bool = True
    multipart_copy: bool = True
    multipart_if_none_match: bool = True
    multipart_if_match: bool = True
    multipart_checksum: bool = True
    list_parts: bool = True
    list_uploads: bool = True
    list_uploads_delimiter: bool = True
    object_parts: bool = True
    buckets: bool = True
    """Create, delete and list buckets."""
    sign: bool = False
    """Signed URLs. Memory and files sign only while an endpoint serves them."""
    sign_content_type: bool = False
    sign_response: bool = False
    """Headers of the answer, chosen when the URL is signed."""
    sign_post: bool = False
    """Signed forms for browsers."""
    raw: bool = False
    """`raw(operation, **params)`: any operation of the S3 model."""


@record(frozen=True, slots=True)
class Semantics(Section):
    """The allowed behaviours between which stores differ; the conformance model is parameterised by them."""

    keys: Literal["opaque", "segments", "path"] = "opaque"
    """``segments``: keys are segments joined by single slashes; an empty one and a control character are refused.
    ``path``: keys are file paths, `a` beside `a/b` cannot be held and is refused too."""
    dot_segments: Literal["stored", "refused"] = "stored"
    """``refused``: a key with a segment ``.`` or ``..`` is `InvalidKeyError`, before any I/O."""
    prefix: Literal["string", "segment"] = "string"
    list_order: Literal["utf8", "unspecified"] = "utf8"
    etag: Literal["content-md5", "opaque"] = "content-md5"
    delete_missing: Literal["ok", "error"] = "ok"
    consistency: Literal["strong", "eventual"] = "strong"
    durability: Literal["none", "process", "power"] = "none"
    """What survives an acknowledged write: nothing (memory), ``kill -9``, or power loss."""
    unknown_length: Literal["stream", "multipart"] = "stream"
    """How an iterator of unknown length is written: as one put, or through a multipart upload."""
    bucket_names: Literal["s3", "gcs", "azure"] = "s3"
    """Whose rules for the names of buckets hold."""
    repeat_complete: Literal["same", "no-such-upload"] = "same"
    """A repeated CompleteMultipartUpload: the same answer again, or NoSuchUpload."""


@record(frozen=True, slots=True)
class Capabilities(Section):
    """What a store says of itself, in three sections."""

    supports: Supports = field(default_factory=Supports)
    limits: Limits = field(default_factory=Limits)
    semantics: Semantics = field(default_factory=Semantics)

    @classmethod
    def from_mapping(cls, record: Mapping[str, Mapping[str, Any]]) -> Self:
        """The inverse of `to_mapping`. Raises `ConfigurationError` for a name that does not exist."""
        unknown = sorted(set(record) - {"supports", "limits", "semantics"})
        if unknown:
            raise ConfigurationError(f"capabilities have no section {unknown[0]!r}")
        return cls(
            supports=Supports().replace(**record.get("supports", {})),
            limits=Limits().replace(**record.get("limits", {})),
            semantics=Semantics().replace(**record.get("semantics", {})),
        )

    def to_mapping(self) -> dict[str, dict[str, Any]]:
        """The record as plain data: `supports`, `limits`, `semantics` by name."""
        return dataclasses.asdict(self)
