"""Reading ranges of one state of an object, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..conditions import same_state
from ..errors import ConflictError, PreconditionFailedError, UnavailableError
from ..types import ObjectMeta

if TYPE_CHECKING:
    from ..store import Store

__all__ = ["changed", "pin_of", "read_pinned"]


def read_pinned(store: Store, key: str, meta: ObjectMeta, start: int, stop: int) -> Iterator[bytes]:
    """The bytes from `start` up to `stop` of the object that `meta` describes.

    ``If-Match`` pins the request where the store takes it, and the ETag of every answer is compared in any case.
    Raises `ConflictError` where the object has been replaced.
    """
    if start == stop:
        return
    pin = pin_of(store, meta.etag)
    whole = start == 0 and stop == meta.size
    try:
        result = store.get(key, range=None if whole else (start, stop), if_match=pin, version_id=meta.version_id)
    except PreconditionFailedError as error:
        raise changed(key, store.name) from error
    with result:
        if not same_state(result.meta, meta):
            raise changed(key, store.name)
        if (result.start, result.stop) != (start, stop):
            raise UnavailableError(
                f"asked for bytes {start} to {stop}, the store sent {result.start} to {result.stop}",
                key=key,
                store=store.name,
                code="BadContentRange",
            )
        yield from result


def pin_of(store: Store, etag: str) -> str | None:
    """The condition that pins a read, where the store takes one."""
    return etag if store.capabilities.supports.get_if_match and etag else None


def changed(key: str, store: str) -> ConflictError:
    return ConflictError(
        "the object was replaced while it was read: start again to get the new one",
        key=key,
        store=store,
        code="ObjectChanged",
    )
