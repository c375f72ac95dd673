"""Copying on the server's side: CopyObject and UploadPartCopy."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from dskit.backend import ConfigurableService
from dskit.errors import ConflictError
from dskit.ranges import parse_copy_range
from dskit.types import CopyOptions, ObjectMeta, ReadOptions

from ..context import Call
from ..wire.address import CopySource, parse_copy_source
from ..wire.errors import S3Error
from .admission import admit_source, as_configured, owner_of_replaced
from .buckets import check_account_id
from .checksums import named_algorithm, outputs
from .options import (
    ARCHIVE_CLASSES,
    attributes,
    check_part_number,
    check_storage_class,
    source_conditions,
    version_of,
    write_conditions,
)
from .ownership import access_of_new
from .puts import MAX_BODY
from .refusals import archived, illegal_self_copy, invalid_argument, invalid_request
from .registry import Input, Output, operation

__all__ = ["check_copy_size", "copy_object", "upload_part_copy"]


def _of_one_source(copy: Callable[[Call, Input], Output]) -> Callable[[Call, Input], Output]:
    """Begin again where the source was replaced between the look at it and the copy: else the attributes would be of
    one object, the bytes of another, and who may read the one might not be allowed to read the other."""

    @wraps(copy)
    def repeat(call: Call, request: Input) -> Output:
        while True:
            try:
                return copy(call, request)
            except ConflictError as error:
                if not isinstance(call.store, ConfigurableService) or error.code != ConflictError.default_code:
                    raise

    return repeat


@operation("CopyObject", long=True)
@_of_one_source
def copy_object(call: Call, request: Input) -> Output:
    """aws-recorded: the test_s3_copy_* and test_copy_object_* recordings."""
    bucket, key = request["Bucket"], request["Key"]
    directive = request.get("MetadataDirective") or "COPY"
    if directive not in ("COPY", "REPLACE"):
        raise invalid_argument("x-amz-metadata-directive", directive, "Unknown metadata directive.")
    options = CopyOptions(
        source_conditions=source_conditions(request),
        conditions=write_conditions(request, owner_of_replaced(call)),
        checksum_algorithm=named_algorithm(request.get("ChecksumAlgorithm")),
        access=access_of_new(call, request),
    )
    options.conditions = as_configured(call, options.conditions, options.access)
    source, meta = _find_source(call, request, options)
    check_copy_size(meta.size)
    in_place = source.bucket == bucket and source.key == key
    if in_place and directive == "COPY" and not _changes_something(request, meta):
        raise illegal_self_copy()
    options.attributes = _attributes(request, meta, directive)
    result = call.store.copy(source.bucket, source.key, bucket, key, options)
    told: Output = {"ETag": result.etag, "LastModified": result.last_modified, **outputs(result.checksums)}
    if result.checksums:
        told["ChecksumType"] = result.checksum_type
    return {"CopyObjectResult": told, "ServerSideEncryption": "AES256"}


def _changes_something(request: Input, meta: ObjectMeta) -> bool:
    """Naming a storage class, a redirect or an encryption is a change, be it to the same value.

    aws-recorded:test_s3_copy_object_in_place_storage_class, …_in_place_website_redirect_location, …_with_encryption. An
    object of another class changes by being copied: the copy is STANDARD (test_s3_copy_object_storage_class).
    """
    named = ("StorageClass", "WebsiteRedirectLocation", "ServerSideEncryption")
    if any(request.get(name) is not None for name in named):
        return True
    return (meta.attributes.storage_class or "STANDARD") != "STANDARD"


def _attributes(request: Input, meta: ObjectMeta, directive: str) -> Any:
    """The copy's attributes; class and redirect are of the request alone, never the source's (B:CopyObjectRequest)."""
    if directive == "REPLACE":
        return attributes(request)
    storage_class = request.get("StorageClass")
    if storage_class is not None:
        check_storage_class(storage_class)
    redirect = request.get("WebsiteRedirectLocation")
    stored = meta.attributes
    kept = {name: getattr(stored, name) for name in stored.__slots__}
    kept.update(storage_class=storage_class, website_redirect_location=redirect)
    return type(stored)(**kept)


def _find_source(call: Call, request: Input, options: CopyOptions) -> tuple[CopySource, ObjectMeta]:
    """Parse, check access and existence of the source, and that its bytes can be read; `options` are told of it."""
    source = parse_copy_source(request["CopySource"])
    version_id = version_of(source.version_id)
    info = call.store.head_bucket(source.bucket)
    source = source._replace(bucket=info.this or source.bucket)
    admit_source(call, info, source.key, version_id)
    expected = request.get("ExpectedSourceBucketOwner")
    if expected is not None:
        check_account_id(call, info, expected)
    reading = call.store.head(source.bucket, source.key, ReadOptions(version_id=version_id))
    reading.close()
    admit_source(call, info, source.key, version_id, reading.meta)
    options.source_version_id = source.version_id
    if isinstance(call.store, ConfigurableService):
        options.source_seen = reading.meta
    storage_class = reading.meta.attributes.storage_class
    if storage_class in ARCHIVE_CLASSES:
        raise archived(storage_class or "")
    return source, reading.meta


def check_copy_size(size: int) -> None:
    """One call copies as much as one PUT stores (S3 user guide, "Copying objects")."""
    if size > MAX_BODY:
        raise invalid_request(
            f"The specified copy source is larger than the maximum allowable size for a copy source: {MAX_BODY}"
        )


@operation("UploadPartCopy", long=True)
@_of_one_source
def upload_part_copy(call: Call, request: Input) -> Output:
    """aws-recorded:test_upload_part_copy_range and the test_upload_part_copy_with_* recordings."""
    number = check_part_number(request["PartNumber"])
    text = request.get("CopySourceRange")
    byte_range = None if text is None else parse_copy_range(text)
    options = CopyOptions(source_conditions=source_conditions(request))
    source, meta = _find_source(call, request, options)
    if byte_range is not None and (byte_range.last or 0) >= meta.size:
        # The upload is looked up first: without it the range does not matter.
        call.store.list_parts(request["Bucket"], request["Key"], request["UploadId"], max_parts=1)
        raise _range_error(text or "", byte_range.first or 0, meta.size)
    check_copy_size(meta.size if byte_range is None else (byte_range.last or 0) - (byte_range.first or 0) + 1)
    part = call.store.copy_part(
        source.bucket,
        source.key,
        request["Bucket"],
        request["Key"],
        request["UploadId"],
        number,
        byte_range=byte_range,
        options=options,
    )
    told: Output = {"ETag": part.etag, "LastModified": part.last_modified, **outputs(part.checksums)}
    return {"CopyPartResult": told, "ServerSideEncryption": "AES256"}


def _range_error(text: str, first: int, size: int) -> S3Error:
    if first >= size:
        return invalid_request("The specified copy range is invalid for the source object size")
    return invalid_argument(
        "x-amz-copy-source-range", text, f"Range specified is not valid for source object of size: {size}"
    )
