"""The load generator, the same for every server: requests signed beforehand, raw sockets, one thread.

Signing and connecting happen before the clock starts; what is measured is the server.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .client import PATIENCE, body_length

__all__ = ["Load", "Outcome", "cpu_seconds"]


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far, ended threads included: Linux's CPU clock of that process, in ns."""
    return time.clock_gettime((~pid << 3) | 2)


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
            self.wanted = end + 4 + body_length(self.buffer[: end + 2])
        if len(self.buffer) < self.wanted:
            return False
        if b"\r\nconnection: close\r\n" in self.buffer[:4096].lower():
            self.close()  # moto's servers end the connection after each PUT; to connect again is part of their cost
        self.buffer = b""
        self.wanted = -1
        return True


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
