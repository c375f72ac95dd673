"""Answers on their way out: the head as bytes, small bodies in one piece, long ones in bounded slices.

A long body goes straight from the file or the buffer to the socket (sendfile, write) through a duplicate of the
connection's descriptor, which may be watched for writability beside the loop's own transport; uvloop has no sendfile
of its own and plain asyncio copies what it cannot send at once. TLS has to go through the transport.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from functools import lru_cache

from dskit.types import FileSegment

from ..messages import Body, Exchange, Response
from .site import Site, logger

__all__ = ["Sender", "abort", "discard", "header_bytes", "materialise", "on_one_line", "response_head", "settle"]

_SLICE = 1 << 20
_TURN = 8 << 20  # bytes that one connection sends before the others get their turn


@lru_cache(maxsize=128)
def _status_line(status: int) -> str:
    phrase = "OK" if status == 200 else _phrase(status)
    return f"HTTP/1.1 {status} {phrase}\r\n"


def _phrase(status: int) -> str:
    from http import HTTPStatus  # milliseconds, which a start that goes well need not spend

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Status"


def response_head(response: Response, site: Site, *, is_head: bool, keep: bool, version: str = "1.1") -> bytes:
    """Status line and headers, with Date, Server, Content-Length and, where needed, Connection."""
    status = response.status
    headers = response.headers
    lines = ""
    for name, value in headers:
        lines = f"{lines}{name}: {value}\r\n"
    count = len(headers)
    if lines.count("\n") != count or lines.count("\r") != count or "\0" in lines:
        lines = "".join([f"{name}: {on_one_line(value)}\r\n" for name, value in headers])
    text = f"{_status_line(status)}{site.date()}{lines}"
    if status >= 200 and status not in (204, 304):
        length = response.length
        if length is None or not is_head:
            length = len(response.body) if isinstance(response.body, bytes) else response.body.length
        text += f"Content-Length: {length}\r\n"
    if not keep:
        text += "Connection: close\r\n\r\n"
    else:
        text += "\r\n" if version == "1.1" else "Connection: keep-alive\r\n\r\n"
    return header_bytes(text)


def on_one_line(value: str) -> str:
    """No header value may end its line early, wherever it came from (response-content-disposition=%0D%0A…)."""
    return value.translate(_NO_BREAKS)


def header_bytes(text: str) -> bytes:
    """Headers are latin-1 text of bytes; what cannot be is sent as UTF-8."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()


_NO_BREAKS = {ord("\r"): " ", ord("\n"): " ", 0: " "}


def read_segment(segment: FileSegment) -> bytes:
    """All bytes of a short segment. Raises OSError where the file is shorter than it."""
    data = os.pread(segment.fd, segment.length, segment.offset)
    if len(data) != segment.length:
        raise OSError("a blob is shorter than its record says")
    return data


def materialise(body: Body) -> bytes:
    """A short body as bytes. Raises OSError where the store gives another number of bytes than it announced."""
    try:
        pieces = [read_segment(segment) if isinstance(segment, FileSegment) else segment for segment in body.segments()]
        data = pieces[0] if len(pieces) == 1 and isinstance(pieces[0], bytes) else b"".join(pieces)
    finally:
        body.close()
    if len(data) != body.length:
        raise OSError("a body is not as long as announced")
    return data


def settle(response: Response, *, is_head: bool, most: int) -> None:
    """Have a body of up to `most` bytes in memory, where the reading of it may wait; let go of one that is not sent."""
    if isinstance(response.body, bytes):
        return
    if is_head:
        discard(response)
    elif response.body.length <= most:
        response.body = materialise(response.body)


def discard(response: Response) -> None:
    """Let go of a body that is not sent."""
    if not isinstance(response.body, bytes):
        response.length = response.body.length if response.length is None else response.length
        response.body.close()
        response.body = b""


def abort(exchange: Exchange | None) -> None:
    """Abort an exchange, if there is one; never raises."""
    if exchange is not None:
        try:
            exchange.abort()
        except Exception:  # nobody is left to be told; the log is
            logger.exception("aborting a request failed")


