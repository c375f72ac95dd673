"""boto 2's key: an object, and what is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar

from ....backends.minio_headers import http_time
from ....types import ObjectMeta, ObjectSummary
from ...object_headers import object_headers
from .acl import Policy
from .headers import SETTABLE, iso, metadata_of
from .key_writing import REDUCED, KeyWriter

__all__ = ["Key"]


BEGINNINGS: Mapping[str, Any] = MappingProxyType(
    {
        "cache_control": None,
        "content_disposition": None,
        "content_encoding": None,
        "content_language": None,
        "content_type": KeyWriter.DefaultContentType,
        "etag": None,
        "last_modified": None,
        "local_hashes": dict,
        "metadata": dict,
        "owner": None,
        "size": None,
        "_storage_class": None,
    }
)
"""What a store tells of a key, and what that is before anything is known; `dict` is an empty one of its own."""

BASE_FIELDS = SETTABLE | {"last-modified", "content-length", "date", "etag"}


def facts(told: ObjectMeta | ObjectSummary, key: Key) -> dict[str, Any]:
    """The attributes that the answer to a HEAD or GET, or a row of a listing, tells."""
    if isinstance(told, ObjectSummary):
        return {
            "size": told.size,
            "etag": told.etag,
            "last_modified": iso(told.last_modified),
            "_storage_class": told.storage_class,
            "owner": key.bucket.connection.owner,
        }
    headers = {name.lower(): value for name, value in object_headers(told).items()}
    headers["date"] = http_time(key.told_at) or ""
    return {field.replace("-", "_"): headers.get(field) for field in BASE_FIELDS} | {
        "metadata": metadata_of(told),
        "size": told.size,
        "_storage_class": told.attributes.storage_class,
    }


FACTS = frozenset({field.replace("-", "_") for field in BASE_FIELDS} | {"metadata", "owner", "size", "_storage_class"})
"""The attributes that a store tells."""


class Key(KeyWriter):
    """boto's attributes: `name`, `metadata`, `size`, `etag` (quoted), `last_modified` (a str), `content_type`, …

    A key from `new_key` has sent nothing; one from `get_key` knows its headers; one of a listing what listings tell.
    """

    base_user_settable_fields: ClassVar = frozenset(SETTABLE)
    base_fields: ClassVar = BASE_FIELDS
    told_at: datetime | None = None
    delete_marker = False
    encrypted = None
    filename = None
    is_latest = False
    source_version_id = None
    version_id = None

    def __init__(self, bucket: Any = None, name: str | None = None) -> None:
        self.bucket = bucket
        self.name = name
        self.told = None  # here, for Python keeps attributes in little space that the first objects of a class have

    def __getattr__(self, name: str) -> Any:
        """An attribute that was not set: first all that the store told is taken over, which waits until it is wanted
        because listings are long; what it did not tell is as in the beginning."""
        if name in FACTS and self.told is not None:
            told, self.told = self.told, None
            self.__dict__.update({**facts(told, self), **self.__dict__})  # what the caller has set since stays
            return getattr(self, name)
        try:
            value = BEGINNINGS[name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}") from None
        if value is dict:
            value = self.__dict__[name] = {}
        return value

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
        """Take over what the answer to a HEAD or GET says, in the place of what was known."""
        own = self.__dict__
        if not FACTS.isdisjoint(own):
            for name in FACTS.intersection(own):
                del own[name]
        self.hear(meta)

    def hear(self, meta: ObjectMeta) -> None:
        """Take over what an answer says of a key of which nothing is known yet."""
        self.told, self.told_at = meta, self.bucket.connection.clock.now()
        self.version_id = meta.version_id

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


def listed(key_class: type[Key], bucket: Any, rows: Iterable[ObjectSummary]) -> list[Key]:
    """A key a row, which knows what the row tells."""
    found = []
    plain, new = key_class is Key, object.__new__
    for row in rows:
        if plain:  # what the initialiser does, without a call for each row
            key = new(Key)
            key.bucket, key.name, key.told = bucket, row.key, row
        else:
            key = key_class(bucket, row.key)
            key.told = row
        found.append(key)
    return found
