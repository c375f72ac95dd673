"""What a caller may put: buffers, binary files, iterables of buffers, results of a get; each as a `Source`."""

from __future__ import annotations

import io
import os
from collections.abc import AsyncIterable, Callable, Iterable, Iterator, Mapping
from types import GeneratorType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

from .backend import Source
from .errors import InvalidRequestError
from .streams import Staging
from .types import PutResult

__all__ = [
    "BufferSource",
    "CheckedData",
    "CheckedSource",
    "Data",
    "FileSource",
    "IterableSource",
    "ReadableBuffer",
    "as_chunk",
    "check_length",
    "pump",
    "source_of",
    "used_up",
]

READ_BYTES = 1024 * 1024


class BinaryReader(Protocol):
    """Anything with a `read` that gives bytes: a file opened in binary mode, a socket file, a `GetResult`."""

    def read(self, size: int = -1, /) -> bytes: ...


Buffer: TypeAlias = bytes | bytearray | memoryview
if TYPE_CHECKING:
    from typing_extensions import Buffer as ReadableBuffer  # in the type checker's own stubs; `collections.abc` of 3.12
else:
    ReadableBuffer = Buffer
Data: TypeAlias = ReadableBuffer | BinaryReader | Iterable[ReadableBuffer]
"""Data of a put: any object with the buffer protocol (bytes, array, mmap, numpy array), a file, an iterable."""


@runtime_checkable
class _Sized(Protocol):
    """A reader that knows how many bytes it has left (`GetResult`)."""

    @property
    def remaining(self) -> int: ...


class BufferSource:
    """Bytes that are in memory."""

    __slots__ = ("data", "length")
    rewindable = True

    def __init__(self, data: bytes | memoryview) -> None:
        self.data = data
        self.length: int | None = len(data)

    def rewind(self) -> None:
        """Nothing to do: every `chunks` starts again."""

    def chunks(self) -> Iterator[bytes | memoryview]:
        return iter((self.data,))


class FileSource:
    """An open binary file, from its present position; never closed here.

    `length` is how many bytes are taken: as given, else up to the present end where the file can tell. A file that
    then turns out shorter is `InvalidRequestError` (code ``IncompleteBody``); one that has grown is cut there.
    """

    def __init__(self, file: BinaryReader, length: int | None = None) -> None:
        self.file = file
        self._start = _position(file)
        self.rewindable = self._start is not None
        self.length = length if length is not None else _remaining(file, self._start)

    def rewind(self) -> None:
        if self._start is None:
            raise InvalidRequestError("this file cannot be read a second time: it is not seekable")
        self.file.seek(self._start)  # type: ignore[attr-defined]

    def chunks(self) -> Iterator[bytes | memoryview]:
        left = self.length
        while left is None or left > 0:
            # None is not the end: a file that does not block has nothing yet, and as_chunk refuses it.
            data: object = self.file.read(READ_BYTES if left is None else min(READ_BYTES, left))
            chunk = as_chunk(data, "a file opened in binary mode, which waits for its data")
            if not len(chunk):
                break
            if left is not None:
                left -= len(chunk)
            yield chunk
        if left:
            raise incomplete(self.length or 0, (self.length or 0) - left)


class IterableSource:
    """Chunks of an iterable. A collection can be read again, an iterator once."""

    def __init__(self, chunks: Iterable[Buffer], length: int | None = None) -> None:
        self._chunks = chunks
        self.length = length
        self.rewindable = not isinstance(chunks, Iterator)
        self._used = False

    def rewind(self) -> None:
        if not self.rewindable and self._used:
            raise InvalidRequestError("an iterator cannot be read a second time; put bytes, a file or a list instead")

    def chunks(self) -> Iterator[bytes | memoryview]:
        self._used = True
        seen = 0
        for item in self._chunks:
            chunk = as_chunk(item, "an iterable of bytes")
            seen += len(chunk)
            if self.length is not None and seen > self.length:
                raise incomplete(self.length, seen)
            if len(chunk):
                yield chunk
        if self.length is not None and seen != self.length:
            raise incomplete(self.length, seen)


class CheckedSource:
    """Another source, with a check before each chunk that may raise: how a cancelled caller fails its reader."""

    def __init__(self, source: Source, check: Callable[[], None]) -> None:
        self._source = source
        self._check = check
        self.length = source.length
        self.rewindable = source.rewindable

    def rewind(self) -> None:
        self._source.rewind()

    def chunks(self) -> Iterator[bytes | memoryview]:
        for chunk in self._source.chunks():
            self._check()
            yield chunk


