"""A local file that appears under its name when it is whole, and not before.

The bytes go to a file beside the destination, so that publishing is one rename within a file system. Whatever fails,
and if the process is killed, nothing is left under the final name that was not there before. What a power failure may
leave there is up to the file system, unless the file is published durably: fsync of the file, rename, fsync of the
folder (`docs/design/durable-downloads.md`).
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self

from ..backends.local_errors import translate
from ..errors import AlreadyExistsError, InvalidRequestError, StoreError
from ..ids import Ids, RandomIds

__all__ = ["StagedFile", "folder_of", "local_errors", "made_folder", "make_folder", "open_staged", "staged_file"]

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_STAGED = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


class StagedFile:
    """A write in progress of the file `name` in the folder `folder` (a descriptor, duplicated here).

    `resumable` is what a later attempt will know as well: it gives the staged file a name that is found again, and what
    an earlier attempt left is opened. Without it the file is new and nobody knows its name. Writing is positioned and
    may be done by several threads at once. `shown` is what errors call the file. It gets the permission bits of the
    file that it replaces, and grants nothing more while it is written; a new one has those that the umask leaves.
    Raises what `local_errors` makes of an OSError.
    """

    def __init__(
        self, folder: int, name: bytes, *, shown: str = "", resumable: bytes | None = None, ids: Ids | None = None
    ) -> None:
        self.name = name
        self.shown = shown or os.fsdecode(name)
        if resumable is None:
            self.staged = staged_name(name, (ids or RandomIds()).token(8).hex())
        else:
            self.staged = staged_name(name + resumable, ".part")
        self.folder = os.dup(folder)
        try:
            with local_errors(self.shown):
                mode = _mode(self.folder, name)
                if stat.S_ISDIR(mode):
                    raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), self.shown)
                flags = _STAGED if resumable is not None else _STAGED | os.O_EXCL
                bits = mode & 0o666 | 0o600 if stat.S_ISREG(mode) else 0o666
                self.file = os.open(self.staged, flags, bits, dir_fd=self.folder)
        except BaseException:
            os.close(self.folder)
            raise
        self._open = True
        self._position = 0

    def write(self, data: bytes | memoryview) -> None:
        """Append to what `write` has written."""
        self.write_at(self._position, data)
        self._position += len(data)

    def write_at(self, offset: int, data: bytes | memoryview) -> None:
        view = memoryview(data)
        with local_errors(self.shown):
            while view:
                written = os.pwrite(self.file, view, offset)
                offset += written
                view = view[written:]

    def read_at(self, offset: int, length: int) -> bytes:
        with local_errors(self.shown):
            return os.pread(self.file, length, offset)

    def truncate(self, size: int) -> None:
        with local_errors(self.shown):
            os.ftruncate(self.file, size)

    @property
    def taken(self) -> bool:
        """Whether something has the final name."""
        with local_errors(self.shown):
            return _mode(self.folder, self.name) != 0

    def commit(self, *, overwrite: bool = True, durable: bool = False) -> None:
        """Publish it. Without `overwrite`: `AlreadyExistsError` where the name is taken.

        `durable`: the bytes are on the disk before they have the name, and the name is before this returns.
        """
        with local_errors(self.shown):
            mode = _mode(self.folder, self.name)
            if overwrite and stat.S_ISREG(mode) and (mode ^ os.fstat(self.file).st_mode) & 0o777:
                os.fchmod(self.file, mode & 0o777)
            if durable:
                os.fsync(self.file)
            if overwrite:
                os.replace(self.staged, self.name, src_dir_fd=self.folder, dst_dir_fd=self.folder)
            else:
                self._publish_new()
            if durable:
                os.fsync(self.folder)
        self.keep()

    def _publish_new(self) -> None:
        try:
            os.link(self.staged, self.name, src_dir_fd=self.folder, dst_dir_fd=self.folder, follow_symlinks=False)
        except FileExistsError as error:
            raise AlreadyExistsError(
                f"there is a file {self.shown!r} already: choose another name, or overwrite it"
            ) from error
        os.unlink(self.staged, dir_fd=self.folder)

    def discard(self) -> None:
        """Drop what was staged. Nothing to do after `commit` and `keep`."""
        if self._open:
            with suppress(FileNotFoundError):
                os.unlink(self.staged, dir_fd=self.folder)
        self.keep()

    def keep(self) -> None:
        """Close, and leave the staged file to a later attempt."""
        if self._open:
            self._open = False
            os.close(self.file)
            os.close(self.folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()


def staged_name(name: bytes, suffix: str) -> bytes:
    """The name under which something is staged for the file `name`: hidden, and never too long."""
    return f".dskit-{hashlib.sha256(name).hexdigest()[:24]}{suffix}".encode()


@contextmanager
def staged_file(
    path: str | os.PathLike[str], *, overwrite: bool = True, durable: bool = False, ids: Ids | None = None
) -> Iterator[StagedFile]:
    """Write a local file whole or not at all: published where the block ends, dropped where it raises.

    `durable`: it survives a power failure, and none leaves a part of it, at the price of waiting for the disk.
    Raises `InvalidRequestError` for a path that names a folder or whose folder is not there, `AlreadyExistsError`
    without `overwrite`, and what `local_errors` makes of the rest.
    """
    with open_staged(path, ids=ids) as staged:
        yield staged
        staged.commit(overwrite=overwrite, durable=durable)


def open_staged(path: str | os.PathLike[str], *, resumable: bytes | None = None, ids: Ids | None = None) -> StagedFile:
    """The staging of a local file, for who decides later what becomes of it. Raises as `staged_file` does."""
    with folder_of(path) as (folder, name):
        return StagedFile(folder, name, shown=os.fsdecode(path), resumable=resumable, ids=ids)


@contextmanager
def folder_of(path: str | os.PathLike[str]) -> Iterator[tuple[int, bytes]]:
    """A descriptor of the folder that holds the file of `path`, and the file's name there."""
    raw = os.fsencode(path)
    parent, name = os.path.split(raw)
    if name in (b"", b".", b".."):
        raise InvalidRequestError(f"{os.fsdecode(raw)!r} names a folder; a file name is needed", code="IsADirectory")
    with local_errors(path):
        folder = os.open(parent or b".", _FOLDER)
    try:
        yield folder, name
    finally:
        os.close(folder)


