"""Bytes on their way: what a backend's reads and writes are while they go on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .types import FileSegment, ObjectMeta, PutResult

__all__ = ["Reading", "Staging"]


class Reading(Protocol):
    """An open read: pinned to one state of the object, whatever is written meanwhile. Close it (or exhaust it).

    `start`/`stop` (half-open) are the bytes that this read yields; `partial` says whether S3 answers 206.
    For a head the iterator yields nothing and `segments()` is empty.
    """

    meta: ObjectMeta
    start: int
    stop: int
    partial: bool

    def __iter__(self) -> Iterator[bytes]: ...

    def segments(self) -> Iterable[bytes | memoryview | FileSegment]:
        """The same bytes for a front that can send files; descriptors stay open until `close`."""
        ...

    def close(self) -> None: ...


class Staging(Protocol):
    """A write in progress. Nothing is visible before `commit`; `abort` (also after an error) leaves nothing behind."""

    def write(self, data: bytes | bytearray | memoryview) -> None: ...

    def commit(self, *, checksums: Mapping[str, str] | None = None) -> PutResult:
        """Verify length, digests, `checksums` (those of a trailer, algorithm to base64) and conditions; publish."""
        ...

    def abort(self) -> None: ...
