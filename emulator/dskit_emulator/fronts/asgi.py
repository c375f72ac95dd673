"""ASGI 3: the same handler inside somebody else's server or application.

What ASGI cannot carry is lost here and only here: the answer to `Expect: 100-continue` is the server's, and the target
is `raw_path` as the server reports it (ASGI allows a server to leave it out; then the path is quoted anew).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any
from urllib.parse import quote

from dskit.ids import Ids, RandomIds
from dskit.types import FileSegment

from ..messages import Exchange, Handler, RequestHead, Response
from . import refusals
from .sending import header_bytes, on_one_line
from .site import logger

__all__ = ["AsgiApp"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_SLICE = 1 << 18


class AsgiApp:
    """An ASGI application over a handler. `close` is called at lifespan shutdown."""

    def __init__(
        self,
        handler: Handler,
        *,
        ids: Ids | None = None,
        inline_bytes: int = 65536,
        close: Callable[[], None] | None = None,
    ) -> None:
        self._handler = handler
        self._ids = ids or RandomIds()
        self._inline_bytes = inline_bytes
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(_head(scope), receive, send)
        else:
            raise ValueError(f"an S3 endpoint has no {scope['type']} connections")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            kind = (await receive())["type"]
            if kind == "lifespan.shutdown" and self._close is not None:
                await asyncio.to_thread(self._close)
            await send({"type": f"{kind}.complete"})
            if kind == "lifespan.shutdown":
                return

    async def _http(self, head: RequestHead, receive: Receive, send: Send) -> None:
        exchange: Exchange | None = None
        try:
            opened = await _run(self._handler.blocking, self._handler.open, head)
            if isinstance(opened, Response):
                response: Response | None = opened
            else:
                exchange = opened
                response = await self._receive(exchange, receive)
        except Exception:  # the last line of defence, as in the socket front: no traceback reaches the wire
            logger.exception("a request failed")
            response = refusals.internal_error(self._ids)
        except BaseException:
            if exchange is not None:
                exchange.abort()
            raise
        else:
            exchange = None
        if exchange is not None:
            await _run(exchange.blocking, exchange.abort)
        if response is not None:
            await self._respond(head, response, send)

    async def _receive(self, exchange: Exchange, receive: Receive) -> Response | None:
        """Feed the body. None: the client is gone."""
        while True:
            event = await receive()
            if event["type"] == "http.disconnect":
                await _run(exchange.blocking, exchange.abort)
                return None
            body = event.get("body", b"")
            if body:
                pooled = exchange.blocking or len(body) > self._inline_bytes
                response: Response | None = await _run(pooled, exchange.feed, body)
                if response is not None:
                    await _run(exchange.blocking, exchange.abort)
                    return response
            if not event.get("more_body", False):
                finished: Response = await _run(exchange.blocking, exchange.finish)
                return finished

    async def _respond(self, head: RequestHead, response: Response, send: Send) -> None:
        body = response.body
        size = len(body) if isinstance(body, bytes) else body.length
        length = response.length if head.method == "HEAD" and response.length is not None else size
        headers = [(name.lower().encode(), header_bytes(on_one_line(value))) for name, value in response.headers]
        if response.status not in (204, 304):
            headers.append((b"content-length", b"%d" % length))
        try:
            await send({"type": "http.response.start", "status": response.status, "headers": headers})
            if head.method == "HEAD":
                pass
            elif isinstance(body, bytes):
                await send({"type": "http.response.body", "body": body})
                return
            else:
                pieces = _pieces(body.segments())
                while (piece := await _run(self._handler.blocking, next, pieces, None)) is not None:
                    await send({"type": "http.response.body", "body": bytes(piece), "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            if not isinstance(body, bytes):
                body.close()


async def _run(pooled: bool, function: Callable[..., Any], *arguments: Any) -> Any:
    return await asyncio.to_thread(function, *arguments) if pooled else function(*arguments)


def _pieces(segments: Any) -> Iterator[bytes | memoryview]:
    for segment in segments:
        if isinstance(segment, FileSegment):
            for offset in range(0, segment.length, _SLICE):
                size = min(_SLICE, segment.length - offset)
                piece = os.pread(segment.fd, size, segment.offset + offset)
                if len(piece) != size:
                    raise OSError("a blob is shorter than its record says")
                yield piece
        else:
            view = memoryview(segment)
            for offset in range(0, len(view), _SLICE):
                yield view[offset : offset + _SLICE]


def _head(scope: Scope) -> RequestHead:
    raw = scope.get("raw_path")
    path = raw.decode("latin-1") if raw else quote(scope["path"], safe="/~")
    root = scope.get("root_path", "")
    if root and path.startswith(root + "/"):
        path = path[len(root) :]
    query = scope.get("query_string", b"").decode("latin-1")
    client = scope.get("client")
    return RequestHead(
        scope["method"],
        f"{path}?{query}" if query else path,
        [(name.decode("latin-1").lower(), value.decode("latin-1").strip(" \t")) for name, value in scope["headers"]],
        version=scope.get("http_version", "1.1"),
        peer=f"{client[0]}:{client[1]}" if client else "",
        secure=scope.get("scheme") == "https",
    )
