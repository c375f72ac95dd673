"""`.dskit/` under the root of a bucket: staging, locks, uploads and the side index of one store.

Each process stages in a folder of its own that it keeps locked (flock); a folder whose lock can be had belonged to a
process that is dead, and is swept. Commits of one key exclude each other, in all processes, by one of 64 lock files.
"""

from __future__ import annotations

import fcntl
import os
import weakref
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ..errors import ClosedError, UnavailableError
from ..ids import Ids
from .local_paths import CONTROL, CONTROL_MARK, CONTROL_PARTS, FOLDER
from .local_traits import Traits, probe

__all__ = ["Control", "remove_tree"]

STRIPES = 64
_NEW = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW


class Control:
    """The control folder, opened for writing. `fd` is its descriptor, `staging` that of this process's folder."""

    def __init__(self, root: int, ids: Ids, *, sync: bool) -> None:
        self._ids = ids
        self.fd = _folder(root, CONTROL)
        for name in CONTROL_PARTS:
            os.close(_folder(self.fd, name))
        os.close(os.open(CONTROL_MARK, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666, dir_fd=self.fd))
        self.traits: Traits = probe(self.fd, sync=sync, token=ids.token(8).hex())
        self._sweep()
        name, self.staging, held = self._claim()
        self._owner = os.getpid()
        # Descriptors stay open as long as anybody has this: after a close in the middle of a call of another thread
        # their numbers could be those of other files. What was registered last is called first.
        weakref.finalize(self, _close_all, (self.staging, held, self.fd))
        self.close = weakref.finalize(self, _give_up, os.getpid(), name, self.fd, held)
        """Give the staging folder up; also done when this object is collected and when the process ends."""

    @property
    def alive(self) -> bool:
        """False when the folder has been removed under us, with its bucket, and in a forked child: it is the parent's,
        who removes what is in it when it closes."""
        return self._owner == os.getpid() and os.fstat(self.staging).st_nlink > 0 and os.fstat(self.fd).st_nlink > 0

    @contextmanager
    def lock(self, name: bytes, kind: str = "k") -> Iterator[None]:
        """Exclude every other holder of the same stripe, thread or process. Kinds are taken in the order u, k."""
        stripe = f"locks/{kind}{zlib.crc32(name) % STRIPES:02x}".encode()
        file = os.open(stripe, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666, dir_fd=self.fd)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)  # which unlocks

    def new_file(self) -> tuple[bytes, int]:
        """A new staged file: its name in `staging`, and a descriptor to read and write it."""
        name = self._ids.token(12).hex().encode()
        return name, os.open(name, _NEW, 0o666, dir_fd=self.staging)

    @property
    def given_up(self) -> bool:
        """After `close`: the staged files are gone."""
        return not self.close.alive

    def check_usable(self) -> None:
        """For a write that is under way. Raises `ClosedError`, and `UnavailableError` in a forked child, whose bytes
        would go to the end of its parent's."""
        if self.given_up:
            raise ClosedError("the store was closed before this write was published")
        if self._owner != os.getpid():
            raise UnavailableError(
                "this write was begun before the process was forked: it is the parent's", retryable=False
            )

    def discard(self, name: bytes) -> None:
        if not self.given_up and self._owner == os.getpid():
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=self.staging)

    def _claim(self) -> tuple[bytes, int, int]:
        while True:
            name = b"staging/" + self._ids.token(8).hex().encode()
            held = os.open(name + b".lock", _NEW, 0o666, dir_fd=self.fd)
            fcntl.flock(held, fcntl.LOCK_EX)
            if os.fstat(held).st_nlink == 0:  # swept between the two lines above
                os.close(held)
                continue
            os.mkdir(name, dir_fd=self.fd)
            return name, os.open(name, FOLDER, dir_fd=self.fd), held

    def _sweep(self) -> None:
        folder = os.open(b"staging", FOLDER, dir_fd=self.fd)
        try:
            for name in map(os.fsencode, os.listdir(folder)):
                if name.endswith(b".lock"):
                    _sweep_one(folder, name)
        finally:
            os.close(folder)


def _sweep_one(folder: int, lock: bytes) -> None:
    try:
        file = os.open(lock, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=folder)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remove_tree(folder, lock.removesuffix(b".lock"))
        os.unlink(lock, dir_fd=folder)
    except (BlockingIOError, FileNotFoundError):
        return  # alive, or swept by another
    finally:
        os.close(file)


def _folder(parent: int, name: bytes) -> int:
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=parent)
    return os.open(name, FOLDER, dir_fd=parent)


def _give_up(owner: int, name: bytes, control: int, held: int) -> None:
    """In a forked child the folder is still its parent's."""
    if os.getpid() == owner:
        with suppress(OSError):
            remove_tree(control, name)
            os.unlink(name + b".lock", dir_fd=control)
        fcntl.flock(held, fcntl.LOCK_UN)


def _close_all(descriptors: tuple[int, ...]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def remove_tree(parent: int, name: bytes) -> None:
    """Remove a file or a folder with all that is in it; nothing is followed, what is gone already is no error."""
    try:
        os.unlink(name, dir_fd=parent)
    except FileNotFoundError:
        return
    except (IsADirectoryError, PermissionError):  # Linux says the one, POSIX the other
        here = os.open(name, FOLDER, dir_fd=parent)
        try:
            for entry in os.listdir(here):
                remove_tree(here, os.fsencode(entry))
        finally:
            os.close(here)
        with suppress(FileNotFoundError):
            os.rmdir(name, dir_fd=parent)
