"""The multipart verbs of the minio-py backend, all of them through the seam."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..backend import Source
from ..retry import Safety
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
from . import minio_headers as headers
from . import minio_xml as xml
from .minio_calls import MinIOCalls, check_segments
from .minio_errors import refused_document
from .minio_seam import Answer
from .remote_body import SourceBody, with_digest
from .remote_common import copy_range
from .remote_errors import MalformedAnswer
from .remote_meta import CHECKSUM_NAMES, quoted

__all__ = ["MinIOUploads", "stored"]


def stored(answer: Answer) -> Mapping[str, str]:
    """The headers of the answer to a put. Raises `MalformedAnswer` for one without an ETag: nobody stored anything."""
    if not answer.headers.get("etag"):
        raise MalformedAnswer("it has no ETag")
    return answer.headers


class MinIOUploads(MinIOCalls):
    """Uploads of `MinIOService`."""

    def create_upload(self, bucket: str, key: str, options: UploadOptions) -> UploadInfo:
        send = headers.attribute_headers(options.attributes)
        if options.checksum_algorithm:
            send["x-amz-checksum-algorithm"] = options.checksum_algorithm
        if options.checksum_type:
            send["x-amz-checksum-type"] = options.checksum_type
        upload_id = self.send(
            "create_multipart_upload",
            "POST",
            bucket,
            key,
            query={"uploads": ""},
            headers=send,
            safety=Safety.ONCE,
            read=lambda answer: refused_document(answer.data).needed("UploadId"),
        )
        return UploadInfo(
            key=key,
            upload_id=upload_id,
            checksum_algorithm=options.checksum_algorithm,
            checksum_type=options.checksum_type,
            storage_class=options.attributes.storage_class,
        )

    def put_part(self, bucket: str, key: str, upload_id: str, number: int, source: Source, options: PutOptions) -> Part:
        """A part is held in memory while it is sent: minio-py hashes and sends bytes."""
        check_segments(key)
        data = SourceBody(source).read()
        query = {"partNumber": str(number), "uploadId": upload_id}
        found = self.send(
            "upload_part",
            "PUT",
            bucket,
            key,
            query=query,
            headers=headers.checksum_headers(with_digest(options, data)),
            body=data,
            safety=Safety.IDEMPOTENT,
            read=stored,
        )
        return Part(
            number=number,
            etag=quoted(found["etag"]),
            size=len(data),
            checksums={
                name: value for name in CHECKSUM_NAMES if (value := found.get(f"x-amz-checksum-{name.lower()}"))
            },
        )

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
        check_segments(source_key)
        send = headers.copy_headers(source_bucket, source_key, options)
        if (span := copy_range(byte_range)) is not None:
            send["x-amz-copy-source-range"] = span
        return self.send(
            "upload_part_copy",
            "PUT",
            bucket,
            key,
            query={"partNumber": str(number), "uploadId": upload_id},
            headers=send,
            safety=Safety.IDEMPOTENT,
            read=lambda answer: xml.copied_part(number, refused_document(answer.data)),
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
        send = headers.condition_headers(conditions)
        send |= {f"x-amz-checksum-{name.lower()}": value for name, value in (checksums or {}).items()}
        if checksum_type:
            send["x-amz-checksum-type"] = checksum_type
        if size is not None:
            send["x-amz-mp-object-size"] = str(size)
        return self.send(
            "complete_multipart_upload",
            "POST",
            bucket,
            key,
            query={"uploadId": upload_id},
            headers={"Content-Type": "application/xml", **send},
            body=xml.complete_body(parts),
            safety=Safety.ONCE if conditions else Safety.IDEMPOTENT,
            exclusive=conditions.if_none_match == "*",
            read=lambda answer: xml.put_result(refused_document(answer.data), answer.headers),
        )

    def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        self.send(
            "abort_multipart_upload",
            "DELETE",
            bucket,
            key,
            query={"uploadId": upload_id},
            safety=Safety.IDEMPOTENT,
            read=lambda answer: None,
        )

    def list_parts(self, bucket: str, key: str, upload_id: str, *, after: int = 0, max_parts: int = 1000) -> PartPage:
        query = {"uploadId": upload_id, "part-number-marker": str(after), "max-parts": str(max_parts)}
        return self.send(
            "list_parts",
            "GET",
            bucket,
            key,
            query=query,
            read=lambda answer: xml.part_page(key, refused_document(answer.data)),
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
        query = {"uploads": "", "encoding-type": "url", "max-uploads": str(max_uploads)}
        given = {
            "prefix": prefix,
            "delimiter": delimiter,
            "key-marker": key_marker,
            "upload-id-marker": upload_id_marker,
        }
        return self.send(
            "list_uploads",
            "GET",
            bucket,
            query=query | {name: value for name, value in given.items() if value},
            read=lambda answer: xml.upload_page(refused_document(answer.data)),
        )

    def object_parts(
        self, bucket: str, key: str, *, version_id: str | None = None, after: int = 0, max_parts: int = 1000
    ) -> ObjectParts | None:
        query = {"attributes": ""} | ({"versionId": version_id} if version_id is not None else {})
        return self.send(
            "object_parts",
            "GET",
            bucket,
            key,
            query=query,
            headers={
                "x-amz-object-attributes": "ObjectParts",
                "x-amz-max-parts": str(max_parts),
                "x-amz-part-number-marker": str(after),
            },
            read=lambda answer: xml.object_parts(refused_document(answer.data)),
        )
