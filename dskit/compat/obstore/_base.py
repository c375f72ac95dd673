"""What every store of the facade is made of: a store of dskit, and how obstore's store of that kind behaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

from ...hops import hop
from ...store import Store
from ._paths import path_of

__all__ = ["ObjectStoreBase", "Traits", "below", "hopped", "store_of"]


P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """Where obstore's stores differ from each other, observed with obstore 0.12.1.

    The defaults are for a store of dskit that obstore has no class for: all that the store can do, nothing ignored.
    """

    label: str
    """What messages call the store."""
    attributes: bool = True
    """Whether a put takes attributes; obstore's local store takes none."""
    create: bool = True
    """Whether a put may say "create"; S3 with ``conditional_put="disabled"`` does not."""
    update: bool = True
    """Whether a put may name the ETag to replace; obstore's local store takes none."""
    tags: Literal["ignored", "refused"] = "refused"
    """obstore's memory and local stores take tags and keep none; elsewhere they are refused, not lost."""
    delete_missing: bool = True
    """Whether deleting what is not there succeeds."""
    copy_onto_itself: bool = True
    """Whether copying an object onto itself does nothing; S3 refuses it."""
    create_copy: Literal["atomic", "multipart", "none"] = "atomic"
    """How ``overwrite=False`` is done: by a conditional copy, by an upload with a conditional end, or not at all."""
    bulk_delete: bool = True
    checksum: str | None = None
    """The checksum algorithm of every put."""
    content_type: str | None = None
    """That of a put without one, where obstore's store sends one."""
    null_version: bool = False
    """Whether the version None may be named to be replaced: obstore's results have one here, and dskit's have none."""


class ObjectStoreBase:
    """A store of dskit, `native`, behind obstore's functions."""

    def __init__(self, native: Store, traits: Traits) -> None:
        self._native = native
        self._traits = traits

    @property
    def native(self) -> Store:
        """The store of dskit that this one calls."""
        return self._native

    @property
    def label(self) -> str:
        return self._traits.label

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        assert isinstance(other, ObjectStoreBase)
        return self._identity() == other._identity()

    __hash__ = None  # type: ignore[assignment]

    def _identity(self) -> tuple[Any, ...]:
        """What makes two stores the same."""
        return (id(self._native),)


def store_of(store: object) -> ObjectStoreBase:
    """Raises `ValueError` for anything that is no store of this facade."""
    if isinstance(store, ObjectStoreBase):
        return store
    if isinstance(store, Store):
        raise ValueError(
            f"{store!r} is a store of dskit: dskit.compat.obstore.store.wrap(store) makes one of obstore's shape"
        )
    raise ValueError(f"Expected an object store instance, got {store!r}")


def below(native: Store, prefix: str | None) -> Store:
    """The same store, with a path before every key. Raises as `path_of`."""
    path = "" if prefix is None else path_of(prefix)
    if not path:
        return native
    return Store(native.service, native.bucket, prefix=f"{native.prefix}{path}/")


async def hopped(function: Callable[Concatenate[Any, P], R], store: object, /, *args: P.args, **options: P.kwargs) -> R:
    """A function of this facade for a coroutine, by the rules of `AsyncStore`: inline where the store does not block,
    else in a worker thread, for which a cancelled caller waits."""
    target = store_of(store)
    return await hop(target.native.service, partial(function, target, *args, **options))
