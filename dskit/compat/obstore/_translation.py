"""Errors of dskit in obstore's classes: the one place where one becomes the other."""

from __future__ import annotations

from ... import errors
from .exceptions import (
    AlreadyExistsError,
    GenericError,
    NotModifiedError,
    PermissionDeniedError,
    PreconditionError,
)

__all__ = ["translated", "translated_file", "translated_listing"]

_CLASSES: tuple[tuple[type[errors.StoreError], type[Exception], str], ...] = (
    (errors.KeyConflictError, GenericError, "Generic {store} error"),
    (errors.NotFoundError, FileNotFoundError, "Object at location {path} not found"),
    (errors.AlreadyExistsError, AlreadyExistsError, "Object at location {path} already exists"),
    (errors.PreconditionFailedError, PreconditionError, "Request precondition failure for path {path}"),
    (errors.NotModifiedError, NotModifiedError, "Object at location {path} not modified"),
    (errors.ConflictError, AlreadyExistsError, "Object at location {path} already exists"),
    (errors.PermissionDeniedError, PermissionDeniedError, "Permission denied for path {path}"),
    (errors.UnsupportedError, NotImplementedError, "Operation not yet implemented by {store}"),
    (errors.StoreError, GenericError, "Generic {store} error"),
)
"""By HTTP status in obstore: 404, 412 and 409 of a write, 304, 403; all others are generic (observed with 0.12.1)."""

_GENERIC_CODES = frozenset({"ExpiredToken", "InvalidToken"})
"""Refused credentials that S3 answers with 400, which obstore does not take for a matter of permission."""


def translated(error: errors.StoreError, store: str, path: str) -> Exception:
    """What obstore would have raised; raise it ``from error``."""
    if error.code in _GENERIC_CODES:
        return GenericError(f"Generic {store} error: {error}")
    for kind, made, text in _CLASSES:
        if isinstance(error, kind):
            return made(f"{text.format(store=store, path=path)}: {error}")
    raise AssertionError(f"{type(error).__name__} is a StoreError")


def translated_listing(error: errors.StoreError, store: str) -> Exception:
    """Listings fail with `GenericError` alone, whatever the reason."""
    if isinstance(error, errors.UnsupportedError):
        return NotImplementedError(f"Operation not yet implemented by {store}: {error}")
    return GenericError(f"Generic {store} error: {error}")


def translated_file(error: errors.StoreError, store: str, path: str) -> OSError:
    """Files of obstore fail as files do: `FileNotFoundError`, else a plain `OSError`."""
    made = translated(error, store, path)
    return made if isinstance(made, FileNotFoundError) else OSError(str(made))
