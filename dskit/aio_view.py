"""What the verbs of an asynchronous store share."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from .backend import ObjectService
from .capabilities import Capabilities
from .hops import check_cancelled, hop
from .sources import CheckedData

if TYPE_CHECKING:
    from .store import Store

__all__ = ["AsyncView", "documented"]

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=type)


class AsyncView:
    """A store, called from coroutines."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @property
    def service(self) -> ObjectService:
        """The backend."""
        return self.store.service

    @property
    def bucket(self) -> str:
        """The name of its bucket."""
        return self.store.bucket

    @property
    def prefix(self) -> str:
        """The raw string before every key."""
        return self.store.prefix

    @property
    def name(self) -> str:
        """What errors and reprs call this store; never holds a secret."""
        return self.store.name

    @property
    def capabilities(self) -> Capabilities:
        """What this store can be asked, its limits, and which of the allowed behaviours it has."""
        return self.store.capabilities

    async def _call(self, verb: Callable[P, R], /, *args: P.args, **options: P.kwargs) -> R:
        return await hop(self.store.service, partial(verb, *args, **options))

    async def _call_with(self, data: object, verb: Callable[..., R], /, **options: Any) -> R:
        """`verb(data)`, whose data fail in their reader once the caller has been cancelled."""
        if isinstance(data, bytes) or not self.store.service.blocking:
            return await self._call(partial(verb, data, **options))
        cancelled = threading.Event()
        checked = CheckedData(data, partial(check_cancelled, cancelled))
        return await hop(self.store.service, partial(verb, checked, **options), cancelled=cancelled)


def documented(source: type) -> Callable[[C], C]:
    """Methods without a docstring get that of the method of `source` with the same name: one text for both worlds."""

    def fill(target: C) -> C:
        for name, member in vars(target).items():
            if inspect.isfunction(member) and not member.__doc__ and (twin := getattr(source, name, None)):
                member.__doc__ = twin.__doc__
        return target

    return fill
