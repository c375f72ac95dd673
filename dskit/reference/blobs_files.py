"""Blobs as immutable files, named by number, published by a hard link after they are synced; small ones in the catalog.

::

    blobs/…ab12           one file a blob, in one folder: what has to be synced is there from the start
    staging/<token>/      one folder a process, held by an flock on its file `lock`
        lock
        <number>          bytes on their way in; stays until the catalog has committed, so that the sweep of a dead
                          process's folder finds the blobs that nobody refers to. Also what is left where the outcome
                          of a commit is unknown
        pin-…             links that keep the many extents of a large read

Order of a durable write: write, sync the file, link it, sync the folder, and only then does the catalog commit.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from dskit.errors import ClosedError, UnavailableError
from dskit.ids import Ids, RandomIds
from dskit.types import FileSegment

from .blobs import Sealed
from .records import Extent

__all__ = ["FileBlobs"]

_READ_BYTES = 1024 * 1024
_COALESCE_BELOW = 64 * 1024
_MAX_OPEN = 64  # descriptors that one read may hold; a read of more extents pins its files by links
_NUMBER_BYTES = 8

_Held = tuple[int | memoryview, Extent]
_Pinned = tuple[str | memoryview, Extent]


class FileBlobs:
    """Implements `blobs.Blobs` in the directory `root`. `durable` False leaves all syncing out."""

    most_kept = 16 * 1024  # by the catalog: one sync in place of three

    def __init__(self, root: Path, *, durable: bool = True) -> None:
        self._ids: Ids = RandomIds()  # names must differ from those of every other process, so never from a seed
        self._durable = durable
        self._blobs = str(root / "blobs")  # joining Path objects costs as much as a system call
        self._staging = root / "staging"
        (root / "blobs").mkdir(parents=True, exist_ok=True)
        self._staging.mkdir(exist_ok=True)
        self._mine, self._lock = self._claim()
        self._process = os.getpid()
        self.small: Callable[[int], bytes | None] = _nothing
        """Where the bytes of small blobs are: the catalog, once it is open."""

    def _claim(self) -> tuple[Path, int]:
        """A staging folder of our own, locked; another process may sweep it before it is, then we make another."""
        while True:
            mine = self._staging / self._ids.token(12).hex()
            mine.mkdir()
            try:
                lock = os.open(mine / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            except FileNotFoundError:
                continue
            fcntl.flock(lock, fcntl.LOCK_EX)
            if os.fstat(lock).st_nlink:
                return mine, lock
            os.close(lock)

    def sweep(self, knows: Callable[[int], bool]) -> None:
        """Remove what processes left that are gone: staged bytes, and sealed blobs that no catalog row refers to."""
        for folder in sorted(self._staging.iterdir()):
            if folder == self._mine or not folder.is_dir():
                continue
            try:
                lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            except FileNotFoundError:
                continue  # another process has swept it
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # its process lives
            else:
                self._sweep_folder(folder, knows)
            finally:
                os.close(lock)

    def _sweep_folder(self, folder: Path, knows: Callable[[int], bool]) -> None:
        """Blobs first, then the names that led to them: a sweep that is killed can be done again."""
        for name in _names(folder):
            if name.isdigit() and not knows(int(name)):
                _unlink(self._path(int(name)))
        shutil.rmtree(folder, ignore_errors=True)

    def writer(self) -> _FileWriter:
        number = self._new_number()
        return _FileWriter(self, number, f"{self._mine}/{number}")

    def keep(self, data: bytes) -> Sealed:
        return self._new_number() | 1, data

    def _new_number(self) -> int:
        return int.from_bytes(self._ids.token(_NUMBER_BYTES), "big") >> 1 & ~1

    def open(self, extents: tuple[Extent, ...]) -> _FileReader:
        if len(extents) <= _MAX_OPEN:
            return _FileReader(self._open_all(extents))
        return _FileReader(_Pins(self, self._pin(extents)))

    def remove(self, blob: int) -> None:
        _unlink(self._path(blob))

    def close(self) -> None:
        if self._lock >= 0 and self.is_ours():
            with suppress(OSError):  # what cannot be removed is left to the next sweep
                for name in _names(self._mine):
                    if not (name.isdigit() and (self._mine / name).stat().st_nlink > 1):
                        (self._mine / name).unlink()
                self._mine.rmdir()  # not where a blob of an unknown outcome stays
            os.close(self._lock)
            self._lock = -1

    def check_usable(self) -> None:
        """Raises `UnavailableError` in a forked child, whose writes would go to the end of its parent's, and
        `ClosedError`, which is what a file that is missing from the staging folder comes from."""
        if not self.is_ours():
            raise UnavailableError(
                "this write or read was begun before the process was forked: it is the parent's", retryable=False
            )
        if self._lock < 0:
            raise ClosedError("the store was closed while this was under way")

    def is_ours(self) -> bool:
        """Whether this process has opened the store; a forked child has not, and leaves its parent's files alone."""
        return os.getpid() == self._process

    def _path(self, blob: int) -> str:
        return f"{self._blobs}/{blob:016x}"

    def _open_all(self, extents: tuple[Extent, ...]) -> list[_Held]:
        held: list[_Held] = []
        try:
            for extent in extents:
                if is_small(extent.blob):
                    held.append((self._small(extent), extent))
                else:
                    held.append((os.open(self._path(extent.blob), os.O_RDONLY | os.O_CLOEXEC), extent))
        except BaseException as error:
            _close_all(held)
            if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
                raise UnavailableError(f"the object cannot be read: {error}", retryable=False) from error
            raise
        return held

    def _small(self, extent: Extent) -> memoryview:
        data = self.small(extent.blob)
        if data is None:
            raise FileNotFoundError(f"blob {extent.blob} is gone")
        return memoryview(data)[extent.offset : extent.offset + extent.length]

    def _pin(self, extents: tuple[Extent, ...]) -> list[_Pinned]:
        token = self._ids.token(8).hex()
        pinned: list[_Pinned] = []
        try:
            for index, extent in enumerate(extents):
                if is_small(extent.blob):
                    pinned.append((self._small(extent), extent))
                else:
                    pin = f"{self._mine}/pin-{token}-{index}"
                    os.link(self._path(extent.blob), pin)
                    pinned.append((pin, extent))
        except BaseException:
            _unlink_all(pinned)
            raise
        return pinned

    def publish(self, staged: str, number: int, descriptor: int) -> None:
        """Make the staged file a blob, durably if so promised. The staged name stays for the sweep."""
        self.check_usable()
        if self._durable:
            os.fsync(descriptor)
        try:
            os.link(staged, self._path(number))
        except FileNotFoundError:
            self.check_usable()
            raise
        if self._durable:
            sync_folder(self._blobs)


