"""A service that passes everything on: the ground on which one bug at a time is planted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from dskit.backend import ObjectService, Source
from dskit.capabilities import Capabilities
from dskit.types import (
    Attributes,
    BucketInfo,
    ByteRange,
    CompletedPart,
    Conditions,
    CopyOptions,
    DeleteRequest,
    DeleteResult,
    FileSegment,
    ListPage,
    ObjectMeta,
    ObjectParts,
    ObjectSummary,
    Part,
    PartPage,
    PutOptions,
    PutResult,
    Reading,
    ReadOptions,
    UploadInfo,
    UploadOptions,
    UploadPage,
)

__all__ = ["Forwarding", "Mutant", "Payload", "Snapshot", "mutant_of"]


class Payload:
    """Bytes in memory as the source of a put."""

    rewindable = True

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.length = len(data)

    def rewind(self) -> None:
        """Nothing was consumed."""

    def chunks(self) -> Iterator[bytes]:
        yield self._data


class Snapshot:
    """A reading made of parts that a mutant may falsify."""

    def __init__(self, meta: ObjectMeta, data: bytes, start: int, stop: int, partial: bool) -> None:
        self.meta = meta
        self.start = start
        self.stop = stop
        self.partial = partial
        self._data = data

    def __iter__(self) -> Iterator[bytes]:
        if self._data:
            yield self._data

    def segments(self) -> Iterable[bytes | memoryview | FileSegment]:
        return [self._data]

    def close(self) -> None:
        """Nothing is held open."""


def source_bytes(source: Source) -> bytes:
    return b"".join(bytes(chunk) for chunk in source.chunks())


class Forwarding:
    """Implements the whole of `ObjectService` by delegation; subclasses override the method that has the bug."""

    def __init__(self, inner: ObjectService) -> None:
        self.inner = inner
        self.name = f"{type(self).__name__} over {inner.name}"
        self.blocking = inner.blocking

    @property
    def capabilities(self) -> Capabilities:
        return self.inner.capabilities

    def create_bucket(self, bucket: str, *, region: str | None = None, owner: str | None = None) -> BucketInfo:
        return self.inner.create_bucket(bucket, region=region, owner=owner)

    def head_bucket(self, bucket: str) -> BucketInfo:
        return self.inner.head_bucket(bucket)

    def delete_bucket(self, bucket: str) -> None:
        self.inner.delete_bucket(bucket)

    def list_buckets(self) -> list[BucketInfo]:
        return self.inner.list_buckets()

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        return self.inner.put(bucket, key, source, options)

    def get(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        return self.inner.get(bucket, key, options)

    def head(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        return self.inner.head(bucket, key, options)

    def delete(self, bucket: str, request: DeleteRequest) -> None:
        self.inner.delete(bucket, request)

    def delete_many(self, bucket: str, requests: Sequence[DeleteRequest]) -> DeleteResult:
        return self.inner.delete_many(bucket, requests)

    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        return self.inner.copy(source_bucket, source_key, bucket, key, options)

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
        return self.inner.list_page(
            bucket, prefix=prefix, delimiter=delimiter, start_after=start_after, token=token, max_keys=max_keys
        )

    def create_upload(self, bucket: str, key: str, options: UploadOptions) -> UploadInfo:
        return self.inner.create_upload(bucket, key, options)

    def put_part(self, bucket: str, key: str, upload_id: str, number: int, source: Source, options: PutOptions) -> Part:
        return self.inner.put_part(bucket, key, upload_id, number, source, options)

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
        return self.inner.copy_part(
            source_bucket, source_key, bucket, key, upload_id, number, byte_range=byte_range, options=options
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
        return self.inner.complete_upload(
            bucket,
            key,
            upload_id,
            parts,
            conditions=conditions,
            checksums=checksums,
            checksum_type=checksum_type,
            size=size,
        )

    def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        self.inner.abort_upload(bucket, key, upload_id)

    def list_parts(self, bucket: str, key: str, upload_id: str, *, after: int = 0, max_parts: int = 1000) -> PartPage:
        return self.inner.list_parts(bucket, key, upload_id, after=after, max_parts=max_parts)

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
        return self.inner.list_uploads(
            bucket,
            prefix=prefix,
            delimiter=delimiter,
            key_marker=key_marker,
            upload_id_marker=upload_id_marker,
            max_uploads=max_uploads,
        )

    def object_parts(
        self, bucket: str, key: str, *, version_id: str | None = None, after: int = 0, max_parts: int = 1000
    ) -> ObjectParts | None:
        return self.inner.object_parts(bucket, key, version_id=version_id, after=after, max_parts=max_parts)

    def close(self) -> None:
        self.inner.close()

    # what several mutants need
    def whole(self, bucket: str, key: str) -> tuple[ObjectMeta, bytes]:
        """Metadata and bytes of an object, unfalsified."""
        reading = self.inner.get(bucket, key, ReadOptions())
        try:
            return reading.meta, b"".join(reading)
        finally:
            reading.close()

    def exists(self, bucket: str, key: str) -> bool:
        return any(row.key == key for row in self.all_objects(bucket, prefix=key))

    def all_objects(self, bucket: str, prefix: str = "") -> list[ObjectSummary]:
        rows: list[ObjectSummary] = []
        token: str | None = None
        while True:
            page = self.inner.list_page(bucket, prefix=prefix, token=token)
            rows += page.objects
            token = page.next_token
            if token is None:
                return rows

    def store(self, bucket: str, key: str, data: bytes, attributes: Attributes) -> PutResult:
        return self.inner.put(bucket, key, Payload(data), PutOptions(attributes=attributes))


@dataclass(frozen=True, slots=True)
class Mutant:
    """One planted bug. `id` is that of a real bug where it reproduces one, else begins with ``OWN-``."""

    id: str
    summary: str
    plant: Callable[[ObjectService], Forwarding]


class MutantClass(Forwarding):
    id: ClassVar[str]


def mutant_of(kind: type[Any]) -> Mutant:
    """The mutant of a class that has an `id` and whose docstring is the summary."""
    summary = (kind.__doc__ or "").strip().split("\n")[0]
    return Mutant(kind.id, summary, kind)
