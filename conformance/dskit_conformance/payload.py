"""The bytes of a size and a salt: no entropy to record, every kind of byte that transports get wrong."""

from __future__ import annotations

import hashlib
from functools import lru_cache

__all__ = ["SOURCE", "payload"]

_BLOCK = 4099  # prime, so that no chunk or part boundary falls on a repetition


def payload(size: int, salt: int) -> bytes:
    """`size` bytes that differ between salts, from CRLF, NUL, 0xFF and noise."""
    return _large(size, salt) if size > 1 << 16 else _make(size, salt)


def _make(size: int, salt: int) -> bytes:
    block = hashlib.shake_256(b"%d" % salt).digest(min(size, _BLOCK))
    if size >= 16:
        block = block[:8] + b"\r\n\x00\xff\r\n" + block[14:]
    return (block * (size // _BLOCK + 1))[:size]


@lru_cache(maxsize=8)
def _large(size: int, salt: int) -> bytes:
    return _make(size, salt)


SOURCE = """def payload(size, salt):
    block = hashlib.shake_256(b"%d" % salt).digest(min(size, 4099))
    if size >= 16:
        block = block[:8] + b"\\r\\n\\x00\\xff\\r\\n" + block[14:]
    return (block * (size // 4099 + 1))[:size]
"""
"""The same function, for scripts that stand alone."""
