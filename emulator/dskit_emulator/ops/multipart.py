"""Multipart uploads: everything but the bytes of the parts."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from dskit.errors import UploadNotFoundError
from dskit.types import CompletedPart, UploadInfo, UploadOptions

from ..context import Call
from .admission import as_configured, owner_of_replaced
from .checksums import UNBUILT_ALGORITHMS, check_value, given, named_algorithm, outputs
from .listings import check_encoding, page_size, shown, shown_owner
from .options import attributes, write_conditions
from .ownership import access_of_new
from .refusals import invalid_argument, invalid_request, malformed_xml, not_built
from .registry import Input, Output, operation

__all__ = [
    "abort_multipart_upload",
    "complete_multipart_upload",
    "create_multipart_upload",
    "list_multipart_uploads",
    "list_parts",
]

FULL_OBJECT, COMPOSITE = "FULL_OBJECT", "COMPOSITE"
_UNBUILT = tuple(f"Checksum{name}" for name in sorted(UNBUILT_ALGORITHMS))
_ONLY_TYPE = {"CRC64NVME": FULL_OBJECT, "SHA1": COMPOSITE, "SHA256": COMPOSITE}


@operation("CreateMultipartUpload")
def create_multipart_upload(call: Call, request: Input) -> Output:
    algorithm = named_algorithm(request.get("ChecksumAlgorithm"))
    kind = _checksum_type(algorithm, request.get("ChecksumType"))
    options = UploadOptions(
        attributes=attributes(request),
        checksum_algorithm=algorithm,
        checksum_type=kind,
        access=access_of_new(call, request),
        initiator=None if call.account.canonical_id == call.owner_id else call.account.canonical_id,
    )
    upload = call.store.create_upload(request["Bucket"], request["Key"], options)
    return {
        "Bucket": request["Bucket"],
        "Key": request["Key"],
        "UploadId": upload.upload_id,
        "ServerSideEncryption": "AES256",
        "ChecksumAlgorithm": algorithm,
        "ChecksumType": kind,
    }


def _checksum_type(algorithm: str | None, kind: str | None) -> str | None:
    """aws-recorded:test_multipart_checksum_type_compatibility, test_multipart_parts_checksum_exceptions_composite."""
    if algorithm is None:
        if kind is not None:
            raise invalid_request(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
            )
        return None
    only = _ONLY_TYPE.get(algorithm)
    if kind is None:
        return only or COMPOSITE
    if kind not in (FULL_OBJECT, COMPOSITE):
        raise invalid_request("Value for x-amz-checksum-type header is invalid.")
    if only is not None and kind != only:
        raise invalid_request(
            f"The {kind} checksum type cannot be used with the {algorithm.lower()} checksum algorithm."
        )
    return kind


@operation("CompleteMultipartUpload")
def complete_multipart_upload(call: Call, request: Input) -> Output:
    bucket, key, upload_id = request["Bucket"], request["Key"], request["UploadId"]
    conditions = as_configured(call, write_conditions(request, owner_of_replaced(call)), None)
    checksums = given(request)
    kind = request.get("ChecksumType")
    if kind not in (None, FULL_OBJECT, COMPOSITE):
        raise invalid_request("Value for x-amz-checksum-type header is invalid.")
    for name, value in checksums.items():
        check_value(name, value.partition("-")[0])
    rows: list[dict[str, Any]] = (request.get("MultipartUpload") or {}).get("Parts") or []
    parts = [_completed(row) for row in rows]
    if not parts:  # an unknown upload is told before an empty list
        call.store.list_parts(bucket, key, upload_id, max_parts=1)
        raise invalid_request("You must specify at least one part")
    result = call.store.complete_upload(
        bucket,
        key,
        upload_id,
        parts,
        conditions=conditions,
        checksums=checksums or None,
        checksum_type=kind,
        size=request.get("MpuObjectSize"),
    )
    output: Output = {
        "Location": _location(call, bucket, key),
        "Bucket": bucket,
        "Key": key,
        "ETag": result.etag,
        "ServerSideEncryption": "AES256",
    }
    if result.checksums:
        output.update(outputs(result.checksums))
        output["ChecksumType"] = result.checksum_type
    return output


def _completed(row: dict[str, Any]) -> CompletedPart:
    number, etag = row.get("PartNumber"), row.get("ETag")
    if number is None or not etag:
        raise malformed_xml("a part of the list has no PartNumber or no ETag")
    for name in _UNBUILT:
        if row.get(name) is not None:
            raise not_built(name, f"{name} of a part: the algorithm is not built")
    return CompletedPart(number=number, etag=etag, checksums=given(row))


def _location(call: Call, bucket: str, key: str) -> str:
    """aws-recorded:test_multipart_with_unicode_character_location; slashes of the key are escaped too."""
    path = quote(key, safe="")
    return f"{call.origin}/{path}" if call.virtual else f"{call.origin}/{bucket}/{path}"


@operation("AbortMultipartUpload")
def abort_multipart_upload(call: Call, request: Input) -> Output:
    call.store.abort_upload(request["Bucket"], request["Key"], request["UploadId"])
    return {}


@operation("ListParts")
def list_parts(call: Call, request: Input) -> Output:
    """aws-recorded:test_list_parts_pagination: NextPartNumberMarker is always there, 0 for an empty page."""
    limit = page_size(request.get("MaxParts"), "max-parts", "max-parts")
    marker = request.get("PartNumberMarker") or 0
    if marker < 0:
        raise invalid_argument(
            "part-number-marker", str(marker), "Argument part-number-marker must be an integer between 0 and 2147483647"
        )
    page = call.store.list_parts(request["Bucket"], request["Key"], request["UploadId"], after=marker, max_parts=limit)
    upload = page.upload
    shown = upload.checksum_algorithm is not None
    return {
        "Bucket": request["Bucket"],
        "Key": request["Key"],
        "UploadId": upload.upload_id,
        **_people(call, upload),
        "StorageClass": upload.storage_class or "STANDARD",
        "PartNumberMarker": marker,
        "NextPartNumberMarker": page.parts[-1].number if page.parts else 0,
        "MaxParts": limit,
        "IsTruncated": page.next_marker is not None,
        "ChecksumAlgorithm": upload.checksum_algorithm,
        "ChecksumType": upload.checksum_type if shown else None,
        "Parts": [
            {
                "PartNumber": part.number,
                "LastModified": part.last_modified,
                "ETag": part.etag,
                "Size": part.size,
                **(outputs(part.checksums) if shown else {}),
            }
            for part in page.parts
        ],
    }


@operation("ListMultipartUploads")
def list_multipart_uploads(call: Call, request: Input) -> Output:
    """aws-recorded:test_list_multiparts_next_marker, test_list_multipart_uploads_marker_common_prefixes.

    The markers of the next page are those of the last upload shown, on the last page too, and empty on a page of groups
    alone, whose last group a client has to name itself; without a key marker an upload id marker says nothing.
    """
    limit = page_size(request.get("MaxUploads"), "max-uploads", "max-uploads")
    encoding = check_encoding(request)
    prefix = request.get("Prefix") or ""
    delimiter = request.get("Delimiter") or ""
    key_marker = request.get("KeyMarker") or ""
    upload_id_marker = (request.get("UploadIdMarker") or "") if key_marker else ""
    if upload_id_marker:
        _check_upload_marker(call, request["Bucket"], key_marker, upload_id_marker)
    page = call.store.list_uploads(
        request["Bucket"],
        prefix=prefix,
        delimiter=delimiter,
        key_marker=key_marker,
        upload_id_marker=upload_id_marker,
        max_uploads=limit,
    )
    show = shown(encoding)
    last = page.uploads[-1] if page.uploads else None
    next_key, next_upload_id = (last.key, last.upload_id) if last else ("", "")
    if last and page.next_key_marker is not None:  # may be a group behind the last upload
        next_key, next_upload_id = page.next_key_marker, page.next_upload_id_marker or ""
    return {
        "Bucket": request["Bucket"],
        "KeyMarker": show(key_marker),
        "UploadIdMarker": upload_id_marker,
        "NextKeyMarker": show(next_key),
        "NextUploadIdMarker": next_upload_id,
        "Prefix": show(prefix) or None,
        "Delimiter": show(delimiter) or None,
        "MaxUploads": limit,
        "IsTruncated": page.next_key_marker is not None,
        "EncodingType": encoding,
        "Uploads": [_upload_row(call, upload, show(upload.key)) for upload in page.uploads],
        "CommonPrefixes": [{"Prefix": show(group)} for group in page.prefixes],
    }


def _check_upload_marker(call: Call, bucket: str, key: str, upload_id: str) -> None:
    """Refuse the id of another key's upload; one that is of no upload may have been completed since the last page."""
    try:
        call.store.list_parts(bucket, key, upload_id, max_parts=1)
        return
    except UploadNotFoundError:
        pass
    after = ("", "")
    while True:
        page = call.store.list_uploads(bucket, key_marker=after[0], upload_id_marker=after[1])
        if any(upload.upload_id == upload_id for upload in page.uploads):
            raise invalid_argument("upload-id-marker", upload_id, "Invalid uploadId marker")
        if page.next_key_marker is None:
            return
        after = (page.next_key_marker, page.next_upload_id_marker or "")


def _upload_row(call: Call, upload: UploadInfo, key: str) -> Output:
    return {
        "UploadId": upload.upload_id,
        "Key": key,
        "Initiated": upload.initiated,
        "StorageClass": upload.storage_class or "STANDARD",
        **_people(call, upload),
        "ChecksumAlgorithm": upload.checksum_algorithm,
        "ChecksumType": upload.checksum_type if upload.checksum_algorithm else None,
    }


def _people(call: Call, upload: UploadInfo) -> Output:
    """Who will own the object, and who began."""
    initiator = upload.initiator or call.owner_id
    owner = shown_owner(call, upload.owner)
    return {"Owner": {"ID": owner}, "Initiator": {"ID": initiator, "DisplayName": _display_name(call, initiator)}}


def _display_name(call: Call, canonical_id: str) -> str:
    account = call.accounts.by_canonical_id(canonical_id)
    return account.display_name if account else canonical_id
