"""Heads that need no parser: what nearly every request of nearly every client looks like, read in a few steps.

A head is plain when it arrived in one piece, in the form that RFC 9112 prescribes to senders, and has no header that
changes how the message is framed or whether the connection persists. llhttp reads everything else; a test holds that
both read the same, so nothing is accepted here that llhttp would refuse. It saves a third of the front's time: llhttp
calls back into Python for each line.
"""

from __future__ import annotations

import re

from ..messages import RequestHead

__all__ = ["PlainHead", "PlainHeads"]

_METHODS = frozenset({"GET", "PUT", "HEAD", "DELETE", "POST"})
_PRINTED = bytes(range(0x20, 0x7F))
_is_target = re.compile(r"/[/%?&=\-._~+:,@!$'()*;0-9A-Za-z]*", re.ASCII).fullmatch
_is_name = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII).fullmatch  # RFC 9110 section 5.6.2
_FRAMING = frozenset(
    {"connection", "expect", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
_NAMES_REMEMBERED = 512
_LONGEST_NAME = 128
_MOST_DIGITS = 15

PlainHead = tuple[RequestHead, int, int]
"""The head, the length of its body and where that begins."""


class _Names(dict[str, str]):
    """Header names as they were sent to their lower-case forms, "" for those that no plain head has."""

    def __missing__(self, name: str) -> str:
        lower = name.lower()
        if not _is_name(name) or len(name) > _LONGEST_NAME or lower in _FRAMING:
            return ""
        if len(self) >= _NAMES_REMEMBERED:
            self.clear()
        self[name] = lower
        return lower


class PlainHeads:
    """Reads plain heads. What the name of a header says is worked out once for all connections of a site."""

    __slots__ = ("_head_bytes", "_head_lines", "_names", "_target_bytes")

    def __init__(self, *, head_bytes: int, head_lines: int, target_bytes: int) -> None:
        self._head_bytes = head_bytes
        self._head_lines = head_lines
        self._target_bytes = target_bytes
        self._names = _Names()

    def read(self, data: bytes, start: int, peer: str, secure: bool) -> PlainHead | None:
        """The head that begins at `start`; None where it is not plain, whatever is wrong with it."""
        end = data.find(b"\r\n\r\n", start)
        if end < 0 or end - start > self._head_bytes:
            return None
        raw = data[start:end]
        lines = raw.decode("latin-1").split("\r\n")
        if raw.translate(None, _PRINTED) != b"\r\n" * (len(lines) - 1):  # half a break, or something else than ASCII
            return None
        parts = lines.pop(0).split(" ")
        if len(parts) != 3 or len(lines) > self._head_lines:
            return None
        method, target, version = parts
        if (
            version != "HTTP/1.1"
            or method not in _METHODS
            or not _is_target(target)
            or len(target) > self._target_bytes
        ):
            return None
        names = self._names
        index: dict[str, str] = {}
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon:
                return None
            index[names[name]] = value.strip()
        if "" in index or len(index) != len(lines):
            return None
        length = index.get("content-length", "0")
        if not index.get("host") or not length.isdigit() or len(length) > _MOST_DIGITS:
            return None
        return RequestHead(method, target, None, "1.1", peer, secure, index), int(length), end + 4
