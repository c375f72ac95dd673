"""A local folder as a place for many objects: never left, whatever the keys are and whatever links are in it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple, Self

from ..backends.local_paths import FOLDER, GONE, make_parent, open_parent, segments_of
from ..backends.local_traits import Traits, probe
from ..errors import InvalidKeyError, InvalidRequestError, KeyConflictError, StoreError
from ..ids import Ids, RandomIds
from .staging import StagedFile, local_errors, make_folder

__all__ = ["Found", "Special", "Tree"]

OWN = b".dskit"
"""What dskit keeps for itself in a folder: staged files and journals (``.dskit-…``), the store of plain files."""


class Found(NamedTuple):
    """A regular file of a tree: its path in the tree as a key, and its size in bytes."""

    name: str
    size: int


class Special(NamedTuple):
    """What is below a folder and cannot be an object: its path on this machine, and why (``is a symbolic link, …``)."""

    path: str
    reason: str


@dataclass(slots=True)
class Tree:
    """The folder `shown`, held open as `root`: every path below is walked from there, and no link is followed."""

    root: int
    shown: str
    traits: Traits

    @classmethod
    @contextmanager
    def opened(
        cls, path: str | os.PathLike[str], *, make: bool = False, durable: bool = False, ids: Ids | None = None
    ) -> Iterator[Self]:
        """Raises `InvalidRequestError` for what is no folder. `make` makes it where it is not there; `durable`: the
        folders that are made survive a power failure."""
        shown = os.fsdecode(path)
        with local_errors(path):
            if make:
                make_folder(path, durable=durable)
            try:
                root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            except (FileNotFoundError, NotADirectoryError) as error:
                reason = "is a file: upload takes files" if os.path.isfile(path) else "is not there: check the path"
                raise InvalidRequestError(f"the folder {shown!r} {reason}", code="NotADirectory") from error
        try:
            with local_errors(path):
                token = f".dskit-{(ids or RandomIds()).token(8).hex()}"
                traits = probe(root, sync=durable, token=token) if make else Traits(exact_names=True)  # as listed
            yield cls(root, shown, traits)
        finally:
            os.close(root)

    # writing

    def check(self, files: Mapping[str, str], folders: Mapping[str, str]) -> None:
        """Refuse keys that cannot all be files and folders here, before anything is written. Path in the tree → key.

        Raises `InvalidKeyError` (a path that leaves the folder, that is absolute, that no file can have) and
        `KeyConflictError` (a key that is a folder of another), naming the key and a remedy.
        """
        for name, key in [*files.items(), *folders.items()]:
            try:
                segments_of(name, self.traits)
            except InvalidKeyError as error:
                raise InvalidKeyError(
                    f"{error.message}; as {name!r} it can be nothing in the folder {self.shown!r}: choose a prefix "
                    "that ends where the path begins, or download this key alone under a name of your own",
                    key=key,
                ) from error
            above = _folder_in(f"{name}/" if name in folders else name, files)
            if above is not None:
                raise KeyConflictError(
                    f"{above!r} is an object too, and cannot be a file and a folder: download one of the two alone",
                    key=key,
                )

    @contextmanager
    def staged(self, key: str, name: str) -> Iterator[StagedFile]:
        """A staged file for the path `name`, whose folders are made. Links and files in the way are
        `KeyConflictError`."""
        segments = segments_of(name, self.traits)
        shown = os.path.join(self.shown, name)
        with _of_key(key), local_errors(shown), make_parent(self.root, name, segments, self.traits) as parent:
            staged = StagedFile(parent, segments[-1], shown=shown)
        with staged:
            yield staged

    def make_folder(self, key: str, name: str) -> None:
        """The folder that an empty object with a key that ends in ``/`` stands for."""
        segments = [*segments_of(name, self.traits), b"."]
        shown = os.path.join(self.shown, name)
        with _of_key(key), local_errors(shown), make_parent(self.root, name, segments, self.traits):
            pass

    # reading

    def files(self, *, skip_special: bool) -> Iterator[Found]:
        """All regular files, in the order of their names.

        A symbolic link, a device, a name that is not UTF-8 is `InvalidRequestError` unless `skip_special`.
        """
        for entry in self._walk(self.root, b""):
            if isinstance(entry, Found):
                yield entry
            elif not skip_special:
                raise InvalidRequestError(
                    f"{entry.path!r} {entry.reason}: skip_special=True leaves such out (dskit cp -r --skip-special)",
                    code="NotAFile",
                )

    def special(self) -> Iterator[Special]:
        """All that `files` with `skip_special` leaves out."""
        return (entry for entry in self._walk(self.root, b"") if isinstance(entry, Special))

    def _walk(self, folder: int, above: bytes) -> Iterator[Found | Special]:
        with local_errors(self.shown):
            names = sorted(map(os.fsencode, os.listdir(folder)))
        for name in names:
            if name == OWN or name.startswith(OWN + b"-"):
                continue
            path = above + name
            with local_errors(os.path.join(self.shown, os.fsdecode(path))):
                status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            reason = _special(name, status.st_mode)
            if reason is not None:
                yield Special(os.path.join(self.shown, os.fsdecode(path)), reason)
            elif stat.S_ISDIR(status.st_mode):
                with local_errors(self.shown):
                    below = os.open(name, FOLDER, dir_fd=folder)
                try:
                    yield from self._walk(below, path + b"/")
                finally:
                    os.close(below)
            else:
                yield Found(path.decode(), status.st_size)

    @contextmanager
    def open_file(self, name: str) -> Iterator[int]:
        """A descriptor of a file that `files` found. Raises `InvalidRequestError` where it is none any more."""
        segments = name.encode().split(b"/")
        shown = os.path.join(self.shown, name)
        try:
            with open_parent(self.root, segments, self.traits) as parent:
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
                file = os.open(segments[-1], flags, dir_fd=parent)
        except OSError as error:
            if error.errno in GONE:
                raise InvalidRequestError(f"{shown!r} is no file any more: upload the folder again") from error
            with local_errors(shown):
                raise
        try:
            yield file
        finally:
            os.close(file)


def _special(name: bytes, mode: int) -> str | None:
    """Why an entry cannot be an object; None for files and folders."""
    if stat.S_ISLNK(mode):
        return "is a symbolic link, which is not followed"
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return "is neither a file nor a folder"
    try:
        name.decode()
    except UnicodeDecodeError:
        return "has a name that is not UTF-8, as every key is"
    return None


def _folder_in(name: str, files: Mapping[str, str]) -> str | None:
    """A file among `files` of which `name` would have to be inside."""
    position = name.find("/")
    while position >= 0:
        if name[:position] in files:
            return name[:position]
        position = name.find("/", position + 1)
    return None


@contextmanager
def _of_key(key: str) -> Iterator[None]:
    """Errors below are about this key, whatever part of it the file system knows."""
    try:
        yield
    except StoreError as error:
        error.key = key
        raise
