"""GetObject and HeadObject through boto3, and how a broken body is continued."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from urllib3.exceptions import HTTPError

from ..errors import UnavailableError
from ..retry import Retrier
from ..types import ReadOptions
from .remote_meta import described, span_of
from .remote_proof import Proof
from .remote_reading import EmptyBody, RemoteReading
from .s3_errors import FOREIGN, stream_error
from .s3_params import read_params

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

__all__ = ["S3Reader"]


_BROKEN: tuple[type[Exception], ...] = (*FOREIGN, HTTPError)
"""botocore translates only some of what urllib3 raises while a body is read."""


class Call(Protocol):
    """`S3Calls.call`, bound to a bucket and key."""

    def __call__(self, operation: str, call: Callable[[], Any]) -> Any: ...


class S3Body:
    """botocore's streaming body, its errors translated. It verifies the checksum of one answer that is read to the
    end; `proof` is that of bytes that come in several, of which this is not the first."""

    def __init__(self, body: Any, proof: Proof | None = None) -> None:
        self._body = body
        self._proof = proof

    def read(self, size: int) -> bytes:
        try:
            data: bytes = self._body.read(size)
        except _BROKEN as error:
            raise stream_error(error) from error
        if self._proof is not None:
            if data:
                self._proof.update(data)
            else:
                self._proof.check()
        return data

    def close(self) -> None:
        self._body.close()


class S3Reader:
    """One read of one object."""

    def __init__(
        self, client: S3Client, bucket: str, key: str, options: ReadOptions, call: Call, retrier: Retrier
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._key = key
        self._options = options
        self._call = call
        self._retrier = retrier
        self._stop = 0
        self._etag = ""
        self._version: str | None = None
        self._proof: Proof | None = None

    def open(self) -> RemoteReading:
        send = read_params(self._options)
        if self._options.range is None:
            # botocore verifies it. With a range some servers send the checksum of the whole, which would not match.
            send["ChecksumMode"] = "ENABLED"
        answer = self._call("get", lambda: self._client.get_object(Bucket=self._bucket, Key=self._key, **send))
        metadata, body = answer["ResponseMetadata"], answer["Body"]
        if algorithm := metadata.get("ChecksumAlgorithm"):
            # botocore's own hasher, which has seen what the first answer brought when the second goes on.
            self._proof = Proof(body.checksum, metadata["HTTPHeaders"][f"x-amz-checksum-{algorithm}"])
        return self._reading(answer, S3Body(body))

    def head(self) -> RemoteReading:
        send = read_params(self._options)
        answer = self._call("head", lambda: self._client.head_object(Bucket=self._bucket, Key=self._key, **send))
        return self._reading(answer, None)

    def _reading(self, answer: Mapping[str, Any], body: S3Body | None) -> RemoteReading:
        metadata = answer["ResponseMetadata"]
        headers, status = metadata["HTTPHeaders"], metadata["HTTPStatusCode"]
        try:
            meta, start, self._stop = described(self._key, headers, status, self._options, body=body is not None)
        except BaseException:
            if body is not None:
                body.close()
            raise
        self._etag, self._version = meta.etag, meta.version_id
        return RemoteReading(
            meta,
            start=start,
            stop=self._stop,
            partial=status == 206,
            body=body or EmptyBody(),
            head=body is None,
            reopen=self._reopen if body is not None else None,
            retrier=self._retrier,
        )

    def _reopen(self, position: int) -> S3Body:
        """The same bytes of the same state from `position` on. Raises what `RemoteReading` understands."""
        send: dict[str, Any] = {"IfMatch": self._etag, "Range": f"bytes={position}-{self._stop - 1}"}
        if self._version is not None:
            send["VersionId"] = self._version
        answer = self._call("get", lambda: self._client.get_object(Bucket=self._bucket, Key=self._key, **send))
        metadata = answer["ResponseMetadata"]
        body = S3Body(answer["Body"], self._proof)
        span = span_of(metadata["HTTPHeaders"], metadata["HTTPStatusCode"])[:2]
        if span != (position, self._stop):
            body.close()
            raise UnavailableError(
                f"asked to continue at bytes {position}-{self._stop - 1}, the server sent {span[0]}-{span[1] - 1}",
                operation="get",
                bucket=self._bucket,
                key=self._key,
                code="BadContentRange",
            )
        return body
