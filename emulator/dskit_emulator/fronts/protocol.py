"""HTTP/1.1 on sockets: one `Connection` for each client, over a `Handler` that knows nothing of I/O.

Requests are answered in the order in which they came. What does not wait runs inline on the event loop; handlers and
exchanges that block, and body pieces longer than `inline_bytes`, run on the site's workers, one job at a time for each
connection, while reading goes on into a bounded buffer.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from functools import partial

from ..messages import Response
from . import refusals
from .pace import Pace, waiting_bytes
from .reading import Message, RequestReader
from .sending import Sender, abort, discard, response_head, settle
from .site import Site, logger

__all__ = ["Connection"]

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close at once, with RST
_JOIN = 16384  # up to here head and body are copied into one piece


class Connection(asyncio.Protocol):
    """One client's connection. All methods run on the loop's thread; only `_step` runs on workers too."""

    def __init__(self, site: Site, loop: asyncio.AbstractEventLoop) -> None:
        self._site = site
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._queue: deque[Message] = deque()
        self._reader: RequestReader
        self._busy = False  # a job runs, or a long body is being sent
        self._sender: Sender | None = None
        self._yielded = False  # the rest of a burst waits for its turn
        self._write_paused = False
        self._read_paused = False
        self._broken = False  # what came is not HTTP
        self._eof = False
        self._ending = False  # no more requests are read; those in the queue are still answered
        self._final = False  # the last answer was begun
        self._linger = False  # the last answer is out, and the client may still be sending
        self._discarded = 0
        self._lost = False
        self._active = 0.0  # when a request, or something of one, last arrived or was answered
        self._head_since = 0.0
        self._pace = Pace(site.settings.least_rate, site.settings.tick)
        self._timer: asyncio.TimerHandle | None = None

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        site = self._site
        self._transport = transport  # type: ignore[assignment]
        peer = transport.get_extra_info("peername")
        name = f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else ""
        self._reader = RequestReader(
            self._queue, site.settings, site.ids, site.plain_heads, peer=name, secure=site.secure
        )
        self._active = self._loop.time()
        self._timer = self._loop.call_later(site.settings.tick, self._check_time)
        site.links.add(self)
        if site.closing:
            self.reset()

    def data_received(self, data: bytes) -> None:
        if self._linger:
            self._discarded += len(data)
            if self._discarded > self._site.settings.linger_bytes:
                self.reset()
            return
        if self._broken or (self._ending and not self._reader.in_body):
            return
        reader = self._reader
        in_head = reader.in_head
        refusal = reader.feed(data)
        if refusal is not None:
            self._break_off(refusal)
        if self._queue or reader.in_head:  # blank lines between requests are no activity
            self._active = self._loop.time()
            if reader.in_head and (reader.begun or not in_head):
                self._head_since = self._active
        self._pump()
        if self._queue or self._read_paused:
            self._regulate()

    def eof_received(self) -> bool | None:
        """The client sends no more. What it asked completely is still answered (a half-closed connection)."""
        self._ending = self._eof = True
        message = self._queue[-1] if self._queue else None
        if message is not None and not message.complete:
            message.refusal = refusals.incomplete_body(self._site.ids, message.length, message.received)
        self._pump()
        return bool(self._queue or self._busy) and not self._linger and not self._site.secure

    def connection_lost(self, exc: BaseException | None) -> None:
        self._lost = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._sender is not None:
            sender, self._sender = self._sender, None
            sender.cancel()
            self._busy = False
        if not self._busy:
            for message in self._queue:
                self._drop(message)
            self._queue.clear()
        self._reader.close()
        self._site.forget(self)

    def pause_writing(self) -> None:
        self._write_paused = True
        if self._sender is not None:
            self._sender.pause()

    def resume_writing(self) -> None:
        self._write_paused = False
        if self._sender is not None:
            self._sender.resume()
        else:
            self._pace.rest()
        self._continue()

    # The site's side

    def shutdown(self) -> None:
        """Graceful end: an idle connection closes now, one with a request under way after its answer."""
        self._ending = True
        if not self._queue and self._transport is not None:
            self._transport.close()

    def reset(self) -> None:
        """Cut the connection with RST, so that no client goes on against a port that may soon be someone else's."""
        transport = self._transport
        if transport is None or self._lost:
            return
        plain = transport.get_extra_info("socket")
        if plain is not None:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        transport.abort()

    # Requests

    def _pump(self) -> None:
        """Do all that can be done now for the requests in the queue."""
        site = self._site
        queue = self._queue
        burst = site.settings.burst
        while queue and not self._busy and not self._write_paused and not self._lost:
            message = queue[0]
            if message.answered:
                if not message.complete and message.refusal is None:
                    break
                queue.popleft()
                if self._final:
                    queue.clear()
                continue
            if message.refusal is not None:
                self._refuse(message, message.refusal)
                continue
            exchange = message.exchange
            if exchange is None:
                if burst == 0:
                    self._yielded = True
                    self._loop.call_soon(self._take_turn)
                    break
                burst -= 1
                if site.observer is not None:
                    message.started = self._loop.time()
                pooled = site.handler.blocking
            elif message.size or message.complete:
                pooled = exchange.blocking or message.size > site.settings.inline_bytes
            else:
                break
            if pooled:
                self._busy = True
                job = partial(self._step, message, message.take(), message.complete)
                site.submit(job, partial(self._stepped, message))
                break
            response = self._step(message, None, message.complete)
            if response is not None:
                self._respond(message, response)
            elif message.expect:
                self._proceed(message, None)
        if (self._ending or self._final) and not queue and not self._busy and not self._linger:
            assert self._transport is not None
            self._transport.close()

    def _step(self, message: Message, chunks: list[bytes] | None, complete: bool) -> Response | None:
        """Open, feed, finish: as much as there is. Never raises. None: more is needed.

        On a worker `chunks` are what to feed, and `message` is not looked at for more, since the loop goes on filling
        it. On the loop they are None, and an exchange that belongs on a worker is only opened.
        """
        inline_bytes = self._site.settings.inline_bytes
        try:
            response: Response | None = None
            exchange = message.exchange
            if exchange is None:
                assert message.head is not None
                light = message.size <= inline_bytes
                pieces = message.chunks if chunks is None and light else chunks
                body = pieces[0] if complete and pieces is not None and len(pieces) == 1 else None
                opened = self._site.handler.open(message.head, body)
                if isinstance(opened, Response):
                    response = opened
                else:
                    message.exchange = exchange = opened
                    if chunks is None and (exchange.blocking or not light):
                        return None
            if exchange is not None:
                for chunk in message.take() if chunks is None else chunks:
                    response = exchange.feed(chunk)
                    if response is not None:
                        exchange.abort()
                        break
                else:
                    response = exchange.finish() if complete else None
            if response is not None and not isinstance(response.body, bytes):
                settle(response, is_head=message.is_head, most=inline_bytes)
            return response
        except Exception:  # the last line of defence: whatever went wrong, the client gets S3's InternalError
            logger.exception("a request failed")
            abort(message.exchange)
            return refusals.internal_error(self._site.ids)

    def _stepped(self, message: Message, response: Response | None) -> None:
        """A job came back to the loop."""
        self._busy = False
        if self._lost:
            if response is not None:
                message.exchange = None
                discard(response)
            for waiting in self._queue:
                self._drop(waiting)
            self._queue.clear()
            return
        self._proceed(message, response)
        self._continue()

    def _proceed(self, message: Message, response: Response | None) -> None:
        if response is not None:
            self._respond(message, response)
        elif message.expect and not message.received and not message.complete:
            message.expect = False
            assert self._transport is not None
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _take_turn(self) -> None:
        self._yielded = False
        self._continue()

    def _continue(self) -> None:
        if not self._lost:
            self._pump()
            self._regulate()

    def _regulate(self) -> None:
        """Stop reading while there is more than can be worked on, so that a client cannot fill the memory."""
        queue = self._queue
        stalled = self._busy or self._write_paused or self._yielded
        full = stalled and (len(queue) > 1 or (bool(queue) and queue[0].size >= self._site.settings.buffer_bytes))
        if full != self._read_paused and self._transport is not None and not self._transport.is_closing():
            self._read_paused = full
            if full:
                self._transport.pause_reading()
            else:
                self._active = self._loop.time()
                self._transport.resume_reading()

    # Answers

    def _respond(self, message: Message, response: Response) -> None:
        site = self._site
        message.answered = True
        message.exchange = None
        if message.chunks:
            message.take()
        keep = message.keep and not response.close and not site.closing
        if keep and not message.complete:
            rest = message.length - message.received
            # After `Expect` without 100 nobody knows whether the body comes; a long one is not worth reading.
            keep = message.length >= 0 and not message.expect and rest <= site.settings.drain_bytes
        self._final = not keep
        is_head = message.is_head
        version = message.head.version if message.head is not None else "1.1"
        lines = response_head(response, site, is_head=is_head, keep=keep, version=version)
        transport = self._transport
        assert transport is not None
        body = b"" if is_head else response.body
        if isinstance(body, bytes):
            if len(body) <= _JOIN:
                transport.write(lines + body)
            else:  # not `writelines`: asyncio's, before 3.12.9 and 3.13.2, never says that it is full (CVE-2024-12254)
                transport.write(lines)
                transport.write(body)
            if self._final or site.observer is not None:
                self._sent(message, response, len(body), True)
        else:
            self._busy = True
            self._sender = Sender(self._loop, transport, site, lines, body, partial(self._sent, message, response))
            self._sender.start()

    def _sent(self, message: Message, response: Response, count: int, whole: bool) -> None:
        self._active = self._loop.time()
        if self._final and not message.complete and whole:
            self._start_lingering()
        if self._site.observer is not None:
            seconds = self._active - message.started if message.started else 0.0
            self._site.notify(message.head, response, count, seconds)
        if self._sender is not None:
            self._sender = None
            self._busy = False
            if not whole:
                self.reset()
                return
            self._continue()

    def _refuse(self, message: Message, refusal: Response) -> None:
        self._drop(message)
        self._respond(message, refusal)

    def _break_off(self, refusal: Response) -> None:
        """What arrived is not HTTP (any more). Earlier requests are answered, then this, then the end."""
        message = self._queue[-1] if self._queue else None
        if message is None or message.complete:
            message = Message(None)
            self._queue.append(message)
        message.refusal = refusal
        self._ending = self._broken = True

    def _start_lingering(self) -> None:
        """RFC 9112 section 9.6: closing on a client that still sends makes it lose the answer; so half-close first."""
        assert self._transport is not None
        self._linger = True
        self._queue.clear()
        if self._eof:
            self._transport.close()
        elif self._transport.can_write_eof():
            self._transport.write_eof()

    def _drop(self, message: Message) -> None:
        """What was begun for it comes to nothing."""
        exchange, message.exchange = message.exchange, None
        if exchange is not None and exchange.blocking:
            self._site.submit(partial(abort, exchange), _ignore)
        else:
            abort(exchange)

    def _end(self) -> None:
        """Close; where even that makes no progress (the client does not take the rest), cut."""
        assert self._transport is not None
        if self._transport.is_closing():
            self.reset()
        else:
            self._transport.close()

    # Time

    def _check_time(self) -> None:
        """Runs every `tick` seconds instead of being armed anew for each request."""
        settings = self._site.settings
        now = self._loop.time()
        message = self._queue[0] if self._queue else None
        sender, transport, pace = self._sender, self._transport, self._pace
        assert transport is not None
        client_takes = self._write_paused if sender is None else not sender.fetching
        if client_takes:
            taken = (0 if sender is None else sender.sent) - waiting_bytes(transport)
            if pace.is_late(sender or transport, taken, now, settings.write_seconds):
                self.reset()
                return
        elif self._busy or self._yielded:
            pace.rest()  # it is not the client who is slow
        elif self._linger:
            if pace.is_late(self, self._discarded, now, settings.linger_seconds):
                self._end()
        elif message is not None:
            if pace.is_late(message, message.received, now, settings.body_seconds):
                message.refusal = refusals.timed_out(self._site.ids, "body")
                self._ending = self._broken = True
                self._pump()
        elif self._reader.in_head:
            if now - self._head_since >= settings.head_seconds:
                self._break_off(refusals.timed_out(self._site.ids, "request head"))
                self._pump()
        elif now - self._active >= settings.idle_seconds:
            self._end()
        if not self._lost:
            self._timer = self._loop.call_later(settings.tick, self._check_time)


def _ignore(_: object) -> None:
    """Nobody waits for it."""
