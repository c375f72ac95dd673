"""What every open file of a store refuses, and how it says so: by key, with the remedy."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from .errors import FileModeError, InvalidRequestError

__all__ = ["guarded"]

C = TypeVar("C", bound=type)


def guarded(
    *,
    reading: Collection[str] = (),
    writing: Collection[str] = (),
    moving: Collection[str] = (),
    other: Collection[str] = (),
) -> Callable[[C], C]:
    """The named methods of a class of `io` files that have a `key`.

    On a closed file they raise `InvalidRequestError` (a ValueError, as `io` has it); those that read, write or move
    raise `FileModeError` (an `io.UnsupportedOperation`) where the file is not `readable`, `writable`, `seekable`.
    """
    kinds = {
        **dict.fromkeys(reading, ("readable", "not open for reading: open it with mode 'rb' or 'r'")),
        **dict.fromkeys(writing, ("writable", "not open for writing: open it with mode 'wb' or 'w'")),
        **dict.fromkeys(moving, ("seekable", "written from its beginning to its end: it cannot seek")),
        **dict.fromkeys(other, ("", "")),
    }

    def decorate(target: C) -> C:
        for name, (asked, remedy) in kinds.items():
            setattr(target, name, _checked(getattr(target, name), asked, remedy))
        return target

    return decorate


def _checked(method: Callable[..., Any], asked: str, remedy: str) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(self: Any, *args: Any, **options: Any) -> Any:
        if self.closed:
            raise InvalidRequestError("I/O operation on closed file: open the key again", key=self.key)
        if asked and not getattr(self, asked)():
            raise FileModeError(f"{method.__name__}: this file is {remedy}", key=self.key)
        return method(self, *args, **options)

    return call
