"""Listings of objects: ListObjects, ListObjectsV2 and ListObjectVersions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dskit.errors import InvalidRequestError
from dskit.types import ListPage, ObjectSummary

from ..context import Call
from ..wire.columns import Table
from ..wire.listing import url_encode, url_encode_all
from .bucket_settings import acls_disabled
from .refusals import invalid_argument
from .registry import Input, Output, operation

__all__ = [
    "check_encoding",
    "list_object_versions",
    "list_objects",
    "list_objects_v2",
    "page_size",
    "shown",
    "shown_owner",
]

MAX_KEYS = 1000
MAX_INTEGER = 2**31 - 1
NULL_VERSION = "null"


def page_size(value: int | None, name: str, member: str) -> int:
    """A page's size: 1,000 at most whatever is asked for. Raises `S3Error` InvalidArgument for a negative one."""
    if value is None:
        return MAX_KEYS
    if not 0 <= value <= MAX_INTEGER:
        raise invalid_argument(name, str(value), f"Argument {member} must be an integer between 0 and {MAX_INTEGER}")
    return min(value, MAX_KEYS)


def check_encoding(request: Input) -> str | None:
    """aws-recorded:test_list_ops_encoding_type_validation: empty is wrong too."""
    value = request.get("EncodingType")
    if value is not None and value != "url":
        raise invalid_argument("encoding-type", value, "Invalid Encoding Method specified in Request")
    return value


def shown(encoding: str | None) -> Callable[[str], str]:
    """How names are written: as they are, or so that every one survives XML."""
    return url_encode if encoding == "url" else str


@operation("ListObjects")
def list_objects(call: Call, request: Input) -> Output:
    """NextMarker is there only with a delimiter (aws-recorded:test_list_objects_next_marker)."""
    marker = request.get("Marker") or ""
    output, page = _list(call, request, start_after=marker, token=None)
    show = shown(output["EncodingType"])
    output["Marker"] = show(marker)
    if page.is_truncated and output.get("Delimiter"):
        output["NextMarker"] = show(page.last or "")
    if not call.anonymous:
        _add_owners(call, output, page)
    return output


@operation("ListObjectVersions")
def list_object_versions(call: Call, request: Input) -> Output:
    """Without versioning each object is the only version of its key, `null` (S3 user guide, "How S3 Versioning works").

    aws-recorded:test_list_object_versions_order_unversioned, test_list_objects_versions_markers; behind a group the
    next page has no version to begin at (test_list_object_versions_pagination_common_prefixes).
    """
    key_marker, version_marker = request.get("KeyMarker") or "", request.get("VersionIdMarker") or ""
    if version_marker and not key_marker:
        message = "A version-id marker cannot be specified without a key marker."
        raise invalid_argument("version-id-marker", version_marker, message)
    if version_marker not in ("", NULL_VERSION):
        raise invalid_argument("version-id-marker", version_marker, "Invalid version id specified")
    output, page = _list(call, request, start_after=key_marker, token=None)
    show = shown(output["EncodingType"])
    output["KeyMarker"] = show(key_marker)
    output["VersionIdMarker"] = version_marker
    if page.is_truncated:
        output["NextKeyMarker"] = show(page.last or "")
        if page.objects and page.objects[-1].key == page.last:
            output["NextVersionIdMarker"] = NULL_VERSION
    if not call.anonymous:
        _add_owners(call, output, page)
    versions = output["Versions"] = output.pop("Contents")
    if versions is not None:
        versions.columns.update(VersionId=[NULL_VERSION] * versions.count, IsLatest=[True] * versions.count)
    return output


def _add_owners(call: Call, output: Output, page: ListPage) -> None:
    kept = [found.owner for found in page.objects]
    owners = {owner: {"ID": shown_owner(call, owner)} for owner in set(kept)}
    if kept:
        output["Contents"].columns["Owner"] = [owners[owner] for owner in kept]


def shown_owner(call: Call, kept: str | None) -> str:
    """The owner of an object: the bucket's where ACLs are disabled, whoever wrote it."""
    if kept is None or call.bucket is None or acls_disabled(call.bucket, call.rules):
        return call.owner_id
    return kept


@operation("ListObjectsV2")
def list_objects_v2(call: Call, request: Input) -> Output:
    """A token wins over StartAfter and hides it (aws-recorded:test_list_objects_v2_continuation_start_after)."""
    token = request.get("ContinuationToken")
    start_after = request.get("StartAfter")
    if token == "":
        raise _bad_token()
    try:
        output, page = _list(call, request, start_after=start_after or "", token=token)
    except InvalidRequestError as error:
        if token is not None:
            raise _bad_token() from error
        raise
    output["KeyCount"] = len(page.objects) + len(page.prefixes)
    output["ContinuationToken"] = token
    output["NextContinuationToken"] = page.next_token
    if token is None and start_after:
        output["StartAfter"] = shown(output["EncodingType"])(start_after)
    if request.get("FetchOwner"):
        _add_owners(call, output, page)
    return output


def _bad_token() -> Exception:
    return invalid_argument("continuation-token", None, "The continuation token provided is incorrect")


def _list(call: Call, request: Input, *, start_after: str, token: str | None) -> tuple[Output, ListPage]:
    limit = page_size(request.get("MaxKeys"), "max-keys", "maxKeys")
    encoding = check_encoding(request)
    prefix = request.get("Prefix") or ""
    delimiter = request.get("Delimiter") or ""
    page = call.store.list_page(
        request["Bucket"],
        prefix=prefix,
        delimiter=delimiter,
        start_after=start_after,
        token=token,
        max_keys=limit,
    )
    show = shown(encoding)
    output: Output = {
        "Name": request["Bucket"],
        "Prefix": show(prefix),
        "MaxKeys": limit,
        "IsTruncated": page.is_truncated,
        "Contents": _contents(page.objects, encoding) if page.objects else None,
        "CommonPrefixes": [{"Prefix": show(group)} for group in page.prefixes],
        "EncodingType": encoding,
    }
    if delimiter:
        output["Delimiter"] = show(delimiter)
    return output, page


def _contents(objects: Sequence[ObjectSummary], encoding: str | None) -> Table:
    keys, sizes, etags, times, classes, algorithms, types, _, _ = zip(*objects, strict=True)
    return Table(
        len(objects),
        {
            "Key": url_encode_all(keys) if encoding == "url" else keys,
            "LastModified": times,
            "ETag": etags,
            "ChecksumAlgorithm": algorithms,
            "ChecksumType": types,
            "Size": sizes,
            "StorageClass": [storage_class or "STANDARD" for storage_class in classes],
        },
    )
