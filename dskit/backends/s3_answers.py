"""Answers of the boto3 client → values of dskit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from ..types import (
    BucketInfo,
    DeleteError,
    DeleteResult,
    ListPage,
    ObjectPart,
    ObjectParts,
    ObjectSummary,
    Part,
    PartPage,
    PutResult,
    UploadInfo,
    UploadPage,
)
from .remote_common import accounted
from .remote_errors import MalformedAnswer
from .remote_meta import CHECKSUM_NAMES, quoted

__all__ = ["buckets", "deleted", "list_page", "needed", "object_parts", "part_page", "put_result", "upload_page"]

Answer = Mapping[str, Any]


def needed(answer: Answer, name: str) -> Any:
    """A member that the answer must have: botocore makes an empty answer of any XML, a web page among it. Raises
    `MalformedAnswer`."""
    try:
        return answer[name]
    except KeyError:
        raise MalformedAnswer(f"it has no {name}") from None


def utc(moment: datetime | None) -> datetime | None:
    """botocore gives times in the machine's zone."""
    return moment.astimezone(UTC) if moment else None


def checksums(answer: Answer) -> dict[str, str]:
    return {name: value for name in CHECKSUM_NAMES if (value := answer.get(f"Checksum{name}"))}


def put_result(answer: Answer, *, version_id: str | None = None, size: int | None = None) -> PutResult:
    digests = checksums(answer)
    return PutResult(
        etag=quoted(needed(answer, "ETag")),
        version_id=version_id or answer.get("VersionId"),
        size=size if size is not None else answer.get("Size"),
        last_modified=utc(answer.get("LastModified")),
        checksums=digests,
        checksum_type=answer.get("ChecksumType") if digests else None,
    )


def list_page(answer: Answer) -> ListPage:
    truncated = needed(answer, "IsTruncated")
    return ListPage(
        objects=[
            ObjectSummary(
                key=needed(row, "Key"),
                size=row.get("Size", 0),
                etag=quoted(row.get("ETag")),
                last_modified=needed(row, "LastModified").astimezone(UTC),
                storage_class=row.get("StorageClass") or "STANDARD",
                checksum_algorithms=tuple(row.get("ChecksumAlgorithm", ())),
                checksum_type=row.get("ChecksumType") or None,
            )
            for row in answer.get("Contents", ())
        ],
        prefixes=[needed(row, "Prefix") for row in answer.get("CommonPrefixes", ())],
        next_token=needed(answer, "NextContinuationToken") if truncated else None,
    )


def deleted(answer: Answer, keys: Iterable[str]) -> DeleteResult:
    found = DeleteResult(
        deleted=[row["Key"] for row in answer.get("Deleted", ())],
        errors=[
            DeleteError(
                key=row.get("Key", ""),
                code=row.get("Code", ""),
                message=row.get("Message", ""),
                version_id=row.get("VersionId"),
            )
            for row in answer.get("Errors", ())
        ],
    )
    return accounted(found, keys)


def buckets(answer: Answer) -> list[BucketInfo]:
    return [
        BucketInfo(name=needed(row, "Name"), created=utc(row.get("CreationDate")), region=row.get("BucketRegion"))
        for row in needed(answer, "Buckets")
    ]


def part_page(key: str, answer: Answer) -> PartPage:
    truncated = needed(answer, "IsTruncated")
    return PartPage(
        upload=UploadInfo(
            key=key,
            upload_id=answer.get("UploadId", ""),
            checksum_algorithm=answer.get("ChecksumAlgorithm") or None,
            checksum_type=answer.get("ChecksumType") or None,
            storage_class=answer.get("StorageClass") or None,
        ),
        parts=[
            Part(
                number=needed(row, "PartNumber"),
                etag=quoted(row.get("ETag")),
                size=row.get("Size"),
                last_modified=utc(row.get("LastModified")),
                checksums=checksums(row),
            )
            for row in answer.get("Parts", ())
        ],
        next_marker=int(needed(answer, "NextPartNumberMarker")) if truncated else None,
    )


def upload_page(answer: Answer) -> UploadPage:
    """A page of ListMultipartUploads, asked for with ``encoding-type=url`` (botocore decodes object listings only)."""
    text = unquote_plus if answer.get("EncodingType") == "url" else str
    truncated = needed(answer, "IsTruncated")
    next_upload = answer.get("NextUploadIdMarker")
    page = UploadPage(
        uploads=[
            UploadInfo(
                key=text(needed(row, "Key")),
                upload_id=needed(row, "UploadId"),
                initiated=utc(row.get("Initiated")),
                checksum_algorithm=row.get("ChecksumAlgorithm") or None,
                checksum_type=row.get("ChecksumType") or None,
                storage_class=row.get("StorageClass") or None,
            )
            for row in answer.get("Uploads", ())
        ],
        prefixes=[text(row["Prefix"]) for row in answer.get("CommonPrefixes", ())],
        next_key_marker=text(answer.get("NextKeyMarker", "")) if truncated else None,
        next_upload_id_marker=next_upload if truncated else None,
    )
    if page.next_key_marker == "":
        # AWS names no marker on a page that ends with a group (aws-recorded:
        # test_list_multipart_uploads_marker_common_prefixes); the group itself is one.
        page.next_key_marker = max((*page.prefixes, *(row.key for row in page.uploads)), key=str.encode, default=None)
    return page


def object_parts(answer: Answer) -> ObjectParts | None:
    found = answer.get("ObjectParts")
    if not found:
        return None
    truncated = found.get("IsTruncated")
    return ObjectParts(
        total=int(found.get("TotalPartsCount") or 0),
        parts=[
            ObjectPart(number=needed(row, "PartNumber"), size=row.get("Size", 0), checksums=checksums(row))
            for row in found.get("Parts", ())
        ],
        next_marker=int(needed(found, "NextPartNumberMarker")) if truncated else None,
    )
