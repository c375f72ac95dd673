"""Planted bugs of multipart uploads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dskit.backend import Source
from dskit.errors import ChecksumMismatchError, UnavailableError, UploadNotFoundError
from dskit.types import (
    Attributes,
    ByteRange,
    CompletedPart,
    Conditions,
    Part,
    PartPage,
    PutOptions,
    PutResult,
    ReadOptions,
    UploadInfo,
    UploadOptions,
    UploadPage,
)

from .forwarding import Forwarding, Payload, source_bytes

__all__ = ["MULTIPART"]


class CompleteMutant(Forwarding):
    """Falsifies the part list of a completion."""

    def complete_upload(
        self, bucket: str, key: str, upload_id: str, parts: Sequence[CompletedPart], **options: Any
    ) -> PutResult:
        return super().complete_upload(bucket, key, upload_id, self.listed(bucket, key, upload_id, parts), **options)

    def listed(self, bucket: str, key: str, upload_id: str, parts: Sequence[CompletedPart]) -> Sequence[CompletedPart]:
        raise TypeError("a subclass says which parts are joined")

    def uploaded(self, bucket: str, key: str, upload_id: str) -> dict[int, Part]:
        page = self.inner.list_parts(bucket, key, upload_id)
        return {part.number: part for part in page.parts}


class PartAfterAbort(Forwarding):
    """a part is accepted after the abort"""

    id = "MPU-01"

    def put_part(self, bucket: str, key: str, upload_id: str, number: int, source: Source, options: PutOptions) -> Part:
        try:
            return super().put_part(bucket, key, upload_id, number, source, options)
        except UploadNotFoundError:
            return Part(number=number, etag='"d41d8cd98f00b204e9800998ecf8427e"')


class FirstPartWins(Forwarding):
    """a part that is uploaded again keeps its first bytes"""

    id = "MPU-04"

    def put_part(self, bucket: str, key: str, upload_id: str, number: int, source: Source, options: PutOptions) -> Part:
        page = self.inner.list_parts(bucket, key, upload_id, after=number - 1, max_parts=1)
        if page.parts and page.parts[0].number == number:
            return page.parts[0]
        return super().put_part(bucket, key, upload_id, number, source, options)


class RefusedPartDestroys(Forwarding):
    """a part that is refused destroys the one that was there"""

    id = "MPU-05"

    def put_part(self, bucket: str, key: str, upload_id: str, number: int, source: Source, options: PutOptions) -> Part:
        data = source_bytes(source)
        try:
            return super().put_part(bucket, key, upload_id, number, Payload(data), options)
        except ChecksumMismatchError:
            super().put_part(bucket, key, upload_id, number, Payload(b"lost"), PutOptions())
            raise


class PartTagsUnchecked(CompleteMutant):
    """the entity tags of a part list are not compared"""

    id = "MPU-13"

    def listed(self, bucket: str, key: str, upload_id: str, parts: Sequence[CompletedPart]) -> Sequence[CompletedPart]:
        known = self.uploaded(bucket, key, upload_id)
        return [replace(one, etag=known[one.number].etag) if one.number in known else one for one in parts]


class DuplicatePartsAccepted(CompleteMutant):
    """a part number may be listed twice"""

    id = "MPU-14"

    def listed(self, bucket: str, key: str, upload_id: str, parts: Sequence[CompletedPart]) -> Sequence[CompletedPart]:
        return list({one.number: one for one in parts}.values())


class EmptyListCompleted(Forwarding):
    """an empty part list is completed"""

    id = "MPU-15"

    def complete_upload(
        self, bucket: str, key: str, upload_id: str, parts: Sequence[CompletedPart], **options: Any
    ) -> PutResult:
        if not parts:
            self.inner.abort_upload(bucket, key, upload_id)
            return self.store(bucket, key, b"", Attributes())
        return super().complete_upload(bucket, key, upload_id, parts, **options)


class UnknownAbortAccepted(Forwarding):
    """the abort of an unknown upload succeeds"""

    id = "MPU-16"

    def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        try:
            super().abort_upload(bucket, key, upload_id)
        except UploadNotFoundError:
            return


class OneInTag(Forwarding):
    """the entity tag of a multipart object always ends in -1"""

    id = "MPU-21"

    def complete_upload(
        self, bucket: str, key: str, upload_id: str, parts: Sequence[CompletedPart], **options: Any
    ) -> PutResult:
        result = super().complete_upload(bucket, key, upload_id, parts, **options)
        return replace(result, etag=result.etag.rpartition("-")[0] + '-1"')


class UploadOrder(Forwarding):
    """parts are joined in the order of their upload"""

    id = "MPU-22"

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self._arrived: dict[str, dict[int, bytes]] = {}

    def put_part(self, bucket: str, key: str, upload_id: str, number: int, source: Source, options: PutOptions) -> Part:
        data = source_bytes(source)
        part = super().put_part(bucket, key, upload_id, number, Payload(data), options)
        self._arrived.setdefault(upload_id, {})[number] = data
        return part

    def complete_upload(
        self, bucket: str, key: str, upload_id: str, parts: Sequence[CompletedPart], **options: Any
    ) -> PutResult:
        result = super().complete_upload(bucket, key, upload_id, parts, **options)
        chosen = {one.number for one in parts}
        arrived = self._arrived.pop(upload_id, {})
        if set(arrived) >= chosen:
            attributes = self.inner.head(bucket, key, ReadOptions()).meta.attributes
            self.store(bucket, key, b"".join(arrived[one] for one in arrived if one in chosen), attributes)
        return result


class AllPartsJoined(CompleteMutant):
    """parts that are not listed are joined too"""

    id = "OWN-ALL-PARTS"

    def listed(self, bucket: str, key: str, upload_id: str, parts: Sequence[CompletedPart]) -> Sequence[CompletedPart]:
        known = self.uploaded(bucket, key, upload_id)
        numbers = [one.number for one in parts]
        if not parts or numbers != sorted(set(numbers)) or not set(numbers) <= set(known):
            return parts
        asked = {one.number: one for one in parts}
        return [asked.get(number) or CompletedPart(number=number, etag=known[number].etag) for number in sorted(known)]


class OrderUnchecked(CompleteMutant):
    """a part list in the wrong order is accepted"""

    id = "MPU-29"

    def listed(self, bucket: str, key: str, upload_id: str, parts: Sequence[CompletedPart]) -> Sequence[CompletedPart]:
        return sorted(parts, key=lambda one: one.number)


class PartMarkerCrashes(Forwarding):
    """listing parts after a marker fails"""

    id = "MPU-25"

    def list_parts(self, bucket: str, key: str, upload_id: str, *, after: int = 0, max_parts: int = 1000) -> PartPage:
        if after:
            raise UnavailableError("internal error", code="InternalError")
        return super().list_parts(bucket, key, upload_id, after=after, max_parts=max_parts)


class PartMarkerIsIndex(Forwarding):
    """the marker of a part listing is taken for an index"""

    id = "MPU-26"

    def list_parts(self, bucket: str, key: str, upload_id: str, *, after: int = 0, max_parts: int = 1000) -> PartPage:
        page = super().list_parts(bucket, key, upload_id)
        rest = page.parts[after:]
        following = rest[max_parts - 1].number if len(rest) > max_parts else None
        return PartPage(upload=page.upload, parts=rest[:max_parts], next_marker=following)


class AnyKeyCompletes(Forwarding):
    """an upload may be completed under another key"""

    id = "MPU-28"

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self._keys: dict[str, str] = {}

    def create_upload(self, bucket: str, key: str, options: UploadOptions) -> UploadInfo:
        upload = super().create_upload(bucket, key, options)
        self._keys[upload.upload_id] = key
        return upload

    def complete_upload(
        self, bucket: str, key: str, upload_id: str, parts: Sequence[CompletedPart], **options: Any
    ) -> PutResult:
        return super().complete_upload(bucket, self._keys.get(upload_id, key), upload_id, parts, **options)


class UploadDropsMetadata(Forwarding):
    """metadata is lost on the multipart path"""

    id = "MPU-30"

    def create_upload(self, bucket: str, key: str, options: UploadOptions) -> UploadInfo:
        return super().create_upload(bucket, key, replace(options, attributes=Attributes()))


class VisibleTooEarly(Forwarding):
    """the object appears when its upload is created"""

    id = "OWN-EARLY"

    def create_upload(self, bucket: str, key: str, options: UploadOptions) -> UploadInfo:
        upload = super().create_upload(bucket, key, options)
        self.store(bucket, key, b"", options.attributes)
        return upload


class CompleteConditionsIgnored(Forwarding):
    """conditions of a completion are ignored"""

    id = "COND-08"

    def complete_upload(
        self, bucket: str, key: str, upload_id: str, parts: Sequence[CompletedPart], **options: Any
    ) -> PutResult:
        options["conditions"] = Conditions()
        return super().complete_upload(bucket, key, upload_id, parts, **options)


class FailedCompleteEndsUpload(Forwarding):
    """a completion that fails ends the upload"""

    id = "OWN-FAILED-COMPLETE"

    def complete_upload(
        self, bucket: str, key: str, upload_id: str, parts: Sequence[CompletedPart], **options: Any
    ) -> PutResult:
        try:
            return super().complete_upload(bucket, key, upload_id, parts, **options)
        except UploadNotFoundError:
            raise
        except Exception:
            self.inner.abort_upload(bucket, key, upload_id)
            raise


class PartCopyClamped(Forwarding):
    """the range of a part copy may end beyond the source"""

    id = "RANGE-07"

    def copy_part(
        self, source_bucket: str, source_key: str, *rest: Any, byte_range: ByteRange | None, **options: Any
    ) -> Part:
        if byte_range is not None and byte_range.last is not None and self.exists(source_bucket, source_key):
            size = self.inner.head(source_bucket, source_key, ReadOptions()).meta.size
            if (byte_range.first or 0) < size:
                byte_range = replace(byte_range, last=min(byte_range.last, size - 1))
        return super().copy_part(source_bucket, source_key, *rest, byte_range=byte_range, **options)


class PartCopyWhole(Forwarding):
    """the range of a part copy is ignored"""

    id = "OWN-PART-COPY"

    def copy_part(
        self, source_bucket: str, source_key: str, *rest: Any, byte_range: ByteRange | None, **options: Any
    ) -> Part:
        return super().copy_part(source_bucket, source_key, *rest, byte_range=None, **options)


class UploadsUnfiltered(Forwarding):
    """the listing of uploads ignores its prefix"""

    id = "OWN-UPLOADS-PREFIX"

    def list_uploads(self, bucket: str, *, prefix: str = "", **options: Any) -> UploadPage:
        return super().list_uploads(bucket, prefix="", **options)


class UploadsUngrouped(Forwarding):
    """the listing of uploads ignores its delimiter"""

    id = "LIST-16"

    def list_uploads(self, bucket: str, *, delimiter: str = "", **options: Any) -> UploadPage:
        return super().list_uploads(bucket, delimiter="", **options)


class OneUploadTooMany(Forwarding):
    """a page of uploads has one more than asked for"""

    id = "LIST-31"

    def list_uploads(self, bucket: str, *, max_uploads: int = 1000, **options: Any) -> UploadPage:
        return super().list_uploads(bucket, max_uploads=min(max_uploads + 1, 1000), **options)


MULTIPART: tuple[type[Forwarding], ...] = (
    PartAfterAbort,
    FirstPartWins,
    RefusedPartDestroys,
    PartTagsUnchecked,
    DuplicatePartsAccepted,
    EmptyListCompleted,
    UnknownAbortAccepted,
    OneInTag,
    UploadOrder,
    AllPartsJoined,
    OrderUnchecked,
    PartMarkerCrashes,
    PartMarkerIsIndex,
    AnyKeyCompletes,
    UploadDropsMetadata,
    VisibleTooEarly,
    CompleteConditionsIgnored,
    FailedCompleteEndsUpload,
    PartCopyClamped,
    PartCopyWhole,
    UploadsUnfiltered,
    UploadsUngrouped,
    OneUploadTooMany,
)
