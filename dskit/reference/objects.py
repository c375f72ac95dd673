"""Put, get, head and delete of the reference store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from dskit import conditions
from dskit.backend import Source
from dskit.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    PreconditionFailedError,
    RangeNotSatisfiableError,
    StoreError,
    UnavailableError,
    UnsupportedError,
)
from dskit.frozen import FrozenDict
from dskit.ranges import resolve
from dskit.sources import BufferSource, pump
from dskit.types import (
    NO_CONDITIONS,
    Access,
    Conditions,
    DeleteError,
    DeleteRequest,
    DeleteResult,
    ObjectMeta,
    PutOptions,
    PutResult,
    ReadOptions,
)

from .catalog import Transaction
from .core import Core, no_such_bucket, no_such_key
from .reading import BlobReading, cut, meta_of
from .records import NULL_VERSION, BucketRow, VersionRow
from .staging import Staged, Upload, check_announced, stage_whole

__all__ = ["ObjectVerbs"]


class ObjectVerbs(Core):
    def begin_put(self, bucket: str, key: str, options: PutOptions) -> Upload:
        begun_in, raw = self._admit(bucket, key, options)
        publish = partial(self._publish, bucket, begun_in, key, raw, options)
        return Upload(self.blobs.writer(), options, publish, max_bytes=self.limits.max_put_bytes)

    def _admit(self, bucket: str, key: str, options: PutOptions) -> tuple[int, bytes]:
        """Raise at once what can be known at once; the bucket's id and the key's bytes."""
        if options.attributes.metadata:
            self.check_attributes(options.attributes)
        if options.checksum_algorithm is not None:
            self.check_algorithm(options.checksum_algorithm)
        raw = key.encode()
        home, present = self.catalog.find(bucket, raw)
        if home is None:
            raise no_such_bucket(bucket)
        if options.conditions is not NO_CONDITIONS:
            check_write(options.conditions, present, key)
        return home.id, raw

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        if not isinstance(source, BufferSource) or len(source.data) > self.blobs.most_kept:
            return pump(source, self.begin_put(bucket, key, options))
        # Most puts: all there and short. What an upload holds between its steps would cost as much as the rest.
        begun_in, raw = self._admit(bucket, key, options)
        most, blobs = self.limits.max_put_bytes, self.blobs
        check_announced(options.length, most)
        staged = stage_whole(blobs, bytes(next(source.chunks())), options, max_bytes=most)
        try:
            return self._publish(bucket, begun_in, key, raw, options, staged)
        except OutcomeUnknownError:
            raise
        except StoreError:
            if staged.extents and staged.small is None:
                blobs.remove(staged.extents[0].blob)
            raise

    def _publish(
        self, bucket: str, begun_in: int, key: str, raw: bytes, options: PutOptions, staged: Staged
    ) -> PutResult:
        """A bucket that was deleted and made again meanwhile is another one, perhaps somebody else's."""
        with self.catalog.transaction() as change:
            home = change.bucket(bucket)
            if home is None or home.id != begun_in:
                raise no_such_bucket(bucket)
            present = change.current(home.id, raw)
            if options.conditions is not NO_CONDITIONS:
                check_configured(options.conditions, home)
                check_write(options.conditions, present, key)
            row = VersionRow(
                raw,
                change.next_seq(),
                staged.size,
                staged.etag,
                self.stamp(present),
                options.attributes,
                staged.extents,
                FrozenDict(
                    {staged.chosen: staged.checksums[staged.chosen]}
                ),  # the one that the client chose, or S3's default
                "FULL_OBJECT",
                None,
                NULL_VERSION,
                None,
                options.access,
            )
            if staged.small is not None:
                change.put_small(*staged.small)
            change.put_version(home.id, row)
        return PutResult(
            etag=row.etag,
            size=row.size,
            last_modified=row.modified,
            checksums=row.checksums,
            checksum_type=row.checksum_type,
        )

    def get(self, bucket: str, key: str, options: ReadOptions) -> BlobReading:
        seen = -1
        while True:
            row, meta, start, stop, partial = self._look(bucket, key, options)
            try:
                whole = stop - start == row.size
                reader = self.blobs.open(row.extents if whole else cut(row.extents, start, stop))
            except FileNotFoundError as error:  # unless it was replaced or deleted since the look, bytes are missing
                if row.seq == seen:
                    raise lost(key) from error
                seen = row.seq
                continue
            return BlobReading(meta, start, stop, partial, reader)

    def head(self, bucket: str, key: str, options: ReadOptions) -> BlobReading:
        _, meta, start, stop, partial = self._look(bucket, key, options)
        return BlobReading(meta, start, stop, partial)

    def _look(self, bucket: str, key: str, options: ReadOptions) -> tuple[VersionRow, ObjectMeta, int, int, bool]:
        """The version to read and which bytes of it; conditions before the range (RFC 9110 section 13.2.2)."""
        home, row = self.catalog.find(bucket, key.encode())
        if home is None:
            raise no_such_bucket(bucket)
        if row is None:
            raise no_such_key(bucket, key)
        if options.version_id is not None:
            check_version(bucket, key, options.version_id)
        if options.conditions is not NO_CONDITIONS:
            conditions.check_read(options.conditions, row.etag, row.modified, now=self.clock.now())
        meta = meta_of(key, row)
        if options.part_number is not None:
            if options.range is not None:
                raise InvalidRequestError(
                    "Cannot specify both Range header and partNumber query parameter", code="InvalidRequest"
                )
            start, stop, meta = _part(row, meta, options.part_number)
            return row, meta, start, stop, True
        if options.range is None:
            return row, meta, 0, row.size, False
        start, stop, partial = resolve(options.range, row.size)
        return row, meta, start, stop, partial

    def put_access(
        self,
        bucket: str,
        key: str,
        access: Access | None,
        *,
        version_id: str | None = None,
        was: Access | None,
    ) -> None:
        with self.catalog.transaction() as change:
            row = self.current_row(change, bucket, key)
            check_version(bucket, key, version_id)
            if row.access != was:
                raise ConflictError(
                    "A conflicting conditional operation is currently in progress against this resource. Try again.",
                    code="OperationAborted",
                    key=key,
                )
            change.put_version(self.bucket_row(change, bucket).id, replace(row, access=access))

    def delete(self, bucket: str, request: DeleteRequest) -> None:
        with self.catalog.transaction() as change:
            _delete(change, self.bucket_row(change, bucket), request)

    def delete_many(self, bucket: str, requests: Sequence[DeleteRequest]) -> DeleteResult:
        """One transaction: each request is checked before it changes anything, so one that fails leaves no trace."""
        result = DeleteResult()
        with self.catalog.transaction() as change:
            home = self.bucket_row(change, bucket)
            for request in requests:
                try:
                    _delete(change, home, request)
                except (PreconditionFailedError, NotFoundError, PermissionDeniedError, UnsupportedError) as error:
                    result.errors.append(
                        DeleteError(
                            key=request.key, code=error.code, message=error.message, version_id=request.version_id
                        )
                    )
                else:
                    result.deleted.append(request.key)
        return result


