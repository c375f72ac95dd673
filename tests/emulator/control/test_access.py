"""The access log: what is written of a request, and what a client cannot write."""

from __future__ import annotations

import pytest

from dskit_emulator.control.access import access_line
from dskit_emulator.messages import RequestHead, Response


def line(target: str = "/b/k", reason: str = "") -> str:
    response = Response(200)
    response.operation, response.request_id, response.account, response.reason = "GetObject", "ID", "alice", reason
    return access_line(RequestHead("GET", target, []), response, 5, 0.0012, "TIME")


def test_a_line_names_everything_in_order() -> None:
    assert line() == "TIME GET /b/k GetObject 200 5 1.2ms ID alice"
    assert line(reason="no such key") == "TIME GET /b/k GetObject 200 5 1.2ms ID alice (no such key)"
    assert access_line(None, Response(400), 0, 0.0, "TIME") == "TIME - - - 400 0 0.0ms - -"


@pytest.mark.parametrize("name", ["X-Amz-Signature", "x-amz-security-token", "Signature", "X-Amz-Credential"])
def test_secrets_of_the_query_are_blanked(name: str) -> None:
    assert line(f"/b/k?a=1&{name}=secret&b=2").split()[2] == f"/b/k?a=1&{name}=...&b=2"


@pytest.mark.parametrize("text", ["a\nTIME GET /forged", "a\r\x1b[2J", "\ud800", "x" * 5000])
def test_nothing_that_a_client_sends_breaks_a_line(text: str) -> None:
    for written in (line(target="/b/" + text), line(reason=text)):
        assert written.isascii()
        assert written.isprintable()
        assert len(written) < 600
