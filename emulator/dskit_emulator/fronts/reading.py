"""Bytes in, requests out: plain heads and llhttp's events gathered into messages. No I/O.

llhttp in its strict mode refuses what request smuggling is made of: a Content-Length that is repeated, a list,
signed, empty or beside Transfer-Encoding; bare LF; folded headers; blanks before a colon; control characters. What it
leaves open (versions, Host, codings, sizes) is decided here.
"""

from __future__ import annotations

from collections import deque
from functools import lru_cache

import httptools

from dskit.ids import Ids

from ..messages import Exchange, RequestHead, Response
from . import refusals
from .plain import PlainHeads
from .site import FrontSettings

__all__ = ["Message", "RequestReader"]

_LONG = 65536
_CRUMB = 256  # bytes
_LONGEST_NAME = 128  # of a header, that is remembered


class Message:
    """A request on its way through a connection, from its head to its answer.

    `length` is the announced body length, -1 for chunked. `chunks` (of `size` bytes together) wait to be fed.
    `complete` says that the whole body arrived, `answered` that the final response was begun. `refusal` is the answer
    to a request that broke off or never became one.
    """

    # Defaults of the class cost nothing for each request.
    size = 0
    received = 0
    complete = False
    answered = False
    exchange: Exchange | None = None
    refusal: Response | None = None
    started = 0.0

    def __init__(self, head: RequestHead | None, length: int = 0, keep: bool = False, expect: bool = False) -> None:
        self.head = head
        self.length = length
        self.keep = keep
        self.expect = expect
        self.chunks: list[bytes] = []

    @property
    def is_head(self) -> bool:
        return self.head is not None and self.head.method == "HEAD"

    def take(self) -> list[bytes]:
        """What waits, as a list that nothing is added to any more: a worker goes through it while reading goes on.

        Crumbs are put together: to hash, to sign and to store each of them costs more than to copy it.
        """
        chunks, self.chunks = self.chunks, []
        if self.size < _CRUMB * len(chunks) and len(chunks) > 1:
            chunks = [b"".join(chunks)]
        self.size = 0
        return chunks


@lru_cache(maxsize=512)
def _usual_name(raw: bytes) -> str:
    return raw.decode("latin-1").lower()


def _name(raw: bytes) -> str:
    return _usual_name(raw) if len(raw) <= _LONGEST_NAME else raw.decode("latin-1").lower()


