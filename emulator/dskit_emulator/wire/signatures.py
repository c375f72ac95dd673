"""The arithmetic of AWS Signature Version 4, free of policy: canonical requests, strings to sign, keys.

Source: Amazon S3 API reference, "Authenticating Requests (AWS Signature Version 4)". Text is latin-1 of the bytes on
the wire, so that a signature over any bytes can be checked; S3 encodes the path once and normalises nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from hmac import digest as hmac_digest
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

__all__ = [
    "ALGORITHM",
    "EMPTY_SHA256",
    "UNSIGNED_PAYLOAD",
    "SigningKeys",
    "canonical_headers",
    "canonical_path",
    "canonical_query",
    "chunk_string_to_sign",
    "is_plain_path",
    "sign",
    "string_to_sign",
    "trailer_string_to_sign",
]

ALGORITHM = "AWS4-HMAC-SHA256"
EMPTY_SHA256 = sha256(b"").hexdigest()
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"

is_plain_path = re.compile(r"[A-Za-z0-9\-._~/]+", re.ASCII).fullmatch
"""Whether a path is its own canonical form."""
_PLAIN_QUERY = re.compile(r"[A-Za-z0-9\-._~]*", re.ASCII)
_BLANKS = re.compile(r"[ \t]{2,}|\t")
_KEYS_REMEMBERED = 512
_LONGEST_REGION = 64  # of a key that is remembered: under rule any-region senders choose it


def canonical_path(raw_path: str) -> str:
    """Decode once and encode strictly, so that clients which escape more or less than others agree."""
    if not raw_path or is_plain_path(raw_path):
        return raw_path or "/"
    return quote_from_bytes(unquote_to_bytes(raw_path.encode("latin-1")), safe="/~")


def canonical_query(raw_query: str, *, without: str | None = None) -> str:
    """Sorted by encoded name, then by encoded value (repeated names too); `without` names a parameter to leave out."""
    if not raw_query:
        return ""
    pairs = []
    for item in raw_query.split("&"):
        if item:
            name, _, value = item.partition("=")
            name = _strict(name)
            if name != without:
                pairs.append((name, _strict(value)))
    pairs.sort()
    return "&".join([f"{name}={value}" for name, value in pairs])


def _strict(text: str) -> str:
    if _PLAIN_QUERY.fullmatch(text):
        return text
    return quote_from_bytes(unquote_to_bytes(text.replace("+", " ").encode("latin-1")), safe="~")


def canonical_headers(names: Sequence[str], headers: Mapping[str, str]) -> str:
    """One ``name:value\\n`` a signed header, inner runs of blanks made one; an absent header counts as empty."""
    text = "".join([f"{name}:{headers.get(name, '')}\n" for name in names])
    if "  " in text or "\t" in text:
        return "".join([f"{name}:{_BLANKS.sub(' ', headers.get(name, ''))}\n" for name in names])
    return text


def string_to_sign(amz_date: str, scope: str, canonical_request: str) -> str:
    return f"{ALGORITHM}\n{amz_date}\n{scope}\n{sha256(canonical_request.encode('latin-1')).hexdigest()}"


def chunk_string_to_sign(amz_date: str, scope: str, previous: str, data_sha256: str) -> str:
    """For one chunk of an aws-chunked body; `previous` is the signature before it, at first that of the request."""
    return f"{ALGORITHM}-PAYLOAD\n{amz_date}\n{scope}\n{previous}\n{EMPTY_SHA256}\n{data_sha256}"


def trailer_string_to_sign(amz_date: str, scope: str, previous: str, trailer: bytes) -> str:
    """`trailer` is ``name:value\\n`` for each trailing header in wire order."""
    return f"{ALGORITHM}-TRAILER\n{amz_date}\n{scope}\n{previous}\n{sha256(trailer).hexdigest()}"


@lru_cache(maxsize=_KEYS_REMEMBERED)
def _pads(key: bytes) -> tuple[Any, Any]:
    """RFC 2104: the two hashes after their padded keys, from which each HMAC with this key goes on."""
    key = key if len(key) <= 64 else sha256(key).digest()
    padded = key.ljust(64, b"\0")
    return sha256(bytes(byte ^ 0x36 for byte in padded)), sha256(bytes(byte ^ 0x5C for byte in padded))


def sign(key: bytes, text: str) -> str:
    inner, outer = _pads(key)
    inner, outer = inner.copy(), outer.copy()
    inner.update(text.encode("latin-1"))
    outer.update(inner.digest())
    digest: str = outer.hexdigest()
    return digest


class SigningKeys:
    """Derived keys, remembered: the chain of four HMACs is the same for a day, a region and a secret."""

    __slots__ = ("_keys",)

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str, str], bytes] = {}

    def get(self, secret: str, date: str, region: str) -> bytes:
        """The key of service ``s3``; `date` is ``YYYYMMDD``. Safe to call from several threads."""
        known = self._keys.get((secret, date, region))
        if known is not None:
            return known
        key = b"AWS4" + secret.encode("latin-1")
        for step in (date, region, "s3", "aws4_request"):
            key = hmac_digest(key, step.encode("latin-1"), "sha256")
        if len(region) <= _LONGEST_REGION:
            if len(self._keys) >= _KEYS_REMEMBERED:
                self._keys.clear()
            self._keys[secret, date, region] = key
        return key
