"""The functions that read: `get`, `get_range`, `get_ranges`, `head`, and their twins for coroutines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ...errors import StoreError
from ...types import ByteRange
from ._base import ObjectStoreBase, hopped, store_of
from ._bytes import Bytes
from ._numbers import bounds, many_bounds, unsigned
from ._paths import key_of
from ._results import GetResult, HeadOnly, meta_dict
from ._translation import translated
from ._types import GetOptions, ObjectMeta
from .exceptions import GenericError

__all__ = [
    "get",
    "get_async",
    "get_range",
    "get_range_async",
    "get_ranges",
    "get_ranges_async",
    "head",
    "head_async",
]

COALESCE_BYTES = 1024 * 1024
_RANGE = "a range is two integers (start, end), or a dict with 'offset' or 'suffix'; not {value!r}"


def get(store: ObjectStoreBase, path: str, *, options: GetOptions | None = None) -> GetResult:
    """Open an object for reading.

    Raises `FileNotFoundError`; by the options `PreconditionError`, `NotModifiedError` and, for a range that is empty
    or begins after the end, `GenericError`.
    """
    target, key = store_of(store), key_of(path)
    try:
        if options:
            return GetResult(_opened(target, key, options), target, key)
        return GetResult(target._native.get(key), target, key)
    except StoreError as error:
        raise translated(error, target.label, key) from error


async def get_async(store: ObjectStoreBase, path: str, *, options: GetOptions | None = None) -> GetResult:
    """`get` for a coroutine."""
    return await hopped(get, store, path, options=options)


def head(store: ObjectStoreBase, path: str) -> ObjectMeta:
    """What is known of an object. Raises `FileNotFoundError`."""
    target, key = store_of(store), key_of(path)
    try:
        return meta_dict(target._native.head(key))
    except StoreError as error:
        raise translated(error, target.label, key) from error


async def head_async(store: ObjectStoreBase, path: str) -> ObjectMeta:
    """`head` for a coroutine."""
    return await hopped(head, store, path)


def get_range(
    store: ObjectStoreBase,
    path: str,
    *,
    start: int | None = None,
    end: int | None = None,
    length: int | None = None,
    offset: int | None = None,
) -> Bytes:
    """The bytes from `start` to `end` (exclusive), or `length` of them; fewer where the object ends before.

    `offset` is what obstore's guide and its releases up to 0.2 call `start`. Raises `ValueError` for a range without
    bytes, `GenericError` for one that begins after the end, `FileNotFoundError`.
    """
    target, key = store_of(store), key_of(path)
    first, stop = bounds(_start(start, offset), end, length)
    try:
        return Bytes(target._native.get_range(key, start=first, end=stop))
    except StoreError as error:
        raise translated(error, target.label, key) from error


async def get_range_async(
    store: ObjectStoreBase,
    path: str,
    *,
    start: int | None = None,
    end: int | None = None,
    length: int | None = None,
    offset: int | None = None,
) -> Bytes:
    """`get_range` for a coroutine."""
    return await hopped(get_range, store, path, start=start, end=end, length=length, offset=offset)


def get_ranges(
    store: ObjectStoreBase,
    path: str,
    *,
    starts: Sequence[int],
    ends: Sequence[int] | None = None,
    lengths: Sequence[int] | None = None,
    coalesce: int = COALESCE_BYTES,
) -> list[Bytes]:
    """Several ranges of one state of the object, in the order asked for; near ones are fetched together.

    Raises as `get_range` does.
    """
    target, key = store_of(store), key_of(path)
    asked = many_bounds(starts, ends, lengths)
    if not asked:
        return []
    firsts, stops = zip(*asked, strict=True)
    try:
        found = target._native.get_ranges(key, starts=firsts, ends=stops, coalesce=unsigned(coalesce))
    except StoreError as error:
        raise translated(error, target.label, key) from error
    return [Bytes(data) for data in found]


async def get_ranges_async(
    store: ObjectStoreBase,
    path: str,
    *,
    starts: Sequence[int],
    ends: Sequence[int] | None = None,
    lengths: Sequence[int] | None = None,
    coalesce: int = COALESCE_BYTES,
) -> list[Bytes]:
    """`get_ranges` for a coroutine."""
    return await hopped(get_ranges, store, path, starts=starts, ends=ends, lengths=lengths, coalesce=coalesce)


def _start(start: int | None, offset: int | None) -> int:
    if (start is None) == (offset is None):
        if start is None:
            raise TypeError("get_range() missing 1 required keyword argument: 'start'")
        raise TypeError("get_range() takes start or offset, which is its old name, not both")
    return offset if start is None else start  # type: ignore[return-value]


def _opened(target: ObjectStoreBase, key: str, options: Mapping[str, Any]) -> Any:
    """The read that `options` ask for. Names that obstore does not know are ignored, as there."""
    native = target._native
    asked: dict[str, Any] = {}
    for name in ("if_match", "if_none_match"):
        if name in options:
            asked[name] = _instance(options[name], str)
    for name in ("if_modified_since", "if_unmodified_since"):
        if name in options:
            asked[name] = _instance(options[name], datetime)
            if asked[name].tzinfo is None:
                raise TypeError("expected a datetime with non-None tzinfo")
    if "version" in options:
        asked["version_id"] = _instance(options["version"], str)
    if "range" in options:
        asked["range"] = _byte_range(options["range"], target.label)
    if _instance(options.get("head", False), bool):
        return HeadOnly(native.head(key, **asked))
    return native.get(key, **asked)


def _instance(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        name = "None" if value is None else type(value).__name__
        raise TypeError(f"'{name}' object is not an instance of '{kind.__name__}'")
    return value


def _byte_range(value: Any, label: str) -> ByteRange:
    try:
        if isinstance(value, dict):
            if "offset" in value:
                return ByteRange(unsigned(value["offset"]))
            return ByteRange(suffix=unsigned(value["suffix"]))
        start, end = map(unsigned, value)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ValueError(_RANGE.format(value=value)) from None
    if end <= start:
        raise GenericError(f"Generic {label} error: Range started at {start} and ended at {end}")
    return ByteRange(start, end - 1)
