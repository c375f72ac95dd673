"""What a request may look like, and what is refused."""

from __future__ import annotations

import hashlib
import json
import socket
import time

import pytest

from dskit_emulator.fronts.site import FrontSettings
from tests.emulator.fronts.conftest import Serve
from tests.emulator.fronts.harness import Front


def told(body: bytes) -> tuple[str, str, str, dict[str, str]]:
    method, target, version, headers = json.loads(body)
    return method, target, version, dict(headers)


@pytest.mark.parametrize(
    "target",
    [
        "/head//a",
        "/head/../b",
        "/head/%2F%2f",
        "/head/./x?",
        "/head?a=1&a=2&b",
        "/head/a%20b+c",
        '/head/"<>^`{|}\\',
        "/head;x=%zz",
    ],
)
def test_a_target_arrives_as_it_was_sent(front: Front, target: str) -> None:
    client = front.client().request("GET", target)
    if not target.startswith("/head/") and "?" not in target:
        client.answer()
        assert front.handler.opened[0].target == target
    else:
        assert told(client.answer().body)[1] == target


def test_headers_arrive_in_order_lower_case_and_stripped(front: Front) -> None:
    answer = front.client().request("GET", "/head", None, "X-B:  two words \t", "x-a: 1", "X-B: \xe9").answer()
    assert json.loads(answer.body)[3] == [["host", "localhost"], ["x-b", "two words"], ["x-a", "1"], ["x-b", "\xe9"]]


def test_the_absolute_form_becomes_a_path_and_a_host(front: Front) -> None:
    """RFC 9112 section 3.2.2."""
    _, target, _, headers = told(front.client().request("GET", "http://other:81/head//x?y").answer().body)
    assert (target, headers["host"]) == ("/head//x?y", "other:81")


def test_a_connection_serves_many_requests(front: Front) -> None:
    client = front.client()
    for number in range(5):
        assert told(client.request("GET", f"/head/{number}").answer().body)[1] == f"/head/{number}"


def test_a_head_may_arrive_byte_by_byte(front: Front) -> None:
    client = front.client()
    for byte in b"PUT /up HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc":
        client.send(bytes([byte]))
    assert json.loads(client.answer().body)["length"] == 3


def test_empty_lines_before_a_request_are_skipped(front: Front) -> None:
    """RFC 9112 section 2.2."""
    assert front.client().send(b"\r\n\r\n").request("GET", "/head").answer().status == 200


def test_a_chunked_body_is_decoded(front: Front) -> None:
    client = front.client().send(
        b"PUT /up HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n"
        b"3;ext=1\r\nabc\r\n5\r\ndefgh\r\n0\r\nX-Trailer: 1\r\n\r\n"
    )
    assert json.loads(client.answer().body)["md5"] == hashlib.md5(b"abcdefgh").hexdigest()
    assert client.request("GET", "/head").answer().status == 200


def test_a_get_may_have_a_body(front: Front) -> None:
    client = front.client().request("GET", "/head", b"ignored")
    assert client.answer().status == 200
    assert client.request("GET", "/head").answer().status == 200


def test_upgrade_is_ignored(front: Front) -> None:
    """RFC 9110 section 7.8: curl --http2 and Java's client offer h2c."""
    client = front.client()
    lines = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA")
    assert client.request("GET", "/head", None, *lines).answer().status == 200
    assert json.loads(client.request("PUT", "/up", b"abc" * 1000, *lines).answer().body)["length"] == 3000
    client.request("PUT", "/up", None, *lines, "Transfer-Encoding: chunked").send(b"3\r\nabc\r\n0\r\n\r\n")
    assert json.loads(client.answer().body)["length"] == 3
    assert client.request("GET", "/head").answer().status == 200


