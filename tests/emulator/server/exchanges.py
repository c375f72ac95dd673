"""One connection a request: bytes there, all bytes back."""

from __future__ import annotations

import socket

__all__ = ["exchange", "statuses"]


def exchange(port: int, request: bytes) -> bytes:
    """Send, half-close, read until the server closes: what a client that never talks again sees."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        pieces = []
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                pieces.append(piece)
        except (ConnectionResetError, BrokenPipeError):
            pass
        return b"".join(pieces)


def statuses(answer: bytes) -> list[int]:
    """Of all answers on a connection, interim ones left out."""
    return [
        int(line[9:12])
        for line in answer.split(b"\r\n")
        if line.startswith(b"HTTP/1.1 ") and line[9:12].isdigit() and line[9:12] != b"100"
    ]
