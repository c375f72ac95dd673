"""The end of a listener."""

from __future__ import annotations

import socket
import threading

import pytest

from tests.emulator.fronts.conftest import Serve
from tests.emulator.fronts.harness import Front


def test_closing_resets_connections(front: Front) -> None:
    """A client must not go on against a port that may soon belong to somebody else."""
    client = front.client().request("GET", "/head")
    client.answer()
    front.listener.close()
    with pytest.raises(ConnectionResetError):
        client.socket.recv(1)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", front.port), timeout=5)


def test_a_graceful_close_finishes_what_is_under_way(serve: Serve) -> None:
    front = serve()
    client = front.client().request("PUT", "/wait-finish-block", b"abc")
    idle = front.client().request("GET", "/head")
    idle.answer()
    assert front.handler.entered.wait(60)
    closing = threading.Thread(target=front.listener.close, args=(60,))
    closing.start()
    assert idle.at_end()
    front.handler.gate.set()
    answer = client.answer()
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert client.at_end()
    closing.join(60)
    assert not closing.is_alive()


def test_a_graceful_close_lets_a_body_arrive(serve: Serve) -> None:
    front = serve()
    client = front.client().send(b"PUT /up HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n")
    assert client.answer().status == 100
    closing = threading.Thread(target=front.listener.close, args=(60,))
    closing.start()
    while not front.site.closing:
        threading.Event().wait(0.005)
    assert client.send(b"abcdef").answer().status == 200
    assert client.at_end()
    closing.join(60)
    assert not closing.is_alive()


def test_grace_has_an_end(serve: Serve) -> None:
    front = serve()
    client = front.client().send(b"PUT /up HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nab")
    while not front.handler.opened:
        threading.Event().wait(0.005)
    front.listener.close(0.1)
    with pytest.raises(ConnectionResetError):
        client.socket.recv(1)
    assert front.handler.log == ["aborted /up"]


def test_closing_waits_for_jobs(serve: Serve) -> None:
    """What the handler stands on may be closed right afterwards."""
    front = serve()
    front.client().request("PUT", "/wait-finish-block", b"abc")
    assert front.handler.entered.wait(60)
    closing = threading.Thread(target=front.listener.close)
    closing.start()
    closing.join(0.2)
    assert closing.is_alive()
    front.handler.gate.set()
    closing.join(60)
    assert front.handler.log == ["stored /wait-finish-block 3"]
