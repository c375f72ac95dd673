"""boto 2's key: an object, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ....types import ObjectMeta
from ...object_headers import object_headers
from .acl import Policy
from .headers import SETTABLE, metadata_of
from .key_writing import REDUCED, KeyWriter

__all__ = ["Key"]


class Key(KeyWriter):
    """boto's attributes: `name`, `metadata`, `size`, `etag` (quoted), `last_modified` (a str), `content_type`, …

    A key from `new_key` has sent nothing; one from `get_key` knows its headers; one of a listing what listings tell.
    """

    base_user_settable_fields: ClassVar = frozenset(SETTABLE)
    base_fields: ClassVar = SETTABLE | {"last-modified", "content-length", "date", "etag"}

    def __init__(self, bucket: Any = None, name: str | None = None) -> None:
        super().__init__()
        self.bucket = bucket
        self.name = name
        self.metadata: dict[str, str] = {}
        self.cache_control: str | None = None
        self.content_type: str | None = self.DefaultContentType
        self.content_encoding: str | None = None
        self.content_disposition: str | None = None
        self.content_language: str | None = None
        self.filename: str | None = None
        self.etag: str | None = None
        self.is_latest = False
        self.last_modified: str | None = None
        self.owner: Any = None
        self._storage_class: str | None = None
        self.path: str | None = None
        self.size: int | None = None
        self.version_id: str | None = None
        self.source_version_id: str | None = None
        self.delete_marker = False
        self.encrypted: str | None = None

    def __repr__(self) -> str:
        return f"<Key: {self.bucket.name if self.bucket else None},{self.name}>"

    def _get_storage_class(self) -> str:
        if self._storage_class is None and self.bucket:
            rows = list(self.bucket.get_all_keys(prefix=self.name, maxkeys=1))
            self._storage_class = (rows[0]._storage_class if rows else None) or "STANDARD"
        return self._storage_class or "STANDARD"

    def _set_storage_class(self, value: str | None) -> None:
        self._storage_class = value

    storage_class = property(_get_storage_class, _set_storage_class)
    key = property(lambda self: self.name, lambda self, value: setattr(self, "name", value))

    def learn(self, meta: ObjectMeta) -> None:
        """Take over what the answer to a HEAD or GET says."""
        headers = {name.lower(): value for name, value in object_headers(meta).items()} | {"date": self.bucket.date()}
        for field in self.base_fields:
            setattr(self, field.replace("-", "_"), headers.get(field))
        self.metadata = metadata_of(meta)
        self.size = meta.size
        self.version_id = meta.version_id
        self._storage_class = meta.attributes.storage_class

    # through the bucket

    def copy(
        self,
        dst_bucket: str,
        dst_key: str,
        metadata: Mapping[str, str] | None = None,
        reduced_redundancy: bool = False,
        preserve_acl: bool = False,
        encrypt_key: bool = False,
        validate_dst_bucket: bool = True,
    ) -> Key:
        target = self.bucket.connection.lookup(dst_bucket, validate_dst_bucket)
        copied: Key = target.copy_key(
            dst_key,
            self.bucket.name,
            self.name,
            metadata,
            storage_class=REDUCED if reduced_redundancy else self.storage_class,
            preserve_acl=preserve_acl,
            encrypt_key=encrypt_key,
            src_version_id=self.version_id,
        )
        return copied

    def exists(self, headers: Any = None) -> bool:
        return bool(self.bucket.lookup(self.name, headers=headers))

    def delete(self, headers: Any = None) -> Key:
        gone: Key = self.bucket.delete_key(self.name, version_id=self.version_id, headers=headers)
        return gone

    def get_metadata(self, name: str) -> str | None:
        return self.metadata.get(name)

    def set_metadata(self, name: str, value: str) -> None:
        standard = {"content-type": "Content-Type", "content-md5": "Content-MD5"}
        self.metadata[standard.get(name.lower(), name)] = value
        if name.lower() in self.base_user_settable_fields:
            self.__dict__[name.lower().replace("-", "_")] = value

    def update_metadata(self, d: Mapping[str, str]) -> None:
        self.metadata.update(d)

    def set_acl(self, acl_str: Any, headers: Any = None) -> None:
        if self.bucket is not None:
            self.bucket.set_acl(acl_str, self.name, headers=headers)

    def get_acl(self, headers: Any = None) -> Policy | None:
        return None if self.bucket is None else self.bucket.get_acl(self.name, headers=headers)

    def get_xml_acl(self, headers: Any = None) -> bytes | None:
        return None if self.bucket is None else self.bucket.get_xml_acl(self.name, headers=headers)

    def set_xml_acl(self, acl_str: str | bytes, headers: Any = None) -> None:
        if self.bucket is not None:
            self.bucket.set_xml_acl(acl_str, self.name, headers=headers)

    def set_canned_acl(self, acl_str: str, headers: Any = None) -> None:
        self.bucket.set_canned_acl(acl_str, self.name, headers)

    def make_public(self, headers: Any = None) -> None:
        self.bucket.set_canned_acl("public-read", self.name, headers)

    def add_email_grant(self, permission: str, email_address: str, headers: Any = None) -> None:
        policy = self.bucket.get_acl(self.name, headers=headers)
        policy.acl.add_email_grant(permission, email_address)
        self.set_acl(policy, headers=headers)

    def add_user_grant(
        self, permission: str, user_id: str, headers: Any = None, display_name: str | None = None
    ) -> None:
        policy = self.bucket.get_acl(self.name, headers=headers)
        policy.acl.add_user_grant(permission, user_id, display_name=display_name)
        self.set_acl(policy, headers=headers)

    def generate_url(
        self,
        expires_in: float,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        query_auth: bool = True,
        force_http: bool = False,
        response_headers: Mapping[str, str] | None = None,
        expires_in_absolute: bool = False,
        version_id: str | None = None,
        policy: str | None = None,
        reduced_redundancy: bool = False,
        encrypt_key: bool = False,
    ) -> str:
        sent = dict(headers or {})
        if policy:
            sent["x-amz-acl"] = policy
        if reduced_redundancy:
            self.storage_class = REDUCED
            sent["x-amz-storage-class"] = REDUCED
        if encrypt_key:
            sent["x-amz-server-side-encryption"] = "AES256"
        for name, value in self.metadata.items():
            sent[name if name.lower() in SETTABLE else f"x-amz-meta-{name}"] = value
        url: str = self.bucket.connection.generate_url(
            expires_in,
            method,
            self.bucket.name,
            self.name,
            sent,
            query_auth,
            force_http,
            response_headers,
            expires_in_absolute,
            version_id or self.version_id,
        )
        return url
