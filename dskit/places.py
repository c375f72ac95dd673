"""Where on this machine something is: of a store that keeps its objects in a folder, and of a folder itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from .errors import InvalidRequestError

if TYPE_CHECKING:
    from .store import Store

__all__ = ["Place", "place_in", "place_of", "refuse_nested"]


class Place(NamedTuple):
    """`path` is what the real paths of all its files begin with: a folder's ends with ``/``, that of a prefix of keys
    need not. `inside` is the same within a store that has a format of its own, where a path tells nothing more."""

    path: str
    inside: str = ""

    def overlaps(self, other: Place) -> bool:
        """Whether both are the same or one contains the other."""
        ours, theirs = (self.inside, other.inside) if self.path == other.path else (self.path, other.path)
        return ours.startswith(theirs) or theirs.startswith(ours)


def place_in(folder: str | os.PathLike[str], beginning: str = "") -> Place:
    """A folder, or what in it begins so."""
    return Place(os.path.join(os.path.realpath(folder), "") + beginning)


def place_of(store: Store, key: str = "") -> Place | None:
    """Of all objects of a store, or of one; None where they are not in a folder of this machine (as far as we know)."""
    find = getattr(store.service, "place", None)
    return None if find is None else find(store.bucket, store.prefix + key)


def refuse_nested(source: Place | None, target: Place | None, names: tuple[str, str]) -> None:
    """What is copied would be copied again, and what is removed from a target would be removed from the source.

    Raises `InvalidRequestError`; `names` are what it calls the two.
    """
    if source is not None and target is not None and source.overlaps(target):
        raise InvalidRequestError(
            f"{names[0]} and {names[1]} are the same folder or one is in the other; choose folders that are not"
        )
