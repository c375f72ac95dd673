"""The pipeline: what happens to a request between the HTTP front and the store, in order."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from dskit.clock import Clock, SystemClock
from dskit.errors import BucketNotFoundError, ConfigurationError, InvalidBucketNameError
from dskit.ids import Ids, RandomIds
from dskit.keys import check_bucket_name, check_key
from dskit.types import BucketInfo

from .accounts import Account, Accounts
from .answers import REFUSED_WITH_REGION, WITH_REGION, Answer, RequestIds
from .context import Call
from .exchanges import DocumentExchange, LongExchange, ObjectExchange
from .messages import Exchange, RequestHead, Response
from .ops import OPERATIONS, check_members
from .ops.admission import admit
from .ops.browsers import BROWSER_OPERATIONS, refuse_browser
from .ops.buckets import check_account_id
from .ops.checksums import announced, check_document
from .ops.refusals import not_built
from .ops.regions import region_of
from .rules import Rules
from .wire.address import Address, Addressing
from .wire.auth import Identity, Verifier
from .wire.codec import Codec
from .wire.denials import STREAMING
from .wire.errors import S3Error
from .wire.payload import WholeBody, check_no_body, open_payload
from .wire.signatures import EMPTY_SHA256
from .wire.spec import Operation

if TYPE_CHECKING:
    from dskit.backend import PushService

    from .forms import Forms

__all__ = ["S3Service"]

_REGION_OF_HOST = re.compile(r"(?:^|\.)s3(?:-fips)?(?:\.dualstack)?[.-]([a-z]{2}(?:-[a-z]+)+-[0-9]+)\.amazonaws\.com")


@cache
def shared_codec() -> Codec:
    """One for the process: it is compiled from a constant and costs milliseconds, an endpoint must not."""
    return Codec()


class S3Service:
    """S3 over any store that takes bytes as they arrive. Implements `messages.Handler`; thread-safe if the store is.

    `region` is where the endpoint is; requests that name one of AWS's regional hosts are served as that region's
    endpoint. `domains` are further names for virtual-host style requests.
    """

    def __init__(
        self,
        store: PushService,
        *,
        accounts: Accounts | Iterable[Account | str] = (),
        rules: Rules | Iterable[str] | Mapping[str, bool] | None = None,
        clock: Clock | None = None,
        ids: Ids | None = None,
        region: str = "us-east-1",
        domains: Iterable[str] = (),
    ) -> None:
        # An `isinstance` of the protocol would also look at the capabilities, which take milliseconds to make.
        if not hasattr(store, "begin_put"):
            raise ConfigurationError(f"{store!r} takes no bytes as they arrive: only a push service can be served")
        self.store = store
        self.blocking = store.blocking
        self.accounts = accounts if isinstance(accounts, Accounts) else Accounts(accounts)
        self.rules = rules if isinstance(rules, Rules) else Rules(rules)
        self.clock = clock or SystemClock()
        self.ids = ids or RandomIds()
        self.region = region
        self._addressing = Addressing(domains)
        self._verifier = Verifier(self.accounts, self.clock, rules=self.rules, region=region)
        self._codec = shared_codec()
        self._request_ids = RequestIds(self.ids)
        self._host_id = base64.b64encode(self.ids.token(48)).decode()

    def open(self, head: RequestHead, body: bytes | None = None) -> Exchange | Response:
        """Answer a request, or take its body. Never raises."""
        answer = Answer(self._codec, self._request_ids.next(), self._host_id, head)
        try:
            return self._open(head, body, answer)
        except Exception as error:  # every failure becomes an answer
            return answer.fail(error)

    def _open(self, head: RequestHead, body: bytes | None, answer: Answer) -> Exchange | Response:
        address = self._addressing.parse(head)
        bucket = answer.bucket = address.bucket
        key = answer.key = address.key
        headers = head.index
        level = "service" if bucket is None else "bucket" if key is None else "object"
        operation = answer.operation = self._codec.route(
            head.method, level, address.params if address.query else {}, headers
        )
        name = operation.name
        info: BucketInfo | None = None
        if bucket is not None:
            try:
                info = self.store.head_bucket(bucket)
            except (BucketNotFoundError, InvalidBucketNameError):
                info = None
        if name in BROWSER_OPERATIONS:
            raise refuse_browser(name, headers, bucket_found=info is not None)
        host = headers.get("host", "")
        region = _named_region(host) if "amazonaws" in host else self.region
        if name == "PostObject":
            return self._forms().open(head, address, answer, info, region)
        if info is None or info.region == region:
            identity = self._verifier.verify(head, address, region)
        else:
            identity = self._authenticate_elsewhere(head, address, operation, info.region, region)
        account = identity.account
        answer.account = "anonymous" if identity.anonymous else account.name
        trailer = headers.get("x-amz-trailer")
        call = Call(
            self.store,
            account,
            self.accounts,
            self.rules,
            self.clock,
            region,
            info,
            identity.anonymous,
            head,
            address.virtual,
            None if trailer is None else announced(trailer, identity.content_sha256),
        )
        if bucket is not None and info is None and name != "CreateBucket":
            raise _no_such_bucket(bucket)
        if info is not None and (name in WITH_REGION or name in REFUSED_WITH_REGION):
            answer.region = region_of(info.region)
        if identity.headers:
            headers = {**identity.headers, **headers}
        request = self._codec.heads[name].decode(address.query, headers)
        if bucket is not None:
            # What is decided below is decided about this bucket: no call may reach another that is made in its place.
            request["Bucket"] = bucket if info is None else info.this or bucket
            if key is not None:
                check_key(key)
                request["Key"] = key
        admit(call, name, request)
        expected = request.get("ExpectedBucketOwner")
        if expected is not None and info is not None:
            check_account_id(call, info, expected)
        built = OPERATIONS.get(name)
        if built is None:
            raise not_built(name, f"{name} is an operation of S3 that dskit does not build yet")
        check_members(name, request)
        if built.open is not None:
            if body is not None and built.put is not None and identity.content_sha256 not in STREAMING:
                request["ContentLength"] = len(body)
                return answer.succeed(operation, built.put(call, request, WholeBody(body, identity.content_sha256)))
            payload = open_payload(head, identity, needs_length=True)
            request["ContentLength"] = payload.length
            return ObjectExchange(answer, operation, payload, built.open(call, request), blocking=self.blocking)
        assert built.run is not None
        if operation.has_document:
            run = partial(self._run_document, operation, call, request, headers)
            return DocumentExchange(answer, operation, open_payload(head, identity), run, blocking=self.blocking)
        if identity.content_sha256 != EMPTY_SHA256:
            check_no_body(head, identity)
        if built.long:
            return LongExchange(answer, operation, partial(built.run, call, request))
        return answer.succeed(operation, built.run(call, request))

    def _forms(self) -> Forms:
        from .forms import Forms  # few servers ever get a form, and a start need not wait for its parser

        return Forms(self.store, self.accounts, self.rules, self.clock, self._codec)

    def _run_document(
        self,
        operation: Operation,
        call: Call,
        request: dict[str, Any],
        headers: Mapping[str, str],
        body: bytes,
        trailers: dict[str, str],
    ) -> dict[str, Any]:
        known = "checksum" in operation.raw
        check_document(body, headers, trailers, known=known, required=operation.checksum_required)
        document = self._codec.decode_body(operation, body)
        check_members(operation.name, document)
        run = OPERATIONS[operation.name].run
        assert run is not None
        return run(call, {**request, **document})

    def _authenticate_elsewhere(
        self, head: RequestHead, address: Address, operation: Operation, location: str | None, region: str
    ) -> Identity:
        """Verify the signature for the endpoint's region or, at our own names, for that of a bucket elsewhere.

        A bucket of another region is told by a redirect, whose header clients use to sign again (S3 user guide,
        "Making requests", "Request redirection").
        """
        verify = self._verifier.verify
        home = region if operation.name == "CreateBucket" else region_of(location)
        if home == region or self.rules.any_region:
            return verify(head, address, region)
        if "amazonaws" not in head.get("host"):
            try:
                return verify(head, address, home)
            except S3Error as error:
                if "Region" not in error.fields:
                    raise
        verify(head, address, region)
        raise _redirect(address.bucket or "", home)


def _named_region(host: str) -> str:
    """The region of one of AWS's host names."""
    named = _REGION_OF_HOST.search(host)
    return named[1] if named else "us-east-1"


def _no_such_bucket(name: str) -> S3Error:
    """Raises `InvalidBucketNameError` where there can be none."""
    check_bucket_name(name)
    return S3Error("NoSuchBucket", fields={"BucketName": name})


def _redirect(bucket: str, region: str) -> S3Error:
    return S3Error(
        "PermanentRedirect",
        "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all "
        "future requests to this endpoint.",
        fields={"Endpoint": f"{bucket}.s3.{region}.amazonaws.com", "Bucket": bucket},
        headers={"x-amz-bucket-region": region},
        status=301,
        reason=f"the bucket is in {region}: sign for that region",
    )
