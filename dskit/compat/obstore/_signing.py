"""`sign`: URLs that let others do one thing with one object for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

from ...errors import StoreError, UnsupportedError
from ._base import ObjectStoreBase, hopped, store_of
from ._paths import key_of
from ._translation import translated
from ._types import HTTP_METHOD

__all__ = ["sign", "sign_async"]


def sign(store: ObjectStoreBase, method: HTTP_METHOD, paths: Any, expires_in: timedelta) -> Any:
    """A URL for `method` on one path, or a list of URLs for several. No request is sent.

    Raises `ValueError` for a store that does not sign and for a word that is no method, `NotImplementedError` for a
    method that dskit does not sign (all but GET, HEAD, PUT and DELETE), `GenericError` for more than 7 days.
    """
    target = store_of(store)
    if method not in get_args(HTTP_METHOD):
        raise ValueError(f"Unsupported HTTP method {method}")
    if not isinstance(expires_in, timedelta):
        raise TypeError(f"'{type(expires_in).__name__}' object is not an instance of 'timedelta'")
    if expires_in < timedelta(0):
        raise ValueError("a URL cannot expire before it is signed: expires_in is negative")
    keys = [key_of(path) for path in ([paths] if isinstance(paths, str) else paths)]
    if method not in ("GET", "HEAD", "PUT", "DELETE"):
        raise NotImplementedError(f"dskit signs URLs for GET, HEAD, PUT and DELETE, not for {method}")
    urls = []
    for key in keys:
        try:
            urls.append(target.native.sign(key, method, expires_in=expires_in))
        except UnsupportedError as error:
            raise ValueError(f"{target.label} stores do not sign URLs: {error}") from error
        except StoreError as error:
            raise translated(error, target.label, key) from error
    return urls[0] if isinstance(paths, str) else urls


async def sign_async(store: ObjectStoreBase, method: HTTP_METHOD, paths: Any, expires_in: timedelta) -> Any:
    """`sign` for a coroutine."""
    return await hopped(sign, store, method, paths, expires_in)
