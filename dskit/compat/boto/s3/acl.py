"""ACLs as boto 2 shows them: a policy with an owner and grants, from and to S3's document."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from .user import User

__all__ = ["ACL", "ALL_USERS", "AUTHENTICATED_USERS", "CannedACLStrings", "Grant", "Policy", "canned", "parsed"]

CannedACLStrings = [
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
    "log-delivery-write",
]
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED_USERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"
GROUPS = (ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY)
S3Permissions = ["READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"]
XSI = "http://www.w3.org/2001/XMLSchema-instance"

# What each canned ACL grants beside FULL_CONTROL to the owner (S3 user guide, "Canned ACL"); the owner of the bucket
# and of the object are one here.
_CANNED: dict[str, tuple[tuple[str, str], ...]] = {
    "private": (),
    "public-read": ((ALL_USERS, "READ"),),
    "public-read-write": ((ALL_USERS, "READ"), (ALL_USERS, "WRITE")),
    "authenticated-read": ((AUTHENTICATED_USERS, "READ"),),
    "bucket-owner-read": (),
    "bucket-owner-full-control": (),
    "log-delivery-write": ((LOG_DELIVERY, "WRITE"), (LOG_DELIVERY, "READ_ACP")),
}


class Grant:
    NameSpace = f'xmlns:xsi="{XSI}"'

    def __init__(
        self,
        permission: str | None = None,
        type: str | None = None,
        id: str | None = None,
        display_name: str | None = None,
        uri: str | None = None,
        email_address: str | None = None,
    ) -> None:
        self.permission = permission
        self.id = id
        self.display_name = display_name
        self.uri = uri
        self.email_address = email_address
        self.type = type

    def to_xml(self) -> str:
        if self.type == "CanonicalUser":
            who = f"<ID>{escape(self.id or '')}</ID><DisplayName>{escape(self.display_name or '')}</DisplayName>"
        elif self.type == "Group":
            who = f"<URI>{escape(self.uri or '')}</URI>"
        else:
            who = f"<EmailAddress>{escape(self.email_address or '')}</EmailAddress>"
        return (
            f"<Grant><Grantee {self.NameSpace} xsi:type={quoteattr(self.type or '')}>{who}</Grantee>"
            f"<Permission>{escape(self.permission or '')}</Permission></Grant>"
        )


class ACL:
    def __init__(self, policy: Any = None) -> None:
        self.policy = policy
        self.grants: list[Grant] = []

    def add_grant(self, grant: Grant) -> None:
        self.grants.append(grant)

    def add_email_grant(self, permission: str, email_address: str) -> None:
        self.grants.append(Grant(permission, "AmazonCustomerByEmail", email_address=email_address))

    def add_user_grant(self, permission: str, user_id: str, display_name: str | None = None) -> None:
        self.grants.append(Grant(permission, "CanonicalUser", user_id, display_name))

    def to_xml(self) -> str:
        return f"<AccessControlList>{''.join(grant.to_xml() for grant in self.grants)}</AccessControlList>"


class Policy:
    owner: User
    acl: ACL

    def __init__(self, parent: Any = None) -> None:
        self.parent = parent
        self.namespace: str | None = None

    def __repr__(self) -> str:
        told = []
        for grant in self.acl.grants:
            who = {"CanonicalUser": grant.display_name, "Group": grant.uri}.get(grant.type or "", grant.email_address)
            own = " (owner)" if grant.id == self.owner.id else ""
            told.append(f"{who}{own} = {grant.permission}")
        return f"<Policy: {', '.join(told)}>"

    def to_xml(self) -> str:
        head = f'<AccessControlPolicy xmlns="{self.namespace}">' if self.namespace else "<AccessControlPolicy>"
        return f"{head}{self.owner.to_xml()}{self.acl.to_xml()}</AccessControlPolicy>"


def canned(name: str, owner: User) -> Policy:
    """The policy that a canned ACL stands for."""
    policy = Policy()
    policy.owner, policy.acl = owner, ACL(policy)
    policy.acl.add_user_grant("FULL_CONTROL", owner.id, owner.display_name)
    for uri, permission in _CANNED[name]:
        policy.acl.add_grant(Grant(permission, "Group", uri=uri))
    return policy


def parsed(document: str | bytes, parent: Any = None) -> Policy:
    """Raises ET.ParseError for what is no XML, KeyError for what is no policy."""
    root = ET.fromstring(document)
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    if root.tag != f"{space}AccessControlPolicy":
        raise KeyError("AccessControlPolicy")
    policy = Policy(parent)
    policy.namespace = space[1:-1] or None
    policy.owner, policy.acl = User(), ACL(policy)
    owner = root.find(f"{space}Owner")
    if owner is None:
        raise KeyError("Owner")
    policy.owner.id = owner.findtext(f"{space}ID") or ""
    policy.owner.display_name = owner.findtext(f"{space}DisplayName") or ""
    for row in root.iterfind(f"{space}AccessControlList/{space}Grant"):
        grantee = row.find(f"{space}Grantee")
        if grantee is None:
            raise KeyError("Grantee")
        policy.acl.add_grant(
            Grant(
                row.findtext(f"{space}Permission"),
                grantee.get(f"{{{XSI}}}type"),
                grantee.findtext(f"{space}ID"),
                grantee.findtext(f"{space}DisplayName"),
                grantee.findtext(f"{space}URI"),
                grantee.findtext(f"{space}EmailAddress"),
            )
        )
    return policy
