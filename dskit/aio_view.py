"""What the verbs of an asynchronous store share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from .backend import ObjectService
from .capabilities import Capabilities
from .hops import hop

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
        return self.store.service

    @property
    def bucket(self) -> str:
        return self.store.bucket

    @property
    def prefix(self) -> str:
        return self.store.prefix

    @property
    def capabilities(self) -> Capabilities:
        """What this store can be asked, its limits, and which of the allowed behaviours it has."""
        return self.store.capabilities

    async def _call(self, verb: Callable[P, R], /, *args: P.args, **options: P.kwargs) -> R:
        return await hop(self.store.service, partial(verb, *args, **options))


def documented(source: type) -> Callable[[C], C]:
    """Methods without a docstring get that of the method of `source` with the same name: one text for both worlds."""

    def fill(target: C) -> C:
        for name, member in vars(target).items():
            if inspect.isfunction(member) and not member.__doc__ and (twin := getattr(source, name, None)):
                member.__doc__ = twin.__doc__
        return target

    return fill
