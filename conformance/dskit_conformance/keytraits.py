"""Which properties a key puts to the test: what about it stores get wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

__all__ = ["RESERVED_NAMES", "coexist", "plain_path", "traits"]

RESERVED_NAMES = frozenset(
    ["?acl", "?uploads", "uploads", "null", "favicon.ico", "moto-api", "?versions", ".well-known", "minio", "_uploads"]
)
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_HOSTILE = frozenset("<>&\"'\\^`{}|*:?#=;,$@!")


@lru_cache(maxsize=4096)
def traits(key: str) -> tuple[str, ...]:
    """Property ids of family KEY for a key by itself; empty for an ordinary one."""
    segments = key.split("/")
    inner = segments[1:-1] if len(segments) > 2 else []
    found = [
        (any(s in (".", "..") for s in segments) or "" in inner, "KEY-02"),
        (key.startswith("/") or key.endswith("/"), "KEY-03"),
        (not key.isascii() or _ESCAPE.sub("", key) != _ESCAPE.sub("", key).lower(), "KEY-04"),
        (key != key.strip(" \t"), "KEY-05"),
        ("%" in key or "+" in key, "KEY-06"),
        (any(len(s.encode()) > 255 for s in segments), "KEY-09"),
        (any(c in "\n\r\t" for c in key), "KEY-11"),
        (any(_hostile(c) for c in key), "KEY-10"),
        (any(s in RESERVED_NAMES or _UUID.fullmatch(s) for s in segments), "KEY-12"),
    ]
    return tuple(property_id for has, property_id in found if has)


def _hostile(character: str) -> bool:
    control = ord(character) < 32 or ord(character) == 127
    return character in _HOSTILE or (control and character not in "\n\r\t")


def coexist(key: str, others: Iterable[str]) -> bool:
    """Whether `key` is a folder of another key, or another one of it: KEY-07."""
    return any(other.startswith(key + "/") or key.startswith(other + "/") for other in others if other != key)


def plain_path(key: str) -> bool:
    """Whether every file system can hold the key as a path of its own."""
    return all(
        segment
        and segment not in (".", "..")
        and len(segment.encode()) <= 200
        and segment.isascii()
        and segment == segment.lower()
        and segment.isprintable()
        and not segment.startswith(".")
        for segment in key.split("/")
    )
