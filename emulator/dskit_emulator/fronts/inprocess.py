"""boto3 without a socket: botocore's `before-send` event answered by a handler in the caller's own thread."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from dskit.ids import Ids, RandomIds
from dskit.types import FileSegment

from ..messages import Exchange, Handler, RequestHead, Response
from . import refusals
from .site import logger

__all__ = ["connect"]

_CHUNK = 1 << 18


def connect(client: Any, handler: Handler, *, ids: Ids | None = None) -> None:
    """Let all S3 requests of a boto3 client be answered by `handler`; nothing goes to the network any more."""
    door = _Door(handler, ids or RandomIds())
    client.meta.events.register_first("before-send.s3", door.send, unique_id="dskit-in-process")


class _Raw(io.RawIOBase):
    """What botocore expects of urllib3's response: `read` and `stream`."""

    def __init__(self, response: Response, method: str) -> None:
        super().__init__()
        self._body = response.body
        self._pieces = _pieces(response, method)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def read(self, amt: int | None = -1, **_: Any) -> bytes:
        """urllib3's signature; a short read only at the end."""
        if amt is None or amt < 0:
            return self.readall()
        pieces = []
        while amt > 0 and (piece := super().read(amt)):
            pieces.append(piece)
            amt -= len(piece)
        return b"".join(pieces)

    def close(self) -> None:
        if not self.closed and not isinstance(self._body, bytes):
            self._body.close()
        super().close()

    def stream(self, amt: int = _CHUNK, **_: Any) -> Iterator[bytes]:
        while piece := self.read(amt):
            yield piece


class _Door:
    def __init__(self, handler: Handler, ids: Ids) -> None:
        self._handler = handler
        self._ids = ids

    def send(self, request: Any, **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse

        head = _head(request)
        try:
            response = self._handle(head, request.body)
        except Exception:  # as on a socket: a defect of the server is S3's InternalError for the client
            logger.exception("a request failed")
            response = refusals.internal_error(self._ids)
        headers = _headers(response, head.method)
        return AWSResponse(request.url, response.status, headers, _Raw(response, head.method))

    def _handle(self, head: RequestHead, body: Any) -> Response:
        opened = self._handler.open(head)
        if isinstance(opened, Response):
            return opened
        try:
            return _upload(opened, body)
        except BaseException:
            opened.abort()
            raise


def _upload(exchange: Exchange, body: Any) -> Response:
    for chunk in _chunks(body):
        response = exchange.feed(chunk)
        if response is not None:
            exchange.abort()
            return response
    return exchange.finish()


def _chunks(body: Any) -> Iterator[bytes | memoryview]:
    if body is None:
        return
    if isinstance(body, str):
        body = body.encode()
    if isinstance(body, bytes | bytearray | memoryview):
        if body:
            yield memoryview(body)
    elif hasattr(body, "read"):
        while piece := body.read(_CHUNK):
            yield piece.encode() if isinstance(piece, str) else piece
    else:
        yield from body


def _head(request: Any) -> RequestHead:
    url = urlsplit(request.url)
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    headers = [(_text(name).lower(), _text(value).strip(" \t")) for name, value in request.headers.items()]
    if not any(name == "host" for name, _ in headers):
        headers.insert(0, ("host", url.netloc))
    names = {name for name, _ in headers}
    if "content-length" not in names and isinstance(request.body, bytes | bytearray) and request.body:
        headers.append(("content-length", str(len(request.body))))
    return RequestHead(request.method, target, headers, peer="in-process", secure=url.scheme == "https")


def _text(value: Any) -> str:
    """A header as it would have come from a socket: botocore writes and signs text as UTF-8."""
    raw: bytes = value if isinstance(value, bytes) else str(value).encode()
    return raw.decode("latin-1")


def _headers(response: Response, method: str) -> Any:
    from botocore.compat import HTTPHeaders

    headers = HTTPHeaders()
    for name, value in response.headers:
        headers.add_header(name, value)
    if response.status not in (204, 304):
        size = len(response.body) if isinstance(response.body, bytes) else response.body.length
        length = response.length if method == "HEAD" and response.length is not None else size
        headers.add_header("Content-Length", str(length))
    return headers


def _pieces(response: Response, method: str) -> Iterator[bytes]:
    body = response.body
    if isinstance(body, bytes):
        if method != "HEAD" and body:
            yield body
        return
    try:
        for segment in body.segments() if method != "HEAD" else ():
            if not isinstance(segment, FileSegment):
                yield bytes(segment)
                continue
            for offset in range(0, segment.length, _CHUNK):
                size = min(_CHUNK, segment.length - offset)
                piece = os.pread(segment.fd, size, segment.offset + offset)
                if len(piece) != size:
                    raise OSError("a blob is shorter than its record says")
                yield piece
    finally:
        body.close()
