"""Heads that need no parser: what nearly every request of nearly every client looks like, read in a few steps.

A head is plain when it arrived in one piece, in the form that RFC 9112 prescribes to senders, and has no header that
changes how the message is framed or whether the connection persists. llhttp reads everything else; a test holds that
both read the same, so nothing is accepted here that llhttp would refuse. It saves a third of the front's time: llhttp
calls back into Python for each line.
"""

from __future__ import annotations

import re
import string
from operator import methodcaller

from ..messages import RequestHead

__all__ = ["PlainHead", "PlainHeads"]

_METHODS = {b"GET": "GET", b"PUT": "PUT", b"HEAD": "HEAD", b"DELETE": "DELETE", b"POST": "POST"}
_TARGET = (string.ascii_letters + string.digits + "/%?&=-._~+:,@!$'()*;").encode()
_VALUES = bytes(range(0x20, 0x7F)) + b"\r\n"
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII).fullmatch  # RFC 9110 section 5.6.2
_FRAMING = frozenset(
    {"connection", "expect", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
_SPLIT = methodcaller("partition", ":")
_SHAPES_REMEMBERED = 512
_MOST_DIGITS = 15

PlainHead = tuple[RequestHead, int, int]
"""The head, the length of its body and where that begins."""


class PlainHeads:
    """Reads plain heads. What the names of the headers say is worked out once for each set of names, for all
    connections of a site: `_shapes` are their lower-case forms, or None where such a head is not plain."""

    __slots__ = ("_head_bytes", "_shapes", "_target_bytes")

    def __init__(self, *, head_bytes: int, target_bytes: int) -> None:
        self._head_bytes = head_bytes
        self._target_bytes = target_bytes
        self._shapes: dict[tuple[str, ...], tuple[str, ...] | None] = {}

    def read(self, data: bytes, start: int, peer: str, secure: bool) -> PlainHead | None:
        """The head that begins at `start`; None where it is not plain, whatever is wrong with it."""
        end = data.find(b"\r\n\r\n", start)
        if end < 0 or end - start > self._head_bytes:
            return None
        line, _, rest = data[start:end].partition(b"\r\n")
        parts = line.split(b" ")
        if len(parts) != 3 or parts[2] != b"HTTP/1.1":
            return None
        raw_method, target, _ = parts
        method = _METHODS.get(raw_method)
        if (
            method is None
            or target[:1] != b"/"
            or len(target) > self._target_bytes
            or target.translate(None, _TARGET)
            or rest.translate(None, _VALUES)
        ):
            return None
        lines = rest.decode("ascii").split("\r\n")
        sent, colons, values = zip(*map(_SPLIT, lines), strict=True)
        try:
            names = self._shapes[sent]
        except KeyError:
            names = self._add(sent)
        text = "".join(values)
        if names is None or "" in colons or "\r" in text or "\n" in text:
            return None
        headers = list(zip(names, map(str.strip, values), strict=True))
        index = dict(headers)
        length = index.get("content-length", "0")
        if not index.get("host") or not length.isdigit() or len(length) > _MOST_DIGITS:
            return None
        head = RequestHead(method, target.decode("ascii"), headers, "1.1", peer, secure, index)
        return head, int(length), end + 4

    def _add(self, sent: tuple[str, ...]) -> tuple[str, ...] | None:
        names: tuple[str, ...] | None = tuple([name.lower() for name in sent])
        assert names is not None
        if not all(map(_NAME, names)) or len(set(names)) != len(names) or not _FRAMING.isdisjoint(names):
            names = None
        if len(self._shapes) >= _SHAPES_REMEMBERED:
            self._shapes.clear()
        self._shapes[sent] = names
        return names
