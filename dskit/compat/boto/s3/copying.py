"""Copies, with boto's way of saying what becomes of the metadata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ....types import Attributes
from ..exception import translated
from .headers import iso, with_class, written
from .key import Key

if TYPE_CHECKING:
    from .bucket import Bucket

__all__ = ["copied"]


@translated
def copied(
    bucket: Bucket,
    name: str,
    source_bucket: str,
    source_name: str,
    metadata: Mapping[str, str] | None,
    version_id: str | None,
    storage_class: str | None,
    headers: Any,
) -> Key:
    """A key with the ETag and the time of the copy."""
    source = bucket.connection.stored_name(source_name)
    replace: Attributes | None = None
    unchanged: dict[str, str] = {}
    if metadata is not None:
        replace, _ = written(headers, metadata, None)
    elif storage_class not in (None, "STANDARD"):
        meta = bucket.connection.service.bucket(source_bucket).head(source, version_id=version_id)
        replace, unchanged = meta.attributes, {"source_if_match": meta.etag}
    acl = written(headers, {}, None)[1].get("x-amz-acl")
    result = bucket.store.copy(
        source,
        bucket.connection.stored_name(name),
        source_bucket=source_bucket,
        source_version_id=version_id,
        replace=None if replace is None else with_class(replace, storage_class),
        **unchanged,  # type: ignore[arg-type]
    )
    key = bucket.new_key(name)
    key.etag = result.etag
    key.version_id = result.version_id
    key.last_modified = iso(result.last_modified) if result.last_modified else None
    if acl:
        bucket.set_canned_acl(acl, name)
    return key
