"""A service that must know the length of what it stores, without a server."""

from __future__ import annotations

from typing import Any

import dskit
from dskit.capabilities import Semantics

__all__ = ["WantsLength"]


class WantsLength:
    """A memory service that cannot be pushed, and notes what it is asked for. `failing`: what some calls raise."""

    def __init__(self) -> None:
        self._inner = dskit.MemoryStore().service
        self.capabilities = self._inner.capabilities.replace(semantics=Semantics(unknown_length="multipart"))
        self.blocking = True
        self.calls: list[str] = []
        self.failing: dict[str, Exception] = {}

    def __getattr__(self, name: str) -> Any:
        if name in ("begin_put", "begin_part"):
            raise AttributeError(name)
        member = getattr(self._inner, name)
        if not callable(member):
            return member

        def call(*args: Any, **options: Any) -> Any:
            self.calls.append(name)
            if name in self.failing:
                raise self.failing[name]
            return member(*args, **options)

        return call
