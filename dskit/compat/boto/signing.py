"""Signature version 2 of a URL, as boto 2 computes it.

Sources: S3 user guide, "Signing and authenticating REST requests" (query string request authentication); the order and
the sub-resources are those that boto 2.49.0 sends.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import unquote

__all__ = ["SUBRESOURCES", "signature", "string_to_sign"]

SUBRESOURCES = frozenset(
    (
        "acl",
        "billing",
        "compose",
        "cors",
        "defaultObjectAcl",
        "delete",
        "encryptionConfig",
        "lifecycle",
        "location",
        "logging",
        "notification",
        "partNumber",
        "policy",
        "requestPayment",
        "response-cache-control",
        "response-content-disposition",
        "response-content-encoding",
        "response-content-language",
        "response-content-type",
        "response-expires",
        "restore",
        "storageClass",
        "tagging",
        "torrent",
        "uploadId",
        "uploads",
        "userProject",
        "versionId",
        "versioning",
        "versions",
        "website",
        "websiteConfig",
    )
)


def string_to_sign(method: str, resource: str, headers: Mapping[str, str], expires: int) -> str:
    """`resource` is the path as it is sent, with its query; `expires` the epoch second at which the URL ends."""
    given = {name.lower(): str(value).strip() for name, value in headers.items()}
    lines = [method, given.get("content-md5", ""), given.get("content-type", ""), str(expires)]
    lines += [f"{name}:{given[name]}" for name in sorted(given) if name.startswith("x-amz-")]
    path, _, query = resource.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&") if pair.partition("=")[0] in SUBRESOURCES]
    signed = "&".join(f"{name}{equals}{unquote(value)}" for name, equals, value in sorted(pairs))
    return "\n".join([*lines, f"{path}?{signed}" if signed else path])


def signature(secret_key: str, text: str) -> str:
    return base64.b64encode(hmac.new(secret_key.encode(), text.encode(), hashlib.sha1).digest()).decode()
