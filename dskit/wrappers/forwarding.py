"""The shape of a wrapper: every method of the port written once, passing through one point.

A wrapper overrides `around` (each call), `incoming` (the bytes of each read) or `outgoing` (the bytes of each write),
and single methods only where it answers by itself. What the wrapped service has beyond the port of every backend
(bytes that are pushed, ACLs and configurations, `raw`, signing) the wrapper has too, and nothing that it lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, NamedTuple, TypeVar

from ..backend import ConfigurableService, ObjectService, PushService, Source
from ..capabilities import Capabilities
from ..retry import Safety
from ..signers import FormOptions, SignedForm, Signer, SignOptions
from ..store import Store
from ..streams import Reading, Staging
from ..types import (
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

__all__ = ["READING_OPERATIONS", "Call", "WrappedService", "WrappedStore"]

T = TypeVar("T")

READING_OPERATIONS = ("Get", "Head", "List")
"""How the names of S3's operations begin that change nothing: what `raw` may send through a read-only store."""


class Call(NamedTuple):
    """One call of a service. `verb` is the name that `Store` has for it; `keys` are those that it is about, the
    destination of a copy last. `safety` says what a repetition may do."""

    verb: str
    bucket: str | None = None
    keys: tuple[str, ...] = ()
    safety: Safety = Safety.READ
    source: Source | None = None

    @property
    def writes(self) -> bool:
        return self.safety is not Safety.READ


def _safety(conditions: Conditions) -> Safety:
    """A conditional write would meet its own success when it is repeated."""
    return Safety.ONCE if conditions else Safety.IDEMPOTENT


