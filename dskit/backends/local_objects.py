"""The object verbs of plain files: reads, puts, copies, deletes, listings."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence

from ..backend import Source
from ..capabilities import Capabilities
from ..clock import Clock
from ..conditions import check_copy_source, check_read, check_write
from ..errors import InvalidRequestError, RangeNotSatisfiableError, StoreError, UnsupportedError
from ..ids import Ids
from ..ranges import resolve
from ..sources import pump
from ..types import (
    ByteRange,
    CopyOptions,
    DeleteError,
    DeleteRequest,
    DeleteResult,
    ListPage,
    ObjectPart,
    ObjectParts,
    PutOptions,
    PutResult,
    ReadOptions,
)
from .local_errors import translated
from .local_folder import Folder, Opened
from .local_listing import list_page
from .local_reading import LocalReading
from .local_staging import LocalStaging

__all__ = ["LocalObjects"]


class LocalObjects(ABC):
    """What needs only the folder of a bucket, which a subclass finds."""

    clock: Clock
    ids: Ids

    @property
    @abstractmethod
    def capabilities(self) -> Capabilities: ...

    @abstractmethod
    def folder(self, bucket: str) -> Folder: ...

    # reading

    @translated
    def get(self, bucket: str, key: str, options: ReadOptions) -> LocalReading:
        return self._read(bucket, key, options, body=True)

    @translated
    def head(self, bucket: str, key: str, options: ReadOptions) -> LocalReading:
        return self._read(bucket, key, options, body=False)

    def _read(self, bucket: str, key: str, options: ReadOptions, *, body: bool) -> LocalReading:
        opened = self.folder(bucket).open(key)
        try:
            meta = opened.record.meta(key, opened.status)
            check_read(options.conditions, meta.etag, meta.last_modified, now=self.clock.now())
            if options.part_number is not None:
                start, stop = part_bounds(opened, options.part_number)
                partial = True
            else:
                start, stop, partial = resolve(options.range, meta.size)
            if not options.checksum_mode or (partial and options.range is not None):
                meta.checksums, meta.checksum_type = {}, None
            return LocalReading(opened.file, opened.status, meta, start, stop, partial=partial, body=body)
        except BaseException:
            os.close(opened.file)
            raise

    @translated
    def object_parts(
        self, bucket: str, key: str, *, version_id: str | None = None, after: int = 0, max_parts: int = 1000
    ) -> ObjectParts | None:
        opened = self.folder(bucket).open(key)
        os.close(opened.file)
        sizes = opened.record.parts
        if sizes is None:
            return None
        rows = [ObjectPart(number=number, size=size) for number, size in enumerate(sizes, 1) if number > after]
        more = len(rows) > max_parts
        rows = rows[:max_parts]
        return ObjectParts(total=len(sizes), parts=rows, next_marker=rows[-1].number if more and rows else None)

    # writing

    @translated
    def begin_put(self, bucket: str, key: str, options: PutOptions) -> LocalStaging:
        folder = self.folder(bucket)
        control, segments = folder.control(), folder.segments(key)
        if options.conditions:
            with folder.root() as root:
                current = folder.current(root, segments)
            check_write(options.conditions, None if current is None else current[1].etag, key)

        def publish(staging: LocalStaging) -> PutResult:
            record = folder.new_record(options.attributes, staging.checksums)
            return folder.publish(key, staging.name, staging.file, record, options.conditions)

        return LocalStaging(control, options, publish)

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        return pump(source, self.begin_put(bucket, key, options))

    @translated
    def delete(self, bucket: str, request: DeleteRequest) -> None:
        for header, value in (
            ("x-amz-if-match-last-modified-time", request.if_match_last_modified),
            ("x-amz-if-match-size", request.if_match_size),
        ):
            if value is not None:  # as for S3's general purpose buckets (aws-recorded:TestS3DeletePrecondition)
                raise UnsupportedError(
                    "A header you provided implies functionality that is not implemented",
                    key=request.key,
                    details={"Header": header},
                )
        self.folder(bucket).remove(request)

    @translated
    def delete_many(self, bucket: str, requests: Sequence[DeleteRequest]) -> DeleteResult:
        with self.folder(bucket).root():
            result = DeleteResult()
        for request in requests:
            try:
                self.delete(bucket, request)
            except StoreError as error:
                result.errors.append(DeleteError(key=request.key, code=error.code, message=error.message))
            else:
                result.deleted.append(request.key)
        return result

    @translated
    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        if (source_bucket, source_key) == (bucket, key) and options.attributes is None:
            raise InvalidRequestError(
                "This copy request is illegal because it is trying to copy an object to itself without changing the "
                "object's metadata, storage class, website redirect location or encryption attributes.",
                key=key,
                code="InvalidRequest",
            )
        opened = self.open_source(source_bucket, source_key, options)
        try:
            put = PutOptions(
                attributes=opened.record.attributes if options.attributes is None else options.attributes,
                conditions=options.conditions,
                checksum_algorithm=options.checksum_algorithm or next(iter(opened.record.checksums), None),
                length=opened.status.st_size,
            )
            staging = self.begin_put(bucket, key, put)
            try:
                staging.take(opened.file, 0, opened.status.st_size)
                return staging.commit()
            finally:
                staging.abort()
        finally:
            os.close(opened.file)

    def open_source(self, bucket: str, key: str, options: CopyOptions) -> Opened:
        """The source of a copy, its conditions checked; the caller closes it."""
        opened = self.folder(bucket).open(key)
        try:
            meta = opened.record.meta(key, opened.status)
            check_copy_source(options.source_conditions, meta.etag, meta.last_modified, now=self.clock.now())
        except BaseException:
            os.close(opened.file)
            raise
        return opened

    # listing

    @translated
    def list_page(
        self,
        bucket: str,
        *,
        prefix: str = "",
        delimiter: str = "",
        start_after: str = "",
        token: str | None = None,
        max_keys: int = 1000,
    ) -> ListPage:
        limits = self.capabilities.limits
        return list_page(
            self.folder(bucket),
            prefix=prefix,
            delimiter=delimiter,
            start_after=start_after,
            token=token,
            max_keys=max_keys,
            max_page=limits.max_page,
            max_key_bytes=limits.max_key_bytes or 1024,
        )


def part_bounds(opened: Opened, number: int) -> tuple[int, int]:
    """The bytes of a part; an object that was not multipart has one (aws-recorded:test_get_object_part)."""
    sizes = [opened.status.st_size] if opened.record.parts is None else opened.record.parts
    if not 1 <= number <= len(sizes):
        raise RangeNotSatisfiableError(
            "The requested partnumber is not satisfiable",
            code="InvalidPartNumber",
            details={"PartNumberRequested": str(number), "ActualPartCount": str(len(sizes))},
        )
    start = sum(sizes[: number - 1])
    return start, start + sizes[number - 1]


def copy_bounds(asked: ByteRange | None, size: int) -> tuple[int, int]:
    """The bytes of an UploadPartCopy: ``first-last``, both inside (aws-recorded:test_upload_part_copy_range)."""
    if asked is None:
        return 0, size
    if asked.first is None or asked.last is None or asked.first > asked.last:
        raise InvalidRequestError(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
            "zero-based offsets of the first and last bytes to copy"
        )
    if asked.first >= size:
        raise InvalidRequestError(
            "The specified copy range is invalid for the source object size", code="InvalidRequest"
        )
    if asked.last >= size:
        raise InvalidRequestError(f"Range specified is not valid for source object of size: {size}")
    return asked.first, asked.last + 1