def _delete(change: Transaction, home: BucketRow, request: DeleteRequest) -> None:
    check_delete_request(request)
    row = change.current(home.id, request.key.encode())
    _check_owner(request.owned_by, row, request.key)
    conditions.check_delete(request.if_match, row.etag if row else None, request.key)
    if row is not None and request.version_id in (None, NULL_VERSION):
        change.delete_version(home.id, row)


def check_write(asked: Conditions, present: VersionRow | None, key: str) -> None:
    """As `conditions.check_write`, and whose the object is that would be replaced: it may have come since whoever
    decided about the request looked. Raises `PermissionDeniedError`."""
    _check_owner(asked.owned_by, present, key)
    conditions.check_write(asked, present.etag if present else None, key)


def check_configured(asked: Conditions, home: BucketRow) -> None:
    """Whether the bucket is set up as it was for whoever decided about the request. Raises `ConflictError`."""
    for name, document in (asked.configured or {}).items():
        if home.configurations.get(name) != document:
            raise ConflictError(
                f"configuration {name!r} of the bucket has changed since the write began; nothing was written",
                code="OperationAborted",
                bucket=home.name,
            )


def _check_owner(owner: str | None, present: VersionRow | None, key: str) -> None:
    """An object without an access is the bucket's owner's, who is never asked to be checked."""
    if owner is not None and present is not None and (present.access is None or present.access.owner != owner):
        raise PermissionDeniedError(
            "Access Denied",
            key=key,
            details={"reason": "this key has come to be another owner's object since the request was admitted"},
        )


def lost(key: str) -> UnavailableError:
    return UnavailableError("bytes of this object are missing from the store", key=key, retryable=False)


def check_version(bucket: str, key: str, version_id: str | None) -> None:
    """Only the null version exists until buckets have versioning."""
    if version_id is not None and version_id != NULL_VERSION:
        raise NotFoundError(
            "The specified version does not exist.",
            bucket=bucket,
            key=key,
            code="NoSuchVersion",
            details={"Key": key, "VersionId": version_id},
        )


def check_delete_request(request: DeleteRequest) -> None:
    """Refuse the conditions that general purpose buckets do not have (aws-recorded:TestS3DeletePrecondition)."""
    for header, value in (
        ("x-amz-if-match-last-modified-time", request.if_match_last_modified),
        ("x-amz-if-match-size", request.if_match_size),
    ):
        if value is not None:
            raise UnsupportedError(
                "A header you provided implies functionality that is not implemented",
                key=request.key,
                details={"Header": header},
            )


def _part(row: VersionRow, meta: ObjectMeta, number: int) -> tuple[int, int, ObjectMeta]:
    """The bytes of a part; an object that was not multipart has one part (aws-recorded:test_get_object_part)."""
    if row.parts is None:
        if number != 1:
            raise _no_such_part(number, 1)
        return 0, row.size, meta
    position = 0
    for index, part in enumerate(row.parts, 1):
        if index == number:
            if row.checksum_type == "COMPOSITE":
                checked = part.checksums
            else:  # of the whole, true of a part only if that is all (aws-recorded:test_get_object_part_checksum)
                checked = row.checksums if part.size == row.size else {}
            return position, position + part.size, replace(meta, checksums=checked)
        position += part.size
    raise _no_such_part(number, len(row.parts))


def _no_such_part(number: int, count: int) -> RangeNotSatisfiableError:
    return RangeNotSatisfiableError(
        "The requested partnumber is not satisfiable",
        code="InvalidPartNumber",
        details={"PartNumberRequested": str(number), "ActualPartCount": str(count)},
    )
