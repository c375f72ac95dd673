"""Where the ACLs of a storage are: at its server where it speaks S3, in the store if it keeps them, else beside it."""

from __future__ import annotations

import threading
import xml.etree.ElementTree as ET
from typing import Any, Protocol

from ...backend import ConfigurableService
from ...errors import InvalidRequestError, PermissionDeniedError
from ...service import Service
from ...types import Access, ObjectMeta
from ...types import Grant as StoredGrant
from .s3.acl import ACL, GROUPS, Grant, Policy, S3Permissions, canned, parsed
from .s3.user import User

__all__ = ["AccessLists", "access_of"]

FULL_CONTROL = "FULL_CONTROL"


class AccessLists(Protocol):
    """ACLs of buckets (`key` None) and objects, for whom `owner` asks. Raises StoreError: `NotFoundError` for what is
    not there."""

    def put_canned(self, bucket: str, key: str | None, name: str, owner: User) -> None: ...

    def put_policy(self, bucket: str, key: str | None, document: str | bytes, owner: User) -> None: ...

    def get(self, bucket: str, key: str | None, owner: User) -> Policy: ...


def access_of(service: Service) -> AccessLists:
    inner = service.service
    if hasattr(inner, "raw"):
        return ServerAccess(service)
    return StoredAccess(service, inner) if isinstance(inner, ConfigurableService) else KeptAccess(service)


def read(document: str | bytes, bucket: str, key: str | None) -> Policy:
    """Raises `InvalidRequestError` (MalformedACLError) for what is no policy."""
    try:
        return parsed(document)
    except (ET.ParseError, KeyError) as error:
        raise malformed(f"this is no AccessControlPolicy: {error}", bucket, key) from error


def malformed(message: str, bucket: str, key: str | None) -> InvalidRequestError:
    return InvalidRequestError(message, code="MalformedACLError", bucket=bucket, key=key)


class StoredAccess:
    """In the store's own records, which every connection to it sees, and which an emulator of the same store acts on.

    Whoever has the store may read and change all of it, so nothing is enforced here. What belongs to nobody yet
    belongs to who asks. There are no accounts: an e-mail address is nobody's, a canonical id is taken as it is.
    """

    CONFIGURATION = "acl"
    """Of a bucket: rows of grantee and permission."""

    def __init__(self, service: Service, records: ConfigurableService) -> None:
        self._service = service
        self._records = records

    def put_canned(self, bucket: str, key: str | None, name: str, owner: User) -> None:
        was = self._stored(bucket, key)
        policy = canned(name, User(id=self._owner_of(bucket, was, owner)))
        self._put(bucket, key, was, policy)

    def put_policy(self, bucket: str, key: str | None, document: str | bytes, owner: User) -> None:
        policy = read(document, bucket, key)
        was = self._stored(bucket, key)
        if policy.owner.id != self._owner_of(bucket, was, owner):
            raise PermissionDeniedError("an ACL names its owner and cannot change it", bucket=bucket, key=key)
        self._put(bucket, key, was, policy)

    def get(self, bucket: str, key: str | None, owner: User) -> Policy:
        kept = self._stored(bucket, key)
        belongs = self._owner_of(bucket, kept, owner)
        grants = kept.grants if kept is not None else (StoredGrant(belongs, FULL_CONTROL),)
        policy = Policy()
        policy.owner = User(id=belongs, display_name=owner.display_name if belongs == owner.id else "")
        policy.acl = ACL(policy)
        for grantee, permission in grants:
            if grantee in GROUPS:
                policy.acl.add_grant(Grant(permission, "Group", uri=grantee))
            else:
                known = owner.display_name if grantee == owner.id else ""
                policy.acl.add_user_grant(permission, grantee, known)
        return policy

    def _stored(self, bucket: str, key: str | None) -> Access | None:
        """What the store has; None for the default, which is the owner's full control. A bucket's has no owner."""
        if key is not None:
            return self._service.bucket(bucket).head(key).access
        rows = self._service.head_bucket(bucket).configurations.get(self.CONFIGURATION)
        return None if rows is None else Access("", tuple(StoredGrant(*row) for row in rows))

    def _owner_of(self, bucket: str, kept: Access | None, owner: User) -> str:
        return (kept.owner if kept else "") or self._service.head_bucket(bucket).owner or owner.id

    def _put(self, bucket: str, key: str | None, was: Access | None, policy: Policy) -> None:
        grants = tuple(self._grant(grant, bucket, key) for grant in policy.acl.grants)
        default = grants == (StoredGrant(policy.owner.id, FULL_CONTROL),)
        if key is None:
            rows = None if default else [list(grant) for grant in grants]
            self._records.put_configuration(bucket, self.CONFIGURATION, rows)
        else:
            self._records.put_access(bucket, key, None if default else Access(policy.owner.id, grants), was=was)

    @staticmethod
    def _grant(grant: Grant, bucket: str, key: str | None) -> StoredGrant:
        """Raises `InvalidRequestError`, with S3's codes, for a grant that names nobody or nothing."""
        if grant.permission not in S3Permissions:
            raise malformed(f"there is no permission {grant.permission!r}", bucket, key)
        if grant.type == "CanonicalUser" and grant.id:
            return StoredGrant(grant.id, grant.permission)
        if grant.type == "Group" and grant.uri:
            if grant.uri in GROUPS:
                return StoredGrant(grant.uri, grant.permission)
            raise InvalidRequestError("Invalid group uri", code="InvalidArgument", bucket=bucket, key=key)
        if grant.type == "AmazonCustomerByEmail":
            raise InvalidRequestError(
                f"no account has the e-mail address {grant.email_address}: a store has no accounts; grant to an id",
                code="UnresolvableGrantByEmailAddress",
                bucket=bucket,
                key=key,
            )
        raise malformed(f"a grantee of type {grant.type!r} names nobody", bucket, key)


