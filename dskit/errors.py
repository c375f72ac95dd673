"""Every error that dskit raises on purpose, drawn once.

::

    StoreError
    ├── NotFoundError (FileNotFoundError)            404: object, or what a subclass names
    │   ├── BucketNotFoundError
    │   └── UploadNotFoundError
    ├── PreconditionFailedError                      412: If-Match, If-None-Match, If-(Un)modified-Since
    │   └── AlreadyExistsError (FileExistsError)     412 of `if_none_match="*"`
    ├── NotModifiedError                             304: the caller's copy is current
    ├── ConflictError                                409: a concurrent operation got in the way
    │   ├── BucketExistsError (FileExistsError)
    │   └── BucketNotEmptyError
    ├── RangeNotSatisfiableError                     416
    ├── InvalidRequestError (ValueError)             400: an argument that no store would accept
    │   ├── InvalidKeyError                          a key that this store cannot hold
    │   │   └── KeyConflictError                     … because of what is stored already (`a` beside `a/b`)
    │   ├── InvalidBucketNameError
    │   ├── InvalidPartError                         a part list that does not fit the uploaded parts
    │   ├── FileModeError (io.UnsupportedOperation)  a mode that there is not, or what the mode of a file does not allow
    │   └── TooLargeError                            object, part, metadata or batch above a limit
    ├── ChecksumMismatchError                        400: bytes are not those that the digest names
    ├── UnsupportedError (NotImplementedError)       refused before any I/O, or 501; nothing happened
    ├── PermissionDeniedError (PermissionError)      403
    │   └── AuthenticationError                      who you are was not accepted
    ├── UnavailableError (ConnectionError)           5xx, refused or reset connections
    │   ├── ThrottledError                           503 SlowDown, 429
    │   └── ClosedError                              the store was closed before: nothing happened
    ├── TimedOutError (TimeoutError)
    ├── TransferIncompleteError                      some objects of a transfer failed: `failures`, `report`
    ├── OutcomeUnknownError                          a write whose answer was lost: it may have happened
    └── ConfigurationError (ValueError)              a URL, an option, a missing library

Every instance carries `operation`, `bucket`, `key`, `store`, `code`, `details` and `retryable`.
`code` is an S3 error code (``NoSuchKey``) whatever the backend; `details` holds the extra elements of
S3's error document (``{"Condition": "If-None-Match"}``). Builtin co-parents let ordinary code such as
``except FileNotFoundError`` work. Foreign exceptions are translated in one place per backend and chained.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

__all__ = [
    "AlreadyExistsError",
    "AuthenticationError",
    "BucketExistsError",
    "BucketNotEmptyError",
    "BucketNotFoundError",
    "ChecksumMismatchError",
    "ClosedError",
    "ConfigurationError",
    "ConflictError",
    "FileModeError",
    "InvalidBucketNameError",
    "InvalidKeyError",
    "InvalidPartError",
    "InvalidRequestError",
    "KeyConflictError",
    "NotFoundError",
    "NotModifiedError",
    "OutcomeUnknownError",
    "PermissionDeniedError",
    "PreconditionFailedError",
    "RangeNotSatisfiableError",
    "StoreError",
    "ThrottledError",
    "TimedOutError",
    "TooLargeError",
    "TransferIncompleteError",
    "UnavailableError",
    "UnsupportedError",
    "UploadNotFoundError",
]


class StoreError(Exception):
    """Root of the tree. `message` is one sentence that names the thing and, where there is one, the remedy."""

    default_code: ClassVar[str] = "InternalError"
    default_retryable: ClassVar[bool] = False
    in_view: bool = False  # `key` is in the terms of the store that was asked, without its prefix (`View.explain`)

    def __init__(
        self,
        message: str = "",
        *,
        operation: str | None = None,
        bucket: str | None = None,
        key: str | None = None,
        store: str | None = None,
        code: str | None = None,
        details: Mapping[str, str] | None = None,
        retryable: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.operation = operation
        self.bucket = bucket
        self.key = key
        self.store = store
        self.code = code or self.default_code
        self.details: dict[str, str] = dict(details or {})
        self.retryable = self.default_retryable if retryable is None else retryable

    def with_context(
        self,
        *,
        operation: str | None = None,
        bucket: str | None = None,
        key: str | None = None,
        store: str | None = None,
    ) -> Self:
        """Fill in the context that is still unknown; what the raiser knew stays."""
        self.operation = self.operation or operation
        self.bucket = self.bucket or bucket
        self.key = key if self.key is None else self.key
        self.store = self.store or store
        return self

    def __str__(self) -> str:
        where = [
            f"{name} {value!r}" for name, value in (("key", self.key), ("bucket", self.bucket)) if value is not None
        ]
        told = [part for part in (self.operation, f"({', '.join(where)})" if where else None) if part]
        head = " ".join(told)
        text = self.message or self.code
        body = text if self.code in text else f"{self.code}: {text}"
        return f"{head}: {body}" if head else body

    def __reduce__(self) -> tuple[object, ...]:
        # OSError co-parents pickle by their own rules, which know nothing of the keywords.
        return (_rebuild, (type(self), self.message, dict(self.__dict__)))


def _rebuild(kind: type[StoreError], message: str, state: dict[str, object]) -> StoreError:
    error = kind(message)
    error.__dict__.update(state)
    return error


class NotFoundError(StoreError, FileNotFoundError):
    default_code = "NoSuchKey"


class BucketNotFoundError(NotFoundError):
    default_code = "NoSuchBucket"


class UploadNotFoundError(NotFoundError):
    default_code = "NoSuchUpload"


class PreconditionFailedError(StoreError):
    default_code = "PreconditionFailed"


class AlreadyExistsError(PreconditionFailedError, FileExistsError):
    """`if_none_match="*"` and the object exists."""


class NotModifiedError(StoreError):
    """A read whose condition says that the caller's copy is current. Not a failure of the store."""

    default_code = "NotModified"


