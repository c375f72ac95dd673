"""A server that does nothing: it answers every request with the next of some recorded answers, byte for byte.

What a client takes with it is the client's own time: no server can be faster.
`python -m benchmarks.replay ANSWERS READY`.
"""

from __future__ import annotations

import pickle
import socket
import sys
from pathlib import Path

__all__ = ["serve"]


def serve(answers: list[bytes], ready: Path) -> None:
    """One connection after the other, requests without bodies; the answers begin again when all were given."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ready.write_text(f"http://127.0.0.1:{listening.getsockname()[1]}\n")
        at = 0
        while True:
            connection, _ = listening.accept()
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                request = b""
                while piece := connection.recv(65536):
                    request += piece
                    if request.endswith(b"\r\n\r\n"):
                        connection.sendall(answers[at % len(answers)])
                        at += 1
                        request = b""


if __name__ == "__main__":
    serve(pickle.loads(Path(sys.argv[1]).read_bytes()), Path(sys.argv[2]))
