"""May this be done? The decision about a request, from who asks, what it needs, and what owners and ACLs grant. Pure.

Sources: S3 user guide, "Access control list (ACL) overview" (what each permission allows on a bucket and on an
object), "How Amazon S3 authorizes a request", "Multipart upload API and permissions".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from dskit.types import Access, Grant

__all__ = [
    "ALL_USERS",
    "AUTHENTICATED_USERS",
    "FULL_CONTROL",
    "LOG_DELIVERY",
    "NEEDS",
    "OBJECT_PERMISSIONS",
    "PUBLIC_GROUPS",
    "BucketAccess",
    "Need",
    "Requester",
    "UploadAccess",
    "decide",
    "grants",
]

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED_USERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"
PUBLIC_GROUPS = frozenset({ALL_USERS, AUTHENTICATED_USERS})
FULL_CONTROL = "FULL_CONTROL"


class Requester(NamedTuple):
    """Who asks, by canonical id; `anonymous` for a request without a signature."""

    canonical_id: str
    anonymous: bool = False


class BucketAccess(NamedTuple):
    """What decides about a bucket. `acls` False: they are disabled (BucketOwnerEnforced), and its owner has it all."""

    owner: str
    grants: tuple[Grant, ...] = ()
    acls: bool = True
    ignore_public: bool = False


class UploadAccess(NamedTuple):
    """Who began an upload."""

    initiator: str


class Need(Enum):
    """What an operation needs. The first four are permissions on the bucket, the next three on the object."""

    LIST = "READ"
    WRITE = "WRITE"
    BUCKET_READ_ACP = "READ_ACP"
    BUCKET_WRITE_ACP = "WRITE_ACP"
    OBJECT_READ = "object READ"
    OBJECT_READ_ACP = "object READ_ACP"
    OBJECT_WRITE_ACP = "object WRITE_ACP"
    OBJECT_OWNER = "owner of the object or of the bucket"
    UPLOAD = "initiator of the upload, with WRITE"
    UPLOAD_OWNER = "initiator of the upload or owner of the bucket"
    OWNER = "owner of the bucket"
    EACH_ROW = "decided for each row"
    ACCOUNT = "an account"


# Of every operation on a bucket that the bucket's owner is not alone with.
NEEDS: Mapping[str, Need] = MappingProxyType(
    {
        "CreateBucket": Need.ACCOUNT,
        "ListBuckets": Need.ACCOUNT,
        "HeadBucket": Need.LIST,
        "ListObjects": Need.LIST,
        "ListObjectsV2": Need.LIST,
        "ListObjectVersions": Need.LIST,
        "ListMultipartUploads": Need.LIST,
        "GetBucketAcl": Need.BUCKET_READ_ACP,
        "PutBucketAcl": Need.BUCKET_WRITE_ACP,
        "GetObject": Need.OBJECT_READ,
        "HeadObject": Need.OBJECT_READ,
        "GetObjectAttributes": Need.OBJECT_READ,
        "GetObjectAcl": Need.OBJECT_READ_ACP,
        "PutObjectAcl": Need.OBJECT_WRITE_ACP,
        "GetObjectTagging": Need.OBJECT_OWNER,
        "GetObjectRetention": Need.OBJECT_OWNER,
        "GetObjectLegalHold": Need.OBJECT_OWNER,
        "PutObject": Need.WRITE,
        "PostObject": Need.WRITE,
        "CopyObject": Need.WRITE,
        "DeleteObject": Need.WRITE,
        "DeleteObjects": Need.EACH_ROW,
        "CreateMultipartUpload": Need.WRITE,
        "UploadPart": Need.UPLOAD,
        "UploadPartCopy": Need.UPLOAD,
        "CompleteMultipartUpload": Need.UPLOAD,
        "AbortMultipartUpload": Need.UPLOAD_OWNER,
        "ListParts": Need.UPLOAD_OWNER,
    }
)

OBJECT_PERMISSIONS: Mapping[Need, str] = MappingProxyType(
    {Need.OBJECT_READ: "READ", Need.OBJECT_READ_ACP: "READ_ACP", Need.OBJECT_WRITE_ACP: "WRITE_ACP"}
)


def grants(acl: Iterable[Grant], requester: Requester, permission: str, *, ignore_public: bool = False) -> bool:
    """Whether a row of an ACL gives the permission, to the account or to a group that it is in.

    With `ignore_public` (IgnorePublicAcls) rows for the two public groups count for nothing. Nobody can sign as the
    log delivery group.
    """
    for grantee, granted in acl:
        if granted not in (permission, FULL_CONTROL):
            continue
        if grantee == requester.canonical_id:
            return True
        if ignore_public:
            continue
        if grantee == ALL_USERS or (grantee == AUTHENTICATED_USERS and not requester.anonymous):
            return True
    return False


def decide(
    need: Need, requester: Requester, bucket: BucketAccess, found: Access | UploadAccess | None = None
) -> str | None:
    """None where the request may go on, else why not.

    `found` is the object's access, or the upload's, for the needs that are about one; None where there is none, which
    only those are told who may list the bucket (S3 API reference, "GetObject", "Permissions").
    """
    who = requester.canonical_id
    owns_bucket = who == bucket.owner
    if need is Need.EACH_ROW:
        return None
    if need is Need.ACCOUNT:
        return "an anonymous request cannot do this" if requester.anonymous else None
    if need in OBJECT_PERMISSIONS:
        if found is None:
            return None if _granted(bucket, requester, "READ") else "no permission to list the bucket"
        assert isinstance(found, Access)
        return _decide_object(OBJECT_PERMISSIONS[need], requester, bucket, found)
    if need is Need.UPLOAD:
        return _decide_upload(requester, bucket, found)
    if owns_bucket:
        return None
    if need is Need.OWNER:
        return "only the owner of the bucket may do this"
    if need is Need.OBJECT_OWNER:
        if isinstance(found, Access) and bucket.acls and who == found.owner:
            return None
        return "only the owner of the object or of the bucket may do this"
    if need is Need.UPLOAD_OWNER:
        if found is None and _granted(bucket, requester, "WRITE"):
            return None  # there is no such upload, which those may know who could have begun one
        if isinstance(found, UploadAccess) and who == found.initiator:
            return None
        return "only who began the upload, or the owner of the bucket, may do this"
    if not _granted(bucket, requester, need.value):
        return f"the bucket grants no {need.value}"
    if need is Need.WRITE and isinstance(found, Access) and who != found.owner:
        return "WRITE is for new objects and for one's own: this one belongs to somebody else"
    return None


def _granted(bucket: BucketAccess, requester: Requester, permission: str) -> bool:
    if requester.canonical_id == bucket.owner:
        return True
    return bucket.acls and grants(bucket.grants, requester, permission, ignore_public=bucket.ignore_public)


def _decide_object(permission: str, requester: Requester, bucket: BucketAccess, found: Access) -> str | None:
    """The owner of the bucket has no part in an object of somebody else, unless ACLs are disabled."""
    owner = found.owner if bucket.acls else bucket.owner
    if requester.canonical_id == owner:
        return None
    if bucket.acls and grants(found.grants, requester, permission, ignore_public=bucket.ignore_public):
        return None
    return f"the object grants no {permission}"


def _decide_upload(requester: Requester, bucket: BucketAccess, found: Access | UploadAccess | None) -> str | None:
    if not _granted(bucket, requester, "WRITE"):
        return "the bucket grants no WRITE"
    if not isinstance(found, UploadAccess) or requester.canonical_id == found.initiator:
        return None
    if not bucket.acls and requester.canonical_id == bucket.owner:
        return None
    return "only who began the upload may go on with it"