@contextmanager
def local_errors(path: str | os.PathLike[str]) -> Iterator[None]:
    """What the file system says of `path` as errors of dskit, with the cause chained and a remedy."""
    shown = os.fsdecode(path)
    try:
        yield
    except StoreError:
        raise  # many of them are OSErrors as well
    except IsADirectoryError as error:
        raise InvalidRequestError(
            f"{shown!r} is a folder where a file should be: give the name of a file in it", code="IsADirectory"
        ) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InvalidRequestError(
            f"there is no {shown!r}, or no such folder to put it in: make the folder, or check the path",
            code="NoSuchFile",
        ) from error
    except OSError as error:
        translated = translate(error)
        translated.message = f"{shown!r}: {translated.message}"
        raise translated from error


def make_folder(path: str | os.PathLike[str], *, durable: bool = False) -> None:
    """Make a folder and those above it, where they are not there. `durable`: the new ones survive a power failure.

    Raises `InvalidRequestError` where a file is in the way, else what `local_errors` makes of an OSError.
    """
    missing = []
    above = os.path.abspath(path)
    while durable and not os.path.lexists(above):
        missing.append(above)
        above = os.path.dirname(above)
    with local_errors(path):
        try:
            os.makedirs(path, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise InvalidRequestError(
                f"{os.fsdecode(path)!r}, or what is above it, is a file where a folder should be: give the name of a "
                "folder",
                code="NotADirectory",
            ) from error
    for made in reversed(missing):
        folder = os.open(os.path.dirname(made), _FOLDER)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def made_folder(path: str | os.PathLike[str], *, durable: bool = False) -> Iterator[None]:
    """`make_folder`, and where what is done inside fails, the new folders go again unless something is in them."""
    new: list[str] = []
    above = os.path.abspath(path)
    while not os.path.lexists(above):
        new.append(above)
        above = os.path.dirname(above)
    try:
        make_folder(path, durable=durable)
        yield
    except BaseException:
        with suppress(OSError):
            for folder in new:
                os.rmdir(folder)
        raise


def _mode(folder: int, name: bytes) -> int:
    """Kind and permission bits of what has the name; 0 where nothing has."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return 0
