"""Multipart uploads: parts are blobs, completing one joins their extents and moves no byte."""

from __future__ import annotations

from collections.abc import Sequence

from dskit import checksums
from dskit.backend import Source
from dskit.errors import ConflictError, InvalidRequestError
from dskit.types import (
    NO_CONDITIONS,
    ByteRange,
    CompletedPart,
    Conditions,
    CopyOptions,
    ObjectPart,
    ObjectParts,
    Part,
    PartPage,
    PutOptions,
    PutResult,
    UploadInfo,
    UploadOptions,
)

from .completion import check_request, join, shown
from .copies import CopyVerbs
from .core import DEFAULT_ALGORITHM, no_such_upload
from .listing import page_size, upload_info
from .objects import check_configured, check_version, check_write, lost
from .reading import cut
from .records import PartRow, UploadRow, VersionRow
from .staging import Upload
from .upload_ids import new_upload_id

__all__ = ["MultipartVerbs"]

_DEFAULT_TYPES = {"CRC64NVME": "FULL_OBJECT"}


class MultipartVerbs(CopyVerbs):
    def create_upload(self, bucket: str, key: str, options: UploadOptions) -> UploadInfo:
        self.check_attributes(options.attributes)
        algorithm, kind = self._checksum_mode(options)
        with self.catalog.transaction() as change:
            home = self.bucket_row(change, bucket)
            seq = change.next_seq()
            row = UploadRow(
                key.encode(),
                new_upload_id(self.ids, seq),
                seq,
                self.stamp(None),
                options.attributes,
                algorithm,
                kind,
                options.access,
                options.initiator,
            )
            change.put_upload(home.id, row)
        return upload_info(row)

    def _checksum_mode(self, options: UploadOptions) -> tuple[str | None, str | None]:
        """Algorithm and type of an upload (aws-recorded:test_multipart_checksum_type_compatibility)."""
        algorithm, kind = options.checksum_algorithm, options.checksum_type
        if algorithm is None:
            if kind is not None:
                raise InvalidRequestError(
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
                    code="InvalidRequest",
                )
            return None, None
        if algorithm not in checksums.ALGORITHMS:
            raise InvalidRequestError(
                "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
                f"[{', '.join(checksums.ALGORITHMS)}]",
                code="InvalidRequest",
            )
        kind = kind or _DEFAULT_TYPES.get(algorithm, "COMPOSITE")
        impossible = checksums.FULL_OBJECT_ONLY if kind == "COMPOSITE" else checksums.COMPOSITE_ONLY
        if algorithm in impossible:
            raise InvalidRequestError(
                f"The {kind} checksum type cannot be used with the {algorithm.lower()} checksum algorithm.",
                code="InvalidRequest",
            )
        return algorithm, kind

    def begin_part(self, bucket: str, key: str, upload_id: str, number: int, options: PutOptions) -> Upload:
        self.check_number(number)
        self.check_algorithm(options.checksum_algorithm)
        with self.catalog.view() as view:
            row = self.upload_row(view, self.bucket_row(view, bucket), key, upload_id)
        chosen = row.checksum_algorithm
        if chosen and options.checksum_algorithm and options.checksum_algorithm != chosen:
            raise InvalidRequestError(
                f"Checksum Type mismatch occurred, expected checksum Type: {chosen.lower()}, actual checksum Type: "
                f"{options.checksum_algorithm.lower()}",
                code="InvalidRequest",
            )
        if chosen and not options.checksum_algorithm:
            options = _with_algorithm(options, chosen)

        def publish(staged: Upload) -> PutResult:
            part = self._put_part(bucket, key, upload_id, number, staged)
            explicit = chosen or options.checksum_algorithm
            return PutResult(
                etag=part.etag,
                size=part.size,
                last_modified=part.modified,
                checksums={explicit: part.checksums[explicit]} if explicit else {},
            )

        return Upload(self.blobs.writer(), options, publish, max_bytes=self.limits.max_part_bytes)

    def put_part(self, bucket: str, key: str, upload_id: str, number: int, source: Source, options: PutOptions) -> Part:
        staging = self.begin_part(bucket, key, upload_id, number, options)
        try:
            for chunk in source.chunks():
                staging.write(chunk)
        except BaseException:
            staging.abort()
            raise
        stored = staging.commit()
        return Part(
            number=number,
            etag=stored.etag,
            size=stored.size,
            last_modified=stored.last_modified,
            checksums=stored.checksums,
        )

    def _put_part(self, bucket: str, key: str, upload_id: str, number: int, staged: Upload) -> PartRow:
        row = PartRow(number, staged.size, staged.etag, self.stamp(None), staged.extents, staged.checksums)
        with self.catalog.transaction() as change:
            home = self.bucket_row(change, bucket)
            self.upload_row(change, home, key, upload_id)
            if staged.small is not None:
                change.put_small(*staged.small)
            change.put_part(home.id, upload_id, row)
        return row

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
        """A part with the bytes of another object: read once for its digests, its blobs shared."""
        self.check_number(number)
        seen = -1
        while True:
            with self.catalog.view() as view:
                upload = self.upload_row(view, self.bucket_row(view, bucket), key, upload_id)
                source = self.source_row(view, source_bucket, source_key, options)
            start, stop = _copied(byte_range, source.size)
            extents = cut(source.extents, start, stop)
            try:
                etag, values = self.digests(
                    extents, {DEFAULT_ALGORITHM, upload.checksum_algorithm or DEFAULT_ALGORITHM}
                )
            except FileNotFoundError as error:
                if source.seq == seen:
                    raise lost(source_key) from error
                seen = source.seq
                continue
            row = PartRow(number, stop - start, etag, self.stamp(None), extents, values)
            with self.catalog.transaction() as change:
                if not self.still_there(change, source_bucket, source):
                    continue
                home = self.bucket_row(change, bucket)
                upload = self.upload_row(change, home, key, upload_id)
                change.put_part(home.id, upload_id, row)
            return _part(row, upload)

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
        with self.catalog.transaction() as change:
            home = self.bucket_row(change, bucket)
            present = change.current(home.id, key.encode())
            upload = change.upload(home.id, key.encode(), upload_id)
            if upload is None:
                if present is not None and present.upload_id == upload_id:
                    return _completed(present)  # a repeated completion gives the same answer
                raise no_such_upload(bucket, key, upload_id)
            check_request(upload, parts, checksums or {}, checksum_type)
            stored = {part.number: part for part in change.parts(home.id, upload_id)}
            joined = join(upload, parts, stored, checksums or {}, size, self.limits.min_part_bytes)
            if conditions is not NO_CONDITIONS:
                check_configured(conditions, home)
                check_write(conditions, present, key)
            if conditions and change.last_change(home.id, upload.key) > upload.seq:
                raise _conflict(conditions, key)
            row = VersionRow(
                upload.key,
                change.next_seq(),
                joined.size,
                joined.etag,
                self.stamp(present),
                upload.attributes,
                joined.extents,
                joined.checksums,
                joined.checksum_type,
                joined.parts,
                upload_id=upload_id,
                access=upload.access,
            )
            change.put_version(home.id, row)
            change.delete_upload(home.id, upload)
        return _completed(row)

    def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        with self.catalog.transaction() as change:
            home = self.bucket_row(change, bucket)
            change.delete_upload(home.id, self.upload_row(change, home, key, upload_id))

    def list_parts(self, bucket: str, key: str, upload_id: str, *, after: int = 0, max_parts: int = 1000) -> PartPage:
        limit = page_size(max_parts, self.limits.max_page, "max-parts")
        with self.catalog.view() as view:
            home = self.bucket_row(view, bucket)
            upload = self.upload_row(view, home, key, upload_id)
            rows = view.parts(home.id, upload_id, after=after, limit=limit + 1)
        page = PartPage(upload=upload_info(upload), parts=[_part(row, upload) for row in rows[:limit]])
        if limit and len(rows) > limit:
            page.next_marker = rows[limit - 1].number
        return page

    def object_parts(
        self, bucket: str, key: str, *, version_id: str | None = None, after: int = 0, max_parts: int = 1000
    ) -> ObjectParts | None:
        limit = page_size(max_parts, self.limits.max_page, "max-parts")
        with self.catalog.view() as view:
            row = self.current_row(view, bucket, key)
        check_version(bucket, key, version_id)
        if row.parts is None:
            return None
        rest = [
            ObjectPart(number=index, size=part.size, checksums=part.checksums)
            for index, part in enumerate(row.parts, 1)
            if index > after
        ]
        more = limit > 0 and len(rest) > limit
        return ObjectParts(
            total=len(row.parts), parts=rest[:limit], next_marker=rest[limit - 1].number if more else None
        )

    def check_number(self, number: int) -> None:
        """aws-recorded:test_complete_multipart_parts_order."""
        if not 1 <= number <= self.limits.max_parts:
            raise InvalidRequestError(
                f"Part number must be an integer between 1 and {self.limits.max_parts}, inclusive",
                details={"ArgumentName": "partNumber", "ArgumentValue": str(number)},
            )


