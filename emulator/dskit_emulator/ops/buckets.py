"""Buckets: CreateBucket, HeadBucket, DeleteBucket, ListBuckets, GetBucketLocation."""

from __future__ import annotations

import base64
import binascii
import re
from contextlib import suppress
from typing import Any

from dskit.errors import BucketExistsError, BucketNotFoundError
from dskit.keys import check_bucket_name
from dskit.types import BucketInfo

from ..context import Call
from ..wire.errors import S3Error
from .acl_documents import AclReader
from .acls import bucket_acl_document
from .bucket_settings import ACL, ENFORCED, OBJECT_WRITER, OWNERSHIP, is_public
from .controls import acl_with_enforced_ownership, ownership_document
from .ownership import configurable
from .refusals import denied, invalid_argument
from .regions import DEFAULT_REGION, check_region, location_of, place_bucket, region_of
from .registry import Input, Output, operation

__all__ = [
    "check_account_id",
    "create_bucket",
    "delete_bucket",
    "get_bucket_location",
    "head_bucket",
    "list_buckets",
]

MAX_BUCKETS = 10_000

_ACCOUNT_ID = r"[0-9]{12}"
_TOKEN_MARK = b"b1:"  # a version, so that tokens of a later form are told apart


def check_account_id(call: Call, info: BucketInfo, expected: str) -> None:
    """``x-amz-expected-bucket-owner`` (aws-recorded:test_get_bucket_policy, …_invalid_account_id)."""
    if not re.fullmatch(_ACCOUNT_ID, expected):
        raise S3Error(
            "InvalidBucketOwnerAWSAccountID",
            f"The value of the expected bucket owner parameter must be an AWS Account ID... [{expected[:1024]}]",
            status=400,
        )
    owner = call.accounts.by_canonical_id(info.owner) if info.owner else call.accounts.default
    if owner is None or owner.account_id != expected:
        raise denied(f"bucket {info.name} is not owned by account {expected}")


@operation("CreateBucket")
def create_bucket(call: Call, request: Input) -> Output:
    """aws-recorded:test_create_bucket_with_existing_name, test_different_location_constraint.

    Repeating one's own CreateBucket in us-east-1 succeeds (B:BucketAlreadyOwnedByYou).
    """
    name = check_bucket_name(str(request["Bucket"]))  # of whichever bucket has it, not of the one that was seen
    constraint = (request.get("CreateBucketConfiguration") or {}).get("LocationConstraint") or None
    location = place_bucket(
        constraint, call.region, any_region=call.rules.any_region, default_location=call.rules.default_location
    )
    settings = _access_settings(call, request)
    while True:
        with suppress(BucketNotFoundError):  # it was there, and is gone since: begin again
            _make(call, name, location, settings)
            return {"BucketArn": _arn(name), "Location": _location(call, name, constraint)}


def _make(call: Call, name: str, location: str, settings: dict[str, Any]) -> None:
    """Make the bucket, or do what repeating one's own CreateBucket does. Raises `BucketNotFoundError` where it was
    there at the first look only."""
    try:
        if settings:
            store = configurable(call, "ACL and object ownership of a new bucket")
            store.create_bucket(name, region=location, owner=call.account.canonical_id, configurations=settings)
        else:
            call.store.create_bucket(name, region=location, owner=call.account.canonical_id)
    except BucketExistsError:
        info = call.store.head_bucket(name)
        _check_repeat(call, info, location)
        if settings.get(ACL) != info.configurations.get(ACL):  # "and resets the ACL" (B:BucketAlreadyOwnedByYou)
            configurable(call, "ACL").put_configuration(info.this or name, ACL, settings.get(ACL))


