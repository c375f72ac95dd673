"""What a request is about: bucket, key and query, from the raw target and the Host header. Nothing is normalised.

The path is split first and percent-decoded once: `//`, `%2F`, dot segments, trailing slashes and `+` (which is itself
in a path) stay what they are. In a query `+` is a blank, as in HTML forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from ..messages import RequestHead
from .errors import S3Error

__all__ = ["DEFAULT_DOMAINS", "QUERY_CHECKSUM", "Address", "Addressing", "CopySource", "parse_copy_source"]

DEFAULT_DOMAINS = ("s3.localhost", "localhost")

# The value of a checksum in a query. S3 takes no notice of it unless SignedHeaders has its name too (issues 4448 of
# aws-sdk-js-v3 and 2610 of aws-sdk-go-v2). Who signs a URL has no body yet: aws-sdk-js-v3 writes the checksum of an
# empty one there.
QUERY_CHECKSUM = re.compile(r"x-amz-checksum-(?!(?:algorithm|mode|type)$)", re.IGNORECASE)

_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_AWS_HOST = (  # S3 user guide, "Methods for accessing a general purpose bucket" and the endpoint tables
    r"(?:(?P<bucket>.+)\.)?"
    r"s3(?:-accelerate|-fips|-external-1)?(?:\.dualstack)?(?:[.-](?!website)[a-z]{2}(?:-[a-z]+)+-[0-9]+)?"
    r"\.amazonaws\.com(?:\.cn)?"
)
_VERSION_SUFFIX = r"\?versionId=([^?]*)$"
_HOSTS_REMEMBERED = 1024
_LONGEST_HOST = 512  # a name has 253 characters at most (RFC 1035 section 2.3.4), a port six


class Address:
    """The decoded target of a request.

    `bucket` and `key` are None where the target names none. `raw_path` and `raw_query` are what was on the wire (the
    signature is over them). `query` is in wire order, a value is None where there was no ``=``.
    """

    __slots__ = ("_params", "bucket", "key", "query", "raw_path", "raw_query", "virtual")

    def __init__(
        self,
        bucket: str | None,
        key: str | None,
        raw_path: str,
        raw_query: str,
        query: list[tuple[str, str | None]],
        *,
        virtual: bool = False,
    ) -> None:
        self.bucket = bucket
        self.key = key
        self.raw_path = raw_path
        self.raw_query = raw_query
        self.query = query
        self.virtual = virtual
        self._params: dict[str, str] | None = None

    @property
    def params(self) -> dict[str, str]:
        """Query name to value; the first one of repeated names, "" where there was no value."""
        if self._params is None:
            self._params = {}
            for name, value in self.query:
                self._params.setdefault(name, value or "")
        return self._params

    def carried(self, names: re.Pattern[str]) -> dict[str, str]:
        """Parameters that stand for headers, their values as latin-1 text of the bytes like those of all headers."""
        return {
            name.lower(): (value or "").encode().decode("latin-1")
            for name, value in self.query
            if names.fullmatch(name)
        }

    def __repr__(self) -> str:
        return f"Address(bucket={self.bucket!r}, key={self.key!r}, query={self.query!r})"


class CopySource(NamedTuple):
    bucket: str
    key: str
    version_id: str | None = None


class Addressing:
    """Tells buckets in host names from buckets in paths, for a set of domains and always for the names of AWS.

    ``BUCKET.DOMAIN`` is virtual-host style, the domain itself and every other host are path style.
    """

    __slots__ = ("_domains", "_hosts")

    def __init__(self, domains: Iterable[str] = ()) -> None:
        named = {domain.lower().strip(".") for domain in (*domains, *DEFAULT_DOMAINS)}
        self._domains = tuple(sorted(named, key=len, reverse=True))  # the longest suffix wins
        self._hosts: dict[str, str | None] = {}

    def parse(self, head: RequestHead) -> Address:
        """Decode a request's target. Raises `S3Error` InvalidURI or InvalidBucketName (400)."""
        target = head.target
        if target[:1] == "/":
            host = head.index.get("host", "")
        elif target[:7].lower() == "http://" or target[:8].lower() == "https://":
            # Absolute form: its authority stands for the Host header (RFC 9112 section 3.2.2).
            authority = target[target.index("//") + 2 :]
            end = min(i for i in (authority.find("/"), authority.find("?"), len(authority)) if i >= 0)
            host, target = authority[:end].rpartition("@")[2], authority[end:]
            if target[:1] != "/":
                target = "/" + target
        elif target == "*":
            return Address(None, None, "*", "", [])
        else:
            raise _bad_uri(target, "the request target does not begin with a slash")
        raw_path, mark, raw_query = target.partition("?")
        query = parse_query(raw_query) if mark else []
        try:
            bucket = self._hosts[host]
        except KeyError:
            bucket = self.bucket_of_host(host)
        if bucket is not None:
            raw_key = raw_path[1:]
            return Address(bucket, _decode(raw_key) if raw_key else None, raw_path, raw_query, query, virtual=True)
        raw_bucket, slash, raw_key = raw_path[1:].partition("/")
        if raw_bucket and raw_path.isascii() and "%" not in raw_path:  # nothing to decode
            return Address(raw_bucket, raw_key or None, raw_path, raw_query, query)
        if not raw_bucket:
            if slash:
                raise S3Error("InvalidBucketName", fields={"BucketName": ""}, reason="the path begins with two slashes")
            return Address(None, None, raw_path, raw_query, query)
        return Address(_decode(raw_bucket), _decode(raw_key) if raw_key else None, raw_path, raw_query, query)

    def bucket_of_host(self, host: str) -> str | None:
        """The bucket that a Host header names, or None for path style."""
        try:
            return self._hosts[host]
        except KeyError:
            bucket = self._find_bucket(host)
            if len(host) <= _LONGEST_HOST:
                if len(self._hosts) >= _HOSTS_REMEMBERED:
                    self._hosts.clear()
                self._hosts[host] = bucket
            return bucket

    def _find_bucket(self, host: str) -> str | None:
        name = host.lower()
        if name.startswith("["):
            return None
        name = name.partition(":")[0].rstrip(".")
        for domain in self._domains:
            if name == domain:
                return None
            if name.endswith("." + domain):
                return name[: -len(domain) - 1]
        matched = re.fullmatch(_AWS_HOST, name) if "amazonaws" in name else None
        return matched["bucket"] if matched else None


