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
    def length(self) -> int | None: ...

    @property
    def rewindable(self) -> bool: ...

    def rewind(self) -> None: ...

    def chunks(self) -> Iterator[bytes | memoryview]: ...


@runtime_checkable
class ObjectService(Protocol):
    """What every backend has. `name` is for messages and reprs and never holds a secret."""

    name: str
    blocking: bool
    """False: no call waits for I/O, so an event loop may call it inline."""

    @property
    def capabilities(self) -> Capabilities: ...

    # buckets
    def create_bucket(self, bucket: str, *, region: str | None = None, owner: str | None = None) -> BucketInfo: ...
    def head_bucket(self, bucket: str) -> BucketInfo: ...
    def delete_bucket(self, bucket: str) -> None: ...
    def list_buckets(self) -> list[BucketInfo]: ...

    # objects
    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult: ...
    def get(self, bucket: str, key: str, options: ReadOptions) -> Reading: ...
    def head(self, bucket: str, key: str, options: ReadOptions) -> Reading: ...
    def delete(self, bucket: str, request: DeleteRequest) -> None: ...
    def delete_many(self, bucket: str, requests: Sequence[DeleteRequest]) -> DeleteResult:
        """At most `limits.max_delete_batch` requests; the facade splits larger batches."""
        ...

    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult: ...

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
    def create_upload(self, bucket: str, key: str, options: UploadOptions) -> UploadInfo: ...
    def put_part(
        self, bucket: str, key: str, upload_id: str, number: int, source: Source, options: PutOptions
    ) -> Part: ...
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
    ) -> Part: ...
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
    ) -> PutResult: ...
    def abort_upload(self, bucket: str, key: str, upload_id: str) -> None: ...
    def list_parts(
        self, bucket: str, key: str, upload_id: str, *, after: int = 0, max_parts: int = 1000
    ) -> PartPage: ...
    def list_uploads(
        self,
        bucket: str,
        *,
        prefix: str = "",
        delimiter: str = "",
        key_marker: str = "",
        upload_id_marker: str = "",
        max_uploads: int = 1000,
    ) -> UploadPage: ...
    def object_parts(
        self, bucket: str, key: str, *, version_id: str | None = None, after: int = 0, max_parts: int = 1000
    ) -> ObjectParts | None:
        """Parts of a completed multipart object; None where the object was not multipart."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class PushService(ObjectService, Protocol):
    """A service that takes bytes as they arrive: what the emulator needs, and what streams an unknown length."""

    def begin_put(self, bucket: str, key: str, options: PutOptions) -> Staging:
        """Raises at once what can be known at once (no bucket, bad option, condition that fails already)."""
        ...

    def begin_part(self, bucket: str, key: str, upload_id: str, number: int, options: PutOptions) -> Staging: ...


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
    ) -> BucketInfo: ...

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
