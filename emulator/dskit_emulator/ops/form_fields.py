"""The fields of a form upload: what they say of the object, and how the sender wants to be told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from ..wire.errors import S3Error
from ..wire.xml import DECLARATION, escape
from .refusals import invalid_argument, not_built

__all__ = ["PostResult", "add_field", "check_size", "header_fields", "named_by_file"]

FILENAME = "${filename}"

_HEADERS = frozenset(
    (
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-md5",
        "content-type",
        "expires",
    )
)
_OF_THE_FORM = frozenset(
    ("x-amz-algorithm", "x-amz-checksum-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature")
)
_AS_SENT = frozenset(("policy", "signature", "awsaccesskeyid", *_OF_THE_FORM))
_NO_HEADER = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]").search
_IN_A_URL = "%/:=&?~#+!$,;'@()*[]"


def add_field(fields: dict[str, str], name: str, value: str) -> None:
    """Add one by its name in lower case. Raises `S3Error` InvalidArgument where it is there already: which of two
    values the policy is held against must not be a guess (our reading)."""
    lower = name.lower()
    if lower in fields:
        raise invalid_argument(name, value, "A form field is given more than once.")
    fields[lower] = value


def named_by_file(fields: Mapping[str, str], filename: str | None) -> dict[str, str]:
    """The fields with ``${filename}`` replaced; it stays where the file came without a name
    (aws-recorded:test_post_object_with_file_as_string)."""
    if filename is None:
        return dict(fields)
    return {name: value if name in _AS_SENT else value.replace(FILENAME, filename) for name, value in fields.items()}


def header_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """Those that say what PutObject says in headers, as headers: latin-1 text of the bytes. The rest is of the form.

    Raises `S3Error`: InvalidArgument for a value that no header can hold, NotImplemented for tags.
    """
    if fields.get("tagging"):
        raise not_built("tagging")
    headers: dict[str, str] = {}
    for name, value in _renamed(fields):
        if name not in _HEADERS and (not name.startswith("x-amz-") or name in _OF_THE_FORM):
            continue
        if _NO_HEADER(value):
            raise invalid_argument(name, value, "The value of a form field cannot be stored as a header.")
        if name.startswith("x-amz-meta-"):
            headers[name] = value.encode().decode("latin-1")
        else:  # aws-recorded:test_post_object_with_unicode_metadata
            headers[name] = "".join(char if char <= "\xff" else " " for char in value)
    return headers


def _renamed(fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        yield "x-amz-acl" if name == "acl" else name, value


class PostResult:
    """The answer to a form upload that succeeded, as its fields want it."""

    def __init__(self, fields: Mapping[str, str], bucket: str, location: str) -> None:
        """`location` is the URL of the bucket with a slash after it. Source of the answers: S3 API reference,
        "POST Object"; slashes of the key are escaped in Location, as uploaders in browsers have come to undo."""
        self._bucket = bucket
        self._key = fields["key"]
        self._location = location + quote(self._key, safe="")
        self._redirect = fields.get("success_action_redirect", fields.get("redirect", ""))
        self._status = fields.get("success_action_status", "")

    def describe(self, etag: str) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers beside those of PutObject, body."""
        target = self._redirection(etag)
        if target is not None:
            return 303, [("Location", target)], b""
        headers = [("Location", self._location)]
        if self._status == "201":
            rows = {"Location": self._location, "Bucket": self._bucket, "Key": self._key, "ETag": etag}
            body = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in rows.items())
            document = f"{DECLARATION}<PostResponse>{body}</PostResponse>".encode()
            return 201, [*headers, ("Content-Type", "application/xml")], document
        return (200 if self._status == "200" else 204), headers, b""

    def _redirection(self, etag: str) -> str | None:
        """None where no URL was given; one that cannot be understood counts as not given."""
        if not self._redirect:
            return None
        try:
            parts = urlsplit(self._redirect)
            port = parts.port
        except ValueError:
            return None
        if parts.scheme not in ("http", "https") or not parts.netloc or port == 0 or _NO_HEADER(self._redirect):
            return None
        told = urlencode({"bucket": self._bucket, "key": self._key, "etag": etag}, quote_via=quote)
        query = f"{parts.query}&{told}" if parts.query else told
        return quote(urlunsplit(parts._replace(query=query)), safe=_IN_A_URL)


def check_size(size: int, low: int, high: int) -> None:
    """aws-recorded:test_post_object_policy_validation_size."""
    if size > high:
        raise S3Error("EntityTooLarge", fields={"ProposedSize": str(size), "MaxSizeAllowed": str(high)})
    if size < low:
        raise S3Error("EntityTooSmall", fields={"ProposedSize": str(size), "MinSizeAllowed": str(low)})
