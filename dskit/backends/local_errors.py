"""Errors of the operating system in dskit's terms: the one place for plain files."""

from __future__ import annotations

import errno
import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from ..errors import InvalidKeyError, PermissionDeniedError, StoreError, TooLargeError, UnavailableError

__all__ = ["translate", "translated"]

P = ParamSpec("P")
R = TypeVar("R")

_FULL = {errno.ENOSPC, errno.EDQUOT}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}


def translate(error: OSError) -> StoreError:
    """The `StoreError` for what the file system said. Paths stay out of the message; the cause has them."""
    reason = error.strerror or str(error)
    if error.errno in _DENIED:
        return PermissionDeniedError(f"the file system refuses: {reason}")
    if error.errno == errno.ENAMETOOLONG:
        return InvalidKeyError("a segment of the key is too long for this file system")
    if error.errno == errno.EFBIG:
        return TooLargeError("the file system or a limit of this process takes no file of this size")
    if error.errno in _FULL:
        return UnavailableError(f"the file system is full: {reason}", retryable=False)
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return UnavailableError(f"too many open files: {reason}")
    return UnavailableError(f"the file system failed: {reason}", code="InternalError", retryable=False)


def translated(function: Callable[P, R]) -> Callable[P, R]:
    """A method whose `OSError` leaves as a `StoreError`, cause chained; the errors of dskit pass."""

    @functools.wraps(function)
    def call(*args: P.args, **options: P.kwargs) -> R:
        try:
            return function(*args, **options)
        except StoreError:
            raise  # many of them are OSErrors as well
        except OSError as error:
            raise translate(error) from error

    return call
