"""`Store`: the client's view of one bucket, the same over every backend.

What the facade does, so that no backend has to: it checks keys and options, refuses what the capabilities deny,
fills the context of errors in, maps keys through a prefix, takes any kind of data, and composes multi-call verbs.
Every verb may be called from many threads. Options are keyword-only; ETags have their quotes; times are aware.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from . import flows
from .backend import ObjectService
from .errors import BucketNotFoundError, InvalidRequestError, NotFoundError
from .files import FileVerbs
from .guards import refuse_attributes, refuse_verb, verb
from .listing import ListingVerbs
from .multipart import MultipartVerbs
from .options import (
    Checksum,
    Range,
    byte_range,
    check_attributes,
    check_source_bucket,
    check_version,
    checksum_of,
    conditions_of,
    is_count,
    put_options,
    write_conditions,
)
from .results import GetResult
from .signing import SigningVerbs
from .sources import Data, check_length, source_of
from .streaming import put_stream
from .transfer_verbs import TransferVerbs
from .types import (
    NO_CONDITIONS,
    READ_ALL,
    Attributes,
    CopyOptions,
    DeleteRequest,
    DeleteResult,
    ObjectMeta,
    PutOptions,
    PutResult,
    ReadOptions,
)

if TYPE_CHECKING:
    from .aio import AsyncStore

__all__ = ["Store"]

COALESCE_BYTES = 1024 * 1024
WITHOUT_BUCKET = ("ListBuckets", "ListDirectoryBuckets", "WriteGetObjectResponse")


class Store(ListingVerbs, MultipartVerbs, SigningVerbs, FileVerbs, TransferVerbs):
    """One bucket of a service, through a raw string `prefix` before every key.

    `owns_service` says that closing the store closes the service. `dskit.open_store(url)` makes one; so do the
    classes of the backends (`MemoryStore`, `DiskStore`, `LocalStore`, `S3Store`, `MinIOStore`).
    """

    def __init__(self, service: ObjectService, bucket: str, *, prefix: str = "", owns_service: bool = False) -> None:
        super().__init__(service, bucket, prefix=prefix)
        self._owns_service = owns_service

    @verb("key")
    def put(
        self,
        key: str,
        data: Data,
        *,
        content_type: str | None = None,
        cache_control: str | None = None,
        content_disposition: str | None = None,
        content_encoding: str | None = None,
        content_language: str | None = None,
        expires: str | datetime | None = None,
        metadata: Mapping[str, str] | None = None,
        storage_class: str | None = None,
        if_none_match: str | None = None,
        if_match: str | None = None,
        checksum: Checksum = None,
        content_md5: str | None = None,
        length: int | None = None,
    ) -> PutResult:
        """Store `data` under `key`, atomically: readers see what was there before, or all of this.

        `data` is bytes, any buffer, an open binary file (from its position), or an iterable of bytes; with AsyncStore
        also an async iterable. `if_none_match="*"` only creates (`AlreadyExistsError`); `if_match` only replaces the
        object with that ETag (`PreconditionFailedError`; `NotFoundError` where there is none). `checksum` is an
        algorithm (``"CRC32"``) or with its base64 value, which is then verified, as is `content_md5`.
        `length` announces the size of data that cannot tell it.
        """
        source = source_of(data, length)
        options = put_options(
            self._max_metadata_bytes,
            source.length,
            content_type,
            cache_control,
            content_disposition,
            content_encoding,
            content_language,
            expires,
            metadata,
            storage_class,
            if_none_match,
            if_match,
            checksum,
            content_md5,
        )
        if source.length is None and self.capabilities.semantics.unknown_length == "multipart":
            return flows.drive(put_stream(self, key, flows.Pull(source.chunks()), options))
        return self.service.put(self.bucket, self.prefix + key, source, options)

    @verb("key", operation="put")
    def prepare_put(self, key: str, **options: Any) -> PutOptions:
        """The checks and refusals of `put` alone, for data that comes another way (`AsyncStore`)."""
        if options["length"] is not None:
            check_length(options["length"])
        return put_options(self._max_metadata_bytes, **options)

    @verb("key")
    def get(
        self,
        key: str,
        *,
        range: Range = None,
        part_number: int | None = None,
        if_match: str | None = None,
        if_none_match: str | None = None,
        if_modified_since: datetime | None = None,
        if_unmodified_since: datetime | None = None,
        version_id: str | None = None,
        checksum_mode: bool = False,
    ) -> GetResult:
        """Open an object for reading: all of it, a `range`, or the part `part_number` of a multipart object.

        A tuple `range` is half-open, ``(start, stop)`` or ``(start, None)``; one that reaches beyond the end is cut
        there, one that begins there is `RangeNotSatisfiableError`. Conditions raise `PreconditionFailedError` or
        `NotModifiedError`. `checksum_mode` asks for the stored checksums in `meta`. Raises `NotFoundError`.
        """
        options = self._read_options(
            range,
            part_number,
            if_match,
            if_none_match,
            if_modified_since,
            if_unmodified_since,
            version_id,
            checksum_mode,
        )
        return GetResult(self.service.get(self.bucket, self.prefix + key, options), self, key)

    @verb("key")
    def head(
        self,
        key: str,
        *,
        range: Range = None,
        part_number: int | None = None,
        if_match: str | None = None,
        if_none_match: str | None = None,
        if_modified_since: datetime | None = None,
        if_unmodified_since: datetime | None = None,
        version_id: str | None = None,
        checksum_mode: bool = False,
    ) -> ObjectMeta:
        """What `get` would tell of the object, without its bytes. Raises as `get` does."""
        options = self._read_options(
            range,
            part_number,
            if_match,
            if_none_match,
            if_modified_since,
            if_unmodified_since,
            version_id,
            checksum_mode,
        )
        reading = self.service.head(self.bucket, self.prefix + key, options)
        reading.close()
        return self.inner_meta(reading.meta)

    @verb("key")
    def exists(self, key: str) -> bool:
        """Whether there is an object with this key. Raises `BucketNotFoundError` where that can be told apart."""
        try:
            self.service.head(self.bucket, self.prefix + key, READ_ALL).close()
        except BucketNotFoundError:
            raise
        except NotFoundError:
            return False
        return True

    @verb("key")
    def delete(self, key: str, *, if_match: str | None = None, version_id: str | None = None) -> None:
        """Remove the object; no error where there is none (`semantics.delete_missing`).

        With `if_match` only the object with that ETag (`PreconditionFailedError`; `NotFoundError` for none).
        """
        if if_match is not None:
            conditions_of(if_match, None)
        self.service.delete(self.bucket, DeleteRequest(key=self.prefix + key, version_id=version_id, if_match=if_match))

    @verb()
    def delete_many(self, requests: Iterable[str | DeleteRequest]) -> DeleteResult:
        """Remove any number of objects, in batches of `limits.max_delete_batch`.

        What fails for one key (a stale `if_match`, a key that cannot be) is a row of `errors` and stops no other.
        The iterable is consumed batch by batch; an error of a whole batch is raised, earlier batches stay done.
        """
        if isinstance(requests, str | bytes) or not isinstance(requests, Iterable):
            raise InvalidRequestError("delete_many takes an iterable of keys; for one key use delete")
        return flows.drive(flows.delete_many(self, requests))

    @verb("source", "key")
    def copy(
        self,
        source: str,
        key: str,
        *,
        source_bucket: str | None = None,
        source_version_id: str | None = None,
        replace: Attributes | None = None,
        if_none_match: str | None = None,
        if_match: str | None = None,
        source_if_match: str | None = None,
        source_if_none_match: str | None = None,
        source_if_modified_since: datetime | None = None,
        source_if_unmodified_since: datetime | None = None,
        checksum: str | None = None,
    ) -> PutResult:
        """Copy an object within the service, atomically and without moving its bytes through the client.

        Content type, headers and metadata come along, unless `replace` gives all of them anew; a copy onto itself
        needs `replace`. `if_none_match="*"` and `if_match` are about the destination, `source_if_…` about the source;
        both raise `PreconditionFailedError`. With `source_bucket` the source is a key of that bucket, without this
        store's prefix. A source of more than 5 GiB is `TooLargeError` in S3: `transfer.copy` copies it in parts.
        """
        check_source_bucket(source_bucket)
        attributes = None if replace is None else check_attributes(replace, self._max_metadata_bytes)
        if replace is not None:
            refuse_attributes("copy", replace, self.capabilities.supports)
        options = CopyOptions(
            attributes=attributes,
            source_conditions=conditions_of(
                source_if_match, source_if_none_match, source_if_modified_since, source_if_unmodified_since
            ),
            conditions=write_conditions(if_match, if_none_match),
            source_version_id=source_version_id,
            checksum_algorithm=checksum_of(checksum)[0],
        )
        inner = source if source_bucket else self.prefix + source
        return self.service.copy(source_bucket or self.bucket, inner, self.bucket, self.prefix + key, options)

    @verb("source", "key")
    def rename(self, source: str, key: str, *, if_none_match: str | None = None) -> PutResult:
        """Copy, then delete: not atomic. A failure between the two leaves both keys; nothing is ever lost.

        `if_none_match="*"` refuses to replace. Where the store can, the source is only deleted if it still has the
        ETag of what was copied (`PreconditionFailedError` else, and both are there); new metadata alone change no ETag.
        """
        create = write_conditions(None, if_none_match).if_none_match is not None
        return flows.drive(flows.rename(self, source, key, create=create))

    @verb("key")
    def get_range(self, key: str, *, start: int, end: int | None = None, length: int | None = None) -> bytes:
        """The bytes from `start` up to `end` (exclusive), or `length` of them; fewer where the object ends before.

        Raises `RangeNotSatisfiableError` where it ends before `start`.
        """
        bounds = _bounds([start], None if end is None else [end], None if length is None else [length])
        return flows.drive(flows.get_ranges(self, key, bounds, 0))[0]

    @verb("key")
    def get_ranges(
        self,
        key: str,
        *,
        starts: Sequence[int],
        ends: Sequence[int] | None = None,
        lengths: Sequence[int] | None = None,
        coalesce: int = COALESCE_BYTES,
    ) -> Sequence[bytes]:
        """Several ranges of one state of the object, in the order asked for.

        Ranges at most `coalesce` bytes apart are fetched in one request. Raises as `get_range` does, and
        `ConflictError` where the object is replaced again and again meanwhile.
        """
        if not isinstance(coalesce, int) or coalesce < 0:
            raise InvalidRequestError(f"coalesce is a number of bytes, 0 or more; not {coalesce!r}")
        return flows.drive(flows.get_ranges(self, key, _bounds(starts, ends, lengths), coalesce))

    @verb()
    def raw(self, operation: str, **params: Any) -> dict[str, Any]:
        """Send any operation of the S3 model, parameters by their S3 names, and return its parsed answer.

        `Bucket` is filled in where the operation has one and it is not given; the prefix is not. Raises
        `UnsupportedError` for stores that do not speak S3 (`supports.raw`).
        """
        send = getattr(self.service, "raw", None)
        if send is None:
            raise refuse_verb("raw", "raw")
        if operation not in WITHOUT_BUCKET:
            params.setdefault("Bucket", self.bucket)
        answer: dict[str, Any] = send(operation, **params)
        return answer

    @cached_property
    def aio(self) -> AsyncStore:
        """The same store for coroutines."""
        from .aio import AsyncStore

        return AsyncStore(self)

    def close(self) -> None:
        """Release the service where this store owns it. May be called again."""
        if self._owns_service:
            self.service.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        prefix = f", prefix={self.prefix!r}" if self.prefix else ""
        return f"<{type(self).__name__} {self.name} bucket={self.bucket!r}{prefix}>"

    @cached_property
    def _max_metadata_bytes(self) -> int | None:
        return self.capabilities.limits.max_metadata_bytes

    def _read_options(
        self,
        range: Range,
        part_number: int | None,
        if_match: str | None,
        if_none_match: str | None,
        if_modified_since: datetime | None,
        if_unmodified_since: datetime | None,
        version_id: str | None,
        checksum_mode: bool,
    ) -> ReadOptions:
        conditions = conditions_of(if_match, if_none_match, if_modified_since, if_unmodified_since)
        if (
            conditions is NO_CONDITIONS
            and range is None
            and part_number is None
            and version_id is None
            and not checksum_mode
        ):
            return READ_ALL
        if part_number is not None:
            if range is not None:
                raise InvalidRequestError(
                    "Cannot specify both Range header and partNumber query parameter", code="InvalidRequest"
                )
            if not is_count(part_number) or not 1 <= part_number <= self.capabilities.limits.max_parts:
                raise InvalidRequestError("Part number must be an integer between 1 and 10000, inclusive")
        if version_id is not None:
            check_version(version_id)
        return ReadOptions(
            range=byte_range(range),
            part_number=part_number,
            conditions=conditions,
            version_id=version_id,
            checksum_mode=checksum_mode,
        )


def _bounds(starts: Sequence[int], ends: Sequence[int] | None, lengths: Sequence[int] | None) -> list[tuple[int, int]]:
    """Half-open ranges. Raises `InvalidRequestError` for negative, backward or unequal ones."""
    if (ends is None) == (lengths is None):
        raise InvalidRequestError("give the end or the length of a range, one of the two")
    starts, others = list(starts), list(ends or () if lengths is None else lengths)
    if len(others) != len(starts):
        raise InvalidRequestError(f"{len(starts)} starts, but {len(others)} ends or lengths")
    for start, other in zip(starts, others, strict=True):
        least = start if lengths is None else 0
        if not is_count(start) or not is_count(other) or start < 0 or other < least:
            what = "start <= end" if lengths is None else "start and a length of 0 or more"
            raise InvalidRequestError(f"a range has 0 <= {what}, not {start!r} and {other!r}")
    if lengths is not None:
        others = [start + length for start, length in zip(starts, others, strict=True)]
    return list(zip(starts, others, strict=True))
