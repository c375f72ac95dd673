"""ACLs: GetBucketAcl, PutBucketAcl, GetObjectAcl, PutObjectAcl."""

from __future__ import annotations

from dskit.types import Access, Grant, ReadOptions

from ..context import Call
from ..wire.errors import S3Error
from .access import FULL_CONTROL
from .acl_documents import AclReader, Asked, show_acl
from .bucket_settings import ACL, acls_disabled, bucket_grants, object_access
from .options import version_of
from .ownership import check_public, configurable, no_acls
from .registry import Input, Output, operation

__all__ = ["bucket_acl_document", "get_bucket_acl", "get_object_acl", "put_bucket_acl", "put_object_acl"]


def _asked(reader: AclReader, request: Input) -> Asked:
    """Exactly one of a canned ACL, grant headers and a document (aws-recorded:test_s3_bucket_acl_exceptions)."""
    headers = reader.headers(request)
    policy = request.get("AccessControlPolicy")
    if headers is None and policy is None:
        raise S3Error("MissingSecurityHeader", fields={"MissingHeaderName": "x-amz-acl"})
    if headers is None:
        return reader.document(policy or {})
    if policy is not None:
        raise S3Error("UnexpectedContent", reason="an ACL in a header and another one in the body")
    return headers


def bucket_acl_document(grants: tuple[Grant, ...], owner: str) -> list[list[str]] | None:
    """An ACL as it is kept of a bucket, None for the default."""
    return None if grants == (Grant(owner, FULL_CONTROL),) else [list(grant) for grant in grants]


@operation("GetBucketAcl")
def get_bucket_acl(call: Call, request: Input) -> Output:
    """Where ACLs are disabled, the owner's full control, whatever was granted before."""
    info, owner = call.bucket, call.owner_id
    if info is None or acls_disabled(info, call.rules):
        return show_acl(owner, [Grant(owner, FULL_CONTROL)])
    return show_acl(owner, bucket_grants(info, owner))


@operation("PutBucketAcl")
def put_bucket_acl(call: Call, request: Input) -> Output:
    info, owner = call.bucket, call.owner_id
    assert info is not None
    asked = _asked(AclReader(call.accounts, owner, present=bucket_grants(info, owner)), request)
    if acls_disabled(info, call.rules):
        raise no_acls()
    check_public(call, asked.grants)
    store = configurable(call, "ACL")
    store.put_configuration(request["Bucket"], ACL, bucket_acl_document(asked.grants, owner))
    return {}


def _kept(call: Call, request: Input) -> Access | None:
    """Owner and ACL of the object as they are kept, None for the defaults. Raises `NotFoundError`."""
    version_id = version_of(request.get("VersionId"))
    reading = call.store.head(request["Bucket"], request["Key"], ReadOptions(version_id=version_id))
    reading.close()
    return reading.meta.access


@operation("GetObjectAcl")
def get_object_acl(call: Call, request: Input) -> Output:
    owner = call.owner_id
    kept = object_access(_kept(call, request), owner)
    if call.bucket is None or acls_disabled(call.bucket, call.rules):
        return show_acl(owner, [Grant(owner, FULL_CONTROL)])
    return show_acl(*kept)


@operation("PutObjectAcl")
def put_object_acl(call: Call, request: Input) -> Output:
    """The object stays its owner's, also with bucket-owner-full-control under BucketOwnerPreferred, which is about new
    objects only. An object that is replaced meanwhile may be somebody else's: then nothing changes."""
    was, bucket_owner = _kept(call, request), call.owner_id
    kept = object_access(was, bucket_owner)
    assert call.bucket is not None
    disabled = acls_disabled(call.bucket, call.rules)
    owner = bucket_owner if disabled else kept.owner
    asked = _asked(AclReader(call.accounts, owner, bucket_owner=bucket_owner, present=kept.grants), request)
    private = (Grant(bucket_owner, FULL_CONTROL),)
    if disabled:
        # "The bucket-owner-full-control canned ACL or an equivalent form of this ACL expressed in XML" (model text).
        if asked.grants == private and asked.canned in (None, "bucket-owner-full-control"):
            return {}
        raise no_acls()
    check_public(call, asked.grants)
    default = owner == bucket_owner and asked.grants == private
    configurable(call, "ACL").put_access(
        request["Bucket"],
        request["Key"],
        None if default else Access(owner, asked.grants),
        version_id=version_of(request.get("VersionId")),
        was=was,
    )
    return {}
