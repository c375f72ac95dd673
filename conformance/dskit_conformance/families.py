"""Families of mutually confusable keys: what one store or another takes for the same name, or cannot hold together.

An example draws its keys from one or two families, because bugs of key identity show only where both of a confusable
pair are there. Which properties a key tests is derived from the key itself (`keytraits`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from .keytraits import coexist, traits

__all__ = ["ALPHABET", "FAMILIES", "PLAIN", "usable"]

PLAIN: tuple[str, ...] = ("a", "b", "c", "d/e", "d/f", "g")

FAMILIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "plain": PLAIN,
        "flat": ("a", "aa", "aaa", "ab", "b", "ba"),
        "tree": ("a/b", "a/c", "a/b/c", "a/b/d", "ab/c", "b"),
        "folder": ("a", "a/b", "a/b/c", "a.b", "ab"),
        "siblings": ("data/a/1", "data/ab/1", "data/a", "data1/x", "data/b", "datum"),
        "markers": ("foo/", "foo/bar", "foo", "foo/bar/", "foo0", "foo/0"),
        "slashes": ("a/b", "a//b", "a/b/", "a", "a/"),
        "dots": ("a/b", "a/./b", "a/../b", "a/x/../b", "b"),
        "leading": ("a", "/a", "//a", "a/", "./a"),
        "composed": ("\u00e9", "e\u0301", "\u00c9", "e", "\u00e9/x"),
        "case": ("a", "A", "a/B", "a/b", "A/b"),
        "encoded": ("a b", "a+b", "a%20b", "a%2Bb", "a%2520b"),
        "separators": ("a/b", "a%2Fb", "a\\b", "a%5Cb"),
        "blanks": ("a", " a", "a ", "a\t", "a b", "a  b"),
        "planes": ("\uff5e", "\U0001f600", "\ue000", "a\uff5eb", "a\U0001f600b"),
        "controls": ("a", "a\x01", "a\x7f", "a\n", "a\r\nb", "a\tb"),
        "order": ("a", "a!", "a-", "a/b", "a0", "a.b", "a-b/c"),
        "long": ("x" * 255, "x" * 256, "k/" + "z" * 300, "y" * 1024),
        "points": (".", "..", "/", "...", "../a"),
        "markup": ("a?b", "a#b", "a&b<>\"'", "a*b", "a:b", "a;b=c", "]]>", "&amp;"),
        "reserved": ("?acl", "?uploads", "uploads", "null", "favicon.ico", "moto-api", ".well-known/x"),
        "internal": ("0b7c5d2e-9f41-4c1a-8a35-6f0d9e2b7c14", "0b7c5d2e", "_uploads/x", "tmp/x", "x.meta"),
        "wildcards": ("a_b/1", "axb/1", "a_b/2", "a%b/1", "ab/1"),
        "groups": ("x-a-1", "x-a-2", "x-b-1", "x--1", "x-", "x"),
        "multi": ("p::a", "p::b", "p:a", "p::", "q::a::b", "p"),
    }
)

ALPHABET = ("a", "b", "/", ".", "%", "+", " ", "\u00e9", "-")
"""Segments of generated keys, for what no family thinks of."""


def usable(*, max_key_bytes: int | None = 1024, excluded: Collection[str] = ()) -> dict[str, tuple[str, ...]]:
    """Families without the keys that test an `excluded` property, one that is known to be violated."""
    found = {}
    for name, keys in FAMILIES.items():
        kept: list[str] = []
        for key in keys:
            if set(traits(key)) & set(excluded) or (max_key_bytes and len(key.encode()) > max_key_bytes):
                continue
            if "KEY-07" in excluded and coexist(key, kept):
                continue
            kept.append(key)
        if len(kept) > 1:
            found[name] = tuple(kept)
    return found or {"plain": PLAIN}