def _copied(byte_range: ByteRange | None, size: int) -> tuple[int, int]:
    if byte_range is None:
        return 0, size
    first, last = byte_range.first or 0, byte_range.last
    if last is None or last >= size:
        raise InvalidRequestError(
            f"Range specified is not valid for source object of size: {size}",
            details={
                "ArgumentName": "x-amz-copy-source-range",
                "ArgumentValue": f"bytes={first}-{'' if last is None else last}",
            },
        )
    return first, last + 1


def _with_algorithm(options: PutOptions, algorithm: str) -> PutOptions:
    return PutOptions(
        checksum_algorithm=algorithm, content_md5=options.content_md5, length=options.length, checksum=options.checksum
    )


def _conflict(asked: Conditions, key: str) -> ConflictError:
    """The key was written or deleted while the upload went on (aws-recorded:test_multipart_if_match_with_put)."""
    return ConflictError(
        "The conditional request cannot succeed due to a conflicting operation against this resource.",
        key=key,
        details={"Condition": "If-Match" if asked.if_match else "If-None-Match", "Key": key},
    )


def _completed(row: VersionRow) -> PutResult:
    return PutResult(
        etag=row.etag,
        size=row.size,
        last_modified=row.modified,
        checksums=row.checksums,
        checksum_type=row.checksum_type,
    )


def _part(row: PartRow, upload: UploadRow) -> Part:
    return Part(
        number=row.number,
        etag=row.etag,
        size=row.size,
        last_modified=row.modified,
        checksums=shown(row.checksums, upload.checksum_algorithm),
    )
