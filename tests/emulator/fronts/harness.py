"""A small handler with every kind of answer, and a raw HTTP client that hides nothing."""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from dskit.clock import SystemClock
from dskit.ids import RandomIds
from dskit.types import FileSegment
from dskit_emulator.fronts.loop import Listener, LoopThread, bound_socket
from dskit_emulator.fronts.site import FrontSettings, Observer, Site
from dskit_emulator.messages import Exchange, RequestHead, Response


class BytesBody:
    """`length` bytes in pieces of 64 KiB; fewer when `short`."""

    def __init__(self, log: list[str], length: int, short: int = 0) -> None:
        self.log = log
        self.length = length
        self.short = short

    def segments(self) -> Iterator[bytes]:
        left = self.length - self.short
        while left > 0:
            yield pattern(min(left, 65536))
            left -= 65536

    def close(self) -> None:
        self.log.append("body closed")


class FileBody:
    """A temporary file of `length` bytes as two segments; the file is shorter when `short`."""

    def __init__(self, log: list[str], length: int, short: int = 0) -> None:
        self.log = log
        self.length = length
        self.file = tempfile.TemporaryFile()  # noqa: SIM115
        left = length - short
        while left > 0:
            self.file.write(pattern(min(left, 65536)))
            left -= 65536
        self.file.flush()

    def segments(self) -> Iterable[FileSegment]:
        half = self.length // 2
        fd = self.file.fileno()
        return [FileSegment(fd, 0, half), FileSegment(fd, half, self.length - half)]

    def close(self) -> None:
        self.file.close()
        self.log.append("body closed")


def pattern(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def patterned(length: int) -> bytes:
    return b"".join(pattern(min(65536, length - at)) for at in range(0, length, 65536))


class Upload:
    """Collects a body. What it does besides is in the target."""

    def __init__(self, handler: SampleHandler, head: RequestHead) -> None:
        self.handler = handler
        self.head = head
        self.blocking = "block" in head.target
        self.digest = hashlib.md5()
        self.length = 0
        self.threads: set[str] = set()

    def feed(self, data: bytes | memoryview) -> Response | None:
        self.threads.add(threading.current_thread().name)
        if "wait-feed" in self.head.target:
            self.handler.entered.set()
            self.handler.gate.wait(60)
        if "crash-feed" in self.head.target:
            raise RuntimeError("secret detail")
        self.digest.update(data)
        self.length += len(data)
        if "early" in self.head.target:
            return Response(400, [("Content-Type", "text/plain")], b"enough")
        return None

    def finish(self) -> Response:
        self.threads.add(threading.current_thread().name)
        if "wait-finish" in self.head.target:
            self.handler.entered.set()
            self.handler.gate.wait(60)
        if "crash-finish" in self.head.target:
            raise RuntimeError("secret detail")
        self.handler.log.append(f"stored {self.head.target} {self.length}")
        told = {"length": self.length, "md5": self.digest.hexdigest(), "threads": sorted(self.threads)}
        return Response(200, [("ETag", "x")], json.dumps(told).encode())

    def abort(self) -> None:
        self.handler.log.append(f"aborted {self.head.target}")
        self.handler.aborted.set()


class SampleHandler:
    """What to do is in the target: ``/head``, ``/bytes/N``, ``/file/N``, ``/refuse``, ``/crash``, else an upload."""

    def __init__(self, *, blocking: bool = False) -> None:
        self.blocking = blocking
        self.log: list[str] = []
        self.gate = threading.Event()
        self.entered = threading.Event()
        self.aborted = threading.Event()
        self.opened: list[RequestHead] = []

    def open(self, head: RequestHead, body: bytes | None = None) -> Exchange | Response:
        self.opened.append(head)
        kind, _, rest = head.target[1:].partition("?")[0].partition("/")
        if kind == "head":
            return Response(200, [], json.dumps([head.method, head.target, head.version, head.headers]).encode())
        if kind in ("bytes", "file", "short-bytes", "short-file"):
            kept = (BytesBody if "bytes" in kind else FileBody)(self.log, int(rest), 1000 if "short" in kind else 0)
            return Response(200, [("Content-Type", "binary/octet-stream")], kept)
        if kind == "refuse":
            return Response(403, [("Content-Type", "text/plain")], b"no")
        if kind == "crash":
            raise RuntimeError("secret detail")
        if kind == "inject":
            return Response(200, [("X-Value", "a\r\nX-Forged: yes"), ("X-Wide", "\u20ac")], b"ok")
        if kind == "empty":
            return Response(int(rest))
        if kind == "close":
            return Response(200, [], b"bye", close=True)
        return Upload(self, head)


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class RawClient:
    """A socket and a buffer. Every wait is bounded."""

    def __init__(self, port: int, *, timeout: float = 60.0) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.buffer = b""

    def send(self, data: bytes) -> RawClient:
        self.socket.sendall(data)
        return self

    def request(
        self, method: str, target: str, body: bytes | None = None, *lines: str, version: str = "1.1"
    ) -> RawClient:
        head = [f"{method} {target} HTTP/{version}", "Host: localhost", *lines]
        if body is not None:
            head.append(f"Content-Length: {len(body)}")
        return self.send("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + (body or b""))

    def until(self, mark: bytes) -> bytes:
        while mark not in self.buffer:
            piece = self.socket.recv(65536)
            if not piece:
                raise EOFError(f"connection ended after {self.buffer!r}")
            self.buffer += piece
        found, _, self.buffer = self.buffer.partition(mark)
        return found

    def exactly(self, size: int) -> bytes:
        pieces = [self.buffer]
        have = len(self.buffer)
        while have < size:
            piece = self.socket.recv(262144)
            if not piece:
                raise EOFError(f"connection ended after {have} of {size} bytes")
            pieces.append(piece)
            have += len(piece)
        data = b"".join(pieces)
        self.buffer = data[size:]
        return data[:size]

    def answer(self, *, is_head: bool = False) -> Answer:
        head = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        status = int(head[0].split(" ")[1])
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        length = 0 if is_head or status in (100, 204, 304) else int(headers["content-length"])
        return Answer(status, headers, self.exactly(length))

    def at_end(self) -> bool:
        """The server closed (or reset) the connection and nothing is left."""
        if self.buffer:
            return False
        try:
            return self.socket.recv(1) == b""
        except ConnectionError:
            return True

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> RawClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass
class Front:
    """A listener over a handler."""

    handler: SampleHandler
    site: Site
    port: int
    listener: Listener
    clients: list[RawClient] = field(default_factory=list)

    def client(self, *, timeout: float = 60.0) -> RawClient:
        client = RawClient(self.port, timeout=timeout)
        self.clients.append(client)
        return client


@contextlib.contextmanager
def serving(
    thread: LoopThread,
    handler: SampleHandler | None = None,
    *,
    settings: FrontSettings | None = None,
    observer: Observer | None = None,
    tls: ssl.SSLContext | None = None,
) -> Iterator[Front]:
    handler = handler or SampleHandler()
    site = Site(
        handler,
        thread.workers,
        clock=SystemClock(),
        ids=RandomIds(),
        settings=settings or FrontSettings(),
        observer=observer,
        secure=tls is not None,
    )
    listening = bound_socket("127.0.0.1", 0)
    port = listening.getsockname()[1]
    front = Front(handler, site, port, Listener(thread, site, [listening], tls=tls))
    try:
        yield front
    finally:
        handler.gate.set()
        for client in front.clients:
            client.close()
        front.listener.close()
