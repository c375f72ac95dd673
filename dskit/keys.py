"""What a key, a prefix and a bucket name are. Keys are opaque: nothing here normalises."""

from __future__ import annotations

import ipaddress
import re
from typing import Literal

from .errors import InvalidBucketNameError, InvalidKeyError

__all__ = ["check_bucket_name", "check_key", "key_bytes", "utf8_key"]

MAX_KEY_BYTES = 1024  # S3 user guide, "Object key naming guidelines": bytes of UTF-8, not characters

_BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_GCS_BUCKET = r"(?=.{3,222}\Z)[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?"
_AZURE_CONTAINER = r"(?=.{3,63}\Z)[a-z0-9]+(?:-[a-z0-9]+)*|\$(?:root|web|logs)"
_RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def key_bytes(key: str) -> bytes:
    """UTF-8 bytes of a key. Raises `InvalidKeyError` for lone surrogates, which no store can hold."""
    try:
        return key.encode()
    except UnicodeEncodeError as error:
        raise InvalidKeyError(
            f"a key must be a string that UTF-8 can encode; character {error.start} is a lone surrogate",
            key=repr(key),
        ) from error


def utf8_key(key: str) -> bytes:
    """Sort key for S3's order: UTF-8 bytes (which is code point order, not that of UTF-16)."""
    return key.encode("utf-8", "surrogatepass")


def check_key(key: str, *, max_bytes: int | None = MAX_KEY_BYTES) -> bytes:
    """Validate an object key and return its bytes.

    Raises `InvalidKeyError` (code ``KeyTooLongError`` above the limit). Any other string of 1 byte or more is a key.
    """
    if not isinstance(key, str):
        raise InvalidKeyError(f"a key is a str, not {type(key).__name__}")
    if not key:
        raise InvalidKeyError("a key has at least one character", key=key)
    raw = key.encode() if key.isascii() else key_bytes(key)
    if max_bytes is not None and len(raw) > max_bytes:
        raise InvalidKeyError(
            "Your key is too long",
            key=key,
            code="KeyTooLongError",
            details={"MaxSizeAllowed": str(max_bytes), "Size": str(len(raw))},
        )
    return raw


def check_bucket_name(name: str, rules: Literal["s3", "gcs", "azure"] = "s3") -> str:
    """Validate a bucket name by the rules for general purpose buckets (S3 user guide, "Bucket naming rules"), or by
    those of another cloud (Google: "Bucket names"; Azure: "Naming and referencing containers").

    Raises `InvalidBucketNameError`.
    """
    problem = {"s3": _s3_problem, "gcs": _gcs_problem, "azure": _azure_problem}[rules]
    if not (reason := problem(name if isinstance(name, str) else "")):
        return name
    raise InvalidBucketNameError(
        f"The specified bucket is not valid: a bucket name has {reason}",
        bucket=str(name),
        details={"BucketName": str(name)},
    )


def _s3_problem(name: str) -> str:
    if not re.fullmatch(_BUCKET, name):
        return "3 to 63 of a-z, 0-9, '.' and '-', beginning and ending with a letter or digit"
    if ".." in name or _looks_like_address(name):
        return "no two adjacent periods and not the form of an IP address"
    if name.startswith(_RESERVED_PREFIXES) or name.endswith(_RESERVED_SUFFIXES):
        return "not one of the reserved prefixes and suffixes"
    return ""


def _gcs_problem(name: str) -> str:
    if not re.fullmatch(_GCS_BUCKET, name) or max(map(len, name.split("."))) > 63:
        return "3 to 222 of a-z, 0-9, '.', '_' and '-', at most 63 between periods, and ends with letters or digits"
    if ".." in name or _looks_like_address(name):
        return "no two adjacent periods and not the form of an IP address"
    return ""


def _azure_problem(name: str) -> str:
    if re.fullmatch(_AZURE_CONTAINER, name):
        return ""
    return "3 to 63 of a-z, 0-9 and single '-' between them, or is $root, $web or $logs"


def _looks_like_address(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True
