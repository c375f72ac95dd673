"""The package's exceptions, and dskit's errors as the ones that its HTTP client raises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ...errors import BucketNotFoundError, InvalidKeyError, StoreError
from ..http_status import reason_of, status_of

if TYPE_CHECKING:
    from ...store import Store

__all__ = ["DominoError", "HTTPStatusError", "UnauthenticatedError", "failure", "refusal"]


class DominoError(Exception):
    """Known errors of the package."""


class UnauthenticatedError(DominoError):
    """Credentials that were refused for a minute. The facade checks none and never raises it."""


class HTTPStatusError(Exception):
    """What `failure` gives where httpx is not installed; with it, it is ``httpx.HTTPStatusError``."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status_code = status


def refusal(error: StoreError) -> Exception:
    """What the package makes of a refusal by Domino's proxy, which lists and signs: a plain Exception."""
    return Exception(f"{error.code}: {error.message}")


def failure(method: str, store: Store, key: str, error: StoreError) -> Exception:
    """For bytes that could not be moved: the error of httpx, with S3's status and with the reason in its text.

    No URL would have been signed for a bucket that is not there and for a key that cannot be: these are refusals.
    """
    if isinstance(error, BucketNotFoundError | InvalidKeyError):
        return refusal(error)
    status, url = status_of(error), f"dskit://{store.bucket}/{quote(store.prefix + key, errors='replace')}"
    kind = "Client" if status < 500 else "Server"
    message = f"{kind} error '{status} {reason_of(error)}' for url '{url}'\n{error.code}: {error.message}"
    try:
        import httpx
    except ImportError:
        return HTTPStatusError(message, status)
    request: Any = httpx.Request(method, url)
    response = httpx.Response(status, request=request, text=f"{error.code}: {error.message}")
    return httpx.HTTPStatusError(message, request=request, response=response)
