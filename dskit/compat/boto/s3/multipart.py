"""boto 2's multipart uploads."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from ....errors import InvalidRequestError
from ....types import ByteRange, CompletedPart, UploadInfo
from ...object_headers import put_arguments
from ..exception import translated
from .digests import compute_md5
from .headers import iso, refuse_headers, with_class, written
from .key import Key
from .progress import Progress, Reported

if TYPE_CHECKING:
    from .bucket import Bucket

__all__ = ["CompleteMultiPartUpload", "MultiPartUpload", "Part", "completed", "initiated", "upload_row"]


class CompleteMultiPartUpload:
    def __init__(self, bucket: Any = None) -> None:
        self.bucket = bucket
        self.location: str | None = None
        self.bucket_name: str | None = None
        self.key_name: str | None = None
        self.etag: str | None = None
        self.version_id: str | None = None
        self.encrypted: str | None = None

    def __repr__(self) -> str:
        return f"<CompleteMultiPartUpload: {self.bucket_name}.{self.key_name}>"


class Part:
    def __init__(self, bucket: Any = None) -> None:
        self.bucket = bucket
        self.part_number: int | None = None
        self.last_modified: str | None = None
        self.etag: str | None = None
        self.size: int | None = None

    def __repr__(self) -> str:
        return f"<Part {self.part_number}>"


class MultiPartUpload:
    """An upload in progress. Iterating gives its parts; `complete_upload` publishes them all."""

    def __init__(self, bucket: Any = None) -> None:
        self.bucket = bucket
        self.bucket_name: str | None = None
        self.key_name: str | None = None
        self.id: Any = None
        self.initiator: Any = None
        self.owner: Any = None
        self.storage_class: str | None = None
        self.initiated: str | None = None
        self.part_number_marker: str | None = None
        self.next_part_number_marker: str | None = None
        self.max_parts: int | None = None
        self.is_truncated = False
        self._parts: list[Part] | None = None

    def __repr__(self) -> str:
        return f"<MultiPartUpload {self.key_name}>"

    def __iter__(self) -> Iterator[Part]:
        marker = None
        while True:
            yield from self.get_all_parts(None, marker)
            if not self.is_truncated:
                return
            marker = self.next_part_number_marker

    def to_xml(self) -> str:
        rows = "".join(
            f"  <Part>\n    <PartNumber>{part.part_number}</PartNumber>\n    <ETag>{escape(part.etag or '')}</ETag>\n"
            "  </Part>\n"
            for part in self
        )
        return f"<CompleteMultipartUpload>\n{rows}</CompleteMultipartUpload>"

    @translated
    def get_all_parts(
        self, max_parts: int | None = None, part_number_marker: Any = None, encoding_type: str | None = None
    ) -> list[Part]:
        """One page; the next begins after `next_part_number_marker`."""
        page = self.bucket.store.list_parts(
            self._stored(), self.id, after=int(part_number_marker or 0), max_parts=max_parts or 1000
        )
        self._parts = []
        for row in page.parts:
            part = Part(self.bucket)
            part.part_number, part.etag, part.size = row.number, row.etag, row.size
            part.last_modified = iso(row.last_modified) if row.last_modified else None
            self._parts.append(part)
        self.is_truncated = page.next_marker is not None
        self.next_part_number_marker = None if page.next_marker is None else str(page.next_marker)
        self.max_parts = max_parts or 1000
        return self._parts

    def upload_part_from_file(
        self,
        fp: Any,
        part_num: int,
        headers: Any = None,
        replace: bool = True,
        cb: Any = None,
        num_cb: int = 10,
        md5: tuple[str, str] | None = None,
        size: int | None = None,
    ) -> Key:
        if part_num < 1:
            raise ValueError("Part numbers must be greater than zero")
        refuse_headers(headers)
        key: Key = self.bucket.new_key(self.key_name)
        digest, encoded, key.size = compute_md5(fp, size)
        key.md5, key.base64md5 = md5 or (digest, encoded)
        progress = Progress(cb, num_cb, key.size) if cb else None
        self._send(key, Reported(fp, progress) if progress else fp, part_num)
        if progress:
            progress.end()
        return key

    @translated
    def _send(self, key: Key, fp: Any, number: int) -> None:
        part = self.bucket.store.upload_part(
            self._stored(), self.id, number, fp, content_md5=key.base64md5, length=key.size
        )
        key.etag = part.etag

    @translated
    def copy_part_from_key(
        self,
        src_bucket_name: str,
        src_key_name: str,
        part_num: int,
        start: int | None = None,
        end: int | None = None,
        src_version_id: str | None = None,
        headers: Any = None,
    ) -> Key:
        """Bytes `start` to `end`, both included, or all of another object."""
        if part_num < 1:
            raise ValueError("Part numbers must be greater than zero")
        refuse_headers(headers)
        part = self.bucket.store.upload_part_copy(
            self._stored(),
            self.id,
            part_num,
            self.bucket.connection.stored_name(src_key_name),
            source_bucket=src_bucket_name,
            range=ByteRange(start, end) if start is not None and end is not None else None,
            source_version_id=src_version_id,
        )
        key: Key = self.bucket.new_key(self.key_name)
        key.etag = part.etag
        return key

    def complete_upload(self) -> CompleteMultiPartUpload:
        done: CompleteMultiPartUpload = self.bucket.complete_multipart_upload(self.key_name, self.id, self.to_xml())
        return done

    def cancel_upload(self) -> None:
        self.bucket.cancel_multipart_upload(self.key_name, self.id)

    def _stored(self) -> str:
        stored: str = self.bucket.connection.stored_name(self.key_name)
        return stored


@translated
def initiated(
    bucket: Bucket,
    name: str,
    headers: Any,
    storage_class: str | None,
    metadata: Mapping[str, str] | None,
    policy: str | None,
) -> MultiPartUpload:
    attributes, rest = written(headers, metadata or {}, None)
    if policy or rest:
        refuse_headers({"x-amz-acl": policy} if policy else rest)
    info = bucket.store.create_multipart_upload(
        bucket.connection.stored_name(name), **put_arguments(with_class(attributes, storage_class))
    )
    upload = MultiPartUpload(bucket)
    upload.bucket_name, upload.key_name, upload.id = bucket.name, name, info.upload_id
    return upload


@translated
def completed(bucket: Bucket, name: str, upload_id: str, document: str | bytes) -> CompleteMultiPartUpload:
    """Publish the parts that a CompleteMultipartUpload document lists."""
    try:
        rows = list(ET.fromstring(document).iterfind("{*}Part"))
        parts = [
            CompletedPart(number=int(row.findtext("{*}PartNumber") or ""), etag=row.findtext("{*}ETag")) for row in rows
        ]
    except (ET.ParseError, ValueError) as error:
        raise InvalidRequestError(f"this is no list of parts: {error}", code="MalformedXML") from error
    result = bucket.store.complete_multipart_upload(bucket.connection.stored_name(name), upload_id, parts)
    done = CompleteMultiPartUpload(bucket)
    done.bucket_name, done.key_name, done.etag, done.version_id = bucket.name, name, result.etag, result.version_id
    done.location = bucket.connection.generate_url(0, "GET", bucket.name, name, query_auth=False)
    return done


def upload_row(bucket: Any, info: UploadInfo) -> MultiPartUpload:
    upload = MultiPartUpload(bucket)
    upload.key_name, upload.id = info.key, info.upload_id
    upload.initiated = iso(info.initiated) if info.initiated else None
    upload.storage_class = info.storage_class or "STANDARD"
    upload.owner = upload.initiator = bucket.connection.owner
    return upload
