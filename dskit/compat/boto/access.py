"""Where the ACLs of a storage are: at its server where it speaks S3, else kept beside it."""

from __future__ import annotations

import threading
import xml.etree.ElementTree as ET
from typing import Any, Protocol

from ...errors import InvalidRequestError
from ...service import Service
from ...types import ObjectMeta
from .s3.acl import ACL, Grant, Policy, canned, parsed
from .s3.user import User

__all__ = ["Access", "access_of"]


class Access(Protocol):
    """ACLs of buckets (`key` None) and objects. Raises StoreError: `NotFoundError` for what is not there."""

    def put_canned(self, bucket: str, key: str | None, name: str, owner: User) -> None: ...

    def put_policy(self, bucket: str, key: str | None, document: str | bytes, owner: User) -> None: ...

    def get(self, bucket: str, key: str | None, owner: User) -> Policy: ...


def access_of(service: Service) -> Access:
    return ServerAccess(service) if hasattr(service.service, "raw") else KeptAccess(service)


class KeptAccess:
    """ACLs for stores that know none, kept as long as this object. An object that is written again is private again."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._kept: dict[tuple[str, str | None], tuple[object, Policy]] = {}
        self._lock = threading.Lock()

    def put_canned(self, bucket: str, key: str | None, name: str, owner: User) -> None:
        self._put(bucket, key, canned(name, owner))

    def put_policy(self, bucket: str, key: str | None, document: str | bytes, owner: User) -> None:
        try:
            policy = parsed(document)
        except (ET.ParseError, KeyError) as error:
            raise InvalidRequestError(
                f"this is no AccessControlPolicy: {error}", code="MalformedACLError", bucket=bucket, key=key
            ) from error
        self._put(bucket, key, policy)

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
        try:
            policy = parsed(document)
        except (ET.ParseError, KeyError) as error:
            raise InvalidRequestError(f"this is no AccessControlPolicy: {error}", code="MalformedACLError") from error
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
