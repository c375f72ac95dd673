"""The exceptions of obstore, by its names and with its tree.

What obstore raises as a builtin is a builtin here too: `FileNotFoundError` for an object that is not there,
`NotImplementedError` for what a store cannot do, `ValueError` for an argument or a path that cannot be.
Every one of them has the error of dskit as its ``__cause__`` where the store raised it.
"""

from __future__ import annotations

__all__ = [
    "AlreadyExistsError",
    "BaseError",
    "GenericError",
    "InvalidPathError",
    "JoinError",
    "NotFoundError",
    "NotModifiedError",
    "NotSupportedError",
    "PermissionDeniedError",
    "PreconditionError",
    "UnauthenticatedError",
    "UnknownConfigurationKeyError",
]


class BaseError(Exception):
    """The root."""


class GenericError(BaseError):
    """Whatever has no class of its own: a server that fails, a range that cannot be, a bad configuration."""


class NotFoundError(BaseError):
    """Deprecated in obstore and never raised: a missing object is the builtin `FileNotFoundError`."""


class InvalidPathError(BaseError):
    """A listing met an object whose key is no path (``a//b``)."""


class JoinError(BaseError):
    """A task of obstore's runtime failed; the facade has none and never raises it."""


class NotSupportedError(BaseError):
    """The store has no such operation."""


class AlreadyExistsError(BaseError):
    """There is an object already where one was to be created."""


class PreconditionError(BaseError):
    """The object is not, or not any more, in the state that was asked for."""


class NotModifiedError(BaseError):
    """The caller's copy is current."""


class PermissionDeniedError(BaseError):
    """The credentials do not allow this."""


class UnauthenticatedError(BaseError):
    """The credentials were not accepted."""


class UnknownConfigurationKeyError(BaseError):
    """The store has no option of this name."""
