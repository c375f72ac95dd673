"""A dict that does not change, for what several hold at once: what is stored and what was handed out of it."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

__all__ = ["FrozenDict"]

K = TypeVar("K")
V = TypeVar("V")


class FrozenDict(dict[K, V]):
    """Equal to the dict that it was made of, shown, pickled, copied and written as JSON like it, and hashable where its
    values are. What would change it is a TypeError; ``dict(it)`` can be changed.

    (A `types.MappingProxyType` can be neither pickled nor copied deeply nor written as JSON.)
    """

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("this is a part of what a store tells and keeps; make a dict of it and change that")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenDict, (dict(self),)
