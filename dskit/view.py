"""One bucket of a service seen through a prefix: the state that all verbs of a store share."""

from __future__ import annotations

import dataclasses

from .backend import ObjectService
from .capabilities import Capabilities
from .errors import InvalidKeyError, StoreError
from .guards import Denials, denials
from .keys import check_bucket_name, check_key, key_bytes
from .types import ObjectMeta

__all__ = ["View"]


class View:
    """A service, a bucket of it, and a raw string before every key.

    `prefix` is prepended to all keys that go in and removed from all that come out; nothing is inserted between.
    Raises `InvalidBucketNameError` and, for a prefix that UTF-8 cannot hold, `InvalidKeyError`.
    """

    service: ObjectService
    bucket: str
    prefix: str
    denied: dict[str, Denials]

    def __init__(self, service: ObjectService, bucket: str, *, prefix: str = "") -> None:
        check_bucket_name(bucket, service.capabilities.semantics.bucket_names)
        key_bytes(prefix)
        self.service = service
        self.bucket = bucket
        self.prefix = prefix
        self.denied = denials(service.capabilities.supports)
        self._max_key_bytes = service.capabilities.limits.max_key_bytes

    @property
    def capabilities(self) -> Capabilities:
        """What this store can be asked, its limits, and which of the allowed behaviours it has."""
        return self.service.capabilities

    @property
    def name(self) -> str:
        """What errors and reprs call this store; never holds a secret."""
        return self.service.name

    def check_key(self, key: str) -> None:
        """Raises `InvalidKeyError` unless the key, with this view's prefix, is one that the service may be given."""
        if self.prefix:
            check_key(key, max_bytes=None)
            key = self.prefix + key
        check_key(key, max_bytes=self._max_key_bytes)

    def check_prefix(self, *prefixes: str) -> None:
        """Raises `InvalidKeyError` for a prefix or marker that is not a string of UTF-8."""
        for prefix in prefixes:
            if not isinstance(prefix, str):
                raise InvalidKeyError(f"a prefix or marker is a str, not {type(prefix).__name__}")
            key_bytes(prefix)

    def marker(self, key: str) -> str:
        """A marker in the service's terms; the empty one stays empty, it means "from the beginning"."""
        return self.prefix + key if key else ""

    def inner(self, key: str) -> str:
        """A key of the service in this view's terms."""
        return key[len(self.prefix) :] if self.prefix and key.startswith(self.prefix) else key

    def inner_meta(self, meta: ObjectMeta) -> ObjectMeta:
        return dataclasses.replace(meta, key=self.inner(meta.key)) if self.prefix else meta

    def explain(self, error: StoreError, operation: str, key: str | None, *, composed: bool = False) -> None:
        """Fill in what the raiser did not know, and say verb and keys in this view's terms.

        A key is put into them once, however many verbs an error passes; `composed` says that it is in them already.
        """
        if self.prefix and error.key is not None and not (composed or error.in_view):
            error.key = self.inner(error.key)
        error.in_view = True
        if operation != "raw":
            error.operation = operation  # the caller's word; a service has its own for some
        error.with_context(operation=operation, bucket=self.bucket, key=key, store=self.name)
