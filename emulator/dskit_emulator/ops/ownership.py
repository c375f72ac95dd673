"""Whose a new object is, and which ACL it gets (S3 user guide, "Controlling ownership of objects")."""

from __future__ import annotations

from dskit.backend import ConfigurableService
from dskit.types import Access, Grant

from ..context import Call
from ..wire.errors import S3Error
from .access import FULL_CONTROL
from .acl_documents import ACL_MEMBERS, AclReader, Asked
from .bucket_settings import ENFORCED, PREFERRED, blocked, is_public, ownership_of
from .refusals import denied, not_built
from .registry import Input

__all__ = ["access_of_new", "check_public", "configurable", "no_acls"]

# Canned ACLs that are true anyway where ACLs are disabled. `private` is our reading: documented is the other one.
_TRUE_ANYWAY = ("private", "bucket-owner-full-control")


def access_of_new(call: Call, request: Input) -> Access | None:
    """Owner and ACL of the object that the request makes, None for the bucket's owner alone.

    Raises `S3Error` for an ACL that is none, that the bucket does not take, or that is public where that is blocked.
    """
    info = call.bucket
    if info is None or (info.owner in (None, call.account.canonical_id) and ACL_MEMBERS.isdisjoint(request)):
        return None
    writer, owner = call.account.canonical_id, call.owner_id
    reader = AclReader(call.accounts, writer, bucket_owner=owner)
    setting = ownership_of(info, call.rules)
    if setting == ENFORCED:
        _check_true_anyway(reader, request, owner)
        return None
    asked = reader.headers(request)
    if asked is None:
        asked = Asked((Grant(writer, FULL_CONTROL),), "private")
    check_public(call, asked.grants)
    if setting == PREFERRED and asked.canned == "bucket-owner-full-control":
        return None
    if writer == owner and asked.grants == (Grant(owner, FULL_CONTROL),):
        return None
    configurable(call, "x-amz-acl")
    return Access(writer, asked.grants)


def _check_true_anyway(reader: AclReader, request: Input, owner: str) -> None:
    """Refuse every ACL but one that says no more than that the bucket's owner has full control."""
    try:
        asked = reader.headers(request)
    except S3Error:
        if "ACL" in request:
            raise
        raise no_acls() from None  # whoever the grants are for
    if asked is None:
        return
    if asked.grants != (Grant(owner, FULL_CONTROL),) or asked.canned not in (None, *_TRUE_ANYWAY):
        raise no_acls()


def check_public(call: Call, grants: tuple[Grant, ...]) -> None:
    """BlockPublicAcls refuses what would make the bucket or the object public."""
    if call.bucket is not None and blocked(call.bucket, call.rules, "BlockPublicAcls") and is_public(grants):
        raise denied("public ACLs are prevented by BlockPublicAcls of the bucket's public access block")


def configurable(call: Call, what: str) -> ConfigurableService:
    """The store as one that keeps ACLs and configurations. Raises `S3Error` NotImplemented where it does not."""
    if not isinstance(call.store, ConfigurableService):
        raise not_built(what, f"the store behind this endpoint keeps no {what}")
    return call.store


def no_acls() -> S3Error:
    return S3Error(
        "AccessControlListNotSupported",
        "The bucket does not allow ACLs",
        status=400,
        reason="ACLs are disabled on this bucket (BucketOwnerEnforced); see PutBucketOwnershipControls",
    )
