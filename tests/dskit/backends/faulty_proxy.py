"""A TCP proxy before an S3 endpoint that loses, cuts and delays answers, as told."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Self
from urllib.parse import urlsplit


class Fault(NamedTuple):
    """What happens to one request. `forward`: the endpoint gets it. Then `answer` or the endpoint's own goes back, of
    it the body's first `body_bytes` bytes; None of both with `lose`: the connection is reset; `stall`: silence."""

    forward: bool = True
    answer: bytes | None = None
    body_bytes: int | None = None
    lose: bool = False
    stall: bool = False


PASS = Fault()
LOSE_REQUEST = Fault(forward=False, lose=True)
LOSE_ANSWER = Fault(lose=True)
STALL = Fault(stall=True)


def cut(body_bytes: int) -> Fault:
    """The answer breaks off after so many bytes of its body."""
    return Fault(body_bytes=body_bytes)


def answer(status: int, code: str = "", *, forward: bool = False, extra: str = "", body: bytes | None = None) -> Fault:
    """An answer of the proxy's own: an S3 error document, or `body`."""
    document = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>said the proxy</Message></Error>".encode()
    content = document if body is None else body
    head = (
        f"HTTP/1.1 {status} Reason\r\nContent-Type: application/xml\r\n{extra}"
        f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    )
    return Fault(forward=forward, answer=head.encode() + content)


class Request(NamedTuple):
    method: str
    target: str
    headers: dict[str, str]


@dataclass
class FaultyProxy:
    """Serves one request a connection. `plan` is used up from the front; then everything passes.

    `requests` are those that came, in order. Use as a context manager; `url` is where clients connect.
    """

    upstream: str
    plan: list[Fault] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            head, body = _read_request(client)
            if not head:
                return
            method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
            self.requests.append(Request(method, target, _headers(head)))
            fault = self.plan.pop(0) if self.plan else PASS
            given = self._forward(head, body) if fault.forward else b""
            if fault.stall:
                self._ended.wait(20)
            elif fault.lose:
                # A reset, not an orderly end: linger 0.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                client.sendall(_shortened(fault.answer or given, fault.body_bytes))

    def _forward(self, head: bytes, body: bytes) -> bytes:
        parts = urlsplit(self.upstream)
        head = b"\r\n".join(line for line in head.split(b"\r\n") if not line.lower().startswith(b"expect:"))
        with socket.create_connection((parts.hostname or "", parts.port or 80)) as upstream:
            upstream.sendall(head[:-2] + b"Connection: close\r\n\r\n" + body)
            return b"".join(_until_closed(upstream))


def _read_request(client: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        received = client.recv(65536)
        if not received:
            return b"", b""
        data += received
    head, _, body = data.partition(b"\r\n\r\n")
    head += b"\r\n\r\n"
    headers = _headers(head)
    if "100-continue" in headers.get("expect", ""):
        client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    length = int(headers.get("content-length", "0"))
    while len(body) < length:
        received = client.recv(65536)
        if not received:
            break
        body += received
    return head, body


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}


def _until_closed(upstream: socket.socket) -> Iterator[bytes]:
    while data := upstream.recv(65536):
        yield data


def _shortened(whole: bytes, body_bytes: int | None) -> bytes:
    if body_bytes is None:
        return whole
    head, blank, body = whole.partition(b"\r\n\r\n")
    return head + blank + body[:body_bytes]
