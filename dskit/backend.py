"""The one port behind the client API and behind the emulator: what a backend implements.

A backend is an *object service*: a set of buckets. `Store` is a client's view of one bucket of it; the emulator
serves all of it. The reference store, plain files, boto3 and minio-py all stand behind these methods, so a wrapper
or a gateway is written once.

Contract, for every implementation:

* Each write is atomic: a reader sees the object before or after, whole. A call that raises changed nothing,
  `OutcomeUnknownError` excepted.
* A read is pinned to one state of the object.
* Keys arrive validated (`keys.check_key`) and byte-exact; an implementation that cannot hold one raises
  `InvalidKeyError` and never maps two keys to one object.
* An option that cannot be honoured is refused by the facade from `capabilities` before the call; an implementation
  may therefore assume that it gets only what it declares.
* Errors are those of `dskit.errors`, with an S3 `code`.
* Methods may be called from many threads at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from .streams import Reading, Staging
from .types import (
    Access,
    BucketInfo,
    ByteRange,
    CompletedPart,
    Conditions,
    CopyOptions,
    DeleteRequest,
    DeleteResult,
    ListPage,
    ObjectParts,
    Part,
    PartPage,
    PutOptions,
    PutResult,
    ReadOptions,
    UploadInfo,
    UploadOptions,
    UploadPage,
)

if TYPE_CHECKING:
    from .capabilities import Capabilities

__all__ = ["ConfigurableService", "ObjectService", "PushService", "Source"]


class Source(Protocol):
    """The bytes of a put. `length` is None when unknown. `rewind` starts again or raises: retries stay honest."""

    @property
    def length(self) -> int | None:
        """Of all that `chunks` gives, in bytes; None where that is not known before the end."""
        ...

    @property
    def rewindable(self) -> bool:
        """Whether `rewind` can work: with bytes and files that seek, not with an iterator."""
        ...

    def rewind(self) -> None:
        """Let the next `chunks` begin at the first byte again. Raises `InvalidRequestError` where that cannot be."""
        ...

    def chunks(self) -> Iterator[bytes | memoryview]:
        """The bytes in order, in pieces of any size.

        Raises `InvalidRequestError` (``IncompleteBody``) where they are more or fewer than were announced, and what the
        caller's own file or iterator raises.
        """
        ...


@runtime_checkable
class ObjectService(Protocol):
    """What every backend has. `name` is for messages and reprs and never holds a secret."""

    name: str
    blocking: bool
    """False: no call waits for I/O, so an event loop may call it inline."""

    @property
    def capabilities(self) -> Capabilities:
        """What the service can do and what it means by it; the same for as long as it is open."""
        ...

    # buckets
    def create_bucket(self, bucket: str, *, region: str | None = None, owner: str | None = None) -> BucketInfo:
        """`region` None is the service's own; `owner` is a canonical id, for services that keep it.

        Raises `BucketExistsError`, `InvalidBucketNameError` (S3 user guide, "Bucket naming rules").
        """
        ...

    def head_bucket(self, bucket: str) -> BucketInfo:
        """Raises `BucketNotFoundError`."""
        ...

    def delete_bucket(self, bucket: str) -> None:
        """Raises `BucketNotFoundError`, and `BucketNotEmptyError` while there is an object (S3 model, DeleteBucket)."""
        ...

    def list_buckets(self) -> list[BucketInfo]:
        """All that whoever asks owns."""
        ...

    # objects
    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        """Store all of `source` under `key`, or change nothing.

        Raises `BucketNotFoundError`; `AlreadyExistsError`, `PreconditionFailedError` and `NotFoundError` by the
        conditions (S3 user guide, "Conditional writes"); `ChecksumMismatchError`; `TooLargeError`; what
        `source` raises.
        """
        ...

    def get(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        """An open read, which the caller closes; of a range that goes beyond the end it is what there is.

        Raises `NotFoundError`, `BucketNotFoundError`; `PreconditionFailedError` and `NotModifiedError`, which come
        before the range (RFC 9110 section 13.2.2); `RangeNotSatisfiableError` for one that begins at the end
        or behind it (section 14.1.2).
        """
        ...

    def head(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        """`get` without its bytes: `meta`, `start`, `stop` and `partial` are the same, and so are the errors."""
        ...

    def delete(self, bucket: str, request: DeleteRequest) -> None:
        """A key that is not there is no error unless `request` has a condition (`semantics.delete_missing`).

        Raises `BucketNotFoundError`; `PreconditionFailedError` and `NotFoundError` by the condition.
        """
        ...

    def delete_many(self, bucket: str, requests: Sequence[DeleteRequest]) -> DeleteResult:
        """At most `limits.max_delete_batch` requests; the facade splits larger batches."""
        ...

    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        """Copy one state of an object, whole.

        Raises `NotFoundError` with bucket and key of what is missing; `PreconditionFailedError` about source or target;
        `InvalidRequestError` for a copy onto itself that changes nothing (aws-recorded:test_s3_copy_object_in_place);
        `TooLargeError` for more than one request copies (S3: 5 GiB).
        """
        ...

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
        """`token` wins over `start_after`. With a delimiter, groups not greater than `start_after` are left out."""
        ...

    # multipart
    def create_upload(self, bucket: str, key: str, options: UploadOptions) -> UploadInfo:
        """Begin an upload: nothing of it is seen under `key` until it completes. Raises `BucketNotFoundError`."""
        ...

    def put_part(self, bucket: str, key: str, upload_id: str, number: int, source: Source, options: PutOptions) -> Part:
        """Store part `number`, 1 to `limits.max_parts`, in place of what had the number.

        Raises `UploadNotFoundError` for an id that is unknown or that of another key; `ChecksumMismatchError`;
        `TooLargeError`; what `source` raises.
        """
        ...

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
        """As `put_part`, with the bytes of an object: all, or those of `byte_range`, which names first and last.

        Raises also what `copy` raises about its source, and `InvalidRequestError` for a range that is not all inside
        (aws-recorded:test_upload_part_copy_range).
        """
        ...

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
        """Publish the parts that are listed, in ascending order, as the object; the others go.

        `checksums` by algorithm, of `checksum_type`, and `size` in bytes are those that the object must have.
        `conditions` are about what `key` has now. Raises `UploadNotFoundError` (`semantics.repeat_complete` says what a
        second completion gets); `InvalidPartError` for a part that is not there, is out of order or, but for the last,
        below `limits.min_part_bytes`; `PreconditionFailedError`; `ChecksumMismatchError`; `InvalidRequestError`.
        """
        ...

    def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        """Drop an upload with its parts. Raises `UploadNotFoundError`."""
        ...

    def list_parts(self, bucket: str, key: str, upload_id: str, *, after: int = 0, max_parts: int = 1000) -> PartPage:
        """Parts by number, those above `after`. Raises `UploadNotFoundError`."""
        ...

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
        """Uploads in progress by key, then by time, those after `key_marker`; with `upload_id_marker` also the
        later ones of that key (S3 model, ListMultipartUploads). Raises `BucketNotFoundError`.
        """
        ...

    def object_parts(
        self, bucket: str, key: str, *, version_id: str | None = None, after: int = 0, max_parts: int = 1000
    ) -> ObjectParts | None:
        """Parts of a completed multipart object; None where the object was not multipart."""
        ...

    def close(self) -> None:
        """Release what is held: connections, files, staged bytes. May be called again.

        What other threads are publishing ends first, or with a `ClosedError` and nothing published. Every call after
        that raises `ClosedError` and changes nothing, the end of a write that was begun before among them; a read that
        is open goes on, or raises it too.
        """
        ...


@runtime_checkable
class PushService(ObjectService, Protocol):
    """A service that takes bytes as they arrive: what the emulator needs, and what streams an unknown length."""

    def begin_put(self, bucket: str, key: str, options: PutOptions) -> Staging:
        """Raises at once what can be known at once (no bucket, bad option, condition that fails already)."""
        ...

    def begin_part(self, bucket: str, key: str, upload_id: str, number: int, options: PutOptions) -> Staging:
        """As `begin_put`, for `put_part`. Raises `UploadNotFoundError`."""
        ...


@runtime_checkable
class ConfigurableService(PushService, Protocol):
    """A push service that also keeps what S3 keeps beside the objects: owners, ACLs and configurations of buckets.

    It stores and shows them (`BucketInfo.configurations`, `ObjectMeta.access`, the `access` of options) and knows
    nothing of their meaning: who may do what is decided by who serves it. No other service gets an `access`.
    """

    def create_bucket(
        self,
        bucket: str,
        *,
        region: str | None = None,
        owner: str | None = None,
        configurations: Mapping[str, Any] | None = None,
    ) -> BucketInfo:
        """As for any service, with the first configurations of the bucket: documents by name."""
        ...

    def put_configuration(self, bucket: str, name: str, document: Any) -> None:
        """Keep a document of values that JSON has under a name; None removes it. Raises `BucketNotFoundError`."""
        ...

    def put_access(
        self,
        bucket: str,
        key: str,
        access: Access | None,
        *,
        version_id: str | None = None,
        was: Access | None,
    ) -> None:
        """Replace owner and grants of an object whose access is `was`, and nothing else of it: ETag and times stay.

        Raises `NotFoundError`, `ConflictError` where the access is another by now.
        """
        ...


Chunks = Iterable[bytes | memoryview]
