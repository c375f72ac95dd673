"""The multipart verbs of the boto3 backend."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from ..backend import Source
from ..retry import Safety
from ..sources import BufferSource
from ..types import (
    ByteRange,
    CompletedPart,
    Conditions,
    CopyOptions,
    ObjectParts,
    Part,
    PartPage,
    PutOptions,
    PutResult,
    UploadInfo,
    UploadOptions,
    UploadPage,
)
from . import s3_answers as answers
from . import s3_params as params
from .remote_body import SourceBody
from .remote_common import copy_range
from .remote_meta import quoted
from .s3_calls import S3Calls

__all__ = ["S3Uploads"]


class S3Uploads(S3Calls):
    """Uploads of `S3Service`."""

    def create_upload(self, bucket: str, key: str, options: UploadOptions) -> UploadInfo:
        send = params.upload_params(options)

        def begun() -> UploadInfo:
            answer = self.client.create_multipart_upload(Bucket=bucket, Key=key, **send)
            return UploadInfo(
                key=key,
                upload_id=answers.needed(answer, "UploadId"),
                checksum_algorithm=answer.get("ChecksumAlgorithm") or None,
                checksum_type=answer.get("ChecksumType") or None,
                storage_class=options.attributes.storage_class,
            )

        return self.call(
            "create_multipart_upload",
            begun,
            safety=Safety.ONCE,
            bucket=bucket,
            key=key,
        )

    def put_part(self, bucket: str, key: str, upload_id: str, number: int, source: Source, options: PutOptions) -> Part:
        """A part without a known length, or one that cannot be rewound, is held in memory: it may be sent twice."""
        body = SourceBody(source)
        if source.length is None or not source.rewindable:
            body = SourceBody(BufferSource(body.read()))
        length = body.seek(0, io.SEEK_END)
        body.seek(0)
        send: dict[str, Any] = {"UploadId": upload_id, "PartNumber": number}
        answer = self.send("upload_part", bucket, key, body, length, self.client.upload_part, options, send)
        # botocore adds a CRC32 of its own accord, not of the upload's algorithm: it must not come back at completion.
        digests = answers.checksums(answer) if options.checksum_algorithm else {}
        return Part(number=number, etag=quoted(answer["ETag"]), size=length, checksums=digests)

    def copy_part(
        self,
        source_bucket: str,
        source_key: str,
        bucket: str,
        key: str,
        upload_id: str,
        number: int,
        *,
        byte_range: ByteRange | None,
        options: CopyOptions,
    ) -> Part:
        send = params.copy_params(source_bucket, source_key, options)
        send |= {"UploadId": upload_id, "PartNumber": number}
        if (span := copy_range(byte_range)) is not None:
            send["CopySourceRange"] = span

        def copied() -> Part:
            row: Any = self.client.upload_part_copy(Bucket=bucket, Key=key, **send).get("CopyPartResult", {})
            return Part(
                number=number,
                etag=quoted(answers.needed(row, "ETag")),
                last_modified=answers.utc(row.get("LastModified")),
                checksums=answers.checksums(row),
            )

        return self.call(
            "upload_part_copy",
            copied,
            safety=Safety.IDEMPOTENT,
            bucket=bucket,
            key=key,
        )

    def complete_upload(
        self,
        bucket: str,
        key: str,
        upload_id: str,
        parts: Sequence[CompletedPart],
        *,
        conditions: Conditions,
        checksums: dict[str, str] | None = None,
        checksum_type: str | None = None,
        size: int | None = None,
    ) -> PutResult:
        rows: list[Any] = [params.completed_row(part) for part in parts]
        send = params.complete_params(conditions, checksums, checksum_type, size)
        return self.call(
            "complete_multipart_upload",
            lambda: answers.put_result(
                self.client.complete_multipart_upload(
                    Bucket=bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": rows}, **send
                )
            ),
            safety=Safety.ONCE if conditions else Safety.IDEMPOTENT,
            bucket=bucket,
            key=key,
            exclusive=conditions.if_none_match == "*",
        )

    def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        self.call(
            "abort_multipart_upload",
            lambda: self.client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload_id),
            safety=Safety.IDEMPOTENT,
            bucket=bucket,
            key=key,
        )

    def list_parts(self, bucket: str, key: str, upload_id: str, *, after: int = 0, max_parts: int = 1000) -> PartPage:
        return self.call(
            "list_parts",
            lambda: answers.part_page(
                key,
                self.client.list_parts(
                    Bucket=bucket, Key=key, UploadId=upload_id, PartNumberMarker=after, MaxParts=max_parts
                ),
            ),
            bucket=bucket,
            key=key,
        )

    def list_uploads(
        self,
        bucket: str,
        *,
        prefix: str = "",
        delimiter: str = "",
        key_marker: str = "",
        upload_id_marker: str = "",
        max_uploads: int = 1000,
    ) -> UploadPage:
        send: dict[str, Any] = {"MaxUploads": max_uploads, "EncodingType": "url"}
        given = {
            "Prefix": prefix,
            "Delimiter": delimiter,
            "KeyMarker": key_marker,
            "UploadIdMarker": upload_id_marker,
        }
        send |= {name: value for name, value in given.items() if value}
        return self.call(
            "list_uploads",
            lambda: answers.upload_page(self.client.list_multipart_uploads(Bucket=bucket, **send)),
            bucket=bucket,
        )

    def object_parts(
        self, bucket: str, key: str, *, version_id: str | None = None, after: int = 0, max_parts: int = 1000
    ) -> ObjectParts | None:
        version: dict[str, Any] = {"VersionId": version_id} if version_id is not None else {}
        return self.call(
            "object_parts",
            lambda: answers.object_parts(
                self.client.get_object_attributes(
                    Bucket=bucket,
                    Key=key,
                    ObjectAttributes=["ObjectParts"],
                    MaxParts=max_parts,
                    PartNumberMarker=after,
                    **version,
                )
            ),
            bucket=bucket,
            key=key,
        )
