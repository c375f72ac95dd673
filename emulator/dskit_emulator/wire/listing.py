"""`encoding-type=url`: how S3 encodes names in listings so that every key survives XML 1.0."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote_plus

__all__ = ["url_encode", "url_encode_all"]

_is_safe = re.compile(r"[A-Za-z0-9_.*/-]*").fullmatch


def url_encode(name: str) -> str:
    """One key, prefix, delimiter or marker as S3 encodes it; tokens and upload ids never are.

    Like an HTML form, but slashes stay: letters, digits and ``- _ . * /`` are kept, a blank becomes ``+``, everything
    else the percent-encoded UTF-8 (aws-recorded:test_list_objects_v2_continuation_token_safe_chars,
    test_list_objects_with_prefix[%2F]).
    """
    if _is_safe(name):
        return name
    return quote_plus(name, safe="/*").replace("~", "%7E")


def url_encode_all(names: Sequence[str]) -> Sequence[str]:
    """A page of keys, all looked at in one go: most pages have none that needs it."""
    return names if _is_safe("/".join(names)) else list(map(url_encode, names))
