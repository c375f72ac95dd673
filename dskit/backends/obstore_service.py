"""The one `ObjectService` over obstore; what differs between clouds is in its `Flavour` and in the capabilities."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final, TypeVar

import obstore

from ..backend import Source
from ..capabilities import Capabilities, Semantics, Supports
from ..conditions import check_write, validate_write
from ..errors import (
    BucketNotFoundError,
    InvalidKeyError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
)
from ..guards import refuse_verb
from ..ids import Ids, RandomIds
from ..pauses import pause
from ..retry import Failure, Retrier, RetryOptions, Safety
from ..signers import FormOptions, SignedForm, SignOptions
from ..types import (
    BucketInfo,
    Conditions,
    CopyOptions,
    DeleteError,
    DeleteRequest,
    DeleteResult,
    ListPage,
    PutOptions,
    PutResult,
    ReadOptions,
)
from .obstore_errors import FOREIGN, failure_of
from .obstore_listing import page_of_groups, page_of_keys
from .obstore_paths import check_path
from .obstore_reading import attributes_to, open_reading
from .obstore_refusals import ObstoreRefusals
from .remote_body import SourceBody
from .remote_common import Overrides, overridden
from .remote_errors import missing_source
from .remote_meta import quoted
from .remote_reading import CHUNK, RemoteReading

__all__ = ["NO_RETRIES", "OBSTORE_CAPABILITIES", "Flavour", "ObstoreService"]

T = TypeVar("T")

NO_RETRIES: Final[Any] = {"max_retries": 0}
"""obstore's own retries: a second layer under ours would multiply them and hide a lost answer."""

PARTS_AT_ONCE = 4

OBSTORE_CAPABILITIES = Capabilities(
    supports=Supports(
        put_checksum=False,
        put_content_md5=False,
        put_headers=False,  # obstore has no Expires, and the five headers are declared as one
        put_storage_class=False,
        get_part_number=False,
        get_version_id=False,
        delete_if_match=False,
        delete_many_if_match=False,
        copy_from_bucket=False,
        copy_replace=False,
        copy_if_match=False,
        copy_source_conditions=False,
        list_delimiter_any=False,
        list_page=False,
        multipart=False,
        multipart_copy=False,
        multipart_if_none_match=False,
        multipart_if_match=False,
        multipart_checksum=False,
        list_parts=False,
        list_uploads=False,
        list_uploads_delimiter=False,
        object_parts=False,
        buckets=False,
    ),
    semantics=Semantics(keys="segments", dot_segments="refused", etag="opaque", durability="power"),
)
"""What every store of obstore has at most."""


@dataclass(frozen=True, slots=True)
class Flavour:
    """`parts`: a large put can be sent in parts that appear as one object. `folders`: the server has its own folders.
    `attributes`: it stores those of a put."""

    parts: bool = True
    attributes: bool = True
    folders: bool = False


