"""Characters that keys may have and XML 1.0 may not: how each S3 client lives with them.

S3 writes such a character as a numeric reference (``&#x2;``), which XML 1.0 forbids too, so that parsers reject the
document. Listings avoid it with ``encoding-type=url``; other documents echo the key, which the caller knows anyway.
"""

from __future__ import annotations

import re

__all__ = ["readable", "xml_can_carry"]

_REFERENCE = re.compile(rb"&#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}));")
_REPLACEMENT = "\ufffd".encode()


def xml_can_carry(text: str) -> bool:
    """Whether XML 1.0 has a way to write these characters (its production ``Char``)."""
    return all(_is_char(ord(char)) for char in text)


def readable(document: bytes) -> bytes:
    """The document with U+FFFD for every reference to a character that XML 1.0 does not have."""
    return _REFERENCE.sub(_replaced, document) if b"&#" in document else document


def _replaced(match: re.Match[bytes]) -> bytes:
    point = int(match[1], 16) if match[1] else int(match[2])
    return match[0] if _is_char(point) else _REPLACEMENT


def _is_char(point: int) -> bool:
    if point < 0x20:
        return point in (0x9, 0xA, 0xD)
    return point <= 0xD7FF or 0xE000 <= point <= 0xFFFD or 0x10000 <= point <= 0x10FFFF
