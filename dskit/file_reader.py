"""An object as a binary file that is read: seekable, buffered, pinned to one state of the object."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from .conditions import same_state
from .errors import (
    BucketNotFoundError,
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
    RangeNotSatisfiableError,
    StoreError,
)
from .file_guards import guarded
from .results import GetResult
from .types import ByteRange, Conditions, ObjectMeta, ReadOptions

if TYPE_CHECKING:
    from .view import View

__all__ = ["READ_AHEAD", "ObjectReader"]

READ_AHEAD = 1024 * 1024


@guarded(
    reading=("read", "read1", "readinto", "readinto1", "readline", "readlines", "peek", "__next__"),
    writing=("write", "writelines", "truncate"),
    moving=("seek",),
    other=("tell", "__enter__"),
)
class ObjectReader(io.BufferedReader):
    """A file of the object that `meta` describes, made by ``store.open(key)``.

    Small reads are served from a buffer of `read_ahead` bytes, large ones go past it. Each request is a ranged get on
    the condition that the object is still the one of `meta`; nothing is held open between them.

    Reading raises `ConflictError` once the object has been replaced or deleted: what was read before is all of one
    state, and no byte of another is ever returned. What is in the buffer already can still be read.
    """

    def __init__(
        self,
        view: View,
        key: str,
        meta: ObjectMeta,
        *,
        read_ahead: int = READ_AHEAD,
        version_id: str | None = None,
    ) -> None:
        if not isinstance(read_ahead, int) or read_ahead < 1:
            raise InvalidRequestError(f"read_ahead is a number of bytes, 1 or more; not {read_ahead!r}", key=key)
        self.key = key
        self.meta = meta
        super().__init__(_Ranges(view, key, meta, version_id), read_ahead)

    @property
    def size(self) -> int:
        """Bytes of the object, where fsspec asks a file for them."""
        return self.meta.size

    def __repr__(self) -> str:
        return f"<ObjectReader {self.key!r}, {'closed' if self.closed else f'{self.meta.size} bytes'}>"


class _Ranges(io.RawIOBase):
    """The bytes themselves, unbuffered: each read is one request."""

    mode = "rb"

    def __init__(self, view: View, key: str, meta: ObjectMeta, version_id: str | None) -> None:
        self._view = view
        self._meta = meta
        self._version_id = version_id
        self._position = 0
        self.name = key
        supports = view.capabilities.supports
        self._conditions = Conditions(if_match=meta.etag if meta.etag and supports.get_if_match else None)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        bases = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._meta.size}
        if whence not in bases:
            raise InvalidRequestError(f"whence is 0, 1 or 2, not {whence!r}", key=self.name)
        position = bases[whence] + offset
        if position < 0:
            raise InvalidRequestError(f"a file has no position {position}: it begins at 0", key=self.name)
        self._position = position
        return position

    def readinto(self, buffer: Any) -> int:
        target = memoryview(buffer).cast("B")
        stop = min(self._position + len(target), self._meta.size)
        filled = 0
        if stop > self._position:
            with self._open(stop) as result:
                for chunk in result:
                    target[filled : filled + len(chunk)] = chunk
                    filled += len(chunk)
        self._position += filled
        return filled

    def readall(self) -> bytes:
        if self._position >= self._meta.size:
            return b""
        with self._open(self._meta.size) as result:
            data = b"".join(result)
        self._position += len(data)
        return data

    def _open(self, stop: int) -> GetResult:
        view = self._view
        options = ReadOptions(
            range=ByteRange(self._position, stop - 1), conditions=self._conditions, version_id=self._version_id
        )
        try:
            reading = view.service.get(view.bucket, view.prefix + self.name, options)
            result = GetResult(reading, view, self.name, "read")
            if not same_state(result.meta, self._meta) or (result.start, result.stop) != (self._position, stop):
                result.close()
                raise PreconditionFailedError("the object is another one now")
        except BucketNotFoundError as error:
            view.explain(error, "read", self.name)
            raise
        except (PreconditionFailedError, NotFoundError, RangeNotSatisfiableError) as error:
            done = "deleted" if isinstance(error, NotFoundError) else "replaced"
            conflict = ConflictError(f"the object was {done} under its reader: open the key again", retryable=False)
            view.explain(conflict, "read", self.name)
            raise conflict from error
        except StoreError as error:
            view.explain(error, "read", self.name)
            raise
        return result