class ObstoreService(ObstoreRefusals):
    """Buckets of one account. `connect` makes obstore's store of a bucket, once for each, and `connect_reads` that for
    reads of objects where it is another one; no request is sent by them. `base` is a folder, with its slash at the end,
    before every key: the part of an address that obstore's listings do not take off again."""

    blocking = True

    def __init__(
        self,
        name: str,
        connect: Callable[[str], Any],
        declared: Capabilities,
        flavour: Flavour,
        *,
        base: str = "",
        connect_reads: Callable[[str], Any] | None = None,
        retries: RetryOptions | None = None,
        part_bytes: int = 16 * 1024**2,
        capabilities: Overrides = None,
        ids: Ids | None = None,
        sleep: Callable[[float], None] = pause,
    ) -> None:
        self.name = name
        self.base = base
        self.flavour = flavour
        self.part_bytes = part_bytes
        self.retrier = Retrier(retries or RetryOptions(), sleep, ids or RandomIds())
        self._connect = connect
        self._connect_reads = connect_reads or connect
        self._capabilities = overridden(declared, capabilities)
        self._stores: dict[tuple[str, Callable[[str], Any]], Any] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def close(self) -> None:
        self.retrier.close(self.name)
        with self._lock:
            self._stores.clear()

    def check_key(self, key: str) -> None:
        """Raises `InvalidKeyError` for a key that cannot be addressed exactly, before any request."""
        check_path(key, max_segment_bytes=self._capabilities.limits.max_segment_bytes)

    def store(self, bucket: str, connect: Callable[[str], Any] | None = None) -> Any:
        """obstore's store of a bucket; `connect` makes one with other options for what needs them."""
        connect = connect or self._connect
        with self._lock:
            if (bucket, connect) not in self._stores:
                self._stores[bucket, connect] = connect(bucket)
            return self._stores[bucket, connect]

    def head_bucket(self, bucket: str) -> BucketInfo:
        """Asks for the beginning of a listing: obstore knows no other question about a bucket."""
        store = self.store(bucket)
        self.call("head_bucket", lambda: next(iter(obstore.list(store, chunk_size=1)), None), bucket)
        return BucketInfo(name=bucket)

    # objects

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        """One request, its body in memory. More than `part_bytes` go in parts, of which few are in memory, unless the
        store has none or there are conditions, which obstore checks on whole puts only."""
        self.check_key(key)
        mode = self._mode(bucket, key, options.conditions)
        body, size = SourceBody(source), source.length
        attributes = attributes_to(options.attributes) if self.flavour.attributes else None
        if self.flavour.parts and mode == "overwrite" and (size is None or size > self.part_bytes):
            data = body.read(self.part_bytes) if size is None else b""
            if size is not None or len(data) == self.part_bytes:
                return self._put_parts(bucket, key, body, data, attributes)
        else:
            data = body.read()
        send = partial(
            obstore.put,
            self.store(bucket),
            self.base + key,
            data,
            attributes=attributes,
            mode=mode,
            use_multipart=False,
        )
        answer = self.call(
            "put",
            send,
            bucket,
            key,
            safety=Safety.ONCE if options.conditions else Safety.IDEMPOTENT,
            exclusive=mode == "create",
        )
        return PutResult(etag=quoted(answer["e_tag"]), size=len(data))

    def _put_parts(
        self, bucket: str, key: str, body: SourceBody, first: bytes, attributes: dict[str, str] | None
    ) -> PutResult:
        """`first` is what has been read already of a body of unknown length, which cannot be sent twice then."""
        store = self.store(bucket)

        def chunks() -> Iterator[bytes]:
            if first:
                yield first
            else:
                body.seek(0)
            while data := body.read(CHUNK):
                yield data

        def attempt() -> Any:
            return obstore.put(
                store,
                self.base + key,
                chunks(),
                attributes=attributes,
                use_multipart=True,
                chunk_size=self.part_bytes,
                max_concurrency=PARTS_AT_ONCE,
            )

        rewindable = not first and body.seekable()
        answer = self.call("put", attempt, bucket, key, safety=Safety.IDEMPOTENT, body=body, rewindable=rewindable)
        return PutResult(etag=quoted(answer["e_tag"]), size=body.tell())

    def _mode(self, bucket: str, key: str, conditions: Conditions) -> Any:
        """obstore's mode of a put. Which generation has the wanted tag is asked first (GCS replaces by generation);
        the put then replaces that state or fails."""
        validate_write(conditions)
        if conditions.if_none_match:
            return "create"
        if not conditions.if_match:
            return "overwrite"
        try:
            found = self._get("put", bucket, key, {"head": True}).meta
        except BucketNotFoundError:
            raise
        except NotFoundError:
            check_write(conditions, None, key)
            raise
        check_write(conditions, quoted(found["e_tag"]), key)
        return {name: found[name] for name in ("e_tag", "version") if found[name] is not None}

    def get(self, bucket: str, key: str, options: ReadOptions) -> RemoteReading:
        return self._reading("get", bucket, key, options)

    def head(self, bucket: str, key: str, options: ReadOptions) -> RemoteReading:
        return self._reading("head", bucket, key, options)

    def _reading(self, operation: str, bucket: str, key: str, options: ReadOptions) -> RemoteReading:
        self.check_key(key)
        get = partial(self._get, operation, bucket, key)
        return open_reading(get, key, options, self.retrier, head=operation == "head", stored=self.flavour.attributes)

    def _get(self, operation: str, bucket: str, key: str, send: Any) -> Any:
        store = self.store(bucket, self._connect_reads)
        return self.call(operation, partial(obstore.get, store, self.base + key, options=send), bucket, key)

    def delete(self, bucket: str, request: DeleteRequest) -> None:
        self.check_key(request.key)
        try:
            self.call(
                "delete",
                partial(obstore.delete, self.store(bucket), self.base + request.key),
                bucket,
                request.key,
                safety=Safety.IDEMPOTENT,
            )
        except BucketNotFoundError:
            raise
        except NotFoundError:
            return  # gone is what was asked for

    def delete_many(self, bucket: str, requests: Sequence[DeleteRequest]) -> DeleteResult:
        """One by one: obstore's batch does not say which key failed."""
        result = DeleteResult()
        for request in requests:
            try:
                self.delete(bucket, request)
            except (InvalidKeyError, PermissionDeniedError) as error:
                result.errors.append(DeleteError(key=request.key, code=error.code, message=error.message))
            else:
                result.deleted.append(request.key)
        return result

    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        """The tag in the result is what a HEAD says right afterwards: obstore tells nothing of a copy."""
        self.check_key(source_key)
        self.check_key(key)
        if source_key == key:
            raise InvalidRequestError(
                "a copy onto itself changes nothing, and obstore cannot give new metadata", code="InvalidRequest"
            )
        validate_write(options.conditions)
        create = options.conditions.if_none_match is not None
        send = partial(obstore.copy, self.store(bucket), self.base + source_key, self.base + key, overwrite=not create)
        with missing_source(source_bucket, source_key, options.conditions):
            self.call(
                "copy",
                send,
                bucket,
                key,
                safety=Safety.ONCE if create else Safety.IDEMPOTENT,
                exclusive=create,
            )
        meta = self._get("copy", bucket, key, {"head": True}).meta
        return PutResult(etag=quoted(meta["e_tag"]), size=meta["size"], last_modified=meta["last_modified"])

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
        """The page is the whole listing, whatever `max_keys`: obstore has no page tokens, and no server's order can be
        relied on."""
        store, after = self.store(bucket), token or start_after
        prefix, after = self.base + prefix, after and self.base + after
        if delimiter:
            read = partial(page_of_groups, store, prefix, after, empty_folders=self.flavour.folders)
        else:
            read = partial(page_of_keys, store, prefix, after)
        page = self.call("list", read, bucket)
        return self._without_base(page) if self.base else page

    def _without_base(self, page: ListPage) -> ListPage:
        cut = len(self.base)
        return ListPage(
            objects=[row._replace(key=row.key[cut:]) for row in page.objects],
            prefixes=[name[cut:] for name in page.prefixes],
        )

    # signing

    def sign_url(self, bucket: str, key: str, options: SignOptions) -> str:
        self.check_key(key)
        store, lifetime = self.store(bucket), timedelta(seconds=options.expires_in)
        method: Any = options.method
        url: str = self.call("sign", lambda: obstore.sign(store, method, self.base + key, lifetime), bucket, key)
        return url

    def sign_form(self, bucket: str, key: str, options: FormOptions) -> SignedForm:
        raise refuse_verb("sign_post", "sign_post")

    def call(
        self,
        operation: str,
        call: Callable[[], T],
        bucket: str,
        key: str | None = None,
        *,
        safety: Safety = Safety.READ,
        exclusive: bool = False,
        body: SourceBody | None = None,
        rewindable: bool = True,
    ) -> T:
        """Everything that obstore does goes through here: retries, translation, context."""

        def judge(exception: Exception) -> Failure:
            if body is not None and body.failure is not None:
                raise body.failure
            failure = failure_of(exception, exclusive=exclusive)
            failure.error.with_context(operation=operation, bucket=bucket, key=key, store=self.name)
            return failure

        return self.retrier.run(call, judge, foreign=FOREIGN, safety=safety, rewindable=rewindable)
