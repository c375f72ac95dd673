"""Files for coroutines: `AsyncStore.open`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from functools import partial
from types import TracebackType
from typing import Any, AnyStr, Generic, ParamSpec, Self, TypeVar, Unpack, overload

import anyio

from .aio_view import AsyncView, documented
from .backend import ObjectService
from .errors import StoreError
from .file_writer import ObjectWriter
from .files import BinaryMode, File, FileOptions, FileVerbs, TextFile, TextMode
from .hops import hop
from .sources import ReadableBuffer
from .types import ObjectMeta, PutResult

__all__ = ["AsyncFile", "AsyncFileVerbs"]

P = ParamSpec("P")
R = TypeVar("R")


class AsyncFile(Generic[AnyStr]):
    """A file of a store for one coroutine at a time: the methods of `file`, awaited; of bytes, or of str for text.

    ``async with`` publishes what was written when it is left, and discards it when it is left by an exception or a
    cancellation. A write that is cancelled discards the file: what would be published later had a hole.
    """

    def __init__(self, file: File, service: ObjectService) -> None:
        self.file = file
        self._service = service

    @property
    def key(self) -> str:
        """The key of the object, without the store's prefix."""
        return self.file.key

    @property
    def closed(self) -> bool:
        """Whether it was closed or discarded."""
        return self.file.closed

    @property
    def meta(self) -> ObjectMeta | None:
        """The object that is read; None for a file that is written."""
        return getattr(self._bytes, "meta", None)

    @property
    def result(self) -> PutResult | None:
        """What the store said of the object when the file that was written was closed."""
        return getattr(self._bytes, "result", None)

    @property
    def _bytes(self) -> Any:
        return self.file.buffer if isinstance(self.file, TextFile) else self.file

    async def read(self, size: int = -1) -> AnyStr:
        """Up to `size` bytes or characters, all by default; empty at the end."""
        data: Any = await self._hop(self.file.read, size)
        return data  # type: ignore[no-any-return]

    async def readinto(self, buffer: Any) -> int:
        """Fill `buffer`; how many bytes that were."""
        return await self._hop(self._bytes.readinto, buffer)

    async def peek(self, size: int = 0) -> bytes:
        """Bytes that come next, without moving: some, perhaps more or fewer than `size`."""
        data: bytes = await self._hop(self._bytes.peek, size)
        return data

    async def readline(self, size: int = -1) -> AnyStr:
        """A line with its end, at most `size` bytes or characters of it; empty at the end of the file."""
        line: Any = await self._hop(self.file.readline, size)
        return line  # type: ignore[no-any-return]

    async def readlines(self, hint: int = -1) -> list[AnyStr]:
        """All lines, or so many that they have `hint` bytes or characters."""
        lines: Any = await self._hop(self.file.readlines, hint)
        return lines  # type: ignore[no-any-return]

    async def seek(self, offset: int, whence: int = 0) -> int:
        """Move in bytes from the beginning (0), the position (1) or the end (2); the position. Reading only."""
        return await self._hop(self.file.seek, offset, whence)

    async def tell(self) -> int:
        """The position: bytes from the beginning; of a text that is read a number for `seek` alone."""
        return await self._hop(self.file.tell)

    async def write(self, data: AnyStr | ReadableBuffer) -> int:
        """Append. Cancelled, it has discarded the file."""
        file: Any = self.file
        written: int = await self._whole(file.write, data)
        return written

    async def writelines(self, lines: Iterable[AnyStr] | Iterable[ReadableBuffer]) -> None:
        """Append each; no line ends are added. Cancelled, it has discarded the file."""
        file: Any = self.file
        await self._whole(file.writelines, lines)

    async def flush(self) -> None:
        """Hand bytes on to the store, which publishes nothing."""
        await self._whole(self.file.flush)

    async def close(self) -> None:
        """Publish what was written. Cancelled, it has published all or nothing."""
        await self._whole(self.file.close)

    async def discard(self) -> None:
        """Close; what was written is forgotten. Cannot be cancelled."""
        with anyio.CancelScope(shield=True):
            await self._hop(_discard, self.file)

    def readable(self) -> bool:
        """Whether the mode reads."""
        return self.file.readable()

    def writable(self) -> bool:
        """Whether the mode writes."""
        return self.file.writable()

    def seekable(self) -> bool:
        """Whether it can `seek`: files that are read."""
        return self.file.seekable()

    async def __aiter__(self) -> AsyncIterator[AnyStr]:
        while line := await self.readline():
            yield line

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            await self.close()
            return
        try:
            await self.discard()
        except StoreError as failed:
            error.add_note(f"the file could not be discarded: {failed}")

    def __repr__(self) -> str:
        return f"<AsyncFile of {self.file!r}>"

    async def _hop(self, call: Callable[P, R], /, *args: P.args, **options: P.kwargs) -> R:
        return await hop(self._service, partial(call, *args, **options))

    async def _whole(self, call: Callable[P, R], /, *args: P.args, **options: P.kwargs) -> R:
        try:
            return await self._hop(call, *args, **options)
        except anyio.get_cancelled_exc_class():
            await self.discard()
            raise


def _discard(file: File) -> None:
    """A file that is read has nothing to discard."""
    if isinstance(file, ObjectWriter | TextFile):
        file.discard()
    else:
        file.close()


@documented(FileVerbs)
class AsyncFileVerbs(AsyncView):
    @overload
    async def open(self, key: str, mode: BinaryMode = "rb", **options: Unpack[FileOptions]) -> AsyncFile[bytes]: ...
    @overload
    async def open(self, key: str, mode: TextMode, **options: Unpack[FileOptions]) -> AsyncFile[str]: ...
    @overload
    async def open(self, key: str, mode: str, **options: Unpack[FileOptions]) -> AsyncFile[Any]: ...

    async def open(self, key: str, mode: str = "rb", **options: Unpack[FileOptions]) -> AsyncFile[Any]:
        # Noted in the worker: a task cancelled in that very call knows what to discard.
        opened: list[File] = []

        def call() -> File:
            file = self.store.open(key, mode, **options)
            opened.append(file)
            return file

        service = self.store.service
        try:
            return AsyncFile(await hop(service, call), service)
        except BaseException:
            for file in opened:
                await AsyncFile(file, service).discard()
            raise
