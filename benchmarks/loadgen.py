"""The load generator, the same for every server: requests signed beforehand, raw sockets, one thread.

Signing and connecting happen before the clock starts; what is measured is the server. Imports only what costs nothing,
because `bench_startup` signs with it in a cold process.
"""

from __future__ import annotations

import hashlib
import hmac
import selectors
import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

__all__ = ["Load", "Outcome", "Signer", "cpu_seconds", "one_request", "receive"]

PATIENCE = 120.0  # seconds without any answer
EMPTY = hashlib.sha256(b"").hexdigest()


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far, ended threads included: Linux's CPU clock of that process, in ns."""
    return time.clock_gettime((~pid << 3) | 2)


@dataclass
class Signer:
    """SigV4 with an Authorization header, for path-style requests to `port` of this machine."""

    port: int
    access_key: str = "dskit"
    secret_key: str = "dskit-secret"
    region: str = "us-east-1"
    _keys: dict[str, bytes] = field(default_factory=dict)

    def request(
        self, method: str, path: str, query: str = "", body: bytes = b"", *, digest: str | None = None, length: int = -1
    ) -> bytes:
        """A whole request as bytes; with `length` only its head, for a body sent apart whose SHA-256 is `digest`.

        `path` is unquoted, `query` is in canonical form already.
        """
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        date = stamp[:8]
        target = quote(path, safe="/~")
        host = f"127.0.0.1:{self.port}"
        digest = digest or (hashlib.sha256(body).hexdigest() if body else EMPTY)
        canonical = (
            f"{method}\n{target}\n{query}\nhost:{host}\nx-amz-content-sha256:{digest}\nx-amz-date:{stamp}\n\n"
            f"host;x-amz-content-sha256;x-amz-date\n{digest}"
        )
        scope = f"{date}/{self.region}/s3/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.new(self._key(date), text.encode(), "sha256").hexdigest()
        size = length if length >= 0 else len(body)
        authorization = (
            f"AWS4-HMAC-SHA256 Credential={self.access_key}/{scope}, "
            f"SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={signature}"
        )
        lines = [
            f"{method} {target}{'?' + query if query else ''} HTTP/1.1",
            f"Host: {host}",
            f"x-amz-content-sha256: {digest}",
            f"x-amz-date: {stamp}",
            f"Authorization: {authorization}",
            "Accept-Encoding: identity",
            "User-Agent: dskit-loadgen",
        ]
        if size or method in ("PUT", "POST"):
            lines.append(f"Content-Length: {size}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def _key(self, date: str) -> bytes:
        if date not in self._keys:
            key = b"AWS4" + self.secret_key.encode()
            for part in (date, self.region, "s3", "aws4_request"):
                key = hmac.new(key, part.encode(), "sha256").digest()
            self._keys[date] = key
        return self._keys[date]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Seconds on the wall, server's CPU seconds, and the middle and 99th-percentile latency in seconds."""

    requests: int
    seconds: float
    cpu: float
    middle: float
    tail: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    @property
    def cpu_each(self) -> float:
        return self.cpu / self.requests


class _Client:
    """One connection with one request under way."""

    __slots__ = ("buffer", "port", "requests", "selector", "sent_at", "socket", "wanted")

    def __init__(self, port: int, requests: Iterator[bytes], selector: selectors.BaseSelector) -> None:
        self.port = port
        self.requests = requests
        self.selector = selector
        self.buffer = b""
        self.wanted = -1
        self.sent_at = 0.0
        self.socket = self.connect()

    def connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.selector.register(connection, selectors.EVENT_READ, self)
        return connection

    def close(self) -> None:
        self.selector.unregister(self.socket)
        self.socket.close()

    def next(self) -> bool:
        request = next(self.requests, None)
        if request is None:
            return False
        self.sent_at = time.perf_counter()
        if self.socket.fileno() < 0:
            self.socket = self.connect()
        self.socket.sendall(request)
        return True

    def ready(self) -> bool:
        """Read; True when the answer is complete. Raises RuntimeError for an answer that is not a success."""
        data = self.socket.recv(262144)
        if not data:
            raise RuntimeError(f"the server closed the connection after {self.buffer[:300]!r}")
        self.buffer += data
        if self.wanted < 0:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return False
            self.wanted = end + 4 + _length(self.buffer[: end + 2])
        if len(self.buffer) < self.wanted:
            return False
        if b"\r\nconnection: close\r\n" in self.buffer[:4096].lower():
            self.close()  # moto's servers end the connection after each PUT; to connect again is part of their cost
        self.buffer = b""
        self.wanted = -1
        return True


def _length(head: bytes) -> int:
    if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 204")):
        raise RuntimeError(f"not a success: {head[:300]!r}")
    at = head.lower().find(b"\r\ncontent-length:")
    return int(head[at + 17 : head.index(b"\r\n", at + 17)]) if at >= 0 else 0


class Load:
    """Sends requests over `connections` connections, each with one under way, and watches the CPU of `pid`."""

    def __init__(self, port: int, pid: int, connections: int) -> None:
        self.port = port
        self.pid = pid
        self.connections = connections

    def run(self, requests: Sequence[bytes]) -> Outcome:
        share: Iterable[bytes] = iter(requests)  # taken by whichever connection is free
        selector = selectors.DefaultSelector()
        clients = [_Client(self.port, iter(share), selector) for _ in range(self.connections)]
        times: list[float] = []
        cpu = cpu_seconds(self.pid)
        begin = time.perf_counter()
        busy = sum(client.next() for client in clients)
        while busy:
            events = selector.select(PATIENCE)
            if not events:
                raise RuntimeError("the server does not answer")
            for key, _ in events:
                client = key.data
                if client.ready():
                    times.append(time.perf_counter() - client.sent_at)
                    busy -= not client.next()
        seconds = time.perf_counter() - begin
        cpu = cpu_seconds(self.pid) - cpu
        for client in clients:
            if client.socket.fileno() >= 0:
                client.close()
        selector.close()
        times.sort()
        return Outcome(
            len(times), seconds, cpu, times[len(times) // 2], times[min(len(times) - 1, len(times) * 99 // 100)]
        )


def one_request(port: int, request: bytes) -> bytes:
    """Send one request on its own connection; the answer's body. Raises RuntimeError where it is no success."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        return b"".join(receive(connection))


def receive(connection: socket.socket, *, keep: bool = True, head: bool = False) -> Iterator[bytes]:
    """The pieces of an answer's body, with its `head` if wanted, or (not `keep`) just their reception."""
    buffer = b""
    while (end := buffer.find(b"\r\n\r\n")) < 0:
        piece = connection.recv(65536)
        if not piece:
            raise RuntimeError("the server closed the connection")
        buffer += piece
    left = _length(buffer[: end + 2]) - (len(buffer) - end - 4)
    if keep:
        yield buffer if head else buffer[end + 4 :]
    space = memoryview(bytearray(1 << 20))
    while left > 0:
        count = connection.recv_into(space[: min(left, len(space))])
        if not count:
            raise RuntimeError("the server closed the connection")
        left -= count
        if keep:
            yield bytes(space[:count])