class _FileWriter:
    """Bytes into a staged file, made at the first of them. A full disk is an error of the store, not of the caller."""

    def __init__(self, blobs: FileBlobs, number: int, path: str) -> None:
        self._blobs = blobs
        self._number = number
        self._path = path
        self._descriptor = -1
        self._small = bytearray()
        self._sealed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if len(data) >= _COALESCE_BELOW:
            self._flush()
            self._write(data)
        else:
            self._small += data
            if len(self._small) >= _COALESCE_BELOW:
                self._flush()

    def seal(self) -> Sealed | None:
        if self._descriptor < 0 and len(self._small) <= FileBlobs.most_kept:
            return (self._number | 1, bytes(self._small)) if self._small else None
        self._flush()
        with _Translated():
            self._blobs.publish(self._path, self._number, self._descriptor)
        self._sealed = True
        self._release_descriptor()
        return self._number, None

    def done(self) -> None:
        """The catalog has committed: the staged name is not needed any more."""
        if self._sealed:
            with suppress(OSError):  # the write has succeeded; what cannot be removed now is swept later
                _unlink(self._path)

    def discard(self) -> None:
        self._small = bytearray()
        if self._descriptor < 0 and not self._sealed:
            return
        self._release_descriptor()
        if not self._blobs.is_ours():
            return
        if self._sealed:
            self._blobs.remove(self._number)
            self._sealed = False
        _unlink(self._path)

    def __del__(self) -> None:
        if self._descriptor >= 0:  # a write that nobody finished
            self.discard()

    def _flush(self) -> None:
        if self._small:
            small, self._small = self._small, bytearray()
            self._write(small)

    def _write(self, data: bytes | bytearray | memoryview) -> None:
        self._blobs.check_usable()
        with _Translated():
            if self._descriptor < 0:
                flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
                self._descriptor = os.open(self._path, flags, 0o600)
            view = memoryview(data)
            while view:
                view = view[os.write(self._descriptor, view) :]

    def _release_descriptor(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class _Translated:
    """Errors of the file system in dskit's words."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError) and not isinstance(error, UnavailableError):
            full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            reason = "there is no space left for it" if full else str(error)
            raise UnavailableError(f"the object cannot be stored: {reason}", retryable=False) from error


class _Pins:
    """Extents held by links, opened one at a time."""

    def __init__(self, blobs: FileBlobs, pinned: list[_Pinned]) -> None:
        self._blobs = blobs
        self._pinned = pinned
        self._open: list[int] = []

    def __iter__(self) -> Iterator[_Held]:
        for pin, extent in self._pinned:
            self._close_open()
            if isinstance(pin, memoryview):
                yield pin, extent
            else:
                self._open.append(self._reopen(pin))
                yield self._open[0], extent

    def _reopen(self, pin: str) -> int:
        try:
            return os.open(pin, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            self._blobs.check_usable()
            raise

    def close(self) -> None:
        self._close_open()
        pinned, self._pinned = self._pinned, []
        if self._blobs.is_ours():
            _unlink_all(pinned)

    def _close_open(self) -> None:
        while self._open:
            os.close(self._open.pop())


class _FileReader:
    """Open descriptors (or links) of the extents of one read; a blob that is unlinked meanwhile stays readable."""

    def __init__(self, held: list[_Held] | _Pins) -> None:
        self._held = held

    def segments(self) -> Iterator[memoryview | FileSegment]:
        for source, extent in self._held:
            yield source if isinstance(source, memoryview) else FileSegment(source, extent.offset, extent.length)

    def __iter__(self) -> Iterator[bytes]:
        for segment in self.segments():
            if isinstance(segment, memoryview):
                yield bytes(segment)
                continue
            descriptor, offset, length = segment
            position, end = offset, offset + length
            while position < end:
                chunk = os.pread(descriptor, min(_READ_BYTES, end - position), position)
                if not chunk:
                    raise UnavailableError("a blob is shorter than the catalog says", retryable=False)
                position += len(chunk)
                yield chunk

    def close(self) -> None:
        held, self._held = self._held, []
        if isinstance(held, _Pins):
            held.close()
        else:
            _close_all(held)

    def __del__(self) -> None:
        self.close()


def is_small(blob: int) -> bool:
    """Whether the catalog keeps the bytes of a blob: its number says so."""
    return blob & 1 == 1


def _nothing(_: int) -> bytes | None:
    return None


def _close_all(held: list[_Held]) -> None:
    for source, _ in held:
        if isinstance(source, int):
            os.close(source)


def _unlink_all(pinned: list[_Pinned]) -> None:
    for pin, _ in pinned:
        if isinstance(pin, str):
            _unlink(pin)


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []  # another process has swept it


def _unlink(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)


def sync_folder(folder: Path | str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
