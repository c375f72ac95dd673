"""HTTP messages as values: what a front hands to the service and what it gets back. No I/O here.

The core is push-driven. A front parses a request head, calls `handler.open(head, body)` and gets either a finished
`Response` (refused, or the request needs no body) or an `Exchange`, which it feeds with body bytes as they arrive.
`100-continue` is sent exactly when an `Exchange` was given: that is after authentication.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from dskit.types import FileSegment

__all__ = ["Body", "Exchange", "Handler", "RequestHead", "Response"]


class RequestHead:
    """A request line and headers, unaltered.

    `target` is the raw request target as it was on the wire (percent escapes, ``//`` and dot segments kept).
    `headers` are in wire order with lower-case names, values decoded as latin-1 and stripped of outer blanks;
    None where `index` has them all, no name being repeated.
    """

    __slots__ = ("_headers", "index", "method", "peer", "secure", "target", "version")

    def __init__(
        self,
        method: str,
        target: str,
        headers: list[tuple[str, str]] | None,
        version: str = "1.1",
        peer: str = "",
        secure: bool = False,
        index: dict[str, str] | None = None,
    ) -> None:
        self.method = method
        self.target = target
        self._headers = headers
        self.version = version
        self.peer = peer
        self.secure = secure
        self.index = index if index is not None else _joined(headers or ())
        """Header name to value, repeated ones joined by a comma (RFC 9110 section 5.3)."""

    @property
    def headers(self) -> list[tuple[str, str]]:
        headers = self._headers
        return list(self.index.items()) if headers is None else headers

    @headers.setter
    def headers(self, headers: list[tuple[str, str]]) -> None:
        self._headers = headers

    def get(self, name: str, default: str = "") -> str:
        return self.index.get(name, default)


def _joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    index: dict[str, str] = {}
    for name, value in headers:
        index[name] = f"{index[name]},{value}" if name in index else value
    return index


class Body(Protocol):
    """A response body that is not in memory: `length` bytes in segments; `close` is called once, sent or not."""

    length: int

    def segments(self) -> Iterable[bytes | memoryview | FileSegment]: ...

    def close(self) -> None: ...


class Response:
    """A status, headers in the order in which they go out, and a body.

    The front adds Content-Length, Date, Server and Connection; nothing else. For HEAD set `length` to what GET would
    have had and leave the body empty. `close` asks the front to close the connection afterwards. `operation`,
    `account`, `request_id` and `reason` are for the log.
    """

    __slots__ = ("account", "body", "close", "headers", "length", "operation", "reason", "request_id", "status")

    def __init__(
        self,
        status: int,
        headers: list[tuple[str, str]] | None = None,
        body: bytes | Body = b"",
        length: int | None = None,
        close: bool = False,
    ) -> None:
        self.status = status
        self.headers: list[tuple[str, str]] = headers if headers is not None else []
        self.body = body
        self.length = length
        self.close = close
        self.account = ""
        self.operation = ""
        self.request_id = ""
        self.reason = ""


class Exchange(Protocol):
    """A request whose body is being received.

    `feed` and `finish` may be called on a worker thread, never concurrently. `feed` returns None to go on, or the
    final `Response` when nothing more of the body matters (the front then stops reading: it drains a little or
    closes). `finish` is called once after the last byte. `abort` is called instead when the client went away or the
    server stops; it must leave nothing behind and may be called more than once.
    """

    blocking: bool
    """True: `feed` and `finish` may wait for I/O; the front uses its worker pool and pauses reading."""

    def feed(self, data: bytes | memoryview) -> Response | None: ...

    def finish(self) -> Response: ...

    def abort(self) -> None: ...


class Handler(Protocol):
    """What a front serves. `open` must not block when `blocking` is False.

    `body` is the whole body where it is there already, in one piece. A handler may answer at once what it would have
    answered after being fed; where it gives an `Exchange`, that is fed as ever.
    """

    blocking: bool

    def open(self, head: RequestHead, body: bytes | None = None) -> Exchange | Response: ...
