"""Is there anybody, and are the answers of any use? Asked before a run, and in it after a call that made no sense."""

from __future__ import annotations

import contextlib

from dskit.errors import (
    BucketNotFoundError,
    ConfigurationError,
    PermissionDeniedError,
    StoreError,
    UnavailableError,
)
from dskit.store import Store
from dskit.streams import Reading
from dskit.types import ListPage, PutResult, ReadOptions

from .troubles import Unusable, told

__all__ = ["check_answers", "reach"]

KEY = "dskit-is-it-alive"


def reach(store: Store) -> None:
    """Is there anybody, and may we? Raises `Unusable` with what says no; any other answer is for the suite to judge."""
    try:
        _list(store)  # it misses a bucket that is not there, which a HEAD cannot tell from a key
    except (UnavailableError, PermissionDeniedError, BucketNotFoundError, ConfigurationError) as error:
        raise Unusable(str(error)) from error
    except StoreError:
        return


def check_answers(store: Store) -> None:
    """Raises `Unusable` where neither a listing, nor a put, nor a read is answered: with an error of `dskit.errors`, or
    with what looks like the value that `dskit.backend` promises. One that is will do: the others are findings."""
    useless = []
    for call in (_list, _put, _get):
        try:
            with contextlib.suppress(StoreError):
                call(store)
            return
        except Exception as error:  # a target may fail in any way at all
            useless.append(told(error))
    raise Unusable("no call is answered: " + "; ".join(dict.fromkeys(useless)))


def _list(store: Store) -> None:
    page = store.service.list_page(store.bucket, prefix=store.prefix, max_keys=1)
    _check("list_page", page, ListPage, "objects", "prefixes", "next_token")


def _put(store: Store) -> None:
    _check("put", store.put(KEY, b"x"), PutResult, "etag")


def _get(store: Store) -> None:
    reading = store.service.get(store.bucket, store.prefix + KEY, ReadOptions())
    _check("get", reading, Reading, "meta", "start", "stop", "close")
    reading.close()


def _check(call: str, value: object, kind: type, *names: str) -> None:
    """By its attributes: a service may have classes of its own."""
    if not all(hasattr(value, name) for name in names):
        seen = "None" if value is None else f"a value of type {type(value).__name__}"
        raise Unusable(f"{call} returned {seen} where a {kind.__name__} is due")
