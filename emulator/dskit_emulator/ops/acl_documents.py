"""ACLs as clients write them (a canned name, grant headers, an AccessControlPolicy document) and as S3 shows them.

Codes and messages: aws-recorded:test_s3_bucket_acl_exceptions, test_s3_object_acl_exceptions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from dskit.types import Grant

from ..accounts import Accounts
from ..wire.errors import S3Error
from .access import ALL_USERS, AUTHENTICATED_USERS, FULL_CONTROL, LOG_DELIVERY
from .refusals import invalid_argument, invalid_request

__all__ = ["ACL_MEMBERS", "MAX_GRANTS", "AclReader", "Asked", "canned_grants", "show_acl"]

MAX_GRANTS = 100  # S3 user guide, "Access control list (ACL) overview"; maxOccurs of Grant in S3's schema

# Who gets READ by aws-exec-read: EC2, to fetch the bundle of a machine image.
EC2_BUNDLES = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c"

_GROUPS = frozenset({ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY})
_PERMISSIONS = frozenset({FULL_CONTROL, "READ", "WRITE", "READ_ACP", "WRITE_ACP"})
_HEADERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "GrantFullControl": ("x-amz-grant-full-control", FULL_CONTROL),
        "GrantRead": ("x-amz-grant-read", "READ"),
        "GrantReadACP": ("x-amz-grant-read-acp", "READ_ACP"),
        "GrantWrite": ("x-amz-grant-write", "WRITE"),
        "GrantWriteACP": ("x-amz-grant-write-acp", "WRITE_ACP"),
    }
)
ACL_MEMBERS = frozenset({"ACL", *_HEADERS})

# What each canned ACL grants beside FULL_CONTROL to the owner (S3 user guide, "Canned ACL").
_CANNED: Mapping[str, tuple[Grant, ...]] = MappingProxyType(
    {
        "private": (),
        "public-read": (Grant(ALL_USERS, "READ"),),
        # aws-recorded:test_s3_multipart_upload_acls
        "public-read-write": (Grant(ALL_USERS, "READ"), Grant(ALL_USERS, "WRITE")),
        "authenticated-read": (Grant(AUTHENTICATED_USERS, "READ"),),
        "aws-exec-read": (Grant(EC2_BUNDLES, "READ"),),
    }
)
_TO_BUCKET_OWNER = MappingProxyType({"bucket-owner-read": "READ", "bucket-owner-full-control": FULL_CONTROL})
_LOG_DELIVERY_WRITE = (Grant(LOG_DELIVERY, "WRITE"), Grant(LOG_DELIVERY, "READ_ACP"))

# Nothing in it is given back, so that a header full of blanks takes no time to the square.
_PAIR = re.compile(r'\s*+([^=,\s]++)\s*+=\s*+(?:"([^"]*+)"\s*+|([^",]*+))(?:,|$)')


class Asked(NamedTuple):
    """An ACL that a request asks for; `canned` is its name if it has one."""

    grants: tuple[Grant, ...]
    canned: str | None = None


def canned_grants(name: str, owner: str, *, bucket_owner: str | None = None) -> tuple[Grant, ...] | None:
    """The rows of a canned ACL for something of `owner`: an object where a `bucket_owner` is given, else a bucket.

    None where there is no such canned ACL. For buckets S3 ignores the ones that are about the bucket's owner.
    """
    full = Grant(owner, FULL_CONTROL)
    if name in _CANNED:
        return (full, *_CANNED[name])
    if name in _TO_BUCKET_OWNER:
        if bucket_owner is None or bucket_owner == owner:
            return (full,)
        return (full, Grant(bucket_owner, _TO_BUCKET_OWNER[name]))
    if name == "log-delivery-write" and bucket_owner is None:
        return (full, *_LOG_DELIVERY_WRITE)
    return None


class AclReader:
    """Reads ACLs for something of `owner`; `bucket_owner` where that is an object.

    Grantees are looked up: ids and e-mail addresses must be of an account, of one of the two owners or of what the ACL
    has already (`present`), as S3 takes no id that does not exist.
    """

    def __init__(
        self, accounts: Accounts, owner: str, *, bucket_owner: str | None = None, present: Iterable[Grant] = ()
    ) -> None:
        self._accounts = accounts
        self._owner = owner
        self._bucket_owner = bucket_owner
        self._ids = {owner, bucket_owner, EC2_BUNDLES, *(grant.grantee for grant in present)} - _GROUPS

    def headers(self, request: Mapping[str, Any]) -> Asked | None:
        """What ``x-amz-acl`` or the ``x-amz-grant-*`` headers say; None where there are none of them."""
        if ACL_MEMBERS.isdisjoint(request):
            return None
        canned = request.get("ACL")
        rows = [
            row
            for member, (header, permission) in _HEADERS.items()
            if (text := request.get(member)) is not None
            for row in self._header(header, text, permission)
        ]
        if canned is None:
            return Asked(_checked(rows))
        found = canned_grants(canned, self._owner, bucket_owner=self._bucket_owner)
        if found is None:
            raise invalid_argument("x-amz-acl", canned, "", reason=f"x-amz-acl {canned!r} is not a canned ACL for this")
        if rows:
            raise invalid_request("Specifying both Canned ACLs and Header Grants is not allowed")
        return Asked(found, canned)

    def _header(self, header: str, text: str, permission: str) -> Iterable[Grant]:
        at = 0
        while at < len(text):
            pair = _PAIR.match(text, at)
            if pair is None:
                raise _unrecognised(header, text)
            kind, value = pair[1], pair[2] if pair[2] is not None else pair[3].rstrip()
            read = self._kinds.get(kind.lower())
            if read is None:
                raise _unrecognised(header, text)
            yield Grant(read(self, value, kind), permission)
            at = pair.end()
        if not text.strip():
            raise _unrecognised(header, text)

    def document(self, policy: Mapping[str, Any]) -> Asked:
        """What an AccessControlPolicy says. First whether it is one, then whom it names."""
        owner = (policy.get("Owner") or {}).get("ID")
        rows = policy.get("Grants")
        if not owner or rows is None:
            raise malformed_acl("an AccessControlPolicy has an Owner with an ID and an AccessControlList")
        for row in rows:
            _check_row(row)
        self._id(owner, "CanonicalUser/ID")
        if owner != self._owner:
            raise S3Error(
                "AccessDenied", "Access Denied", reason="the Owner of a document cannot be another than it is"
            )
        return Asked(_checked([Grant(self._grantee(row["Grantee"]), row["Permission"]) for row in rows]))

    def _grantee(self, grantee: Mapping[str, Any]) -> str:
        member, place, read = _TYPES[grantee["Type"]]
        return read(self, grantee[member], place)

    def _id(self, value: str, place: str) -> str:
        if value not in self._ids and self._accounts.by_canonical_id(value) is None:
            raise invalid_argument(place, value, "Invalid id", reason="no account has this canonical id")
        return value

    def _uri(self, value: str, place: str) -> str:
        if value not in _GROUPS:
            raise invalid_argument(place, value, "Invalid group uri")
        return value

    def _email(self, value: str, place: str) -> str:
        found = {account.canonical_id for account in self._accounts.by_email(value)}
        if len(found) > 1:
            raise S3Error("AmbiguousGrantByEmailAddress", fields={"ArgumentName": place})
        if not found:
            raise S3Error(
                "UnresolvableGrantByEmailAddress",
                fields={"ArgumentName": place},
                reason=f"no account has the e-mail address {value}",
            )
        return found.pop()

    _kinds: Mapping[str, Callable[[AclReader, str, str], str]] = MappingProxyType(
        {"id": _id, "uri": _uri, "emailaddress": _email}
    )


_TYPES: Mapping[str, tuple[str, str, Callable[[AclReader, str, str], str]]] = MappingProxyType(
    {
        "CanonicalUser": ("ID", "CanonicalUser/ID", AclReader._id),
        "Group": ("URI", "Group/URI", AclReader._uri),
        "AmazonCustomerByEmail": ("EmailAddress", "AmazonCustomerByEmail/EmailAddress", AclReader._email),
    }
)


def _check_row(row: Mapping[str, Any]) -> None:
    grantee = row.get("Grantee") or {}
    kind = _TYPES.get(grantee.get("Type", ""))
    if kind is None:
        raise malformed_acl("the type of a grantee is CanonicalUser, Group or AmazonCustomerByEmail")
    if not grantee.get(kind[0]):
        raise malformed_acl(f"a grantee of type {grantee['Type']} has an {kind[0]}")
    if row.get("Permission") not in _PERMISSIONS:
        raise malformed_acl(f"a Permission is one of {', '.join(sorted(_PERMISSIONS))}")


def _checked(rows: list[Grant]) -> tuple[Grant, ...]:
    if len(rows) > MAX_GRANTS:
        raise malformed_acl(f"an ACL has at most {MAX_GRANTS} grants, not {len(rows)}")
    return tuple(rows)


def malformed_acl(reason: str) -> S3Error:
    return S3Error("MalformedACLError", reason=reason)


def _unrecognised(header: str, text: str) -> S3Error:
    return invalid_argument(
        header, text, "Argument format not recognized", reason='grantees are written id="…", uri="…", emailAddress="…"'
    )


def show_acl(owner: str, rows: Iterable[Grant]) -> dict[str, Any]:
    """An ACL as GetBucketAcl and GetObjectAcl answer it; grants by e-mail address have become ones by id."""
    return {
        "Owner": {"ID": owner},
        "Grants": [
            {
                "Grantee": {"URI": grantee, "Type": "Group"}
                if grantee in _GROUPS
                else {"ID": grantee, "Type": "CanonicalUser"},
                "Permission": permission,
            }
            for grantee, permission in rows
        ],
    }
