"""What no store of obstore has: its Python API has no multipart verbs, no parts and no buckets.

The capabilities say so and the facade refuses first; whoever calls the service itself gets the same refusals.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..backend import Source
from ..guards import refuse_verb
from ..types import (
    BucketInfo,
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

__all__ = ["ObstoreRefusals"]


class ObstoreRefusals:
    """The verbs of `ObjectService` that raise `UnsupportedError`, every one of them."""

    def create_bucket(self, bucket: str, *, region: str | None = None, owner: str | None = None) -> BucketInfo:
        raise refuse_verb("create_bucket", "buckets")

    def delete_bucket(self, bucket: str) -> None:
        raise refuse_verb("delete_bucket", "buckets")

    def list_buckets(self) -> list[BucketInfo]:
        raise refuse_verb("list_buckets", "buckets")

    def create_upload(self, bucket: str, key: str, options: UploadOptions) -> UploadInfo:
        raise refuse_verb("create_multipart_upload", "multipart")

    def put_part(self, bucket: str, key: str, upload_id: str, number: int, source: Source, options: PutOptions) -> Part:
        raise refuse_verb("upload_part", "multipart")

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
        raise refuse_verb("upload_part_copy", "multipart_copy")

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
        raise refuse_verb("complete_multipart_upload", "multipart")

    def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        raise refuse_verb("abort_multipart_upload", "multipart")

    def list_parts(self, bucket: str, key: str, upload_id: str, *, after: int = 0, max_parts: int = 1000) -> PartPage:
        raise refuse_verb("list_parts", "list_parts")

    def list_uploads(self, bucket: str, **markers: Any) -> UploadPage:
        raise refuse_verb("list_uploads", "list_uploads")

    def object_parts(
        self, bucket: str, key: str, *, version_id: str | None = None, after: int = 0, max_parts: int = 1000
    ) -> ObjectParts | None:
        raise refuse_verb("object_parts", "object_parts")
