"""The result of a get: bytes that stream, with what is known of the object."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .errors import StoreError, UnavailableError
from .streams import Reading
from .types import ObjectMeta

if TYPE_CHECKING:
    from .view import View

__all__ = ["GetResult"]

PREFETCH_BYTES = 64 * 1024


class GetResult:
    """An open read, pinned to one state of the object whatever is written meanwhile.

    Iterate over it (chunks of bytes, as the backend gives them), or `read()`; in a coroutine `async for` and
    `aread()`. It closes itself when it is exhausted; else close it, leave its `with`, or let it be collected.
    `start` and `stop` (half-open) are the bytes of the object that it yields, `partial` says whether that was
    asked for by a range or a part number.

    Reading raises `UnavailableError` where the backend ends early: a short read is never taken for the object. The last
    bytes are given out only after the backend has said that they are the last, which is when one that verifies them
    (`S3Store` and `MinIOStore`, where the answer has a checksum) raises `ChecksumMismatchError`.
    """

    __slots__ = (
        "_buffer",
        "_chunks",
        "_key",
        "_left",
        "_operation",
        "_reading",
        "_view",
        "meta",
        "partial",
        "start",
        "stop",
    )

    def __init__(self, reading: Reading, view: View, key: str, operation: str | None = "get") -> None:
        self._reading: Reading | None = reading
        self._chunks: Iterator[bytes] | None = None
        self._buffer: bytes | memoryview = b""  # what is left of a chunk of which a `read` took the beginning
        self._view = view
        self._key = key
        self._operation = operation  # None: whoever reads fills the context of errors in
        self.meta: ObjectMeta = view.inner_meta(reading.meta) if view.prefix else reading.meta
        self.start = reading.start
        self.stop = reading.stop
        self.partial = reading.partial
        self._left = reading.stop - reading.start

    @property
    def remaining(self) -> int:
        """Bytes that have not been read yet."""
        return self._left + len(self._buffer)

    @property
    def closed(self) -> bool:
        """Whether nothing is left to read and nothing is held."""
        return self._reading is None and not self._buffer

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self._next():
            yield chunk

    def read(self, size: int | None = -1) -> bytes:
        """Up to `size` bytes, all that are left by default or for None; ``b""`` at the end."""
        if size is None or size < 0:
            first = self._next()
            if not self._left:
                return first
            pieces = [first]
            while chunk := self._next():
                pieces.append(chunk)
            return b"".join(pieces)
        if 0 < size <= len(self._buffer):
            return self._cut(size)
        pieces, wanted = [], size
        while wanted > 0 and (chunk := self._next()):
            if len(chunk) > wanted:
                self._buffer = memoryview(chunk)
                chunk = self._cut(wanted)
            pieces.append(chunk)
            wanted -= len(chunk)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _cut(self, size: int) -> bytes:
        """The next bytes of the buffer, copied once: a chunk may be a whole object."""
        buffer = self._buffer
        self._buffer = buffer[size:]
        return bytes(buffer[:size])

    def close(self) -> None:
        """Release the read; what was not read is given up. May be called again."""
        reading, self._reading, self._chunks, self._buffer = self._reading, None, None, b""
        self._left = 0
        if reading is not None:
            reading.close()

    def prefetch(self) -> Self:
        """Read what is small at once, in the thread that opened it: one trip to a worker is then all that it takes."""
        if self._left <= PREFETCH_BYTES:
            self._buffer = memoryview(self._next())
        return self

    def _next(self) -> bytes:
        """The next chunk that is not empty, ``b""`` at the end."""
        if self._buffer:
            rest, self._buffer = self._buffer, b""
            return bytes(rest)
        if self._reading is None:
            return b""
        try:
            if self._chunks is None:
                self._chunks = iter(self._reading)
            for chunk in self._chunks:
                if not chunk:
                    continue
                self._left -= len(chunk)
                if self._left < 0:
                    raise UnavailableError("the backend sent more bytes than it announced", code="IncompleteBody")
                if not self._left:
                    for extra in self._chunks:  # also where the backend verifies what it has sent
                        self._left -= len(extra)
                    if self._left < 0:
                        raise UnavailableError("the backend sent more bytes than it announced", code="IncompleteBody")
                    self.close()
                return chunk
            if missing := self._left:
                size = self.stop - self.start
                raise UnavailableError(f"the read ended after {size - missing} of {size} bytes", code="IncompleteBody")
        except StoreError as error:
            self.close()
            if self._operation is not None:
                self._view.explain(error, self._operation, self._key)
            raise
        except BaseException:
            self.close()
            raise
        self.close()
        return b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        close = getattr(getattr(self, "_reading", None), "close", None)
        if close is not None:  # a reading of somebody else's that has none is told where it is closed, not here
            close()

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"{self.remaining} bytes to read"
        return f"<GetResult {self._key!r} [{self.start}:{self.stop}], {state}>"

    # asynchronous twins

    async def aread(self, size: int | None = -1) -> bytes:
        """`read` for a coroutine: in a worker thread where the backend blocks."""
        data: bytes = await self._hop(self.read, size)
        return data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while chunk := await self._hop(self._next):
            yield chunk

    async def aclose(self) -> None:
        """`close` for a coroutine."""
        await self._hop(self.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _hop(self, call: Callable[..., Any], *args: Any) -> Any:
        from .hops import checkpoint, hop

        if self._reading is None:  # all is here
            await checkpoint()
            return call(*args)
        return await hop(self._view.service, call, *args)
