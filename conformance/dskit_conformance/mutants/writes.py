"""Planted bugs of puts, copies and deletes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dskit.backend import Source
from dskit.errors import NotFoundError, StoreError
from dskit.types import (
    Attributes,
    Conditions,
    CopyOptions,
    DeleteError,
    DeleteRequest,
    DeleteResult,
    PutOptions,
    PutResult,
    ReadOptions,
)

from .forwarding import Forwarding, Payload, source_bytes

__all__ = ["WRITES"]


class PutConditionsIgnored(Forwarding):
    """conditions of a put are ignored"""

    id = "COND-07"

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        return super().put(bucket, key, source, replace(options, conditions=Conditions()))


class IfMatchCreates(Forwarding):
    """If-Match on a missing key creates the object"""

    id = "COND-10"

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        if options.conditions.if_match is not None and not self.exists(bucket, key):
            options = replace(options, conditions=Conditions())
        return super().put(bucket, key, source, options)


class RefusedPutStored(Forwarding):
    """a put whose condition fails is refused and stored all the same"""

    id = "OWN-REFUSED-STORED"

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        data = source_bytes(source)
        try:
            return super().put(bucket, key, Payload(data), options)
        except StoreError:
            self.store(bucket, key, data, options.attributes)
            raise


class DigestsUnverified(Forwarding):
    """wrong checksums and MD5 values are accepted"""

    id = "INTEG-03"

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        return super().put(bucket, key, source, replace(options, checksum=None, content_md5=None))


class EncodingLost(Forwarding):
    """Content-Encoding is lost on a put"""

    id = "META-01"

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        kept = replace(options.attributes, content_encoding=None, content_language=None)
        return super().put(bucket, key, source, replace(options, attributes=kept))


class TypeLost(Forwarding):
    """Content-Type is lost on a put"""

    id = "OWN-TYPE"

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        return super().put(
            bucket, key, source, replace(options, attributes=replace(options.attributes, content_type=None))
        )


class MetadataMerged(Forwarding):
    """metadata of the overwritten object survives"""

    id = "META-08"

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        try:
            old = self.inner.head(bucket, key, ReadOptions()).meta.metadata
        except NotFoundError:
            old = {}
        merged = replace(options.attributes, metadata={**old, **options.attributes.metadata})
        return super().put(bucket, key, source, replace(options, attributes=merged))


class MetadataOutlivesDelete(Forwarding):
    """an object that is created again has the metadata of the deleted one"""

    id = "OWN-REBORN"

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self._graves: dict[tuple[str, str], dict[str, str]] = {}

    def delete(self, bucket: str, request: DeleteRequest) -> None:
        if self.exists(bucket, request.key):
            meta = self.inner.head(bucket, request.key, ReadOptions()).meta
            self._graves[bucket, request.key] = dict(meta.metadata)
        super().delete(bucket, request)

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        grave = self._graves.pop((bucket, key), {})
        kept = replace(options.attributes, metadata={**grave, **options.attributes.metadata})
        return super().put(bucket, key, source, replace(options, attributes=kept))


class EmptyObjectLost(Forwarding):
    """an empty object is acknowledged and not stored"""

    id = "OWN-EMPTY"

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        result = super().put(bucket, key, source, options)
        if result.size == 0 or source.length == 0:
            super().delete(bucket, DeleteRequest(key=key))
        return result


class ChunkedEtag(Forwarding):
    """a plain put answers with a multipart entity tag"""

    id = "MPU-02"

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        result = super().put(bucket, key, source, options)
        return replace(result, etag=f'{result.etag[:-1]}-1"')


class SelfCopyTruncates(Forwarding):
    """a copy onto itself truncates the object"""

    id = "COPY-01"

    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        result = super().copy(source_bucket, source_key, bucket, key, options)
        if (source_bucket, source_key) == (bucket, key):
            return self.store(bucket, key, b"", options.attributes or Attributes())
        return result


class ReplaceIgnored(Forwarding):
    """a copy that replaces the metadata keeps the old"""

    id = "COPY-05"

    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        if (source_bucket, source_key) != (bucket, key):
            options = replace(options, attributes=None)
        return super().copy(source_bucket, source_key, bucket, key, options)


class ReplaceKeepsHeaders(Forwarding):
    """a copy that replaces the metadata keeps the standard headers"""

    id = "COPY-05.headers"

    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        if options.attributes is not None and self.exists(source_bucket, source_key):
            old = self.inner.head(source_bucket, source_key, ReadOptions()).meta.attributes
            kept = replace(old, metadata=options.attributes.metadata)
            options = replace(options, attributes=kept)
        return super().copy(source_bucket, source_key, bucket, key, options)


class CopyDropsMetadata(Forwarding):
    """a plain copy drops the metadata"""

    id = "COPY-06"

    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        if options.attributes is None and (source_bucket, source_key) != (bucket, key):
            options = replace(options, attributes=Attributes())
        return super().copy(source_bucket, source_key, bucket, key, options)


class EmptyCopyFails(Forwarding):
    """an empty object cannot be copied"""

    id = "COPY-12"

    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        if self.exists(source_bucket, source_key) and not self.whole(source_bucket, source_key)[1]:
            raise NotFoundError("nothing to copy")
        return super().copy(source_bucket, source_key, bucket, key, options)


class MissingSourceCopied(Forwarding):
    """a copy of a missing source succeeds"""

    id = "COPY-15"

    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        try:
            return super().copy(source_bucket, source_key, bucket, key, options)
        except NotFoundError:
            return self.store(bucket, key, b"", Attributes())


class CopySourceIfMatchIgnored(Forwarding):
    """copy-source-if-match is ignored"""

    id = "COND-16.copy"

    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        options = replace(options, source_conditions=replace(options.source_conditions, if_match=None))
        return super().copy(source_bucket, source_key, bucket, key, options)


class CopySourceIfNoneMatchIgnored(Forwarding):
    """copy-source-if-none-match is ignored"""

    id = "COND-15"

    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        options = replace(options, source_conditions=replace(options.source_conditions, if_none_match=None))
        return super().copy(source_bucket, source_key, bucket, key, options)


class CopyOverwrites(Forwarding):
    """conditions on the destination of a copy are ignored"""

    id = "COND-25"

    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        return super().copy(source_bucket, source_key, bucket, key, replace(options, conditions=Conditions()))


class MissingDeleteFails(Forwarding):
    """deleting a missing key is an error"""

    id = "DEL-01"

    def delete(self, bucket: str, request: DeleteRequest) -> None:
        if not self.exists(bucket, request.key):
            raise NotFoundError("there is no such key")
        super().delete(bucket, request)


class MissingBatchDeleteFails(Forwarding):
    """a batch reports missing keys as errors"""

    id = "DEL-01.batch"

    def delete_many(self, bucket: str, requests: Sequence[DeleteRequest]) -> DeleteResult:
        missing = [one.key for one in requests if one.if_match is None and not self.exists(bucket, one.key)]
        result = super().delete_many(bucket, requests)
        result.deleted[:] = [key for key in result.deleted if key not in missing]
        result.errors += [DeleteError(key=key, code="NoSuchKey", message="no such key") for key in missing]
        return result


class FolderKeyUndeletable(Forwarding):
    """`foo/` cannot be deleted while `foo/bar` exists"""

    id = "DEL-05"

    def delete(self, bucket: str, request: DeleteRequest) -> None:
        if request.key.endswith("/") and len(self.all_objects(bucket, request.key)) > 1:
            raise StoreError("folder not empty", code="BucketNotEmpty")
        super().delete(bucket, request)


class FolderDeleteTakesObject(Forwarding):
    """deleting `dir/` destroys the object `dir`"""

    id = "DEL-06"

    def delete(self, bucket: str, request: DeleteRequest) -> None:
        super().delete(bucket, request)
        if request.key.endswith("/") and request.key != "/":
            super().delete(bucket, DeleteRequest(key=request.key[:-1]))


class DeleteIsRecursive(Forwarding):
    """deleting `a` deletes all that begins with `a/`"""

    id = "OWN-RECURSIVE"

    def delete(self, bucket: str, request: DeleteRequest) -> None:
        super().delete(bucket, request)
        for row in self.all_objects(bucket, request.key + "/"):
            super().delete(bucket, DeleteRequest(key=row.key))


class DeleteConditionIgnored(Forwarding):
    """If-Match on a delete is ignored"""

    id = "COND-09"

    def delete(self, bucket: str, request: DeleteRequest) -> None:
        super().delete(bucket, DeleteRequest(key=request.key))


class AbsentDeleteDone(Forwarding):
    """If-Match on a delete of a missing key counts as done"""

    id = "COND-09.absent"

    def delete(self, bucket: str, request: DeleteRequest) -> None:
        if request.if_match is None or self.exists(bucket, request.key):
            super().delete(bucket, request)


class StarIsATagOnDelete(Forwarding):
    """`If-Match: *` on a delete is compared as an entity tag"""

    id = "COND-09.star"

    def delete(self, bucket: str, request: DeleteRequest) -> None:
        super().delete(bucket, replace(request, if_match='"*"') if request.if_match == "*" else request)


class BatchConditionIgnored(Forwarding):
    """the entity tag of a key in a batch is ignored"""

    id = "OWN-BATCH-ETAG"

    def delete_many(self, bucket: str, requests: Sequence[DeleteRequest]) -> DeleteResult:
        return super().delete_many(bucket, [DeleteRequest(key=one.key) for one in requests])


class BatchDeletesNothing(Forwarding):
    """a batch reports its last key as deleted and keeps it"""

    id = "OWN-BATCH-LAST"

    def delete_many(self, bucket: str, requests: Sequence[DeleteRequest]) -> DeleteResult:
        result = super().delete_many(bucket, requests[:-1]) if len(requests) > 1 else DeleteResult()
        result.deleted.append(requests[-1].key)
        return result


WRITES: tuple[type[Forwarding], ...] = (
    PutConditionsIgnored,
    IfMatchCreates,
    RefusedPutStored,
    DigestsUnverified,
    EncodingLost,
    TypeLost,
    MetadataMerged,
    MetadataOutlivesDelete,
    EmptyObjectLost,
    ChunkedEtag,
    SelfCopyTruncates,
    ReplaceIgnored,
    ReplaceKeepsHeaders,
    CopyDropsMetadata,
    EmptyCopyFails,
    MissingSourceCopied,
    CopySourceIfMatchIgnored,
    CopySourceIfNoneMatchIgnored,
    CopyOverwrites,
    MissingDeleteFails,
    MissingBatchDeleteFails,
    FolderKeyUndeletable,
    FolderDeleteTakesObject,
    DeleteIsRecursive,
    DeleteConditionIgnored,
    AbsentDeleteDone,
    StarIsATagOnDelete,
    BatchConditionIgnored,
    BatchDeletesNothing,
)
