"""boto 2's bucket."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from ....errors import BucketNotFoundError, NotFoundError, StoreError
from ....store import Store
from ....types import DeleteRequest
from ..exception import BotoClientError, S3PermissionsError, server_error, translated
from ..resultset import ResultSet
from .acl import CannedACLStrings, Grant, Policy, S3Permissions
from .copying import copied
from .headers import acl_of, read_options, refuse_headers
from .key import Key
from .listing import BucketListResultSet, MultiPartUploadListResultSet, keys_page, uploads_page
from .multidelete import Deleted, Error, MultiDeleteResult
from .multipart import CompleteMultiPartUpload, MultiPartUpload, completed, initiated
from .prefix import Prefix
from .refusals import refuse

if TYPE_CHECKING:
    from .connection import S3Connection

__all__ = ["Bucket"]

Grants: TypeAlias = list[Grant]
LIST_PARAMS = ("maxkeys", "max_keys", "prefix", "marker", "delimiter", "encoding_type")
UPLOAD_PARAMS = ("max_uploads", "key_marker", "upload_id_marker", "encoding_type", "delimiter", "prefix")


class Bucket:
    connection: S3Connection
    creation_date: str | None

    def __init__(self, connection: Any = None, name: str | None = None, key_class: type[Key] = Key) -> None:
        self.name = name
        self.connection = connection
        self.key_class = key_class

    @cached_property
    @translated
    def store(self) -> Store:
        """dskit's view of the bucket."""
        return self.connection.service.bucket(self.name or "")

    def __repr__(self) -> str:
        return f"<Bucket: {self.name}>"

    def __iter__(self) -> Iterator[Any]:
        return iter(BucketListResultSet(self))

    def __contains__(self, key_name: str) -> bool:
        return self.get_key(key_name) is not None

    def set_key_class(self, key_class: type[Key]) -> None:
        self.key_class = key_class

    # keys

    def lookup(self, key_name: str, headers: Any = None) -> Key | None:
        return self.get_key(key_name, headers=headers)

    def get_key(
        self,
        key_name: str,
        headers: Any = None,
        version_id: str | None = None,
        response_headers: Any = None,
        validate: bool = True,
    ) -> Key | None:
        """None where there is no such object. Without `validate` nothing is sent."""
        if validate is False:
            if headers or version_id or response_headers:
                raise BotoClientError("When providing 'validate=False', no other params are allowed.")
            return self.new_key(key_name)
        if response_headers:
            refuse("response_headers", response_headers)
        stored = self.connection.stored_name(key_name)
        try:
            if headers or version_id is not None:
                meta = self.store.head(stored, version_id=version_id, **read_options(headers))
            else:
                meta = self.store.head(stored)
        except NotFoundError:
            return None
        except StoreError as error:
            raise server_error(error, body=False) from error
        key = self.key_class(self, key_name)
        key.hear(meta)
        return key

    def new_key(self, key_name: str | None = None) -> Key:
        if not key_name:
            raise ValueError("Empty key names are not allowed")
        return self.key_class(self, key_name)

    def list(
        self,
        prefix: str = "",
        delimiter: str = "",
        marker: str = "",
        headers: Any = None,
        encoding_type: str | None = None,
    ) -> BucketListResultSet:
        return BucketListResultSet(self, prefix, delimiter, marker, headers, encoding_type)

    def get_all_keys(self, headers: Any = None, **params: Any) -> ResultSet:
        """One page: keys, then groups. `maxkeys`, `prefix`, `marker`, `delimiter`, `encoding_type`."""
        self.validate_kwarg_names(params, LIST_PARAMS)
        refuse_headers(headers)
        return keys_page(self, **params)

    def validate_kwarg_names(self, kwargs: Mapping[str, Any], names: Iterable[str]) -> None:
        for kwarg in kwargs:
            if kwarg not in names:
                raise TypeError(f'Invalid argument "{kwarg}"!')

    def delete_key(
        self, key_name: str, headers: Any = None, version_id: str | None = None, mfa_token: Any = None
    ) -> Key:
        """No error where there is none, where the store has none for that. Returns a key with that name."""
        if not key_name:
            raise ValueError("Empty key names are not allowed")
        refuse("mfa_token", mfa_token)
        if headers:
            refuse_headers(headers)
        try:
            self.store.delete(self.connection.stored_name(key_name), version_id=version_id)
        except StoreError as error:
            raise server_error(error) from error
        return self.key_class(self, key_name)

    def delete_keys(
        self, keys: Iterable[Any], quiet: bool = False, mfa_token: Any = None, headers: Any = None
    ) -> MultiDeleteResult:
        """Names, pairs of name and version, or keys; others are rows of `errors`. `deleted` is empty if quiet."""
        refuse("mfa_token", mfa_token)
        refuse_headers(headers)
        result = MultiDeleteResult(self)
        requests = [request for key in keys if (request := delete_request(key, result)) is not None]
        self._delete_many(requests, quiet, result)
        return result

    @translated
    def _delete_many(self, requests: Any, quiet: bool, result: MultiDeleteResult) -> None:
        done = self.store.delete_many(requests)
        result.errors += [Error(each.key, each.version_id, each.code, each.message) for each in done.errors]
        if not quiet:
            result.deleted += [Deleted(key) for key in done.deleted]

    def copy_key(
        self,
        new_key_name: str,
        src_bucket_name: str,
        src_key_name: str,
        metadata: Mapping[str, str] | None = None,
        src_version_id: str | None = None,
        storage_class: str | None = "STANDARD",
        preserve_acl: bool = False,
        encrypt_key: bool = False,
        headers: Any = None,
        query_args: Any = None,
    ) -> Key:
        """`metadata` replaces the source's; None keeps it. `preserve_acl` sets the source's ACL, after the copy."""
        refuse("encrypt_key", encrypt_key)
        refuse("query_args", query_args)
        acl = None
        if preserve_acl:
            acl = self.connection.get_bucket(src_bucket_name, validate=False).get_xml_acl(src_key_name)
        key = copied(
            self, new_key_name, src_bucket_name, src_key_name, metadata, src_version_id, storage_class, headers
        )
        if acl is not None:
            self.set_xml_acl(acl, new_key_name)
        return key

    # ACLs: the bucket's own where there is no key

    @translated
    def set_canned_acl(
        self, acl_str: str, key_name: str = "", headers: Any = None, version_id: str | None = None
    ) -> None:
        assert acl_str in CannedACLStrings, f"{acl_str!r} is not one of {CannedACLStrings}"
        acl_of(headers)
        refuse("version_id", version_id)
        self.connection.access.put_canned(self.name or "", self._acl_key(key_name), acl_str, self.connection.owner)

    @translated
    def get_acl(self, key_name: str = "", headers: Any = None, version_id: str | None = None) -> Policy:
        refuse_headers(headers)
        refuse("version_id", version_id)
        return self.connection.access.get(self.name or "", self._acl_key(key_name), self.connection.owner)

    def get_xml_acl(self, key_name: str = "", headers: Any = None, version_id: str | None = None) -> bytes:
        return self.get_acl(key_name, headers, version_id).to_xml().encode()

    @translated
    def set_xml_acl(
        self,
        acl_str: str | bytes,
        key_name: str = "",
        headers: Any = None,
        version_id: str | None = None,
        query_args: str = "acl",
    ) -> None:
        refuse_headers(headers)
        refuse("version_id", version_id)
        self.connection.access.put_policy(self.name or "", self._acl_key(key_name), acl_str, self.connection.owner)

    def set_acl(
        self, acl_or_str: Policy | str, key_name: str = "", headers: Any = None, version_id: str | None = None
    ) -> None:
        if isinstance(acl_or_str, Policy):
            self.set_xml_acl(acl_or_str.to_xml(), key_name, headers, version_id)
        else:
            self.set_canned_acl(acl_or_str, key_name, headers, version_id)

    def _acl_key(self, key_name: str) -> str | None:
        return self.connection.stored_name(key_name) or None

    def make_public(self, recursive: bool = False, headers: Any = None) -> None:
        self.set_canned_acl("public-read", headers=headers)
        if recursive:
            for key in self:
                self.set_canned_acl("public-read", key.name, headers=headers)

    def add_email_grant(
        self, permission: str, email_address: str, recursive: bool = False, headers: Any = None
    ) -> None:
        check_permission(permission)
        policy = self.get_acl(headers=headers)
        policy.acl.add_email_grant(permission, email_address)
        self.set_acl(policy, headers=headers)
        if recursive:
            for key in self:
                key.add_email_grant(permission, email_address, headers=headers)

    def add_user_grant(
        self,
        permission: str,
        user_id: str,
        recursive: bool = False,
        headers: Any = None,
        display_name: str | None = None,
    ) -> None:
        check_permission(permission)
        policy = self.get_acl(headers=headers)
        policy.acl.add_user_grant(permission, user_id, display_name=display_name)
        self.set_acl(policy, headers=headers)
        if recursive:
            for key in self:
                key.add_user_grant(permission, user_id, headers=headers, display_name=display_name)

    def list_grants(self, headers: Any = None) -> Grants:
        return self.get_acl(headers=headers).acl.grants

    # the bucket itself, uploads, URLs

    @translated
    def get_location(self, headers: Any = None) -> str:
        """The region, empty for us-east-1."""
        refuse_headers(headers)
        try:
            region = self.connection.service.head_bucket(self.name or "").region or ""
        except BucketNotFoundError as error:
            raise server_error(error) from error
        return "" if region == "us-east-1" else region

    def delete(self, headers: Any = None) -> None:
        self.connection.delete_bucket(self.name, headers=headers)

    def generate_url(
        self,
        expires_in: float,
        method: str = "GET",
        headers: Any = None,
        force_http: bool = False,
        response_headers: Any = None,
        expires_in_absolute: bool = False,
    ) -> str:
        return self.connection.generate_url(
            expires_in,
            method,
            self.name,
            headers=headers,
            force_http=force_http,
            response_headers=response_headers,
            expires_in_absolute=expires_in_absolute,
        )

    def initiate_multipart_upload(
        self,
        key_name: str,
        headers: Any = None,
        reduced_redundancy: bool = False,
        metadata: Mapping[str, str] | None = None,
        encrypt_key: bool = False,
        policy: str | None = None,
    ) -> MultiPartUpload:
        refuse("encrypt_key", encrypt_key)
        return initiated(
            self, key_name, headers, "REDUCED_REDUNDANCY" if reduced_redundancy else None, metadata, policy
        )

    def complete_multipart_upload(
        self, key_name: str, upload_id: str, xml_body: str | bytes, headers: Any = None
    ) -> CompleteMultiPartUpload:
        refuse_headers(headers)
        return completed(self, key_name, upload_id, xml_body)

    @translated
    def cancel_multipart_upload(self, key_name: str, upload_id: str, headers: Any = None) -> None:
        refuse_headers(headers)
        self.store.abort_multipart_upload(self.connection.stored_name(key_name), upload_id)

    def list_multipart_uploads(
        self, key_marker: str = "", upload_id_marker: str = "", headers: Any = None, encoding_type: str | None = None
    ) -> MultiPartUploadListResultSet:
        return MultiPartUploadListResultSet(self, key_marker, upload_id_marker, headers, encoding_type)

    def get_all_multipart_uploads(self, headers: Any = None, **params: Any) -> ResultSet:
        self.validate_kwarg_names(params, UPLOAD_PARAMS)
        refuse_headers(headers)
        return uploads_page(self, **params)


def check_permission(permission: str) -> None:
    if permission not in S3Permissions:
        raise S3PermissionsError(f"Unknown Permission: {permission}")


def delete_request(key: Any, result: MultiDeleteResult) -> DeleteRequest | None:
    """The row of a batch delete; None, and a row of errors, for what is no key."""
    if isinstance(key, str):
        return DeleteRequest(key=key)
    if isinstance(key, tuple) and len(key) == 2:
        return DeleteRequest(key=key[0], version_id=key[1])
    if isinstance(key, Key) and key.name:
        return DeleteRequest(key=key.name, version_id=key.version_id)
    name, code = (key.name, "PrefixSkipped") if isinstance(key, Prefix) else (repr(key), "InvalidArgument")
    result.errors.append(Error(name, code=code, message="Invalid. No delete action taken for this object."))
    return None
