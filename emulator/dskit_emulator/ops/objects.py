"""Reading and deleting objects: GetObject, HeadObject, GetObjectAttributes, DeleteObject, DeleteObjects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dskit.errors import InvalidKeyError
from dskit.keys import check_key
from dskit.ranges import parse_range
from dskit.streams import Reading
from dskit.types import DEFAULT_CONTENT_TYPE, READ_ALL, DeleteRequest, ReadOptions

from ..context import Call
from ..wire.errors import S3Error
from .admission import admit_read, owner_of_replaced, refuse_delete
from .checksums import outputs
from .options import ARCHIVE_CLASSES, check_part_number, read_conditions, version_of
from .refusals import archived, invalid_argument, invalid_request, malformed_xml
from .registry import Input, Output, operation

if TYPE_CHECKING:
    from dskit.types import ObjectMeta, ObjectParts

__all__ = ["delete_object", "delete_objects", "get_object", "get_object_attributes", "head_object"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})
MAX_DELETES = 1000
MAX_PARTS_SHOWN = 1000

_OVERRIDES = {
    "ResponseCacheControl": ("CacheControl", "response-cache-control"),
    "ResponseContentDisposition": ("ContentDisposition", "response-content-disposition"),
    "ResponseContentEncoding": ("ContentEncoding", "response-content-encoding"),
    "ResponseContentLanguage": ("ContentLanguage", "response-content-language"),
    "ResponseContentType": ("ContentType", "response-content-type"),
    "ResponseExpires": ("Expires", "response-expires"),
}
_NO_HEADER = re.compile(r"[^\t\x20-\x7e\x80-\xff]").search
_ATTRIBUTES = frozenset({"ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"})


@operation("GetObject")
def get_object(call: Call, request: Input) -> Output:
    """`Body` of the output is the open `Reading`; a `ContentRange` makes the answer a 206."""
    if len(request) == 2:  # Bucket and Key: all of the object, as it is
        overrides, options = _NOTHING, READ_ALL
    else:
        overrides, options = _overrides(call, request), _read_options(request)
    reading = call.store.get(request["Bucket"], request["Key"], options)
    try:
        admit_read(call, reading.meta)
        storage_class = reading.meta.attributes.storage_class
        if storage_class in ARCHIVE_CLASSES:
            raise archived(storage_class or "")
        output = _describe(request, reading)
    except BaseException:
        reading.close()
        raise
    if overrides:
        output.update(overrides)
    output["Body"] = reading
    return output


@operation("HeadObject")
def head_object(call: Call, request: Input) -> Output:
    overrides = _overrides(call, request)
    reading = call.store.head(request["Bucket"], request["Key"], _read_options(request))
    try:
        admit_read(call, reading.meta)
        output = _describe(request, reading)
    finally:
        reading.close()
    output.update(overrides)
    return output


def _overrides(call: Call, request: Input) -> Mapping[str, Any]:
    """Headers of the answer that the query asks for. Raises `S3Error` for anonymous requests and for characters that a
    header cannot hold (aws-recorded:test_get_response_overrides_unicode_metadata_with_sig_s3).
    """
    if _OVERRIDES.keys().isdisjoint(request):
        return _NOTHING
    if call.anonymous:
        raise invalid_request("Request specific response headers cannot be used for anonymous GET requests.")
    found: Output = {}
    for member, (header, parameter) in _OVERRIDES.items():
        value = request.get(member)
        if value is not None:
            if _NO_HEADER(value):
                raise invalid_argument(parameter, value, "Header value cannot be represented using ISO-8859-1.")
            found[header] = value
    return found


def _read_options(request: Input) -> ReadOptions:
    """Raises `S3Error` for a part number that is none or comes with a range (aws-recorded:test_get_object_part)."""
    if len(request) == 2:  # Bucket and Key
        return READ_ALL
    part_number = request.get("PartNumber")
    text = request.get("Range")
    if part_number is not None:
        if text is not None:
            raise invalid_request("Cannot specify both Range header and partNumber query parameter")
        check_part_number(part_number)
    return ReadOptions(
        range=parse_range(text) if text is not None else None,
        part_number=part_number,
        conditions=read_conditions(request),
        version_id=version_of(request.get("VersionId")),
        checksum_mode=request.get("ChecksumMode") == "ENABLED",
    )


def _describe(request: Input, reading: Reading) -> Output:
    meta = reading.meta
    stored = meta.attributes
    output: Output = {
        "AcceptRanges": "bytes",
        "LastModified": meta.last_modified,
        "ContentLength": reading.stop - reading.start,
        "ETag": meta.etag,
        "ContentType": stored.content_type or DEFAULT_CONTENT_TYPE,
        "ServerSideEncryption": "AES256",
        "Metadata": stored.metadata,
    }
    # Most objects have none of these, and this runs for every read.
    if stored.cache_control is not None:
        output["CacheControl"] = stored.cache_control
    if stored.content_disposition is not None:
        output["ContentDisposition"] = stored.content_disposition
    if stored.content_encoding is not None:
        output["ContentEncoding"] = stored.content_encoding
    if stored.content_language is not None:
        output["ContentLanguage"] = stored.content_language
    if stored.expires is not None:
        output["Expires"] = stored.expires
    if stored.website_redirect_location is not None:
        output["WebsiteRedirectLocation"] = stored.website_redirect_location
    if stored.storage_class is not None and stored.storage_class != "STANDARD":
        output["StorageClass"] = stored.storage_class
    if reading.partial:
        if reading.stop > reading.start:  # no Content-Range can name an empty part, so that is 200 (our reading)
            output["ContentRange"] = f"bytes {reading.start}-{reading.stop - 1}/{meta.size}"
        if request.get("PartNumber") is not None:
            output["PartsCount"] = meta.parts_count
    if request.get("ChecksumMode") == "ENABLED":
        checksums = _shown_checksums(request, reading)
        if checksums:
            output.update(outputs(checksums))
            output["ChecksumType"] = meta.checksum_type
    return output


def _shown_checksums(request: Input, reading: Reading) -> Mapping[str, str]:
    """Those of the whole object where all of it is sent, that of the part for a part of a composite one, else none.

    aws-recorded:test_get_object_range, test_get_object_part, test_get_object_part_checksum.
    """
    meta = reading.meta
    whole = not reading.partial or reading.stop - reading.start == meta.size
    if whole or (request.get("PartNumber") is not None and meta.checksum_type == "COMPOSITE"):
        return meta.checksums
    return {}


@operation("GetObjectAttributes")
def get_object_attributes(call: Call, request: Input) -> Output:
    """aws-recorded:test_get_object_attributes, test_get_object_attributes_with_space."""
    asked = {name.strip() for name in request.get("ObjectAttributes") or ()} - {""}
    if not asked:
        raise invalid_request(
            "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty"
        )
    for name in sorted(asked - _ATTRIBUTES):
        raise invalid_argument("x-amz-object-attributes", name, "Invalid attribute name specified.")
    meta = _meta_of(call, request)
    output: Output = {"LastModified": meta.last_modified}
    if "ETag" in asked:
        output["ETag"] = meta.etag.strip('"')
    if "ObjectSize" in asked:
        output["ObjectSize"] = meta.size
    if "StorageClass" in asked:
        output["StorageClass"] = meta.attributes.storage_class or "STANDARD"
    if "Checksum" in asked and meta.checksums:
        values = {name: value.partition("-")[0] for name, value in meta.checksums.items()}
        output["Checksum"] = {**outputs(values), "ChecksumType": meta.checksum_type}
    if "ObjectParts" in asked and meta.parts_count is not None:
        output["ObjectParts"] = _parts_of(call, request, meta.parts_count, composite=meta.checksum_type == "COMPOSITE")
        if _meta_of(call, request) != meta:  # the parts may be those of another object already
            again: Output = get_object_attributes(call, request)
            return again
    return output


def _meta_of(call: Call, request: Input) -> ObjectMeta:
    options = ReadOptions(version_id=version_of(request.get("VersionId")), checksum_mode=True)
    reading = call.store.head(request["Bucket"], request["Key"], options)
    reading.close()
    admit_read(call, reading.meta)
    return reading.meta


def _parts_of(call: Call, request: Input, count: int, *, composite: bool) -> Output:
    """Parts are shown where they have checksums: composite ones (aws-recorded:test_get_object_attributes)."""
    if not composite:
        return {"TotalPartsCount": count}
    marker = request.get("PartNumberMarker") or 0
    limit = request.get("MaxParts")
    limit = MAX_PARTS_SHOWN if limit is None else min(limit, MAX_PARTS_SHOWN)
    if limit < 0 or marker < 0:
        name, value = ("x-amz-max-parts", limit) if limit < 0 else ("x-amz-part-number-marker", marker)
        raise invalid_argument(name, str(value), f"Argument {name} must be an integer between 0 and 2147483647")
    found: ObjectParts | None = call.store.object_parts(
        request["Bucket"], request["Key"], version_id=request.get("VersionId"), after=marker, max_parts=limit
    )
    parts = found.parts if found else []
    return {
        "TotalPartsCount": count,
        "PartNumberMarker": marker,
        "NextPartNumberMarker": parts[-1].number if parts else 0,
        "MaxParts": limit,
        "IsTruncated": bool(found and found.next_marker is not None),
        "Parts": [{"PartNumber": part.number, "Size": part.size, **outputs(part.checksums)} for part in parts],
    }


@operation("DeleteObject")
def delete_object(call: Call, request: Input) -> Output:
    call.store.delete(
        request["Bucket"],
        DeleteRequest(
            key=request["Key"],
            version_id=version_of(request.get("VersionId")),
            if_match=request.get("IfMatch") or None,
            owned_by=owner_of_replaced(call),
        ),
    )
    return {}


def _key_error(key: str) -> InvalidKeyError | None:
    try:
        check_key(key)
    except InvalidKeyError as error:
        return error
    return None


@operation("DeleteObjects")
def delete_objects(call: Call, request: Input) -> Output:
    """Rows are answered in their order; one bad row does not touch the others (aws-recorded:test_delete_objects)."""
    rows: list[dict[str, Any]] = (request.get("Delete") or {}).get("Objects") or []
    if not 1 <= len(rows) <= MAX_DELETES:
        raise malformed_xml(f"a batch has 1 to {MAX_DELETES} rows, not {len(rows)}")
    requests: list[DeleteRequest] = []
    errors: list[Output] = []
    owned_by = owner_of_replaced(call)
    for row in rows:
        version_id = row.get("VersionId") or None
        if version_id not in (None, "null"):
            errors.append(
                {
                    "Key": row["Key"],
                    "VersionId": version_id,
                    "Code": "NoSuchVersion",
                    "Message": "The specified version does not exist.",
                }
            )
        elif row.get("Size") is not None or row.get("LastModifiedTime") is not None:
            raise S3Error(
                "NotImplemented",
                "A header you provided implies functionality that is not implemented",
                reason="Size and LastModifiedTime of a row are of directory buckets, which are not built",
            )
        elif (too_long := _key_error(row["Key"])) is not None:
            errors.append({"Key": row["Key"], "Code": too_long.code, "Message": too_long.message})
        elif refuse_delete(call, row["Key"]):
            errors.append(
                {"Key": row["Key"], "VersionId": version_id, "Code": "AccessDenied", "Message": "Access Denied"}
            )
        else:
            requests.append(
                DeleteRequest(
                    key=row["Key"], version_id=version_id, if_match=row.get("ETag") or None, owned_by=owned_by
                )
            )
    result = call.store.delete_many(request["Bucket"], requests)
    errors.extend(
        {"Key": error.key, "VersionId": error.version_id, "Code": error.code, "Message": error.message}
        for error in result.errors
    )
    output: Output = {"Errors": errors}
    if not request["Delete"].get("Quiet"):
        rest = iter(requests)  # what was deleted comes in the order of the rows; a key may be in several
        done = [next(row for row in rest if row.key == key) for key in result.deleted]
        output["Deleted"] = [{"Key": row.key, "VersionId": row.version_id} for row in done]
    return output