class WrappedService:
    """Passes every call on to `inner`. Not a wrapper by itself; the classes built on it are."""

    kind: ClassVar[str] = "wrapped"
    pushes: ClassVar[bool] = True
    """False: bytes are not taken as they arrive even where `inner` would, so that a write can be begun again."""

    def __init__(self, inner: ObjectService) -> None:
        self.inner = inner
        self.name = f"{self.kind}({inner.name})"
        self.blocking = inner.blocking
        self.copy_scope = getattr(inner, "copy_scope", None)
        self.place = getattr(inner, "place", None)
        self.part_bytes = getattr(inner, "part_bytes", None)
        # On the instance, since a service without them must not seem to have them (`isinstance(…, PushService)`).
        if self.pushes and isinstance(inner, PushService):
            self.begin_put = partial(self._begin_put, inner)
            self.begin_part = partial(self._begin_part, inner)
        if isinstance(inner, ConfigurableService):
            self.put_configuration = partial(self._put_configuration, inner)
            self.put_access = partial(self._put_access, inner)
        if (raw := getattr(inner, "raw", None)) is not None:
            self.raw = partial(self._raw, raw)
        if isinstance(inner, Signer):
            self.sign_url = partial(self._sign_url, inner)
            self.sign_form = partial(self._sign_form, inner)
        if (add_signer := getattr(inner, "add_signer", None)) is not None:
            self.add_signer = add_signer

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.inner!r})"

    # the points to override

    def around(self, call: Call, run: Callable[[], T]) -> T:
        """Each call: `run` carries it out, and may be run again, or not at all."""
        return run()

    def incoming(self, call: Call, reading: Reading) -> Reading:
        """What a get has opened, to be read later."""
        return reading

    def outgoing(self, call: Call, source: Source) -> Source:
        """The bytes of a put or a part, which are read while it runs."""
        return source

    def staged(self, call: Call, staging: Staging) -> Staging:
        """A put or a part whose bytes are pushed: it has begun, and is published by its `commit`."""
        return staging

    # the port

    @property
    def capabilities(self) -> Capabilities:
        return self.inner.capabilities

    def create_bucket(
        self,
        bucket: str,
        *,
        region: str | None = None,
        owner: str | None = None,
        configurations: Mapping[str, Any] | None = None,
    ) -> BucketInfo:
        """`configurations` is for a `ConfigurableService`; no other is given them."""
        call = Call("create_bucket", bucket, safety=Safety.ONCE)
        more: dict[str, Any] = {} if configurations is None else {"configurations": configurations}
        return self.around(call, partial(self.inner.create_bucket, bucket, region=region, owner=owner, **more))

    def head_bucket(self, bucket: str) -> BucketInfo:
        return self.around(Call("head_bucket", bucket), partial(self.inner.head_bucket, bucket))

    def delete_bucket(self, bucket: str) -> None:
        self.around(Call("delete_bucket", bucket, safety=Safety.ONCE), partial(self.inner.delete_bucket, bucket))

    def list_buckets(self) -> list[BucketInfo]:
        return self.around(Call("list_buckets"), self.inner.list_buckets)

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        call = Call("put", bucket, (key,), _safety(options.conditions), source)
        return self.around(call, lambda: self.inner.put(bucket, key, self.outgoing(call, source), options))

    def get(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        call = Call("get", bucket, (key,))
        return self.incoming(call, self.around(call, partial(self.inner.get, bucket, key, options)))

    def head(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        return self.around(Call("head", bucket, (key,)), partial(self.inner.head, bucket, key, options))

    def delete(self, bucket: str, request: DeleteRequest) -> None:
        safety = Safety.ONCE if request.is_conditional else Safety.IDEMPOTENT
        self.around(Call("delete", bucket, (request.key,), safety), partial(self.inner.delete, bucket, request))

    def delete_many(self, bucket: str, requests: Sequence[DeleteRequest]) -> DeleteResult:
        safety = Safety.ONCE if any(row.is_conditional for row in requests) else Safety.IDEMPOTENT
        call = Call("delete_many", bucket, tuple(row.key for row in requests), safety)
        return self.around(call, partial(self.inner.delete_many, bucket, requests))

    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        call = Call("copy", bucket, (source_key, key), _safety(options.conditions))
        return self.around(call, partial(self.inner.copy, source_bucket, source_key, bucket, key, options))

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
        send = partial(
            self.inner.list_page,
            bucket,
            prefix=prefix,
            delimiter=delimiter,
            start_after=start_after,
            token=token,
            max_keys=max_keys,
        )
        return self.around(Call("list", bucket), send)

    def create_upload(self, bucket: str, key: str, options: UploadOptions) -> UploadInfo:
        call = Call("create_multipart_upload", bucket, (key,), Safety.ONCE)
        return self.around(call, partial(self.inner.create_upload, bucket, key, options))

    def put_part(self, bucket: str, key: str, upload_id: str, number: int, source: Source, options: PutOptions) -> Part:
        call = Call("upload_part", bucket, (key,), Safety.IDEMPOTENT, source)
        return self.around(
            call, lambda: self.inner.put_part(bucket, key, upload_id, number, self.outgoing(call, source), options)
        )

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
        call = Call("upload_part_copy", bucket, (source_key, key), Safety.IDEMPOTENT)
        send = partial(self.inner.copy_part, source_bucket, source_key, bucket, key, upload_id, number)
        return self.around(call, partial(send, byte_range=byte_range, options=options))

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
        call = Call("complete_multipart_upload", bucket, (key,), Safety.ONCE)
        send = partial(self.inner.complete_upload, bucket, key, upload_id, parts, conditions=conditions)
        return self.around(call, partial(send, checksums=checksums, checksum_type=checksum_type, size=size))

    def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        call = Call("abort_multipart_upload", bucket, (key,), Safety.ONCE)
        self.around(call, partial(self.inner.abort_upload, bucket, key, upload_id))

    def list_parts(self, bucket: str, key: str, upload_id: str, *, after: int = 0, max_parts: int = 1000) -> PartPage:
        send = partial(self.inner.list_parts, bucket, key, upload_id, after=after, max_parts=max_parts)
        return self.around(Call("list_parts", bucket, (key,)), send)

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
        send = partial(
            self.inner.list_uploads,
            bucket,
            prefix=prefix,
            delimiter=delimiter,
            key_marker=key_marker,
            upload_id_marker=upload_id_marker,
            max_uploads=max_uploads,
        )
        return self.around(Call("list_uploads", bucket), send)

    def object_parts(
        self, bucket: str, key: str, *, version_id: str | None = None, after: int = 0, max_parts: int = 1000
    ) -> ObjectParts | None:
        send = partial(self.inner.object_parts, bucket, key, version_id=version_id, after=after, max_parts=max_parts)
        return self.around(Call("object_parts", bucket, (key,)), send)

    def close(self) -> None:
        self.inner.close()

    # what only some services have

    def _begin_put(self, inner: PushService, bucket: str, key: str, options: PutOptions) -> Staging:
        call = Call("put", bucket, (key,), Safety.ONCE)
        return self.staged(call, self.around(call, partial(inner.begin_put, bucket, key, options)))

    def _begin_part(
        self, inner: PushService, bucket: str, key: str, upload_id: str, number: int, options: PutOptions
    ) -> Staging:
        call = Call("upload_part", bucket, (key,), Safety.ONCE)
        return self.staged(call, self.around(call, partial(inner.begin_part, bucket, key, upload_id, number, options)))

    def _put_configuration(self, inner: ConfigurableService, bucket: str, name: str, document: Any) -> None:
        call = Call("put_configuration", bucket, safety=Safety.IDEMPOTENT)
        self.around(call, partial(inner.put_configuration, bucket, name, document))

    def _put_access(
        self,
        inner: ConfigurableService,
        bucket: str,
        key: str,
        access: Access | None,
        *,
        version_id: str | None = None,
        was: Access | None,
    ) -> None:
        call = Call("put_access", bucket, (key,), Safety.ONCE)
        self.around(call, partial(inner.put_access, bucket, key, access, version_id=version_id, was=was))

    def _sign_url(self, inner: Signer, bucket: str, key: str, options: SignOptions) -> str:
        safety = Safety.READ if options.method in ("GET", "HEAD") else Safety.ONCE
        return self.around(Call("sign", bucket, (key,), safety), partial(inner.sign_url, bucket, key, options))

    def _sign_form(self, inner: Signer, bucket: str, key: str, options: FormOptions) -> SignedForm:
        call = Call("sign_post", bucket, (key,), Safety.ONCE)
        return self.around(call, partial(inner.sign_form, bucket, key, options))

    def _raw(self, send: Callable[..., dict[str, Any]], operation: str, **params: Any) -> dict[str, Any]:
        reads = operation.startswith(READING_OPERATIONS)
        key = params.get("Key")
        call = Call(
            "raw",
            params.get("Bucket"),
            (key,) if isinstance(key, str) else (),
            Safety.READ if reads else Safety.ONCE,
        )
        return self.around(call, partial(send, operation, **params))


class WrappedStore(Store):
    """A store over the service that wraps another store's; closing it closes the wrapped one."""

    def __init__(self, store: Store, service: ObjectService) -> None:
        super().__init__(service, store.bucket, prefix=store.prefix)
        self.wrapped = store

    def close(self) -> None:
        self.wrapped.close()


class PassedReading:
    """Another reading whose chunks go through `pass_on`: what a wrapper of bytes builds on."""

    def __init__(self, inner: Reading, pass_on: Callable[[Iterator[bytes]], Iterator[bytes]]) -> None:
        self.inner = inner
        self.meta = inner.meta
        self.start, self.stop, self.partial = inner.start, inner.stop, inner.partial
        self._pass_on = pass_on

    def __iter__(self) -> Iterator[bytes]:
        return self._pass_on(iter(self.inner))

    def segments(self) -> Iterator[bytes]:
        """Chunks: bytes that go straight from a file to a socket could not be passed on."""
        return iter(self)

    def close(self) -> None:
        self.inner.close()


class PassedSource:
    """Another source whose chunks go through `pass_on`."""

    def __init__(
        self, inner: Source, pass_on: Callable[[Iterator[bytes | memoryview]], Iterator[bytes | memoryview]]
    ) -> None:
        self.inner = inner
        self.length = inner.length
        self.rewindable = inner.rewindable
        self._pass_on = pass_on

    def rewind(self) -> None:
        self.inner.rewind()

    def chunks(self) -> Iterator[bytes | memoryview]:
        return self._pass_on(self.inner.chunks())


class PassedStaging:
    """Another staging; `before` sees each chunk before it is written."""

    def __init__(self, inner: Staging, before: Callable[[bytes | bytearray | memoryview], None]) -> None:
        self.inner = inner
        self._before = before

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._before(data)
        self.inner.write(data)

    def commit(self, *, checksums: Mapping[str, str] | None = None) -> PutResult:
        return self.inner.commit(checksums=checksums)

    def abort(self) -> None:
        self.inner.abort()