class RequestReader:
    """Feeds a parser and appends to `queue`. `feed` returns the refusal that ends the connection, else None."""

    def __init__(
        self,
        queue: deque[Message],
        settings: FrontSettings,
        ids: Ids,
        plain: PlainHeads,
        *,
        peer: str = "",
        secure: bool = False,
    ) -> None:
        self._queue = queue
        self._settings = settings
        self._ids = ids
        self._peer = peer
        self._secure = secure
        self._plain = plain
        self._parser = httptools.HttpRequestParser(self)
        self._parsing = False  # the parser is inside a message
        self._closing = False  # the parser takes nothing any more: the client said `Connection: close`
        self._message: Message | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._target = b""
        self._quiet = 0
        self._direct = 0  # bytes of the body at hand that go past the parser
        self._index: dict[str, str] = {}
        self._fed = 0  # bytes of the head at hand, at most
        self._refusal: Response | None = None
        self._resuming = False
        self.in_head = False
        """A head has begun and is not complete."""
        self.begun = 0
        """Messages that began in the piece last read by the parser."""

    @property
    def in_body(self) -> bool:
        return self._message is not None

    def close(self) -> None:
        """Break the reference cycle with the parser."""
        del self._parser

    def feed(self, data: bytes) -> Response | None:
        if self._direct:
            return self._feed_body(data)
        if self._message is None and not self.in_head and not self._closing:
            data = self._read_plain(data)
            if not data:
                return None
        self.begun = 0
        # Bounds what the parser itself gathers: a header without an end, extensions and trailers of chunks.
        self._quiet += len(data)
        self._fed = self._fed + len(data) if self.in_head else len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return self._refusal or self._ignore_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserInvalidMethodError:
            return self._refusal or self._wrong_method(data if self.begun == 1 else b"")
        except httptools.HttpParserInvalidURLError:
            return self._refusal or refusals.invalid_target(self._ids)
        except httptools.HttpParserError as error:
            if self._refusal is None and "Data after" in str(error):
                return None  # the client said `Connection: close` and talks on; the answer under way is the last
            return self._refusal or refusals.bad_request(self._ids, _ascii(str(error)))
        if self._refusal is None and (
            self._quiet > self._settings.head_bytes or (self.in_head and self._head_too_large())
        ):
            return refusals.head_too_large(self._ids, self._settings.head_bytes)
        message = self._message
        if message is not None and message.length - message.received >= _LONG and "upgrade" not in self._index:
            self._direct = message.length - message.received
            self._parsing = True
        return self._refusal

    def _read_plain(self, data: bytes) -> bytes:
        """Take the requests that need no parser off the front of `data`; what is left is the parser's."""
        start, end = 0, len(data)
        while start < end:
            found = self._plain.read(data, start, self._peer, self._secure)
            if found is None:
                break
            head, length, begin = found
            message = Message(head, length, True)
            self._queue.append(message)
            start = begin + length
            if length:
                piece = data[begin:start]
                message.chunks.append(piece)
                message.size = message.received = len(piece)
                if start > end:
                    self._message = message
                    self._direct = start - end
                    return b""
            message.complete = True
        return data[start:] if start else data

    def _feed_body(self, data: bytes) -> Response | None:
        """The rest of a long body of known length, past the parser, which would copy every piece."""
        piece = data if len(data) <= self._direct else data[: self._direct]
        self._direct -= len(piece)
        self.on_body(piece)
        message = self._message
        if self._direct or message is None:
            return None
        if self._parsing:
            self._parsing = False
            self._parser = httptools.HttpRequestParser(self)
        self._message = None
        message.complete = True
        return self.feed(data[len(piece) :]) if len(data) > len(piece) else None

    def _head_too_large(self) -> bool:
        """Whether the head so far, written without needless blanks, is longer than allowed."""
        limit = self._settings.head_bytes
        if self._fed <= limit:
            return False
        return len(self._target) + sum([len(name) + len(value) + 4 for name, value in self._headers]) > limit

    def _wrong_method(self, data: bytes) -> Response:
        word = data.lstrip(b"\r\n").partition(b" ")[0]
        if 0 < len(word) <= 32 and word.isalpha() and word.isupper():
            return refusals.method_not_allowed(self._ids, word.decode())
        return refusals.bad_request(self._ids, "this is not HTTP")

    def _ignore_upgrade(self, rest: bytes) -> Response | None:
        """RFC 9110 section 7.8: a server may ignore Upgrade. llhttp stops there, body or not: go on with a new one."""
        if self._queue and self._queue[-1].head is not None and self._queue[-1].head.method == "CONNECT":
            return None
        self._parser = httptools.HttpRequestParser(self)
        if self._message is not None:
            framing = (
                b"Transfer-Encoding: chunked"
                if self._message.length < 0
                else b"Content-Length: %d" % self._message.length
            )
            self._resuming = True
            self._parser.feed_data(b"PUT / HTTP/1.1\r\n" + framing + b"\r\n\r\n")
            self._resuming = False
        return self.feed(rest) if rest else None

    # Callbacks of the parser. They never raise: a refusal is kept, and what comes after it is ignored.

    def on_message_begin(self) -> None:
        if self._resuming:
            return
        self._headers = []
        self._target = b""
        self._quiet = 0
        self.begun += 1
        self.in_head = True

    def on_url(self, url: bytes) -> None:
        if self._resuming:
            return
        self._target = self._target + url if self._target else url
        if len(self._target) > self._settings.target_bytes and self._refusal is None:
            self._refusal = refusals.target_too_long(self._ids, self._settings.target_bytes)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._message is None:
            if len(self._headers) < self._settings.head_lines:
                self._headers.append((name, value))
            elif self._refusal is None:
                self._refusal = refusals.head_too_large(self._ids, self._settings.head_lines, "lines")
        # Else a trailer of Transfer-Encoding, which S3 ignores: its own trailers are inside aws-chunked.

    def on_headers_complete(self) -> None:
        if self._resuming or self._refusal is not None:
            return
        self.in_head = False
        self._quiet = 0
        if self._head_too_large():
            self._refusal = refusals.head_too_large(self._ids, self._settings.head_bytes)
            return
        parser = self._parser
        version = parser.get_http_version()
        headers = [(_name(name), value.decode("latin-1").strip(" \t")) for name, value in self._headers]
        index: dict[str, str] | None = dict(headers)
        if len(index) != len(headers):  # type: ignore[arg-type]
            index = None  # names are repeated: the head joins their values
        method = parser.get_method().decode("ascii")
        target = self._target.decode("latin-1")
        head = RequestHead(method, target, headers, version=version, peer=self._peer, secure=self._secure, index=index)
        found = self._index = head.index
        length = int(found.get("content-length") or 0)
        if (
            version == "1.1"
            and index
            and target[0] == "/"
            and "expect" not in found
            and "connection" not in found
            and "transfer-encoding" not in found
            and found.get("host")
            and method != "CONNECT"
        ):
            message = Message(head, length, True)
        else:
            self._refusal = self._wrong_head(head, found)
            if self._refusal is not None:
                return
            if "transfer-encoding" in found:
                length = -1
            expect = version == "1.1" and "expect" in found and length != 0
            message = Message(head, length, _keeps(version, found.get("connection", "")), expect)
            self._closing = not message.keep
        self._message = message
        self._queue.append(message)

    def _wrong_head(self, head: RequestHead, found: dict[str, str]) -> Response | None:
        for name in ("host", "transfer-encoding", "expect"):
            if [pair[0] for pair in head.headers].count(name) > 1:
                return refusals.bad_request(self._ids, f"the {name} header is repeated")
        if head.version not in ("1.1", "1.0"):
            return refusals.bad_request(self._ids, "this server speaks HTTP/1.1 and HTTP/1.0")
        if head.method == "CONNECT":
            return refusals.method_not_allowed(self._ids, head.method)
        if not head.target.startswith("/") and head.target != "*":
            wrong = _use_origin_form(head)
            if wrong:
                return refusals.bad_request(self._ids, wrong)
        if head.version == "1.1" and not found.get("host"):
            return refusals.bad_request(self._ids, "HTTP/1.1 needs a Host header")
        coding = found.get("transfer-encoding")
        if coding is not None:
            if head.version == "1.0":
                return refusals.bad_request(self._ids, "HTTP/1.0 has no Transfer-Encoding")
            if coding.lower().rpartition(",")[2].strip() != "chunked":
                return refusals.bad_request(self._ids, "chunked has to be the last transfer coding")
            if coding.lower() != "chunked":
                return refusals.not_implemented(self._ids, "Transfer-Encoding")
        expectation = found.get("expect")
        if expectation is not None and head.version == "1.1" and expectation.lower() != "100-continue":
            return refusals.expectation_failed(self._ids)
        return None

    def on_body(self, body: bytes) -> None:
        message = self._message
        if message is None:
            return
        self._quiet = 0
        message.received += len(body)
        if not message.answered:
            message.chunks.append(body)
            message.size += len(body)

    def on_message_complete(self) -> None:
        message = self._message
        if message is None or self._resuming:
            return
        if message.length != 0 and self._parser.should_upgrade() and message.received == 0:
            return  # llhttp leaves the body of an upgrading request unread; see _ignore_upgrade
        self._message = None
        self._quiet = 0
        message.complete = True


def _ascii(text: str) -> str:
    return "".join(character if " " <= character <= "~" else "?" for character in text)


def _keeps(version: str, connection: str) -> bool:
    """RFC 9112 section 9.3. Whether the connection persists."""
    if not connection:
        return version == "1.1"
    options = {option.strip() for option in connection.lower().split(",")}
    return "close" not in options and (version == "1.1" or "keep-alive" in options)


def _use_origin_form(head: RequestHead) -> str:
    """RFC 9112 section 3.2.2: a server takes the absolute form, whose authority replaces Host."""
    scheme, mark, rest = head.target.partition("://")
    if not mark or scheme.lower() not in ("http", "https"):
        return "the request target is neither a path nor an http URL"
    end = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    authority, path = rest[:end], rest[end:]
    if not authority or "@" in authority:
        return "the request target has no host"
    head.target = path if path.startswith("/") else "/" + path
    head.headers = [pair for pair in head.headers if pair[0] != "host"] + [("host", authority)]
    head.index["host"] = authority
    return ""
