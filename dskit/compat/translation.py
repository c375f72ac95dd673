"""Errors of stores as an SDK's own, around whole methods."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from ..errors import StoreError

__all__ = ["translating"]

P = ParamSpec("P")
T = TypeVar("T")


def translating(exception_of: Callable[[StoreError], Exception]) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """A decorator: a `StoreError` of the function leaves it as the exception that `exception_of` makes, its cause
    chained."""

    def decorate(call: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(call)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return call(*args, **kwargs)
            except StoreError as error:
                raise exception_of(error) from error

        return wrapper

    return decorate
