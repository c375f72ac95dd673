"""An open read through obstore: conditions and range are judged on the answer, whatever the server made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..clock import SystemClock
from ..conditions import check_read, normal_etag
from ..errors import (
    InvalidRequestError,
    PreconditionFailedError,
    RangeNotSatisfiableError,
    UnavailableError,
    UnsupportedError,
)
from ..ranges import is_inverted, resolve
from ..retry import Retrier
from ..types import DEFAULT_CONTENT_TYPE, NO_ATTRIBUTES, Attributes, ByteRange, Conditions, ObjectMeta, ReadOptions
from .obstore_errors import FOREIGN, failure_of
from .remote_meta import quoted
from .remote_reading import CHUNK, EmptyBody, RemoteReading

__all__ = ["attributes_from", "attributes_to", "meta_from", "open_reading"]

_MOST = 2**63 - 1  # obstore's offsets are unsigned 64-bit numbers; no object reaches this one

_HEADERS = {
    "content_type": "Content-Type",
    "cache_control": "Cache-Control",
    "content_disposition": "Content-Disposition",
    "content_encoding": "Content-Encoding",
    "content_language": "Content-Language",
}
_RESERVED = frozenset({*map(str.lower, _HEADERS.values()), "storage-class"})


class StreamBody:
    """What obstore receives as a body that is read by size: `size` bytes, in one piece where they are few."""

    def __init__(self, result: Any, size: int) -> None:
        self._chunks = iter(result.stream(min_chunk_size=CHUNK)) if size > CHUNK else _at_once(result)
        self._rest = memoryview(b"")

    def read(self, size: int) -> bytes:
        while not self._rest:
            try:
                chunk = next(self._chunks, None)
            except FOREIGN as error:
                raise failure_of(error).error from error
            if chunk is None:
                return b""
            self._rest = memoryview(chunk)
        piece = bytes(self._rest[:size])
        self._rest = self._rest[size:]
        return piece

    def close(self) -> None:
        self._chunks = iter(())
        self._rest = memoryview(b"")


def _at_once(result: Any) -> Iterator[Any]:
    yield result.bytes()


def open_reading(
    get: Callable[[dict[str, Any]], Any],
    key: str,
    options: ReadOptions,
    retrier: Retrier,
    *,
    head: bool,
    stored: bool = True,
) -> RemoteReading:
    """`get` sends obstore's GetOptions and translates errors. `stored`: the attributes are those that were put, not the
    server's own guesses.

    One entity tag is sent along, so that nothing is transferred in vain. The answer carries tag, time and size of the
    very state whose bytes follow, so the conditions hold for it or the read is refused here: times have whole seconds
    and lists of tags work on every server.
    """
    asked = options.range if options.range is None or not is_inverted(options.range) else None
    send = _conditions(options.conditions)
    if head:
        send["head"] = True
    elif asked is not None and asked.suffix != 0:
        send["range"] = _range(asked)
    try:
        result = get(send)
    except (UnavailableError, UnsupportedError) as error:
        # A server may ignore the range (RFC 9110 section 14.2) of an empty object, or answer it with nonsense as
        # Azurite does: "bytes 0--1/0". `resolve` refuses the range then.
        if "range" not in send or (isinstance(error, UnavailableError) and error.code != "BadContentRange"):
            raise
        del send["range"]
        result = get({**send, "head": True})
        if result.meta["size"]:
            raise
    except (PreconditionFailedError, RangeNotSatisfiableError):
        # Whether there is an object comes before its conditions, and they before the range (RFC 9110 section 13.2),
        # though not on every server.
        if options.conditions:
            found = get({"head": True}).meta
            check_read(options.conditions, quoted(found["e_tag"]), found["last_modified"], now=SystemClock().now())
        raise
    meta = meta_from(key, result.meta, result.attributes, stored=stored)
    check_read(options.conditions, meta.etag, meta.last_modified, now=SystemClock().now())
    start, stop, partial = resolve(asked, meta.size)
    if not head:
        _check_span(result, start, stop)

    def reopen(position: int) -> StreamBody:
        again = get({"if_match": meta.etag, "range": (position, stop)})
        _check_span(again, position, stop)
        return StreamBody(again, stop - position)

    return RemoteReading(
        meta,
        start=start,
        stop=stop,
        partial=partial,
        body=EmptyBody() if head else StreamBody(result, stop - start),
        head=head,
        reopen=None if head else reopen,
        retrier=retrier,
    )


def meta_from(key: str, meta: Any, attributes: Any, *, stored: bool = True) -> ObjectMeta:
    return ObjectMeta(
        key=key,
        size=meta["size"],
        etag=quoted(meta["e_tag"]),
        last_modified=meta["last_modified"],
        attributes=attributes_from(attributes) if stored else NO_ATTRIBUTES,
        headers={} if stored else {name.lower(): value for name, value in attributes.items()},
    )


def attributes_from(attributes: Any) -> Attributes:
    """obstore's one mapping: names of headers, and every other name is metadata."""
    left = dict(attributes)
    headers = {name: left.pop(header, None) for name, header in _HEADERS.items()}
    left.pop("Storage-Class", None)
    return Attributes(**headers, metadata=left)


def attributes_to(attributes: Attributes) -> dict[str, str]:
    """The inverse. Raises `InvalidRequestError` for metadata that obstore would take for a header (it ignores case), or
    that no header can carry."""
    for name, text in attributes.metadata.items():
        if name.lower() in _RESERVED:
            raise InvalidRequestError(f"obstore takes metadata of the name {name!r} for a header")
        if not (name.isascii() and text.isascii()):
            raise InvalidRequestError(f"metadata travels in HTTP headers and must be ASCII: {name!r}")
    named = {header: text for name, header in _HEADERS.items() if (text := getattr(attributes, name)) is not None}
    return {**attributes.metadata, "Content-Type": DEFAULT_CONTENT_TYPE, **named}


def _conditions(conditions: Conditions) -> dict[str, Any]:
    """Those that every server understands alike: one entity tag. Azure answers 400 to ``If-None-Match: *``."""
    given = {"if_match": conditions.if_match, "if_none_match": conditions.if_none_match}
    return {name: f'"{normal_etag(text)}"' for name, text in given.items() if text and not set("*,") & set(text)}


def _range(asked: ByteRange) -> Any:
    if asked.suffix is not None:
        return {"suffix": min(asked.suffix, _MOST)}
    first = min(asked.first or 0, _MOST - 1)
    return {"offset": first} if asked.last is None else (first, min(asked.last + 1, _MOST))


def _check_span(result: Any, start: int, stop: int) -> None:
    if tuple(result.range) != (start, stop):
        raise UnavailableError(
            f"asked for bytes {start} to {stop}, the server sent {result.range[0]} to {result.range[1]}",
            code="BadContentRange",
        )
