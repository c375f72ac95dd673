"""POST Object: a form from a browser, whose policy is verified once its fields are there and before its file is taken.

The file then goes the way of PutObject: staged as it arrives, published when all of the form was good.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from dskit.backend import PushService
from dskit.clock import Clock
from dskit.keys import check_key
from dskit.types import BucketInfo

from .accounts import ANONYMOUS, Accounts
from .answers import Answer
from .context import Call
from .messages import RequestHead, Response
from .ops import OPERATIONS, Sink, check_members
from .ops.admission import admit
from .ops.buckets import check_account_id
from .ops.checksums import given, named_algorithm
from .ops.form_fields import PostResult, add_field, check_size, header_fields, named_by_file
from .ops.regions import region_of
from .rules import Rules
from .wire.address import Address
from .wire.codec import Codec
from .wire.errors import S3Error
from .wire.form_auth import FormVerifier, missing_field
from .wire.multipart_form import FileBegins, FileEnds, FormField, FormParser, boundary_of
from .wire.post_policy import SizeRange, parse_policy

__all__ = ["FormExchange", "Forms"]

ANY_SIZE = SizeRange(0, 2**63)


class Upload(NamedTuple):
    """A file that may be stored: where its bytes go, how many there may be, and what the sender is told."""

    sink: Sink
    sizes: SizeRange
    result: PostResult


Begin = Callable[[dict[str, str], str | None], Upload]


class Forms:
    """The form uploads of one service."""

    def __init__(self, store: PushService, accounts: Accounts, rules: Rules, clock: Clock, codec: Codec) -> None:
        self._store = store
        self._accounts = accounts
        self._rules = rules
        self._clock = clock
        self._codec = codec
        self._put = codec.operations["PutObject"]
        self._verifier = FormVerifier(accounts)

    def open(
        self, head: RequestHead, address: Address, answer: Answer, info: BucketInfo | None, region: str
    ) -> FormExchange:
        """Raises `S3Error` for a request that is no form or for a bucket that is not there."""
        parser = FormParser(boundary_of(head.get("content-type")))
        if info is None:
            raise S3Error("NoSuchBucket", fields={"BucketName": address.bucket or ""})
        begin = partial(self._begin, head, address, answer, info, region)
        return FormExchange(answer, parser, begin, self._encode, blocking=self._store.blocking)

    def _begin(
        self,
        head: RequestHead,
        address: Address,
        answer: Answer,
        info: BucketInfo,
        region: str,
        fields: dict[str, str],
        filename: str | None,
    ) -> Upload:
        """All fields are there and the file begins: verify, and open the sink. Raises `S3Error`, `StoreError`."""
        home = region if "amazonaws" in head.get("host") else region_of(info.region)
        account = self._verifier.verify(fields, None if self._rules.any_region else home)
        answer.account = "anonymous" if account is None else account.name
        if "key" not in fields:
            raise missing_field("key")
        named = named_by_file(fields, filename)
        sizes = ANY_SIZE
        if account is not None:
            policy = parse_policy(fields["policy"])
            sizes = policy.check({**named, "bucket": info.name}, self._clock.now())
        unsigned = self._accounts.default if self._rules.anonymous else ANONYMOUS
        call = Call(
            self._store,
            account or unsigned,
            self._accounts,
            self._rules,
            self._clock,
            region,
            info,
            account is None,
            head,
            address.virtual,
        )
        request = self._codec.decode_head(self._put, [], header_fields(named))
        key = answer.key = named["key"]
        check_key(key)
        request.update({"Bucket": info.this or info.name, "Key": key, "ContentLength": None})
        admit(call, "PostObject", request)
        if "ExpectedBucketOwner" in request:
            check_account_id(call, info, request["ExpectedBucketOwner"])
        check_members("PutObject", request)
        if not given(request):
            call.trailer = named_algorithm(named.get("x-amz-checksum-algorithm"))
        opened = OPERATIONS["PutObject"].open
        assert opened is not None
        location = f"{call.origin}/" if address.virtual else f"{call.origin}/{info.name}/"
        return Upload(opened(call, request), sizes, PostResult(named, info.name, location))

    def _encode(self, answer: Answer, upload: Upload) -> Response:
        """Publish, and tell so: with the headers of PutObject."""
        output = upload.sink.finish({})
        _, headers, _ = self._codec.encode(self._put, output)
        status, more, body = upload.result.describe(output["ETag"])
        return answer.respond(status, [*headers, *more], body)


class FormExchange:
    """A form being received. Nothing of it is visible before `finish`, and nothing stays of one that fails."""

    def __init__(
        self,
        answer: Answer,
        parser: FormParser,
        begin: Begin,
        publish: Callable[[Answer, Upload], Response],
        *,
        blocking: bool,
    ) -> None:
        self._answer = answer
        self._parser = parser
        self._begin = begin
        self._publish = publish
        self._fields: dict[str, str] = {}
        self._upload: Upload | None = None
        self._size = 0
        self.blocking = blocking

    def feed(self, data: bytes | memoryview) -> Response | None:
        try:
            for event in self._parser.feed(data):
                if isinstance(event, bytes):
                    self._write(event)
                elif isinstance(event, FormField):
                    add_field(self._fields, event.name, event.value)
                elif isinstance(event, FileBegins):
                    self._upload = self._begin(self._fields, event.filename)
                elif isinstance(event, FileEnds) and self._upload is not None:
                    check_size(self._size, *self._upload.sizes)
        except Exception as error:  # every failure becomes an answer; nothing of the file may stay behind
            self.abort()
            return self._answer.fail(error)
        return None

    def _write(self, data: bytes) -> None:
        """Bytes beyond what the policy allows are only counted: the refusal names the whole size."""
        upload = self._upload
        assert upload is not None
        self._size += len(data)
        if self._size <= upload.sizes.high:
            upload.sink.write(data)
        else:
            upload.sink.abort()

    def finish(self) -> Response:
        try:
            self._parser.finish()
            assert self._upload is not None
            return self._publish(self._answer, self._upload)
        except Exception as error:  # as above
            self.abort()
            return self._answer.fail(error)

    def abort(self) -> None:
        if self._upload is not None:
            self._upload.sink.abort()