class Sender:
    """Sends one long body after its head, then calls `done(bytes_sent, whole)`, once, unless it was cancelled."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        transport: asyncio.Transport,
        site: Site,
        head: bytes,
        body: Body,
        done: Callable[[int, bool], None],
    ) -> None:
        self._loop = loop
        self._transport = transport
        self._site = site
        self._head = head
        self._body = body
        self._done = done
        self._segments: Iterator[bytes | memoryview | FileSegment] = iter(())
        self._view: memoryview | None = None
        self._file = -1
        self._offset = 0
        self._left = 0
        self._socket = -1
        self._watching = False
        self.fetching = False
        """The store is waited for, not the client."""
        self._ended = False
        self._paused = False
        self.sent = 0

    def start(self) -> None:
        """Send what can be sent at once; the rest follows by callbacks of the loop."""
        self._transport.write(self._head)
        self._segments = iter(self._body.segments())
        self._loop.call_soon(self._choose)

    def _choose(self) -> None:
        """The direct way once the transport holds nothing back, since both write to one socket."""
        if self._ended:
            return
        if not self._site.secure and self._transport.get_write_buffer_size() == 0 and hasattr(os, "sendfile"):
            self._socket = os.dup(self._transport.get_extra_info("socket").fileno())
        self.run()

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False
        self.run()

    def run(self) -> None:
        """Send until the socket is full, the next segment has to be waited for, or it is somebody else's turn."""
        turn = _TURN
        try:
            while not self._ended:
                if self._left == 0 and not self._next():
                    return
                count = self._send_directly() if self._socket >= 0 else self._send_through_transport()
                if count == 0:
                    return
                self._offset += count
                self._left -= count
                self.sent += count
                turn -= count
                if turn <= 0:
                    if not self._watching:
                        self._loop.call_soon(self.run)
                    return
        except OSError:  # the client went away, or the blob is damaged: either way the answer cannot be completed
            self._end(whole=False)

    def _next(self) -> bool:
        """Make the next segment current. False when there is none (yet)."""
        if self.fetching:
            return False
        if self._site.handler.blocking:
            self.fetching = True
            if self._watching:
                self._loop.remove_writer(self._socket)
                self._watching = False
            self._site.submit(self._fetch, self._fetched)
            return False
        return self._take(self._fetch())

    def _fetch(self) -> bytes | memoryview | FileSegment | None:
        try:
            return next(self._segments, None)
        except Exception:  # whatever a store's iterator raises ends this answer, not the loop
            logger.exception("reading a body failed")
            return None

    def _fetched(self, segment: bytes | memoryview | FileSegment | None) -> None:
        self.fetching = False
        if self._ended:
            self._body.close()
        elif self._take(segment):
            self.run()

    def _take(self, segment: bytes | memoryview | FileSegment | None) -> bool:
        room = self._body.length - self.sent
        if segment is None or room == 0:
            self._end(whole=room == 0)
            return False
        if isinstance(segment, FileSegment):
            self._file, self._offset, self._left = segment.fd, segment.offset, min(segment.length, room)
            self._view = None
        else:
            self._view = memoryview(segment).cast("B")
            self._offset, self._left = 0, min(len(self._view), room)
        return self._left > 0 or self._next()

    def _send_directly(self) -> int:
        size = min(self._left, _SLICE)
        try:
            if self._view is None:
                count = os.sendfile(self._socket, self._file, self._offset, size)
                if count == 0:
                    raise OSError("a blob is shorter than its record says")
            else:
                count = os.write(self._socket, self._view[self._offset : self._offset + size])
        except BlockingIOError:
            if not self._watching:
                self._watching = True
                self._loop.add_writer(self._socket, self.run)
            return 0
        return count

    def _send_through_transport(self) -> int:
        if self._paused:
            return 0
        size = min(self._left, _SLICE)
        if self._view is None:
            data: bytes | memoryview = os.pread(self._file, size, self._offset)
            if not data:
                raise OSError("a blob is shorter than its record says")
        else:
            data = self._view[self._offset : self._offset + size]
        self._transport.write(data)
        return len(data)

    def cancel(self) -> None:
        """The connection is gone: let go of the body without a call of `done`."""
        if not self._ended:
            self._ended = True
            self._release()

    def _end(self, *, whole: bool) -> None:
        if not self._ended:
            self._ended = True
            self._release()
            self._done(self.sent, whole)

    def _release(self) -> None:
        if self._watching:
            self._loop.remove_writer(self._socket)
            self._watching = False
        if self._socket >= 0:
            os.close(self._socket)
            self._socket = -1
        self._view = None
        if not self.fetching:
            self._body.close()
