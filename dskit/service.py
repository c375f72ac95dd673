"""`Service`: the buckets of a backend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from .backend import ObjectService
from .capabilities import Capabilities
from .errors import StoreError
from .guards import refuse_verb
from .keys import check_bucket_name
from .store import Store
from .types import BucketInfo

if TYPE_CHECKING:
    from .aio_service import AsyncService

__all__ = ["Service"]


class Service:
    """All buckets of a backend; `bucket(name)` is a `Store`. `dskit.open_service(url)` makes one.

    It owns the backend's service: closing it ends all stores made from it.
    """

    def __init__(self, service: ObjectService) -> None:
        self.service = service

    @property
    def capabilities(self) -> Capabilities:
        """What its buckets can be asked, their limits, and which of the allowed behaviours they have."""
        return self.service.capabilities

    @property
    def name(self) -> str:
        """What errors and reprs call this service; never holds a secret."""
        return self.service.name

    def create_bucket(self, name: str, *, region: str | None = None) -> BucketInfo:
        """Raises `InvalidBucketNameError`, `BucketExistsError`."""
        self._check("create_bucket", name)
        with self._context("create_bucket", name):
            return self.service.create_bucket(name, region=region)

    def head_bucket(self, name: str) -> BucketInfo:
        """Raises `BucketNotFoundError`."""
        check_bucket_name(name, self.capabilities.semantics.bucket_names)
        with self._context("head_bucket", name):
            return self.service.head_bucket(name)

    def delete_bucket(self, name: str) -> None:
        """Raises `BucketNotFoundError`, `BucketNotEmptyError`."""
        self._check("delete_bucket", name)
        with self._context("delete_bucket", name):
            self.service.delete_bucket(name)

    def list_buckets(self) -> list[BucketInfo]:
        """All buckets, by name."""
        with self._context("list_buckets"):
            return self.service.list_buckets()

    def bucket(self, name: str, *, prefix: str = "") -> Store:
        """The store of a bucket, which need not exist yet; its verbs raise `BucketNotFoundError` then."""
        return Store(self.service, name, prefix=prefix)

    @cached_property
    def aio(self) -> AsyncService:
        """The same service for coroutines."""
        from .aio_service import AsyncService

        return AsyncService(self)

    def close(self) -> None:
        """Release the backend. May be called again."""
        self.service.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Service {self.name}>"

    @contextmanager
    def _context(self, operation: str, bucket: str | None = None) -> Iterator[None]:
        try:
            yield
        except StoreError as error:
            error.with_context(operation=operation, bucket=bucket, store=self.name)
            raise

    def _check(self, operation: str, name: str) -> None:
        check_bucket_name(name, self.capabilities.semantics.bucket_names)
        if not self.capabilities.supports.buckets:
            raise refuse_verb(operation, "buckets").with_context(bucket=name, store=self.name)