def test_http_1_0_closes_unless_asked_to_keep(front: Front) -> None:
    client = front.client().send(b"GET /head HTTP/1.0\r\n\r\n")
    answer = client.answer()
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert client.at_end()
    client = front.client().send(b"GET /head HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
    assert client.answer().headers["connection"] == "keep-alive"
    assert client.request("GET", "/head").answer().status == 200


def test_connection_close_is_honoured(front: Front) -> None:
    client = front.client().request("GET", "/head", None, "Connection: foo, Close")
    assert client.answer().headers["connection"] == "close"
    assert client.at_end()


HEAD = b"PUT /up HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (HEAD + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400, "BadRequest"),
        (HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400, "BadRequest"),
        (HEAD + b"Content-Length: 3, 3\r\n\r\nabc", 400, "BadRequest"),
        (HEAD + b"Content-Length: +3\r\n\r\nabc", 400, "BadRequest"),
        (HEAD + b"Content-Length: -3\r\n\r\nabc", 400, "BadRequest"),
        (HEAD + b"Content-Length: 0x3\r\n\r\nabc", 400, "BadRequest"),
        (HEAD + b"Content-Length: \r\n\r\nabc", 400, "BadRequest"),
        (HEAD + b"Content-Length: 99999999999999999999999\r\n\r\n", 400, "BadRequest"),
        (HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "BadRequest"),
        (HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400, "BadRequest"),
        (HEAD + b"Transfer-Encoding: identity\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400, "BadRequest"),
        (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", 400, "BadRequest"),
        (HEAD + b"Transfer-Encoding: xchunked\r\n\r\n", 400, "BadRequest"),
        (HEAD + b"Transfer-Encoding: chunked, gzip\r\n\r\n", 400, "BadRequest"),
        (HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "BadRequest"),
        (HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400, "BadRequest"),
        (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501, "NotImplemented"),
        (b"PUT /up HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "BadRequest"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n", 400, "BadRequest"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", 400, "BadRequest"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n", 400, "BadRequest"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc\r\n", 400, "BadRequest"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n", 400, "BadRequest"),
        (HEAD + b"X: a\r\n b\r\n\r\n", 400, "BadRequest"),
        (HEAD + b"X : a\r\n\r\n", 400, "BadRequest"),
        (HEAD + b"X: a\x00b\r\n\r\n", 400, "BadRequest"),
        (HEAD + b"X: a\rb\r\n\r\n", 400, "BadRequest"),
        (HEAD + b"nocolon\r\n\r\n", 400, "BadRequest"),
        (HEAD + b": novalue\r\n\r\n", 400, "BadRequest"),
        (HEAD + b"Host: y\r\n\r\n", 400, "BadRequest"),
        (b"GET / HTTP/1.1\nHost: x\n\n", 400, "BadRequest"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "BadRequest"),
        (b"GET / HTTP/1.2\r\nHost: x\r\n\r\n", 400, "BadRequest"),
        (b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 400, "BadRequest"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "BadRequest"),
        (b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400, "BadRequest"),
        (b"GET /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "InvalidURI"),
        (b"GET a HTTP/1.1\r\nHost: x\r\n\r\n", 400, "InvalidURI"),
        (b"GET ftp://a/ HTTP/1.1\r\nHost: x\r\n\r\n", 400, "BadRequest"),
        (b"GET http:///a HTTP/1.1\r\nHost: x\r\n\r\n", 400, None),
        (b"FOO / HTTP/1.1\r\nHost: x\r\n\r\n", 405, "MethodNotAllowed"),
        (b"CONNECT h:1 HTTP/1.1\r\nHost: x\r\n\r\n", 405, "MethodNotAllowed"),
        (b"get / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "BadRequest"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "BadRequest"),
        (b"PUT /up HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\nContent-Length: 1\r\n\r\n", 417, "ExpectationFailed"),
        (b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"a" * 16384), 414, "URITooLong"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n" % (b"a" * 66000), 400, "RequestHeaderSectionTooLarge"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 20000, 400, "RequestHeaderSectionTooLarge"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 400000, 400, "RequestHeaderSectionTooLarge"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 2048 + b"\r\n", 400, "RequestHeaderSectionTooLarge"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X:\r\n" * 2049, 400, "RequestHeaderSectionTooLarge"),
    ],
)
def test_what_is_not_a_sound_request_is_refused_and_the_connection_closed(
    front: Front, raw: bytes, status: int, code: str | None
) -> None:
    """RFC 9112 sections 6.1, 6.3 and 11.2: framing that two parsers may read differently is never guessed at."""
    client = front.client().send(raw)
    answer = client.answer()
    assert answer.status == status
    assert answer.headers["connection"] == "close"
    if code is not None:
        assert b"<Code>%s</Code>" % code.encode() in answer.body
        assert answer.headers["x-dskit-reason"]
    assert client.at_end()
    assert not any(line.startswith("stored") for line in front.handler.log)
    assert front.client().request("GET", "/head").answer().status == 200


def test_a_trailer_without_an_end_is_cut(front: Front) -> None:
    client = front.client().request("PUT", "/up", None, "Transfer-Encoding: chunked")
    client.send(b"3\r\nabc\r\n0\r\n")
    client.send(b"X: " + b"a" * 500000)
    assert client.answer().status == 400


@pytest.mark.parametrize(
    ("raw", "document"),
    [
        (
            b"GET / HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n" % (b"a" * 66000),
            b"maximum allowed request header section size.</Message><MaxSizeAllowed>65536</MaxSizeAllowed>",
        ),
        (b"FOO / HTTP/1.1\r\nHost: x\r\n\r\n", b"<Method>FOO</Method>"),
        (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n", b"<Header>Transfer-Encoding</Header>"),
        (
            HEAD + b"Content-Length: 9\r\n\r\nabc",
            b"<NumberBytesExpected>9</NumberBytesExpected><NumberBytesProvided>3</NumberBytesProvided>",
        ),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", b"</Message><RequestId>"),
    ],
)
def test_a_refusal_of_the_front_is_s3s_document_with_its_elements(front: Front, raw: bytes, document: bytes) -> None:
    client = front.client().send(raw)
    client.socket.shutdown(socket.SHUT_WR)
    answer = client.answer()
    assert document in answer.body
    assert answer.headers["x-amz-request-id"].encode() in answer.body
    assert answer.headers["content-type"] == "application/xml"


def test_no_header_of_an_answer_can_end_its_line(front: Front) -> None:
    client = front.client().request("GET", "/inject")
    answer = client.answer()
    assert "x-forged" not in answer.headers
    assert answer.body == b"ok"


def test_a_traceback_never_reaches_the_wire(front: Front, caplog: pytest.LogCaptureFixture) -> None:
    for method, target, body in (("GET", "/crash", None), ("PUT", "/crash-feed", b"a"), ("PUT", "/crash-finish", b"a")):
        client = front.client().request(method, target, body)
        answer = client.answer()
        assert answer.status == 500
        assert b"<Code>InternalError</Code>" in answer.body
        assert b"secret" not in answer.body + repr(answer.headers).encode()
        assert client.request("GET", "/head").answer().status == 200
    assert "secret detail" in caplog.text
    assert front.handler.log == ["aborted /crash-feed", "aborted /crash-finish"]


def test_a_refusal_after_much_unread_data_still_arrives(front: Front) -> None:
    """Closing at once would reset the connection and lose the answer."""
    client = front.client().send(b"PUT /up HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n" + b"x" * 3_000_000)
    assert client.answer().status == 400


def test_slow_heads_bodies_and_idle_connections_end(serve: Serve) -> None:
    """The times are settings, so that this test need not wait for the real ones."""
    short = FrontSettings(head_seconds=0.1, body_seconds=0.1, idle_seconds=0.1, write_seconds=0.1, linger_seconds=0.1)
    front = serve(settings=short)
    head = front.client().send(b"GET /head HTTP/1.1\r\nHost:")
    answer = head.answer()
    assert (answer.status, b"RequestTimeout" in answer.body) == (400, True)
    assert head.at_end()
    body = front.client().send(b"PUT /up HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
    answer = body.answer()
    assert (answer.status, b"RequestTimeout" in answer.body) == (400, True)
    assert body.at_end()
    assert front.handler.log == ["aborted /up"]
    idle = front.client()
    assert idle.at_end()
    used = front.client().request("GET", "/head")
    used.answer()
    assert used.at_end()


def test_a_client_that_does_not_read_is_cut(serve: Serve) -> None:
    front = serve(settings=FrontSettings(write_seconds=0.1))
    client = front.client().request("GET", "/bytes/64000000")
    deadline = time.monotonic() + 120
    while "body closed" not in front.handler.log:
        assert time.monotonic() < deadline
        front.handler.aborted.wait(0.02)
    client.close()