def _access_settings(call: Call, request: Input) -> dict[str, Any]:
    """Ownership and ACL of a new bucket as configurations, {} for the defaults.

    A new bucket blocks public access, and only what is there can be unblocked (S3 user guide, "Default settings for new
    S3 buckets FAQ").
    """
    owner = call.account.canonical_id
    settings: dict[str, Any] = {}
    ownership = request.get("ObjectOwnership")
    if ownership is not None:
        settings[OWNERSHIP] = ownership_document(ownership)
    asked = AclReader(call.accounts, owner).headers(request)
    document = None if asked is None else bucket_acl_document(asked.grants, owner)
    if asked is not None and document is not None:
        if (ownership or (OBJECT_WRITER if call.rules.classic_acl else ENFORCED)) == ENFORCED:
            raise acl_with_enforced_ownership()
        if is_public(asked.grants) and not call.rules.classic_acl:
            raise denied("a new bucket blocks public ACLs; make the bucket, its public access block, then the ACL")
        settings[ACL] = document
    return settings


def _check_repeat(call: Call, info: BucketInfo, location: str) -> None:
    if info.owner is not None and info.owner != call.account.canonical_id:
        raise S3Error(
            "BucketAlreadyExists",
            "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
            "Please select a different name and try again.",
            fields={"BucketName": info.name},
            status=409,
        )
    if region_of(info.region) == DEFAULT_REGION == region_of(location):
        return
    raise S3Error(
        "BucketAlreadyOwnedByYou",
        "Your previous request to create the named bucket succeeded and you already own it.",
        fields={"BucketName": info.name},
        status=409,
    )


def _location(call: Call, name: str, constraint: str | None) -> str:
    """A path at the default region's endpoint, else a URL (aws-recorded:test_create_bucket_head_bucket)."""
    if constraint is None and call.region == DEFAULT_REGION:
        return f"/{name}"
    host = call.origin.partition("://")[2]
    return f"http://{name}.{host.removeprefix(name + '.')}/"


def _arn(name: str) -> str:
    return f"arn:aws:s3:::{name}"


@operation("HeadBucket")
def head_bucket(call: Call, request: Input) -> Output:
    info = call.bucket
    return {
        "BucketArn": _arn(request["Bucket"]),
        "BucketRegion": region_of(info.region if info else None),
        "AccessPointAlias": False,
    }


@operation("DeleteBucket")
def delete_bucket(call: Call, request: Input) -> Output:
    call.store.delete_bucket(request["Bucket"])
    return {}


@operation("GetBucketLocation")
def get_bucket_location(call: Call, request: Input) -> Output:
    return {"LocationConstraint": location_of(call.bucket.region if call.bucket else None)}


@operation("ListBuckets")
def list_buckets(call: Call, request: Input) -> Output:
    """One's own buckets by name; regions are shown to requests with a parameter (aws-recorded:test_list_buckets_*)."""
    limit = request.get("MaxBuckets")
    if limit is not None and not 1 <= limit <= MAX_BUCKETS:
        raise invalid_argument(
            "max-buckets", str(limit), f"Argument max-buckets must be an integer between 1 and {MAX_BUCKETS}"
        )
    region = request.get("BucketRegion") or None
    if region is not None:
        check_region(region)
    prefix = request.get("Prefix") or ""
    token = request.get("ContinuationToken") or None
    after = "" if token is None else _read_token(token)
    mine = call.account.canonical_id
    found = sorted(
        (
            info
            for info in call.store.list_buckets()
            if info.name > after
            and info.name.startswith(prefix)
            and (info.owner is None or info.owner == mine)
            and (region is None or region_of(info.region) == region)
        ),
        key=lambda info: info.name,
    )
    shown = found if limit is None else found[:limit]
    rows: list[Output] = [{"BucketArn": _arn(b.name), "CreationDate": b.created, "Name": b.name} for b in shown]
    if request:
        for row, info in zip(rows, shown, strict=True):
            row["BucketRegion"] = region_of(info.region)
    output: Output = {"Buckets": rows, "Owner": {"ID": mine}}
    if len(found) > len(shown):
        output["ContinuationToken"] = base64.urlsafe_b64encode(_TOKEN_MARK + shown[-1].name.encode()).decode()
    if "Prefix" in request:
        output["Prefix"] = prefix
    return output


def _read_token(token: str) -> str:
    try:
        raw = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
        if raw.startswith(_TOKEN_MARK):
            return raw.removeprefix(_TOKEN_MARK).decode()
    except (ValueError, binascii.Error):
        pass
    raise invalid_argument("continuation-token", None, "The continuation token provided is incorrect")