class CheckedData(NamedTuple):
    """Data of a put, and the check of its `CheckedSource`."""

    data: object
    check: Callable[[], None]


def check_length(length: object) -> None:
    """Raises `InvalidRequestError` unless it is a number of bytes."""
    if not isinstance(length, int) or isinstance(length, bool) or length < 0:
        raise InvalidRequestError(f"length is a number of bytes, 0 or more; not {length!r}")


def used_up() -> InvalidRequestError:
    return InvalidRequestError("the generator has been used up, and would be stored as nothing: make a new one")


def incomplete(announced: int, seen: int) -> InvalidRequestError:
    return InvalidRequestError(
        f"the data has {'more than' if seen > announced else 'only'} {min(seen, announced)} bytes "
        f"where {announced} were announced",
        code="IncompleteBody",
        details={"NumberBytesExpected": str(announced), "NumberBytesProvided": str(seen)},
    )


def as_chunk(item: object, expected: str = "bytes") -> bytes | memoryview:
    """A chunk as flat bytes. Raises `InvalidRequestError` that names the remedy for a str and for anything else."""
    if isinstance(item, bytes):
        return item
    if isinstance(item, str):
        raise InvalidRequestError(f"data is bytes, here it is a str: encode it (.encode()), or give {expected}")
    try:
        view = memoryview(item)  # type: ignore[arg-type]
    except TypeError:
        raise InvalidRequestError(f"data is {expected}; it gave {type(item).__name__}") from None
    return _flat(view)


def source_of(data: object, length: int | None = None) -> Source:
    """The source for what a caller put. `length` announces the size of what cannot tell; elsewhere it must agree.

    Raises `InvalidRequestError`, with the remedy, for a str, a path, an async iterator, a text file, a generator that
    has ended and non-bytes.
    """
    if length is None and isinstance(data, bytes):  # most data
        return BufferSource(data)
    if isinstance(data, CheckedSource):
        return data
    if isinstance(data, CheckedData):
        return CheckedSource(source_of(data.data, length), data.check)
    if length is not None:
        check_length(length)
    if isinstance(data, str | os.PathLike | Mapping):
        remedy = "encode it (.encode())" if isinstance(data, str) else "open it: open(path, 'rb')"
        if isinstance(data, Mapping):
            remedy = "serialise it, for example json.dumps(...).encode()"
        raise InvalidRequestError(f"data is bytes, a binary file or an iterable of bytes, not {_kind(data)}: {remedy}")
    if isinstance(data, io.TextIOBase):
        raise InvalidRequestError("data is a file opened in text mode: open it with mode 'rb'")
    if callable(getattr(data, "read", None)):
        return FileSource(data, length)  # type: ignore[arg-type]
    if (chunk := _buffer(data)) is not None:
        if length is not None and length != len(chunk):
            raise incomplete(length, len(chunk))
        return BufferSource(chunk)
    if isinstance(data, AsyncIterable):
        raise InvalidRequestError("an async iterator can only be put through AsyncStore: await store.aio.put(...)")
    if isinstance(data, GeneratorType) and data.gi_frame is None:
        raise used_up()
    if isinstance(data, Iterable):
        return IterableSource(data, length)
    raise InvalidRequestError(f"data is bytes, a binary file or an iterable of bytes, not {_kind(data)}")


def pump(source: Source, staging: Staging) -> PutResult:
    """Read a source into a staging and commit; whatever fails, also a cancellation, aborts the staging."""
    try:
        for chunk in source.chunks():
            staging.write(chunk)
        return staging.commit()
    except BaseException:
        staging.abort()
        raise


def _buffer(data: object) -> bytes | memoryview | None:
    if isinstance(data, bytes):
        return data
    try:
        view = memoryview(data)  # type: ignore[arg-type]
    except TypeError:
        return None
    return _flat(view)


def _flat(view: memoryview) -> bytes | memoryview:
    """The bytes of a buffer of any shape; an empty one of several dimensions cannot be cast."""
    return view.cast("B") if view.c_contiguous and view.nbytes else view.tobytes()


def _kind(data: object) -> str:
    return f"a {type(data).__name__}"


def _position(file: Any) -> int | None:
    try:
        if not file.seekable():
            return None
        return int(file.tell())
    except (AttributeError, OSError):
        return None


def _remaining(file: Any, start: int | None) -> int | None:
    if isinstance(file, _Sized):
        return file.remaining
    if start is None:
        return None
    try:
        end = int(file.seek(0, io.SEEK_END))
        file.seek(start)
    except (AttributeError, OSError, TypeError):
        return None
    return max(0, end - start)
