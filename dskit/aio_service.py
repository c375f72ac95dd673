"""`AsyncService`: the buckets of a backend for coroutines."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, ParamSpec, Self, TypeVar

from .aio_view import documented
from .capabilities import Capabilities
from .hops import hop
from .service import Service
from .types import BucketInfo

if TYPE_CHECKING:
    from .aio import AsyncStore

__all__ = ["AsyncService"]

P = ParamSpec("P")
R = TypeVar("R")


@documented(Service)
class AsyncService:
    """A service for coroutines; `Service.aio` makes it. The same verbs, the same errors; `bucket(name)` is an
    `AsyncStore`. Calls run as those of a store do."""

    def __init__(self, buckets: Service) -> None:
        self.buckets = buckets

    @property
    def capabilities(self) -> Capabilities:
        """What its buckets can be asked, their limits, and which of the allowed behaviours they have."""
        return self.buckets.capabilities

    @property
    def name(self) -> str:
        """What errors and reprs call this service; never holds a secret."""
        return self.buckets.name

    async def create_bucket(self, name: str, *, region: str | None = None) -> BucketInfo:
        return await self._call(self.buckets.create_bucket, name, region=region)

    async def head_bucket(self, name: str) -> BucketInfo:
        return await self._call(self.buckets.head_bucket, name)

    async def delete_bucket(self, name: str) -> None:
        await self._call(self.buckets.delete_bucket, name)

    async def list_buckets(self) -> list[BucketInfo]:
        return await self._call(self.buckets.list_buckets)

    def bucket(self, name: str, *, prefix: str = "") -> AsyncStore:
        return self.buckets.bucket(name, prefix=prefix).aio

    async def close(self) -> None:
        await self._call(self.buckets.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<AsyncService of {self.buckets!r}>"

    async def _call(self, verb: Callable[P, R], /, *args: P.args, **options: P.kwargs) -> R:
        return await hop(self.buckets.service, partial(verb, *args, **options))