class ConflictError(StoreError):
    default_code = "ConditionalRequestConflict"
    default_retryable = True


class BucketExistsError(ConflictError, FileExistsError):
    default_code = "BucketAlreadyOwnedByYou"
    default_retryable = False


class BucketNotEmptyError(ConflictError):
    default_code = "BucketNotEmpty"
    default_retryable = False


class RangeNotSatisfiableError(StoreError):
    default_code = "InvalidRange"


class InvalidRequestError(StoreError, ValueError):
    default_code = "InvalidArgument"


class InvalidKeyError(InvalidRequestError):
    default_code = "InvalidURI"


class KeyConflictError(InvalidKeyError):
    default_code = "KeyConflict"


class InvalidBucketNameError(InvalidRequestError):
    default_code = "InvalidBucketName"


class InvalidPartError(InvalidRequestError):
    default_code = "InvalidPart"


class FileModeError(InvalidRequestError, io.UnsupportedOperation):
    """A mode that `store.open` does not have, or an operation that the mode of an open file does not allow."""


class TooLargeError(InvalidRequestError):
    default_code = "EntityTooLarge"


class ChecksumMismatchError(StoreError):
    default_code = "BadDigest"


class UnsupportedError(StoreError, NotImplementedError):
    """The store cannot honour what was asked. Raised before any I/O, but where the server itself says so (501)."""

    default_code = "NotImplemented"


class PermissionDeniedError(StoreError, PermissionError):
    default_code = "AccessDenied"


class AuthenticationError(PermissionDeniedError):
    default_code = "InvalidAccessKeyId"


class UnavailableError(StoreError, ConnectionError):
    default_code = "ServiceUnavailable"
    default_retryable = True


class ThrottledError(UnavailableError):
    default_code = "SlowDown"


class ClosedError(UnavailableError):
    """What was closed is used: a store, its service, or a read that its store had to cut off. Nothing was changed."""

    default_retryable = False


class TimedOutError(StoreError, TimeoutError):
    default_code = "RequestTimeout"
    default_retryable = True


class OutcomeUnknownError(StoreError):
    """A write was sent and its answer was lost. Read the key to learn what happened; do not assume either."""

    default_code = "OutcomeUnknown"


class TransferIncompleteError(StoreError):
    """Some objects of a transfer of many failed. `failures` are their errors, each with its key; `report` tells what
    was done."""

    default_code = "TransferIncomplete"

    def __init__(
        self, message: str = "", *, failures: Sequence[StoreError] = (), report: Any = None, **context: Any
    ) -> None:
        super().__init__(message, **context)
        self.failures = list(failures)
        self.report = report


class ConfigurationError(StoreError, ValueError):
    default_code = "Configuration"
