"""Two servers that answer everything with an empty object and keep who asked: an endpoint, and another address that
must not be asked."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import NamedTuple, Self

__all__ = ["Asked", "Asking"]


class Asking(NamedTuple):
    port: int
    method: str
    authorization: str | None
    encoding: str | None


class Asked:
    """`url` and `other` are the addresses, `requests` what came to both."""

    def __init__(self) -> None:
        self.requests: list[Asking] = []
        requests = self.requests

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                port, headers = self.connection.getsockname()[1], self.headers
                requests.append(
                    Asking(port, self.command, headers.get("Authorization"), headers.get("Accept-Encoding"))
                )
                self.send_response(200)
                self.send_header("ETag", '"x"')
                self.send_header("Last-Modified", "Sat, 28 Nov 2026 00:00:00 GMT")
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        self._servers = [ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(2)]
        self.url, self.other = (f"http://127.0.0.1:{server.server_port}" for server in self._servers)

    def __enter__(self) -> Self:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()
