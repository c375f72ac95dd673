"""What a bucket allows of ACLs at all: ownership controls and the public access block."""

from __future__ import annotations

from dskit.types import Grant

from ..context import Call
from ..wire.errors import S3Error
from .access import FULL_CONTROL
from .bucket_settings import BLOCKS, ENFORCED, OWNERSHIP, OWNERSHIPS, PUBLIC_ACCESS, blocks, bucket_grants, ownership_of
from .ownership import configurable
from .refusals import malformed_xml, missing
from .registry import Input, Output, operation

__all__ = [
    "acl_with_enforced_ownership",
    "delete_bucket_ownership_controls",
    "delete_public_access_block",
    "get_bucket_ownership_controls",
    "get_public_access_block",
    "ownership_document",
    "put_bucket_ownership_controls",
    "put_public_access_block",
]


def ownership_document(value: str) -> dict[str, list[dict[str, str]]]:
    return {"Rules": [{"ObjectOwnership": value}]}


def acl_with_enforced_ownership() -> S3Error:
    """B:PutBucketAcl, B:CreateBucket: the bucket's ACL grants something to others than its owner."""
    return S3Error(
        "InvalidBucketAclWithObjectOwnership",
        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
        status=400,
        reason="the bucket's ACL grants something to others than its owner",
    )


@operation("GetBucketOwnershipControls")
def get_bucket_ownership_controls(call: Call, request: Input) -> Output:
    """aws-recorded:test_crud_bucket_ownership_controls."""
    found = ownership_of(call.bucket, call.rules) if call.bucket is not None else None
    if found is None:
        raise missing(
            "OwnershipControlsNotFoundError", "The bucket ownership controls were not found", request["Bucket"]
        )
    return {"OwnershipControls": ownership_document(found)}


@operation("PutBucketOwnershipControls")
def put_bucket_ownership_controls(call: Call, request: Input) -> Output:
    """ACLs that are there already stay, without effect while ownership is enforced."""
    rules = request["OwnershipControls"]["Rules"]
    if len(rules) != 1 or rules[0]["ObjectOwnership"] not in OWNERSHIPS:
        raise malformed_xml(f"one rule with one of {', '.join(OWNERSHIPS)}")
    value = rules[0]["ObjectOwnership"]
    info, owner = call.bucket, call.owner_id
    assert info is not None
    if value == ENFORCED and set(bucket_grants(info, owner)) - {Grant(owner, FULL_CONTROL)}:
        raise acl_with_enforced_ownership()
    configurable(call, "ownership controls").put_configuration(request["Bucket"], OWNERSHIP, ownership_document(value))
    return {}


@operation("DeleteBucketOwnershipControls")
def delete_bucket_ownership_controls(call: Call, request: Input) -> Output:
    configurable(call, "ownership controls").put_configuration(request["Bucket"], OWNERSHIP, {})
    return {}


@operation("GetPublicAccessBlock")
def get_public_access_block(call: Call, request: Input) -> Output:
    """aws-recorded:test_crud_public_access_block."""
    found = blocks(call.bucket, call.rules) if call.bucket is not None else None
    if found is None:
        raise missing(
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
            request["Bucket"],
        )
    return {"PublicAccessBlockConfiguration": dict(found)}


@operation("PutPublicAccessBlock")
def put_public_access_block(call: Call, request: Input) -> Output:
    """What a document does not name is off. The two about policies are kept, and have no effect without policies."""
    asked = request["PublicAccessBlockConfiguration"]
    document = {name: bool(asked.get(name)) for name in BLOCKS}
    configurable(call, "public access block").put_configuration(request["Bucket"], PUBLIC_ACCESS, document)
    return {}


@operation("DeletePublicAccessBlock")
def delete_public_access_block(call: Call, request: Input) -> Output:
    configurable(call, "public access block").put_configuration(request["Bucket"], PUBLIC_ACCESS, {})
    return {}
