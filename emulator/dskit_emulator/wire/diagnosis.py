"""Why a signature does not match: the usual mistakes of signers are tried, and the one that fits is named.

Nothing here lets a request pass; it only makes the sentence in ``x-dskit-reason`` useful.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from urllib.parse import quote

from .signatures import EMPTY_SHA256, UNSIGNED_PAYLOAD, sign, string_to_sign

__all__ = ["explain_mismatch"]


def explain_mismatch(
    key: bytes, amz_date: str, scope: str, canonical_request: str, provided: str, *, raw_path: str, raw_query: str
) -> str | None:
    """One sentence, or None where no known mistake makes the signature that was `provided`."""
    for text, sentence in _mistakes(canonical_request, raw_path, raw_query):
        if sign(key, string_to_sign(amz_date, scope, text)) == provided:
            return sentence
    return None


def _mistakes(canonical_request: str, raw_path: str, raw_query: str) -> Iterator[tuple[str, str]]:
    method, path, query, *headers, names, payload = canonical_request.split("\n")

    def told(*, path: str = path, query: str = query, headers: list[str] = headers, payload: str = payload) -> str:
        return "\n".join([method, path, query, *headers, names, payload])

    yield told(path=quote(path, safe="/~")), "the client encodes the path twice when it signs, which S3 does not"
    yield told(path=raw_path), "the client signs the path as it sends it; S3 wants it percent-encoded there"
    yield told(path=posixpath.normpath(path)), "the client resolves dot segments or double slashes when it signs"
    yield told(query=raw_query), "the client signs the query as it sends it; S3 wants it encoded and sorted there"
    for other in (UNSIGNED_PAYLOAD, EMPTY_SHA256):
        yield told(payload=other), f"the client signs {other} but sends another x-amz-content-sha256"
    for at, line in enumerate(headers):
        if line.startswith("host:") and line.count(":") == 2:
            bare = [*headers[:at], line.rpartition(":")[0], *headers[at + 1 :]]
            yield told(headers=bare), "the client signs the host without its port"
    for other in {"GET", "HEAD", "PUT"} - {method}:
        yield canonical_request.replace(method, other, 1), f"the signature is for {other}, the request is {method}"