class KeptAccess:
    """Beside stores that know none, as long as this object, which a class of connections has one of. An object that is
    written again is private again."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._kept: dict[tuple[str, str | None], tuple[object, Policy]] = {}
        self._lock = threading.Lock()

    def put_canned(self, bucket: str, key: str | None, name: str, owner: User) -> None:
        self._put(bucket, key, canned(name, owner))

    def put_policy(self, bucket: str, key: str | None, document: str | bytes, owner: User) -> None:
        self._put(bucket, key, read(document, bucket, key))

    def get(self, bucket: str, key: str | None, owner: User) -> Policy:
        state = self._state(bucket, key)
        with self._lock:
            of, policy = self._kept.get((bucket, key), (None, None))
        return policy if policy is not None and of == state else canned("private", owner)

    def _put(self, bucket: str, key: str | None, policy: Policy) -> None:
        state = self._state(bucket, key)
        with self._lock:
            self._kept[bucket, key] = state, policy

    def _state(self, bucket: str, key: str | None) -> object:
        """What an ACL belongs to: this bucket, or this writing of the object."""
        if key is None:
            return self._service.head_bucket(bucket).created
        meta: ObjectMeta = self._service.bucket(bucket).head(key)
        return meta.etag, meta.last_modified


class ServerAccess:
    """The server's own ACLs."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def put_canned(self, bucket: str, key: str | None, name: str, owner: User) -> None:
        self._send("Put", bucket, key, ACL=name)

    def put_policy(self, bucket: str, key: str | None, document: str | bytes, owner: User) -> None:
        policy = read(document, bucket, key)
        rows = [{"Grantee": _grantee(grant), "Permission": grant.permission} for grant in policy.acl.grants]
        self._send("Put", bucket, key, AccessControlPolicy={"Owner": {"ID": policy.owner.id}, "Grants": rows})

    def get(self, bucket: str, key: str | None, owner: User) -> Policy:
        answer = self._send("Get", bucket, key)
        policy = Policy()
        found = answer["Owner"]
        policy.owner = User(id=found.get("ID", ""), display_name=found.get("DisplayName", ""))
        policy.acl = ACL(policy)
        for row in answer["Grants"]:
            grantee = row["Grantee"]
            policy.acl.add_grant(
                Grant(
                    row["Permission"],
                    grantee["Type"],
                    grantee.get("ID"),
                    grantee.get("DisplayName"),
                    grantee.get("URI"),
                    grantee.get("EmailAddress"),
                )
            )
        return policy

    def _send(self, verb: str, bucket: str, key: str | None, **params: Any) -> dict[str, Any]:
        store = self._service.bucket(bucket)
        if key is None:
            return store.raw(f"{verb}BucketAcl", **params)
        return store.raw(f"{verb}ObjectAcl", Key=key, **params)


def _grantee(grant: Grant) -> dict[str, Any]:
    member, value = {
        "CanonicalUser": ("ID", grant.id),
        "Group": ("URI", grant.uri),
    }.get(grant.type or "", ("EmailAddress", grant.email_address))
    return {"Type": grant.type, member: value}
