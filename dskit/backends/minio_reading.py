"""GET and HEAD through minio-py, and how a broken body is continued."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from ..errors import UnavailableError
from ..retry import Retrier
from ..types import ReadOptions
from .minio_errors import FOREIGN, stream_error
from .minio_headers import read_headers
from .minio_seam import Answer
from .remote_meta import described, span_of
from .remote_proof import proof_of
from .remote_reading import EmptyBody, RemoteReading

__all__ = ["MinIOReader"]

T = TypeVar("T")


class Send(Protocol):
    """`MinIOCalls.send`, bound to a bucket and key."""

    def __call__(
        self,
        operation: str,
        method: str,
        *,
        query: dict[str, str],
        headers: dict[str, str],
        stream: bool,
        read: Callable[[Answer], Answer],
    ) -> Answer: ...


class MinIOBody:
    """urllib3's response, its errors translated. The stored bytes: a Content-Encoding is the caller's to undo."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def read(self, size: int) -> bytes:
        try:
            return self._answer.read(size, decode_content=False)
        except FOREIGN as error:
            raise stream_error(error) from error

    def close(self) -> None:
        self._answer.close()
        self._answer.release_conn()


class MinIOReader:
    """One read of one object."""

    def __init__(self, key: str, options: ReadOptions, send: Send, retrier: Retrier) -> None:
        self._key = key
        self._options = options
        self._send = send
        self._retrier = retrier
        self._query: dict[str, str] = {}
        if options.version_id is not None:
            self._query["versionId"] = options.version_id
        self._stop = 0
        self._etag = ""

    def open(self) -> RemoteReading:
        answer = self._ask("get", "GET")
        return self._reading(answer, MinIOBody(answer))

    def head(self) -> RemoteReading:
        return self._reading(self._ask("head", "HEAD"), None)

    def _ask(self, operation: str, method: str) -> Answer:
        query = dict(self._query)
        if self._options.part_number is not None:
            query["partNumber"] = str(self._options.part_number)
        headers = read_headers(self._options)
        if method == "GET" and self._whole:
            headers["x-amz-checksum-mode"] = "ENABLED"
        return self._send(
            operation,
            method,
            query=query,
            headers=headers,
            stream=method == "GET",
            read=lambda answer: answer,
        )

    @property
    def _whole(self) -> bool:
        """Whether the checksum of the whole says something of what is asked for."""
        return self._options.range is None and self._options.part_number is None

    def _reading(self, answer: Answer, body: MinIOBody | None) -> RemoteReading:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        try:
            meta, start, self._stop = described(self._key, headers, answer.status, self._options, body=body is not None)
        except BaseException:
            if body is not None:
                body.close()
            raise
        self._etag = meta.etag
        if meta.version_id is not None:
            self._query["versionId"] = meta.version_id
        return RemoteReading(
            meta,
            start=start,
            stop=self._stop,
            partial=answer.status == 206,
            body=body or EmptyBody(),
            head=body is None,
            proof=proof_of(headers) if body is not None and self._whole and answer.status == 200 else None,
            reopen=self._reopen if body is not None else None,
            retrier=self._retrier,
        )

    def _reopen(self, position: int) -> MinIOBody:
        """The same bytes of the same state from `position` on. Raises what `RemoteReading` understands."""
        answer = self._send(
            "get",
            "GET",
            query=dict(self._query),
            headers={"if-match": self._etag, "Range": f"bytes={position}-{self._stop - 1}"},
            stream=True,
            read=lambda answer: answer,
        )
        headers = {name.lower(): value for name, value in answer.headers.items()}
        body = MinIOBody(answer)
        span = span_of(headers, answer.status)[:2]
        if span != (position, self._stop):
            body.close()
            raise UnavailableError(
                f"asked to continue at bytes {position}-{self._stop - 1}, the server sent {span[0]}-{span[1] - 1}",
                operation="get",
                key=self._key,
                code="BadContentRange",
            )
        return body
