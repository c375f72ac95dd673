"""Files: `open_reader`, `open_writer`, and `open`, which obstore's guide names and its releases had up to 0.3."""

from __future__ import annotations

import builtins
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from ...aio_files import AsyncFile
from ...errors import StoreError
from ...file_writer import ObjectWriter
from ...hops import hop
from ...pushing import begin_put
from ._base import ObjectStoreBase, hopped, store_of
from ._bytes import Bytes
from ._numbers import unsigned
from ._paths import key_of
from ._put_input import attribute_arguments
from ._ranged_file import RangedFile
from ._translation import translated, translated_file
from ._types import Attributes
from ._writing import NO_OPTIONS

__all__ = [
    "AsyncReadableFile",
    "AsyncWritableFile",
    "ReadableFile",
    "WritableFile",
    "open",
    "open_async",
    "open_reader",
    "open_reader_async",
    "open_writer",
    "open_writer_async",
]

READ_BYTES = 1024 * 1024
WRITE_BYTES = 10 * 1024 * 1024


class ReadableFile:
    """An object as a seekable file of `Bytes`, read a buffer at a time.

    Each request is a ranged get, on the condition that the object is still the one that was found first: of an object
    that is replaced meanwhile no second half follows the first (`OSError`). Errors in reading are `OSError`, as of any
    file, and `FileNotFoundError` for an object that is gone.
    """

    def __init__(self, file: RangedFile) -> None:
        self._file = file

    @property
    def size(self) -> int:
        """Bytes of the object."""
        return self._file.size

    def read(self, size: int | None = None, /) -> Bytes:
        """Up to `size` bytes; all that are left by default."""
        return Bytes(self._file.read(size))

    def readall(self) -> Bytes:
        return self.read()

    def readline(self) -> Bytes:
        """Up to and with the next newline; empty at the end."""
        return Bytes(self._file.readline())

    def readlines(self, hint: int = -1) -> builtins.list[Bytes]:
        """The lines that are left, until they have `hint` bytes. As in obstore, the empty line at the end is one."""
        return [Bytes(line) for line in self._file.readlines(hint)]

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move; the new position. Raises `OSError` for one before the beginning and for another `whence`."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.position

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing to do: no request is open between reads."""


class AsyncReadableFile:
    """`ReadableFile` for coroutines: its methods, awaited."""

    def __init__(self, file: RangedFile) -> None:
        self._file = file

    @property
    def size(self) -> int:
        """Bytes of the object."""
        return self._file.size

    async def read(self, size: int | None = None, /) -> Bytes:
        return Bytes(await hop(self._file.service, self._file.read, size))

    async def readall(self) -> Bytes:
        return await self.read()

    async def readline(self) -> Bytes:
        return Bytes(await hop(self._file.service, self._file.readline))

    async def readlines(self, hint: int = -1) -> builtins.list[Bytes]:
        return [Bytes(line) for line in await hop(self._file.service, self._file.readlines, hint)]

    async def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    async def tell(self) -> int:
        return self._file.position

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing to do: no request is open between reads."""


def open_reader(
    store: ObjectStoreBase, path: str, *, buffer_size: int = READ_BYTES, size: int | None = None
) -> ReadableFile:
    """An object as a file that is read; `buffer_size` bytes at least are fetched at a time.

    `size`, where the caller knows it, saves the request for it. Raises `FileNotFoundError`.
    """
    return ReadableFile(_ranged(store_of(store), path, buffer_size, size))


async def open_reader_async(
    store: ObjectStoreBase, path: str, *, buffer_size: int = READ_BYTES, size: int | None = None
) -> AsyncReadableFile:
    """`open_reader` for a coroutine."""
    return AsyncReadableFile(await hopped(_ranged, store, path, buffer_size, size))


class _Upload:
    """A write in progress, begun when it is first needed."""

    def __init__(
        self, store: ObjectStoreBase, path: str, attributes: Attributes | None, buffer_size: int, tags: Any
    ) -> None:
        self.store = store
        self.key = key_of(path)
        self._arguments = attribute_arguments(store, attributes, tags)
        self._part_bytes = max(1, unsigned(buffer_size))

    def begin(self) -> ObjectWriter:
        native = self.store.native
        checksum = self.store._traits.checksum
        options = native.prepare_put(
            self.key, **{**NO_OPTIONS, **self._arguments, "checksum": checksum, "length": None}
        )
        return ObjectWriter(native, self.key, begin_put(native, self.key, options, part_bytes=self._part_bytes))

    def failed(self, error: StoreError) -> OSError:
        return translated_file(error, self.store.label, self.key)


