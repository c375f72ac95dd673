"""`encoding-type=url`: how S3 encodes names in listings so that every key survives XML 1.0.

S3 encodes like an HTML form, but leaves slashes: letters, digits and ``- _ . * /`` stay, a blank becomes ``+``,
everything else is the percent-encoded UTF-8 (aws-recorded:test_list_objects_v2_continuation_token_safe_chars,
test_list_objects_with_prefix[%2F]). Continuation tokens and upload ids are never encoded.
"""

from __future__ import annotations

import re
from urllib.parse import quote_plus

from .errors import S3Error

__all__ = ["check_encoding_type", "url_encode", "url_encode_output"]

_SAFE = re.compile(r"[A-Za-z0-9_.*/-]*").fullmatch

# Members that are encoded, by name, wherever they occur in a listing's output.
_ENCODED = ("Prefix", "Delimiter", "Marker", "NextMarker", "StartAfter", "KeyMarker", "NextKeyMarker")
_ROWS = ("Contents", "Versions", "DeleteMarkers", "Uploads")


def check_encoding_type(value: str | None) -> bool:
    """Whether names are to be encoded. Raises `S3Error` (aws-recorded:test_list_ops_encoding_type_validation)."""
    if value is None:
        return False
    if value != "url":
        raise S3Error(
            "InvalidArgument",
            "Invalid Encoding Method specified in Request",
            fields={"ArgumentName": "encoding-type", "ArgumentValue": value},
        )
    return True


def url_encode(name: str) -> str:
    """One key, prefix, delimiter or marker as S3 encodes it."""
    if _SAFE(name):
        return name
    return quote_plus(name, safe="/*").replace("~", "%7E")


def url_encode_output(output: dict[str, object]) -> dict[str, object]:
    """A listing's output (any of the four listings) with every name in it encoded and `EncodingType` set."""
    encoded = dict(output, EncodingType="url")
    for name in _ENCODED:
        value = encoded.get(name)
        if isinstance(value, str):
            encoded[name] = url_encode(value)
    for name in _ROWS:
        rows = encoded.get(name)
        if isinstance(rows, list):
            encoded[name] = [{**row, "Key": url_encode(row["Key"])} for row in rows]
    groups = encoded.get("CommonPrefixes")
    if isinstance(groups, list):
        encoded["CommonPrefixes"] = [{"Prefix": url_encode(row["Prefix"])} for row in groups]
    return encoded
