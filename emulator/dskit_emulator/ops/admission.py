"""Whether a request may go on: what `access.decide` has to know is looked up, and a refusal becomes AccessDenied.

`docs/explanation/access.md` tells the whole of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from dskit.errors import NotFoundError, UploadNotFoundError
from dskit.types import Access, BucketInfo, Conditions, ObjectMeta, ReadOptions

from ..accounts import ANONYMOUS
from ..context import Call
from ..wire.errors import S3Error
from .access import NEEDS, OBJECT_PERMISSIONS, BucketAccess, Need, Requester, UploadAccess, decide
from .bucket_settings import ACL, OWNERSHIP, PUBLIC_ACCESS, acls_disabled, bucket_access, object_access
from .options import version_of
from .refusals import denied
from .registry import Input

__all__ = ["admit", "admit_read", "admit_source", "as_configured", "owner_of_replaced", "refuse_delete"]

_DECIDING = (ACL, OWNERSHIP, PUBLIC_ACCESS)  # configurations that say who may write and which ACLs there may be
_ON_UPLOAD = frozenset({Need.UPLOAD, Need.UPLOAD_OWNER})
_ON_OBJECT = frozenset({*OBJECT_PERMISSIONS, Need.OBJECT_OWNER, Need.WRITE})

# What S3 lets nobody do, whatever is granted to everybody, and says so (seen in many public reports, two blanks each).
_NOT_NOBODYS: Mapping[str, str] = MappingProxyType(
    {
        "CopyObject": "Anonymous users cannot copy objects.  Please authenticate.",
        "CreateMultipartUpload": "Anonymous users cannot initiate multipart uploads.  Please authenticate.",
    }
)

# Operations on what may be somebody else's in one's own bucket, if ACLs are not disabled.
_NOT_BY_BUCKET_ALONE = frozenset(
    name for name, need in NEEDS.items() if need in OBJECT_PERMISSIONS or need is Need.UPLOAD
)


def admit(call: Call, operation: str, request: Input) -> None:
    """Raise `S3Error` AccessDenied unless the requester may do this.

    For nearly every request, which is the owner's on his own bucket, that is decided in the first lines.
    """
    info = call.bucket
    if (
        info is not None
        and info.owner == call.account.canonical_id
        and (operation not in _NOT_BY_BUCKET_ALONE or acls_disabled(info, call.rules))
    ):
        return
    if call.account is ANONYMOUS and operation in _NOT_NOBODYS:
        raise S3Error("AccessDenied", _NOT_NOBODYS[operation])
    need = NEEDS.get(operation, Need.OWNER)
    if info is None or need is Need.ACCOUNT:
        _refuse(call, operation, decide(Need.ACCOUNT, _requester(call), BucketAccess("")))
        return
    if info.owner is None and call.account is not ANONYMOUS:
        return  # the store keeps no owners: every account is one
    bucket = bucket_access(info, call.owner_id, call.rules)
    _refuse(call, operation, decide(need, _requester(call), bucket, _find(call, need, request)))
    if operation == "CompleteMultipartUpload":  # the upload is the requester's; what it replaces has to be, too
        _refuse(call, operation, decide(Need.WRITE, _requester(call), bucket, _find(call, Need.WRITE, request)))


def admit_read(call: Call, meta: ObjectMeta) -> None:
    """Once more for the very version that is being read, which may have come since `admit`."""
    info = call.bucket
    if info is None or (info.owner is None and call.account is not ANONYMOUS):
        return
    if info.owner == call.account.canonical_id and (meta.access is None or acls_disabled(info, call.rules)):
        return
    found = object_access(meta.access, call.owner_id)
    bucket = bucket_access(info, call.owner_id, call.rules)
    _refuse(call, "GetObject", decide(Need.OBJECT_READ, _requester(call), bucket, found))


def admit_source(
    call: Call, info: BucketInfo, key: str, version_id: str | None, meta: ObjectMeta | None = None
) -> None:
    """Raise `S3Error` AccessDenied unless the requester may read the source of a copy: what is there, or `meta`."""
    if info.owner is None and call.account is not ANONYMOUS:
        return
    owner = info.owner or call.accounts.default.canonical_id
    bucket = bucket_access(info, owner, call.rules)
    found = _object(call, info.name, key, version_id, owner) if meta is None else object_access(meta.access, owner)
    _refuse(call, "GetObject", decide(Need.OBJECT_READ, _requester(call), bucket, found))


def refuse_delete(call: Call, key: str) -> bool:
    """Whether a row of a batch may not be deleted by the requester."""
    info = call.bucket
    if info is None or info.owner == call.account.canonical_id:
        return False
    if info.owner is None and call.account is not ANONYMOUS:
        return False
    bucket = bucket_access(info, call.owner_id, call.rules)
    found = _object(call, info.name, key, None, call.owner_id)
    return decide(Need.WRITE, _requester(call), bucket, found) is not None


def owner_of_replaced(call: Call) -> str | None:
    """Whose an object has to be that a write of the requester replaces; None for the owner of the bucket, who may all.

    `admit` has looked, and while a body comes in somebody else may make the object: the store looks again when it
    publishes (`Conditions.owned_by`).
    """
    info = call.bucket
    if info is None or info.owner in (None, call.account.canonical_id):
        return None
    return call.account.canonical_id


def as_configured(call: Call, conditions: Conditions, access: Access | None) -> Conditions:
    """The conditions of a write and, where its admission or its `access` hangs on them, the settings of the bucket.

    They may change while a body comes in: the store looks again when it publishes (`Conditions.configured`).
    """
    info = call.bucket
    if info is None or (access is None and conditions.owned_by is None):
        return conditions
    return replace(conditions, configured={name: info.configurations.get(name) for name in _DECIDING})


def _requester(call: Call) -> Requester:
    return Requester(call.account.canonical_id, anonymous=call.account is ANONYMOUS)


def _find(call: Call, need: Need, request: Input) -> Access | UploadAccess | None:
    """What the decision is about: the object, or the upload, of the request."""
    if need in _ON_UPLOAD:
        return _upload(call, request)
    if need in _ON_OBJECT:
        version_id = version_of(request.get("VersionId"))
        return _object(call, request["Bucket"], request["Key"], version_id, call.owner_id)
    return None


def _object(call: Call, bucket: str, key: str, version_id: str | None, owner: str) -> Access | None:
    try:
        reading = call.store.head(bucket, key, ReadOptions(version_id=version_id))
    except NotFoundError:
        return None
    reading.close()
    return object_access(reading.meta.access, owner)


def _upload(call: Call, request: Input) -> UploadAccess | None:
    try:
        page = call.store.list_parts(request["Bucket"], request["Key"], request["UploadId"], max_parts=0)
    except UploadNotFoundError:
        return None
    return UploadAccess(page.upload.initiator or call.owner_id)


def _refuse(call: Call, operation: str, reason: str | None) -> None:
    if reason is not None:
        raise denied(f"{call.account.name} may not {operation}: {reason}")
