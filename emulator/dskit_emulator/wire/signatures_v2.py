"""The arithmetic of AWS Signature Version 2. Source: S3 developer guide, "Signing and authenticating REST requests".

botocore puts headers that it signs into the query of a URL (``content-type``, ``content-md5``, ``x-amz-*``); S3
takes them for headers (aws-recorded:test_put_url_metadata_with_sig_s3). Headers that are sent win, and then the
signature does not match unless they are the same.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hmac import digest as hmac_digest
from operator import itemgetter
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from .address import Address
from .errors import S3Error

__all__ = ["CARRIED_HEADERS", "PresignedV2", "parse_presigned_v2", "sign_v2", "strings_to_sign_v2"]

CARRIED_HEADERS = re.compile(r"x-amz-[^=]*|content-type|content-md5", re.IGNORECASE | re.ASCII)

_SIGNED_PARAMETERS = frozenset(
    (
        "acl",
        "accelerate",
        "analytics",
        "cors",
        "delete",
        "inventory",
        "lifecycle",
        "location",
        "logging",
        "metrics",
        "notification",
        "object-lock",
        "partNumber",
        "policy",
        "replication",
        "requestPayment",
        "restore",
        "select",
        "select-type",
        "storageClass",
        "tagging",
        "torrent",
        "uploadId",
        "uploads",
        "versionId",
        "versioning",
        "versions",
        "website",
        "response-cache-control",
        "response-content-disposition",
        "response-content-encoding",
        "response-content-language",
        "response-content-type",
        "response-expires",
    )
)


class PresignedV2(NamedTuple):
    """`expires` as it was written (seconds since 1970), `until` as a time."""

    access_key: str
    signature: str
    expires: str
    until: datetime


def parse_presigned_v2(params: Mapping[str, str]) -> PresignedV2:
    """Raises `S3Error` AccessDenied (aws-recorded:test_s3_put_presigned_url_missing_sig_param[s3])."""
    if any(name not in params for name in ("Signature", "Expires", "AWSAccessKeyId")):
        raise S3Error(
            "AccessDenied", "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
        )
    expires = params["Expires"]
    if not re.fullmatch(r"[0-9]{1,11}", expires):
        raise S3Error("AccessDenied", f"Invalid date (should be seconds since epoch): {expires[:100]}")
    until = datetime.fromtimestamp(int(expires), UTC)
    return PresignedV2(params["AWSAccessKeyId"], params["Signature"], expires, until)


def strings_to_sign_v2(method: str, address: Address, headers: Mapping[str, str], date: str) -> list[str]:
    """What may have been signed. `headers` are those of the request and those that its query carries, lower-case
    names, repeated ones joined. `date` is the Date header ("" where there is an x-amz-date), or the Expires of a URL.

    A bucket in a path without a slash after it stands in two forms: botocore sends ``/bucket`` and signs
    ``/bucket/``, others sign what they send. So does a sub-resource with an equals sign and nothing behind it: it is
    signed with "its value if it has one" (S3 user guide, "Signing and authenticating REST requests"), and minio-go
    sends ``?delete=`` and signs ``?delete``, where botocore would sign the equals sign too.
    """
    amz = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers) if name.startswith("x-amz-"))
    path = f"/{address.bucket}{address.raw_path}" if address.virtual else address.raw_path
    signed: list[tuple[str, str]] = []
    for item in address.raw_query.split("&"):
        name, mark, value = item.partition("=")
        if name in _SIGNED_PARAMETERS:
            signed.append((name, f"{name}={unquote_to_bytes(value).decode('latin-1')}" if mark else name))
    signed.sort(key=itemgetter(0))  # by name alone: repeated ones keep their order
    query = "?" + "&".join([item for _, item in signed]) if signed else ""
    queries = [query]
    if any(item == name + "=" for name, item in signed):
        queries.append("?" + "&".join([name if item == name + "=" else item for name, item in signed]))
    md5, content_type = headers.get("content-md5", ""), headers.get("content-type", "")
    paths = [path, path + "/"] if address.bucket is not None and path.count("/") == 1 else [path]
    front = f"{method}\n{md5}\n{content_type}\n{date}\n{amz}"
    return [f"{front}{resource}{asked}" for resource in paths for asked in queries]


def sign_v2(secret: str, text: str) -> str:
    return base64.b64encode(hmac_digest(secret.encode(), text.encode("latin-1"), "sha1")).decode()