class WritableFile:
    """A file whose bytes become the object when it is closed, atomically.

    Left by an exception, dropped or failed, it publishes nothing and aborts its upload. `flush` hands bytes on to the
    store and makes none visible. Errors in writing are `OSError`, as of any file.
    """

    def __init__(self, upload: _Upload) -> None:
        self._upload = upload
        self._file: ObjectWriter | None = None
        self._closed = False

    def write(self, buffer: Any, /) -> int:
        """Append; the number of bytes. Raises `TypeError` for what is no buffer."""
        memoryview(buffer)
        return int(self._run(lambda file: file.write(buffer)))

    def flush(self) -> None:
        self._run(lambda file: file.flush())

    def close(self) -> None:
        """Publish. Raises `OSError` for a file that is closed already."""
        self._run(lambda file: file.close())
        self._closed = True

    def closed(self) -> bool:
        """A method, as in obstore."""
        return self._closed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if exc_type is None:
            self.close()
        else:
            self._discard()

    def __del__(self) -> None:
        if not getattr(self, "_closed", True):
            self._discard()

    def _run(self, call: Any) -> Any:
        if self._closed:
            raise OSError("Writer already closed.")
        try:
            if self._file is None:
                self._file = self._upload.begin()
            return call(self._file)
        except StoreError as error:
            self._closed = True
            raise self._upload.failed(error) from error

    def _discard(self) -> None:
        self._closed = True
        if self._file is not None:
            discard(self._file)

    def __repr__(self) -> str:
        return "WritableFile"


class AsyncWritableFile:
    """`WritableFile` for coroutines. A write that is cancelled discards the file: what came later followed a hole."""

    def __init__(self, upload: _Upload) -> None:
        self._upload = upload
        self._file: AsyncFile[bytes] | None = None
        self._closed = False

    async def write(self, buffer: Any, /) -> int:
        memoryview(buffer)
        return int(await self._run("write", buffer))

    async def flush(self) -> None:
        await self._run("flush")

    async def close(self) -> None:
        await self._run("close")
        self._closed = True

    async def closed(self) -> bool:
        """A method, as in obstore."""
        return self._closed

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if exc_type is None:
            await self.close()
            return
        self._closed = True
        if self._file is not None:
            await self._file.__aexit__(exc_type, exc_value, traceback)

    def __del__(self) -> None:
        if not getattr(self, "_closed", True) and self._file is not None:
            discard(self._file.file)

    async def _run(self, method: str, *args: Any) -> Any:
        if self._closed:
            raise OSError("Writer already closed.")
        service = self._upload.store.native.service
        try:
            if self._file is None:
                begun: builtins.list[ObjectWriter] = []
                try:
                    await hop(service, lambda: begun.append(self._upload.begin()))
                finally:  # a coroutine cancelled in that very call still has the file that it began
                    self._file = AsyncFile(begun[0], service) if begun else None
                assert self._file is not None
            return await getattr(self._file, method)(*args)
        except StoreError as error:
            self._closed = True
            raise self._upload.failed(error) from error

    def __repr__(self) -> str:
        return "AsyncWritableFile"


def discard(file: Any) -> None:
    """Forget what was written, without a word: the file was dropped, as obstore's may be."""
    with suppress(StoreError):
        file.discard()


def open_writer(
    store: ObjectStoreBase,
    path: str,
    *,
    attributes: Attributes | None = None,
    buffer_size: int = WRITE_BYTES,
    tags: dict[str, str] | None = None,
    max_concurrency: int = 12,
) -> WritableFile:
    """An object as a file that is written, and published when it is closed; leave its ``with`` by an exception to
    publish nothing.

    What is larger than `buffer_size` goes to a remote store in parts of that size (raised to the smallest part that
    the store takes), one at a time: `max_concurrency` is a limit.
    """
    unsigned(max_concurrency)
    return WritableFile(_Upload(store_of(store), path, attributes, buffer_size, tags))


def open_writer_async(
    store: ObjectStoreBase,
    path: str,
    *,
    attributes: Attributes | None = None,
    buffer_size: int = WRITE_BYTES,
    tags: dict[str, str] | None = None,
    max_concurrency: int = 12,
) -> AsyncWritableFile:
    """`open_writer` for coroutines; not one itself, as in obstore."""
    unsigned(max_concurrency)
    return AsyncWritableFile(_Upload(store_of(store), path, attributes, buffer_size, tags))


def open(store: ObjectStoreBase, path: str, mode: str = "rb", **options: Any) -> Any:  # noqa: A001 - the guide's name
    """`open_reader` for mode "rb", `open_writer` for "wb", with their options. Raises `ValueError` for another mode."""
    if mode not in ("rb", "wb"):
        raise ValueError(f"an object is opened in mode 'rb' or 'wb', not {mode!r}")
    return open_reader(store, path, **options) if mode == "rb" else open_writer(store, path, **options)


async def open_async(store: ObjectStoreBase, path: str, mode: str = "rb", **options: Any) -> Any:
    """`open` for coroutines: `open_reader_async` or `open_writer_async`."""
    if mode not in ("rb", "wb"):
        raise ValueError(f"an object is opened in mode 'rb' or 'wb', not {mode!r}")
    if mode == "wb":
        return open_writer_async(store, path, **options)
    return await open_reader_async(store, path, **options)


def _ranged(target: ObjectStoreBase, path: str, buffer_size: int, size: int | None) -> RangedFile:
    key, least = key_of(path), unsigned(buffer_size)
    if size is not None:
        return RangedFile(target, key, unsigned(size), None, least)
    try:
        meta = target.native.head(key)
    except StoreError as error:
        raise translated(error, target.label, key) from error
    return RangedFile(target, key, meta.size, meta.etag, least)
