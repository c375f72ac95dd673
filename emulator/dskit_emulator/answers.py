"""The end of every request: an output or an exception becomes a `Response` with the identifiers that S3 gives."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from typing import Any

from dskit.errors import NotModifiedError, RangeNotSatisfiableError, StoreError
from dskit.ids import Ids
from dskit.streams import Reading

from .messages import RequestHead, Response
from .wire.codec import Codec
from .wire.errors import S3Error, encode_error, from_store_error
from .wire.spec import Operation

__all__ = ["REFUSED_WITH_REGION", "WITH_REGION", "Answer", "ReadingBody", "RequestIds"]

logger = logging.getLogger("dskit_emulator")

_64_BITS = 2**64 - 1
_BATCH = 64
_STRIDE = 0x9E3779B97F4A7C15  # 2**64 over the golden ratio: odd, so that every number comes once

# Operations whose answers name the bucket's region in a header, as S3's do.
WITH_REGION = frozenset({"ListObjects", "ListObjectsV2"})
# Whose refusals do: SDKs ask without a signature and read the region from the 403 (GetBucketRegion of aws-sdk-go-v2).
REFUSED_WITH_REGION = frozenset({"HeadBucket"})


class RequestIds:
    """The ids that S3 gives to requests: 16 hexadecimal digits, no two the same until 2**64 were given.

    They begin at a random place and go on in steps that scatter: random bytes for each request would cost a call of the
    system. Written a batch at a time, which costs a third for each. Thread-safe: two threads at the end of a batch
    make one each.
    """

    __slots__ = ("_batch", "_numbers")

    def __init__(self, ids: Ids) -> None:
        self._numbers = itertools.count(int.from_bytes(ids.token(8), "big"), _STRIDE)
        self._batch: Iterator[str] = iter(())

    def next(self) -> str:
        request_id = next(self._batch, None)
        if request_id is None:
            numbers = itertools.islice(self._numbers, _BATCH)
            batch = self._batch = iter([f"{number & _64_BITS:016X}" for number in numbers])
            request_id = next(batch)
        return request_id


class ReadingBody:
    """An open read as the body of a response."""

    __slots__ = ("close", "length", "segments")

    def __init__(self, reading: Reading) -> None:
        self.length = reading.stop - reading.start
        self.segments: Any = reading.segments
        self.close: Any = reading.close


class Answer:
    """The answer to one request, under construction.

    `operation` is None until the request is routed. `region` is that of the bucket, once known; `account` is the name
    of who signed.
    """

    __slots__ = ("_codec", "_head", "account", "bucket", "host_id", "key", "operation", "region", "request_id")

    def __init__(self, codec: Codec, request_id: str, host_id: str, head: RequestHead) -> None:
        self.request_id = request_id
        self.host_id = host_id
        self._codec = codec
        self._head = head
        self.operation: Operation | None = None
        self.bucket: str | None = None
        self.key: str | None = None
        self.region: str | None = None
        self.account = ""

    def succeed(self, operation: Operation, output: dict[str, Any]) -> Response:
        """Encode an output. A `Reading` in it becomes the body; a `ContentRange` makes it 206."""
        status = 206 if "ContentRange" in output else None
        status, headers, body = self._codec.encoders[operation.name].encode(output, status)
        headers.append(("x-amz-request-id", self.request_id))
        headers.append(("x-amz-id-2", self.host_id))
        name = operation.name
        if name in WITH_REGION and self.region is not None:
            headers.append(("x-amz-bucket-region", self.region))
        length = None
        if self._head.method == "HEAD":
            length = output.get("ContentLength")
            if name == "HeadBucket":  # aws-recorded:test_create_bucket_head_bucket
                headers.append(("Content-Type", "application/xml"))
        elif not isinstance(body, bytes):
            body = ReadingBody(body)
        response = Response(status, headers, body, length)
        response.operation = name
        response.request_id = self.request_id
        response.account = self.account
        return response

    def respond(self, status: int, headers: list[tuple[str, str]], body: bytes = b"") -> Response:
        """A success whose form is not that of an output of the model."""
        headers.append(("x-amz-request-id", self.request_id))
        headers.append(("x-amz-id-2", self.host_id))
        response = Response(status, headers, body)
        response.operation = self.operation.name if self.operation is not None else ""
        response.request_id = self.request_id
        response.account = self.account
        return response

    def fail(self, error: Exception) -> Response:
        """The S3 error for whatever was raised. What is neither S3's nor a store's is a bug: logged, answered 500."""
        if isinstance(error, S3Error):
            refusal = error
        elif isinstance(error, StoreError):
            refusal = self._translate(error)
        else:
            logger.error("request %s failed", self.request_id, exc_info=error)
            refusal = S3Error("InternalError", reason="a defect of the emulator; its log has the traceback")
        head = self._head
        status, headers, body = encode_error(
            refusal,
            resource=head.target.partition("?")[0],
            request_id=self.request_id,
            host_id=self.host_id,
        )
        length = None
        if head.method == "HEAD":  # the headers of GET without its content (RFC 9110 section 9.3.2)
            length, body = len(body), b""
        if self.region is not None and self.operation is not None and self.operation.name in REFUSED_WITH_REGION:
            headers.append(("x-amz-bucket-region", self.region))
        headers.append(("x-amz-request-id", self.request_id))
        headers.append(("x-amz-id-2", self.host_id))
        response = Response(status, headers, body, length)
        response.operation = self.operation.name if self.operation is not None else ""
        response.request_id = self.request_id
        response.account = self.account
        response.reason = refusal.reason or ""
        return response

    def _translate(self, error: StoreError) -> S3Error:
        refusal = from_store_error(error.with_context(bucket=self.bucket, key=self.key))
        if isinstance(error, NotModifiedError):
            # RFC 9110 section 15.4.5: a 304 says which state it is about.
            details = error.details
            refusal.headers.update({name: details[name] for name in ("ETag", "Last-Modified") if name in details})
        elif isinstance(error, RangeNotSatisfiableError) and "ActualObjectSize" in error.details:
            # RFC 9110 section 15.5.17: a 416 tells the length, by which clients find the end of an object.
            refusal.headers["Content-Range"] = f"bytes */{error.details['ActualObjectSize']}"
        if refusal.status >= 500 and refusal.code != "NotImplemented":
            logger.error("request %s failed in the store", self.request_id, exc_info=error)
        return refusal
