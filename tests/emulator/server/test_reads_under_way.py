"""What the server is sending stays what it was, whatever becomes of the object: memory, files, parts, ranges."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import dskit
from dskit_emulator import Endpoint, Server

MIB = 1024 * 1024
BODY = b"".join(bytes([65 + number]) * MIB for number in range(12))  # more than sockets hold
PARTS = 70  # more than a read on disk holds open


@pytest.fixture(params=["memory", "disk"])
def endpoint(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Endpoint]:
    data: dict[str, Any] = {} if request.param == "memory" else {"data": tmp_path / "store"}
    with Server(rules=["anonymous", "small-parts"], buckets=["data"]) as server:
        yield server.endpoint(buckets=["data"], **data)


def opened(endpoint: Endpoint, headers: str = "") -> tuple[socket.socket, bytes]:
    """A connection on which the answer to a GET has begun, and its first bytes behind the head."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    connection.settimeout(60)
    connection.connect(("127.0.0.1", endpoint.port))
    connection.sendall(f"GET /data/k HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n".encode())
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(4096)
    head, _, rest = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 20")
    return connection, rest


def the_rest(connection: socket.socket, begun: bytes) -> bytes:
    pieces = [begun]
    with connection:
        while piece := connection.recv(MIB):
            pieces.append(piece)
    return b"".join(pieces)


def whole(store: dskit.Store) -> bytes:
    store.put("k", BODY)
    return BODY


def joined(store: dskit.Store) -> bytes:
    upload = store.create_multipart_upload("k").upload_id
    size = len(BODY) // PARTS
    pieces = [BODY[number * size : (number + 1) * size] for number in range(PARTS)]
    parts = [store.upload_part("k", upload, number, piece) for number, piece in enumerate(pieces, 1)]
    store.complete_multipart_upload("k", upload, parts)
    return b"".join(pieces)


@pytest.mark.parametrize("make", [whole, joined])
@pytest.mark.parametrize("ranged", [False, True])
def test_an_object_that_is_replaced_and_deleted_is_sent_to_its_end(
    endpoint: Endpoint, make: Callable[[dskit.Store], bytes], ranged: bool
) -> None:
    store = endpoint.direct("data")
    body = make(store)
    start = 1000 if ranged else 0
    connection, begun = opened(endpoint, "Range: bytes=1000-\r\n" if ranged else "")
    store.put("k", b"new" * 100_000)
    store.delete("k")
    store.put("k", b"newer")
    assert the_rest(connection, begun) == body[start:]
    assert store.get("k").read() == b"newer"
