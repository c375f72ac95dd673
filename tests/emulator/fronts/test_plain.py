"""Heads that need no parser are read as llhttp reads them; what is not sound is left to it."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dskit.ids import SeededIds
from dskit_emulator.fronts.plain import PlainHeads
from dskit_emulator.fronts.reading import Message, RequestReader, _usual_name
from dskit_emulator.fronts.site import FrontSettings

HEAD = b"PUT /b/k%20%C3%A9?a=b&c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nX-Amz-Meta-A:  b c \r\nEmpty:\r\n\r\n"


def heads() -> PlainHeads:
    return PlainHeads(head_bytes=65536, head_lines=2048, target_bytes=16384)


def parsed(pieces: list[bytes]) -> tuple[list[Message], bool]:
    """The messages, and whether the connection is refused after them."""
    queue: deque[Message] = deque()
    reader = RequestReader(queue, FrontSettings(), SeededIds(0), heads())
    for piece in pieces:
        if reader.feed(piece) is not None:
            return list(queue), True
    return list(queue), False


def told(messages: list[Message]) -> list[object]:
    rows: list[object] = []
    for message in messages:
        head = message.head
        assert head is not None
        rows.append((head.method, head.target, head.headers, head.version, head.index))
        rows.append((message.length, message.keep, message.expect, message.complete, b"".join(message.chunks)))
    return rows


def alike(data: bytes) -> None:
    """A head that comes a byte at a time is never plain: llhttp reads it."""
    whole, refused = parsed([data])
    slowly, refused_slowly = parsed([data[at : at + 1] for at in range(len(data))])
    assert told(whole) == told(slowly)
    assert refused == refused_slowly


def test_a_plain_head_is_read() -> None:
    found = heads().read(b"xx" + HEAD + b"abc", 2, "1.2.3.4:5", False)
    assert found is not None
    head, length, begin = found
    assert (head.method, head.target, head.version) == ("PUT", "/b/k%20%C3%A9?a=b&c", "1.1")
    assert head.headers == [("host", "x"), ("content-length", "3"), ("x-amz-meta-a", "b c"), ("empty", "")]
    assert (length, begin) == (3, 2 + len(HEAD))


@pytest.mark.parametrize(
    "line",
    [
        b"Transfer-Encoding: chunked",
        b"Connection: close",
        b"Expect: 100-continue",
        b"Upgrade: h2c",
        b"Host: y",
        b"nocolon",
        b"Folded: a\r\n b",
        b"Bare: a\nb",
        b"Blank : a",
        b"Control: \x01",
        b"Latin: \xe9",
    ],
)
def test_a_head_with_anything_unusual_is_not(line: bytes) -> None:
    assert heads().read(b"GET / HTTP/1.1\r\nHost: x\r\n" + line + b"\r\n\r\n", 0, "", False) is None


@pytest.mark.parametrize("length", [b"", b"+1", b"-1", b"1,1", b"1 1", b"0x1", b"9" * 16])
def test_a_length_that_is_none_is_left_to_the_parser(length: bytes) -> None:
    head = b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + b"\r\n\r\n"
    assert heads().read(head, 0, "", False) is None


@given(
    st.lists(
        st.tuples(
            st.integers(0, len(HEAD) + 40), st.integers(0, 3), st.sampled_from(sorted(set(HEAD + b"\n\t\0\x7f\xe9")))
        ),
        max_size=4,
    )
)
def test_whole_heads_are_read_like_those_that_come_in_pieces(edits: list[tuple[int, int, int]]) -> None:
    data = HEAD + b"abc" + b"GET /next HTTP/1.1\r\nhost: y\r\n\r\n"
    for at, cut, byte in edits:
        data = data[:at] + bytes([byte]) + data[at + cut :]
    alike(data)


@given(st.lists(st.sampled_from([*HEAD.split(b"\r\n"), b"Connection: close", b"Host: x", b"A: b"]), min_size=1))
def test_so_are_heads_of_lines_in_any_order(lines: list[bytes]) -> None:
    alike(b"\r\n".join(lines))


@pytest.mark.parametrize("count", [2047, 2048])
def test_the_number_of_lines_is_limited(count: int) -> None:
    data = b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X%d: y\r\n" % n for n in range(count)) + b"\r\n"
    alike(data)
    assert parsed([data])[1] is (count == 2048)


def test_names_without_end_are_not_remembered() -> None:
    reader = heads()
    for n in range(2000):
        reader.read(b"GET / HTTP/1.1\r\nHost: x\r\nX%d: y\r\n%s: z\r\n\r\n" % (n, b"l" * 200), 0, "", False)
    assert len(reader._names) <= 512
    assert max(map(len, reader._names)) < 200


def test_nor_are_long_names_that_the_parser_reads() -> None:
    """Of the shorter ones it remembers as many as its cache has places."""
    before = _usual_name.cache_info().currsize
    for number in range(20):
        long = b"".join(b"%s%d-%d: z\r\n" % (b"l" * 200, number, line) for line in range(20))
        messages, refused = parsed([b"GET / HTTP/1.1\r\nHost: x\r\n" + long, b"\r\n"])
        assert (len(messages), refused) == (1, False)
    info = _usual_name.cache_info()
    assert info.currsize - before <= len({b"Host"})
    assert info.maxsize == 512


def test_a_body_may_come_in_pieces() -> None:
    for at in range(1, len(HEAD) + 3):
        data = HEAD + b"abc" + HEAD + b"def"
        assert told(parsed([data[:at], data[at:]])[0]) == told(parsed([data])[0])


def test_after_connection_close_nothing_is_read() -> None:
    close = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert len(parsed([close, HEAD + b"abc"])[0]) == 1
