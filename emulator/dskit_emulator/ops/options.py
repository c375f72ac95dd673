"""Members of a request as the values of `dskit.types`: attributes, conditions, versions."""

from __future__ import annotations

import re
from typing import Any

from dskit.types import NO_ATTRIBUTES, NO_CONDITIONS, Attributes, Conditions

from ..wire.errors import S3Error
from ..wire.payload import stored_content_encoding
from .refusals import invalid_argument, not_implemented

__all__ = [
    "ARCHIVE_CLASSES",
    "MAX_METADATA_BYTES",
    "STORAGE_CLASSES",
    "WRITE_CONDITIONS",
    "attributes",
    "check_part_number",
    "check_storage_class",
    "read_conditions",
    "source_conditions",
    "version_of",
    "write_conditions",
]

MAX_METADATA_BYTES = 2048  # S3 user guide, "User-defined object metadata"
MAX_PARTS = 10_000

# The classes of general purpose buckets in AWS regions (aws-recorded:test_put_object_storage_class, …_outposts).
STORAGE_CLASSES = frozenset(
    {
        "STANDARD",
        "REDUCED_REDUNDANCY",
        "STANDARD_IA",
        "ONEZONE_IA",
        "INTELLIGENT_TIERING",
        "GLACIER",
        "DEEP_ARCHIVE",
        "GLACIER_IR",
    }
)
_STORED = {
    "CacheControl": "cache-control",
    "ContentDisposition": "content-disposition",
    "ContentEncoding": "content-encoding",
    "ContentLanguage": "content-language",
    "ContentType": "content-type",
    "Expires": "expires",
    "StorageClass": "x-amz-storage-class",
    "WebsiteRedirectLocation": "x-amz-website-redirect-location",
}
WRITE_CONDITIONS = frozenset({"IfMatch", "IfNoneMatch"})
_UNCOMMON = frozenset(_STORED) - {"ContentType"}
# The query of a presigned URL can carry headers, and in them what no header line can.
_UNSENDABLE = re.compile(r"[^\t\x20-\x7e\x80-\xff]").search
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+", re.ASCII).fullmatch  # a header's name, RFC 9110 section 5.6.2
ARCHIVE_CLASSES = frozenset({"GLACIER", "DEEP_ARCHIVE"})


def attributes(request: dict[str, Any]) -> Attributes:
    """What is to be stored beside the bytes. Raises `S3Error` MetadataTooLarge or InvalidStorageClass."""
    metadata = request.get("Metadata") or {}
    if not metadata and _UNCOMMON.isdisjoint(request):
        content_type = request.get("ContentType")
        if not content_type:
            return NO_ATTRIBUTES
        if _UNSENDABLE(content_type):
            raise _no_header("content-type", content_type)
        return Attributes(content_type=content_type)
    for member, header in _STORED.items():
        value = request.get(member)
        if value is not None and _UNSENDABLE(value):
            raise _no_header(header, value)
    storage_class = request.get("StorageClass")
    if storage_class is not None:
        check_storage_class(storage_class)
    encoding = request.get("ContentEncoding")
    if encoding:
        encoding = stored_content_encoding(encoding)
    if metadata:
        check_metadata(metadata)
    return Attributes(
        content_type=request.get("ContentType") or None,
        cache_control=request.get("CacheControl"),
        content_disposition=request.get("ContentDisposition"),
        content_encoding=encoding,
        content_language=request.get("ContentLanguage"),
        expires=request.get("Expires"),
        storage_class=storage_class,
        website_redirect_location=request.get("WebsiteRedirectLocation"),
        metadata=metadata,
    )


def check_storage_class(name: str) -> None:
    """aws-recorded:test_put_object_storage_class_outposts."""
    if name not in STORAGE_CLASSES:
        raise S3Error(
            "InvalidStorageClass",
            "The storage class you specified is not valid",
            fields={"StorageClassRequested": name[:1024]},
            status=400,
        )


def check_metadata(metadata: dict[str, str]) -> None:
    """2 KB of names and values together, counted in UTF-8 bytes (S3 user guide, "User-defined object metadata").

    Names are header names. Values are Unicode text, which is encoded on the way out; lines are not.
    """
    for name, value in metadata.items():
        if not _TOKEN(name) or "\r" in value or "\n" in value:
            raise _no_header(f"x-amz-meta-{name}", value)
    size = sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items())
    if size > MAX_METADATA_BYTES:
        raise S3Error(
            "MetadataTooLarge",
            "Your metadata headers exceed the maximum allowed metadata size",
            fields={"Size": str(size), "MaxSizeAllowed": str(MAX_METADATA_BYTES)},
            status=400,
        )


def _no_header(header: str, value: str) -> S3Error:
    return invalid_argument(
        header,
        value,
        "Header value cannot be represented using ISO-8859-1.",
        reason="a name or a value that no header line can carry",
    )


def read_conditions(request: dict[str, Any]) -> Conditions:
    return Conditions(
        if_match=request.get("IfMatch") or None,  # an empty header is none
        if_none_match=request.get("IfNoneMatch") or None,
        if_modified_since=request.get("IfModifiedSince"),
        if_unmodified_since=request.get("IfUnmodifiedSince"),
    )


def source_conditions(request: dict[str, Any]) -> Conditions:
    return Conditions(
        if_match=request.get("CopySourceIfMatch") or None,
        if_none_match=request.get("CopySourceIfNoneMatch") or None,
        if_modified_since=request.get("CopySourceIfModifiedSince"),
        if_unmodified_since=request.get("CopySourceIfUnmodifiedSince"),
    )


def write_conditions(request: dict[str, Any], owned_by: str | None) -> Conditions:
    """``If-None-Match: *`` or ``If-Match: ETAG``, one at a time; `owned_by` is what `admission.owner_of_replaced` says.

    Raises `S3Error` NotImplemented for the rest (aws-recorded:test_put_object_if_none_match_validation,
    test_put_object_if_match_validation, test_put_object_if_match_and_if_none_match_validation).
    """
    if_match = request.get("IfMatch") or None  # an empty header is none
    if_none_match = request.get("IfNoneMatch") or None
    if if_match is None and if_none_match is None:
        return NO_CONDITIONS if owned_by is None else Conditions(owned_by=owned_by)
    if if_match is not None and if_none_match is not None:
        raise not_implemented("If-Match,If-None-Match", "Multiple conditional request headers present in the request")
    if if_none_match is not None and if_none_match != "*":
        raise not_implemented(
            "If-None-Match", "We don't accept the provided value of If-None-Match header for this API"
        )
    if if_match == "*":
        raise not_implemented("If-Match", "We don't accept the provided value of If-Match header for this API")
    return Conditions(if_match=if_match, if_none_match=if_none_match, owned_by=owned_by)


def version_of(value: str | None) -> str | None:
    """A ``versionId``: only ``null`` exists as long as versioning is not built.

    aws-recorded:test_get_object_with_version_unversioned_bucket, test_delete_object.
    """
    if value is None or value == "null":
        return value
    if not value:
        raise invalid_argument("versionId", "", "Version id cannot be the empty string")
    raise invalid_argument("versionId", value, "Invalid version id specified")


def check_part_number(number: int) -> int:
    """aws-recorded:test_complete_multipart_parts_order."""
    if not 1 <= number <= MAX_PARTS:
        raise invalid_argument(
            "partNumber", str(number), f"Part number must be an integer between 1 and {MAX_PARTS}, inclusive"
        )
    return number
