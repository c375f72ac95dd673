"""What a get returns: one read of an object, taken whole or as a stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...errors import StoreError
from ...hops import hop
from ...types import Attributes as NativeAttributes
from ...types import ObjectMeta as NativeMeta
from ._bytes import Bytes
from ._translation import translated
from ._types import Attributes, ObjectMeta

if TYPE_CHECKING:
    from ...results import GetResult as NativeResult
    from ._base import ObjectStoreBase

__all__ = ["HEADERS", "BytesStream", "GetResult", "HeadOnly", "attributes_dict", "meta_dict"]

CHUNK_BYTES = 10 * 1024 * 1024

HEADERS = {
    "Content-Disposition": "content_disposition",
    "Content-Encoding": "content_encoding",
    "Content-Language": "content_language",
    "Content-Type": "content_type",
    "Cache-Control": "cache_control",
    "Storage-Class": "storage_class",
}
"""obstore's names of the attributes that are headers, and dskit's. All others are the user's metadata."""


def meta_dict(meta: NativeMeta) -> ObjectMeta:
    return {
        "path": meta.key,
        "last_modified": meta.last_modified,
        "size": meta.size,
        "e_tag": meta.etag,
        "version": meta.version_id,
    }


def attributes_dict(attributes: NativeAttributes) -> Attributes:
    """Headers that the object has, then its metadata. The standard storage class is what no header says."""
    found = {
        name: value
        for name, field in HEADERS.items()
        if (value := getattr(attributes, field)) and not (field == "storage_class" and value == "STANDARD")
    }
    return {**found, **attributes.metadata}


class HeadOnly:
    """A read of an object's description alone: the range is that of the object, and there are no bytes."""

    def __init__(self, meta: NativeMeta) -> None:
        self.meta = meta
        self.start, self.stop, self.remaining = 0, meta.size, 0

    def read(self) -> bytes:
        return b""

    async def aread(self) -> bytes:
        return b""

    def __iter__(self) -> Iterator[bytes]:
        return iter(())


class GetResult:
    """One read, for one use: `bytes()`, `stream()` or iteration, in either world. What it tells stays readable."""

    __slots__ = ("_native", "_path", "_reading", "_store")

    def __init__(self, reading: NativeResult | HeadOnly, store: ObjectStoreBase, path: str) -> None:
        self._native = reading
        self._reading: NativeResult | HeadOnly | None = reading
        self._store = store
        self._path = path

    @property
    def meta(self) -> ObjectMeta:
        """Size, time and ETag of the whole object, whatever range was asked for."""
        return meta_dict(self._native.meta)

    @property
    def attributes(self) -> Attributes:
        """What was stored; of a store that keeps no attributes, what its server says of the object."""
        meta = self._native.meta
        said = {name: meta.headers[name.lower()] for name in HEADERS if name.lower() in meta.headers}
        return {**said, **attributes_dict(meta.attributes)}

    @property
    def range(self) -> tuple[int, int]:
        """The bytes of the object that this read gives: (start, stop)."""
        return (self._native.start, self._native.stop)

    def bytes(self) -> Bytes:
        """All of it. Raises `ValueError` the second time."""
        reading = self._take()
        try:
            return Bytes(reading.read())
        except StoreError as error:
            raise translated(error, self._store.label, self._path) from error

    async def bytes_async(self) -> Bytes:
        """`bytes` for a coroutine."""
        reading = self._take()
        try:
            return Bytes(await reading.aread())
        except StoreError as error:
            raise translated(error, self._store.label, self._path) from error

    buffer = bytes  # noqa: A003 - the method above
    buffer_async = bytes_async

    def stream(self, min_chunk_size: int = CHUNK_BYTES) -> BytesStream:
        """Chunks of at least `min_chunk_size` bytes, but for the last; for ``for`` and ``async for``."""
        if min_chunk_size < 0:
            raise OverflowError("can't convert negative int to unsigned")
        return BytesStream(self._take(), min_chunk_size, self._store, self._path)

    def __iter__(self) -> BytesStream:
        return self.stream()

    def __aiter__(self) -> BytesStream:
        return self.stream()

    def _take(self) -> NativeResult | HeadOnly:
        reading, self._reading = self._reading, None
        if reading is None:
            raise ValueError("Result has already been disposed.")
        return reading


class BytesStream:
    """The bytes of one read in chunks (builtin `bytes`)."""

    __slots__ = ("_chunks", "_least", "_native", "_path", "_store")

    def __init__(self, reading: NativeResult | HeadOnly, least: int, store: ObjectStoreBase, path: str) -> None:
        self._native = reading
        self._chunks: Iterator[bytes] = iter(reading)
        self._least = least
        self._store = store
        self._path = path

    def __iter__(self) -> BytesStream:
        return self

    def __aiter__(self) -> BytesStream:
        return self

    def __next__(self) -> bytes:
        chunk = self._next()
        if not chunk:
            raise StopIteration("stream exhausted")
        return chunk

    async def __anext__(self) -> bytes:
        chunk = await hop(self._store.native.service, self._next)
        if not chunk:
            raise StopAsyncIteration("stream exhausted")
        return chunk

    def _next(self) -> bytes:
        try:
            first = next(self._chunks, b"")
            if len(first) >= self._least or not self._native.remaining:
                return first
            pieces, size = [first], len(first)
            while size < self._least and (chunk := next(self._chunks, b"")):
                pieces.append(chunk)
                size += len(chunk)
            return b"".join(pieces)
        except StoreError as error:
            raise translated(error, self._store.label, self._path) from error
