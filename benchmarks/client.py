"""A client of few lines: signs a request, sends it through a raw socket and reads the answer.

Imports only what costs nothing, because `bench_startup` asks with it in a cold process: what is measured is the server.
"""

from __future__ import annotations

import hashlib
import hmac
import socket
import time
from collections.abc import Iterator
from urllib.parse import quote

__all__ = ["PATIENCE", "Signer", "body_length", "one_request", "receive"]

PATIENCE = 120.0  # seconds without any answer
EMPTY = hashlib.sha256(b"").hexdigest()


class Signer:
    """SigV4 with an Authorization header, for path-style requests to `port` of this machine."""

    def __init__(
        self, port: int, access_key: str = "dskit", secret_key: str = "dskit-secret", region: str = "us-east-1"
    ) -> None:
        self.port = port
        self.access_key = access_key
        self.secret_key = secret_key
        self.region = region
        self._keys: dict[str, bytes] = {}

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


def one_request(port: int, request: bytes) -> bytes:
    """Send one request on its own connection; the answer's body. Raises RuntimeError where it is no success."""
    with socket.socket() as connection:
        connection.settimeout(PATIENCE)
        connection.connect(("127.0.0.1", port))
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
    left = body_length(buffer[: end + 2]) - (len(buffer) - end - 4)
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


def body_length(head: bytes) -> int:
    if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 204")):
        raise RuntimeError(f"not a success: {head[:300]!r}")
    at = head.lower().find(b"\r\ncontent-length:")
    return int(head[at + 17 : head.index(b"\r\n", at + 17)]) if at >= 0 else 0