def parse_query(raw: str) -> list[tuple[str, str | None]]:
    """Decode a query string in order; empty items are dropped. Raises `S3Error` InvalidURI."""
    query: list[tuple[str, str | None]] = []
    for item in raw.split("&"):
        if item:
            name, mark, value = item.partition("=")
            query.append((_decode_form(name), _decode_form(value) if mark else None))
    return query


def parse_copy_source(value: str) -> CopySource:
    """Read ``x-amz-copy-source``: ``[/]BUCKET/KEY[?versionId=ID]``, percent-encoded, the slashes too if one likes.

    `value` is the header as latin-1 text. ``+`` is a blank: senders must write ``%2B`` (known from clients that did
    not and met NoSuchKey on AWS). A question mark that does not begin ``?versionId=`` belongs to the key.
    Raises `S3Error`: InvalidArgument with ArgumentName and ArgumentValue
    (aws-recorded:test_s3_copy_object_wrong_format), NotImplemented (501) for access point ARNs.
    """
    suffix = re.search(_VERSION_SUFFIX, value)
    version_id = None
    if suffix:
        value = value[: suffix.start()]
        version_id = _decode_copy_part(suffix[1])
        if not version_id:
            raise S3Error(
                "InvalidArgument",
                "Version id cannot be the empty string",
                fields={"ArgumentName": "x-amz-copy-source", "ArgumentValue": ""},
            )
    path = _decode_copy_part(value)
    if path.startswith("arn:"):
        raise S3Error(
            "NotImplemented",
            "dskit: copy sources given as access point ARNs are not built",
            fields={"Header": "x-amz-copy-source"},
            reason="copy sources given as access point ARNs are not built",
        )
    bucket, _, key = path.removeprefix("/").partition("/")
    if not bucket or not key:
        raise _bad_copy_source("Invalid copy source object key" if bucket else "Invalid copy source bucket name")
    return CopySource(bucket, key, version_id)


def _decode_copy_part(text: str) -> str:
    try:
        return _decode_form(text)
    except S3Error as error:
        raise _bad_copy_source("Invalid copy source encoding") from error


def _bad_copy_source(message: str) -> S3Error:
    # AWS shows the header's name as the value too (aws-recorded:test_s3_copy_object_wrong_format).
    return S3Error(
        "InvalidArgument",
        message,
        fields={"ArgumentName": "x-amz-copy-source", "ArgumentValue": "x-amz-copy-source"},
    )


def _decode_form(text: str) -> str:
    return _decode(text.replace("+", " ") if "+" in text else text)


def _decode(text: str) -> str:
    """Percent-decode once. `text` is latin-1 text of the wire's bytes, which may be raw UTF-8."""
    if "%" not in text and text.isascii():
        return text
    if _BAD_ESCAPE.search(text):
        raise _bad_uri(text, "a percent sign is not followed by two hexadecimal digits")
    try:
        return unquote_to_bytes(text.encode("latin-1")).decode()
    except UnicodeError as error:
        raise _bad_uri(text, "the target is not UTF-8 once decoded") from error


def _bad_uri(text: str, reason: str) -> S3Error:
    return S3Error("InvalidURI", "Couldn't parse the specified URI.", fields={"URI": text[:1024]}, reason=reason)
