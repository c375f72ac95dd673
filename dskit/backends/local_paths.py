"""From keys to files without ever leaving the root: one component at a time, no symbolic link followed.

A key is a relative path in UTF-8. What a path cannot say is refused (`InvalidKeyError`), nothing is mapped.
"""

from __future__ import annotations

import errno
import os
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from ..errors import InvalidKeyError, KeyConflictError
from .local_traits import Traits

__all__ = [
    "CONTROL",
    "CONTROL_MARK",
    "CONTROL_PARTS",
    "conflict",
    "fold",
    "has_exactly",
    "is_control",
    "make_parent",
    "open_parent",
    "open_regular",
    "prune",
    "remove_empty",
    "segments_of",
    "sync_folder",
]

CONTROL = b".dskit"
"""The folder under the root that is the store's own: refused as a key, never listed."""

CONTROL_PARTS = (b"staging", b"locks", b"uploads", b"index")
CONTROL_MARK = b"created"

GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EMLINK, errno.ENXIO})
"""What `open` says where there is no folder or file that is not a link: EMLINK is ELOOP of some BSDs."""

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def segments_of(key: str, traits: Traits) -> list[bytes]:
    """The components of the file of a key. Raises `InvalidKeyError` for a key that no file can have."""
    segments = key.encode().split(b"/")
    for segment in segments:
        if not segment:
            raise InvalidKeyError("a file path has no empty segment: no leading, trailing or double '/'", key=key)
        if segment in (b".", b".."):
            raise InvalidKeyError("a segment of a file path cannot be '.' or '..'", key=key)
        if b"\0" in segment:
            raise InvalidKeyError("a file name cannot hold NUL", key=key)
        if len(segment) > traits.max_name_bytes:
            raise InvalidKeyError(
                f"a segment of {len(segment)} bytes is longer than a file name can be ({traits.max_name_bytes})",
                key=key,
            )
    if traits.stored_form and unicodedata.normalize(traits.stored_form, key) != key:
        raise InvalidKeyError(f"this file system would store the name as its {traits.stored_form} form", key=key)
    if segments[0] == CONTROL or (traits.exact_names is False and fold(segments[0]) == fold(CONTROL)):
        raise InvalidKeyError(f"{CONTROL.decode()}/ is reserved for the store itself", key=key)
    return segments


def is_control(folder: int) -> bool:
    """Whether an open folder, named like one, is the control folder of a store: one that has its root further below."""
    try:
        parts = [os.stat(part, dir_fd=folder, follow_symlinks=False).st_mode for part in CONTROL_PARTS]
        mark = os.stat(CONTROL_MARK, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return False
    return all(map(stat.S_ISDIR, parts)) and stat.S_ISREG(mark)


def fold(name: bytes) -> str:
    """What names have in common that a case-insensitive or normalising file system may take for each other."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name.decode("utf-8", "replace")).casefold())


def conflict(key: str, reason: str) -> KeyConflictError:
    return KeyConflictError(reason, key=key)


@contextmanager
def open_parent(root: int, segments: Sequence[bytes], traits: Traits) -> Iterator[int]:
    """A descriptor of the folder that holds the file. `FileNotFoundError`, `NotADirectoryError` or ELOOP if none.

    What a store keeps for itself is nobody else's object, also where its root is below another's.
    """
    here = os.open(b".", FOLDER, dir_fd=root)
    try:
        for segment in segments[:-1]:
            if not has_exactly(here, segment, traits):
                raise FileNotFoundError
            deeper = os.open(segment, FOLDER, dir_fd=here)
            os.close(here)
            here = deeper
            if segment == CONTROL and is_control(here):
                raise FileNotFoundError
        yield here
    finally:
        os.close(here)


@contextmanager
def make_parent(root: int, key: str, segments: Sequence[bytes], traits: Traits) -> Iterator[int]:
    """As `open_parent`, making the folders that are missing. Raises `KeyConflictError` where a file is in the way."""
    here = os.open(b".", FOLDER, dir_fd=root)
    try:
        for segment in segments[:-1]:
            _refuse_alias(here, key, segment, traits)
            try:
                deeper = _enter(here, segment, traits)
            except OSError as error:
                if error.errno == errno.ENOENT or error.errno not in GONE:
                    raise
                reason = f"{segment.decode()!r} is not a folder, so no key can begin with it and a '/'"
                raise conflict(key, reason) from error
            os.close(here)
            here = deeper
            if segment == CONTROL and is_control(here):
                raise conflict(key, f"{CONTROL.decode()}/ in it is the control folder of a store of its own")
        _refuse_alias(here, key, segments[-1], traits)
        yield here
    finally:
        os.close(here)


def _enter(here: int, segment: bytes, traits: Traits) -> int:
    """Open a folder, made where nothing has its name."""
    with suppress(FileNotFoundError):
        return os.open(segment, FOLDER, dir_fd=here)
    with suppress(FileExistsError):  # somebody else was faster, perhaps with a file
        os.mkdir(segment, dir_fd=here)
        if traits.sync:
            os.fsync(here)
    return os.open(segment, FOLDER, dir_fd=here)


def sync_folder(parent: int, name: bytes) -> None:
    """Make the entries of a folder survive power loss."""
    here = os.open(name, FOLDER, dir_fd=parent)
    try:
        os.fsync(here)
    finally:
        os.close(here)


def open_regular(folder: int, name: bytes) -> int | None:
    """A descriptor of a regular file, without following a link and without waiting for a pipe; None for others."""
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        if error.errno in GONE:
            return None
        raise
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        return None
    return file


def has_exactly(here: int, name: bytes, traits: Traits) -> bool:
    """Whether the folder may hold this very name; only asks where the file system takes one name for another.

    Where that is not known yet, another spelling that is there too is the sign of it.
    """
    if traits.exact_names or (traits.exact_names is None and not _has_another_spelling(here, name)):
        return True
    return os.fsdecode(name) in os.listdir(here)


def _has_another_spelling(here: int, name: bytes) -> bool:
    text = os.fsdecode(name)
    spellings = {text.swapcase()}
    if not text.isascii():
        spellings |= {unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)}
    for other in spellings - {text}:
        with suppress(OSError, ValueError):
            os.stat(other, dir_fd=here, follow_symlinks=False)
            return True
    return False


def _refuse_alias(here: int, key: str, name: bytes, traits: Traits) -> None:
    if traits.exact_names:
        return
    folded = fold(name)
    for other in os.listdir(here):
        raw = os.fsencode(other)
        if raw != name and fold(raw) == folded:
            raise conflict(key, f"this file system would take {name.decode()!r} for {other!r}, which is there")


def prune(root: int, segments: Sequence[bytes], traits: Traits) -> None:
    """Remove the folders above a deleted file that are empty now; `rmdir` itself says which are."""
    for depth in range(len(segments) - 1, 0, -1):
        try:
            with open_parent(root, segments[:depth], traits) as parent:
                os.rmdir(segments[depth - 1], dir_fd=parent)
        except OSError:
            return


def remove_empty(parent: int, name: bytes) -> bool:
    """Remove a folder that holds nothing but folders; False where it holds a file or a store."""
    try:
        here = os.open(name, FOLDER, dir_fd=parent)
    except OSError:
        return False
    try:
        if name == CONTROL and is_control(here):
            return False
        for entry in os.listdir(here):
            if not remove_empty(here, os.fsencode(entry)):
                return False
    finally:
        os.close(here)
    try:
        os.rmdir(name, dir_fd=parent)
    except OSError:
        return False
    return True
