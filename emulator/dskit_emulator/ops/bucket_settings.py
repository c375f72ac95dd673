"""What a bucket's configurations say about access: ownership of objects, blocks of public access, the bucket's ACL.

A configuration that is not there was never made: its default is AWS's present one, or under rule ``classic-acl`` that
of a bucket from before April 2023. An empty one was deleted, which AWS treats as the older default too.
"""

from __future__ import annotations

from dskit.types import Access, BucketInfo, Grant

from ..rules import Rules
from .access import FULL_CONTROL, PUBLIC_GROUPS, BucketAccess

__all__ = [
    "ACL",
    "BLOCKS",
    "ENFORCED",
    "OBJECT_WRITER",
    "OWNERSHIP",
    "OWNERSHIPS",
    "PREFERRED",
    "PUBLIC_ACCESS",
    "acls_disabled",
    "blocked",
    "blocks",
    "bucket_access",
    "bucket_grants",
    "is_public",
    "object_access",
    "ownership_of",
]

# Names of the configurations in the store.
ACL, OWNERSHIP, PUBLIC_ACCESS = "acl", "ownership", "public-access-block"

ENFORCED, PREFERRED, OBJECT_WRITER = "BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"
OWNERSHIPS = (ENFORCED, PREFERRED, OBJECT_WRITER)

BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def ownership_of(info: BucketInfo, rules: Rules) -> str | None:
    """One of `OWNERSHIPS`; None where there are no ownership controls, which counts as ObjectWriter."""
    document = info.configurations.get(OWNERSHIP)
    if document is None:
        return None if rules.classic_acl else ENFORCED
    found: str | None = document["Rules"][0]["ObjectOwnership"] if document else None
    return found


def acls_disabled(info: BucketInfo, rules: Rules) -> bool:
    if OWNERSHIP not in info.configurations:  # most buckets, and this is asked for every read
        return not rules.classic_acl
    return ownership_of(info, rules) == ENFORCED


def blocks(info: BucketInfo, rules: Rules) -> dict[str, bool] | None:
    """Each of `BLOCKS`; None where there is no such configuration, and nothing is blocked."""
    document: dict[str, bool] | None = info.configurations.get(PUBLIC_ACCESS)
    if document is None:
        return None if rules.classic_acl else dict.fromkeys(BLOCKS, True)
    return document or None


def blocked(info: BucketInfo, rules: Rules, name: str) -> bool:
    found = blocks(info, rules)
    return found is not None and found[name]


def bucket_grants(info: BucketInfo, owner: str) -> tuple[Grant, ...]:
    """The bucket's ACL as it is kept, whether or not ACLs are disabled."""
    rows = info.configurations.get(ACL)
    return (Grant(owner, FULL_CONTROL),) if rows is None else tuple(Grant(*row) for row in rows)


def bucket_access(info: BucketInfo, owner: str, rules: Rules) -> BucketAccess:
    return BucketAccess(
        owner,
        bucket_grants(info, owner),
        acls=not acls_disabled(info, rules),
        ignore_public=blocked(info, rules, "IgnorePublicAcls"),
    )


def object_access(kept: Access | None, bucket_owner: str) -> Access:
    """Owner and ACL of an object as they are kept, whether or not ACLs are disabled."""
    return kept if kept is not None else Access(bucket_owner, (Grant(bucket_owner, FULL_CONTROL),))


def is_public(grants: tuple[Grant, ...]) -> bool:
    """S3 user guide, "The meaning of public": any grant to AllUsers or AuthenticatedUsers."""
    return any(grant.grantee in PUBLIC_GROUPS for grant in grants)
