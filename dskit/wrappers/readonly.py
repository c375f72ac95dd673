"""`ReadOnlyStore`: what is stored can be read and not be changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..errors import PermissionDeniedError
from ..store import Store
from .forwarding import Call, WrappedService, WrappedStore

__all__ = ["ReadOnlyService", "ReadOnlyStore"]

T = TypeVar("T")


class ReadOnlyService(WrappedService):
    """Refuses each call that would change something, before it reaches `inner`.

    The refusal is `PermissionDeniedError` (code ``AccessDenied``), as with credentials that may only read. `raw` sends
    the operations of S3 whose names begin with Get, Head or List.
    """

    kind = "read-only"

    def around(self, call: Call, run: Callable[[], T]) -> T:
        if call.writes:
            raise PermissionDeniedError(
                f"this store is read-only: {call.verb} was refused and nothing was sent",
                operation=call.verb,
                bucket=call.bucket,
                key=call.keys[-1] if len(call.keys) == 1 else None,
            )
        return run()


class ReadOnlyStore(WrappedStore):
    """Another store, for reading only: every verb that writes raises `PermissionDeniedError`."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, ReadOnlyService(store.service))
