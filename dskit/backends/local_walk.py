"""The files under a root in the byte order of their keys, from any key on, without reading what is not asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from .local_paths import CONTROL, FOLDER, GONE

__all__ = ["Found", "Walk"]


class Found(NamedTuple):
    """A regular file: its key, and where it is as long as the walk does not move on."""

    key: bytes
    folder: int
    name: bytes


class Walk:
    """Iterate over the regular files whose key begins with `prefix` and is not less than `start`.

    A folder sorts as its name with a ``/``, so that ``a.b`` comes before what is in ``a``. `start` may be raised while
    iterating: whole folders below it are not even opened. Names that are not UTF-8 cannot be keys and are left out,
    as are links, devices, and what is under the control folder.
    """

    def __init__(self, root: int, prefix: bytes, start: bytes, *, max_key_bytes: int) -> None:
        self._root = root
        self._prefix = prefix
        self._max = max_key_bytes
        self.start = start

    def __iter__(self) -> Iterator[Found]:
        # An explicit stack: a key may have 512 folders, more frames than generators should nest.
        stack: list[tuple[int, bytes, Iterator[bytes]]] = []
        try:
            self._push(stack, os.open(b".", FOLDER, dir_fd=self._root), b"")
            while stack:
                folder, base, names = stack[-1]
                name = next(names, None)
                if name is None:
                    os.close(stack.pop()[0])
                    continue
                key = base + name
                if not name.endswith(b"/"):
                    if key >= self.start and key.startswith(self._prefix) and len(key) <= self._max:
                        yield Found(key, folder, name)
                elif self._wanted(key):
                    deeper = _enter(folder, name[:-1])
                    if deeper is not None:
                        self._push(stack, deeper, key)
        finally:
            for folder, _, _ in stack:
                os.close(folder)

    def _push(self, stack: list[tuple[int, bytes, Iterator[bytes]]], folder: int, base: bytes) -> None:
        try:
            stack.append((folder, base, iter(self._entries(folder, base))))
        except BaseException:
            os.close(folder)
            raise

    def _wanted(self, key: bytes) -> bool:
        """Whether anything under the folder `key` (with its slash) can be both from `start` on and in the prefix.

        ``0xff`` is in no UTF-8: what begins with k is less than ``k + b"\\xff"``.
        """
        return key + b"\xff" >= self.start and (key.startswith(self._prefix) or self._prefix.startswith(key))

    def _entries(self, folder: int, base: bytes) -> list[bytes]:
        """Names of files, and of folders with a slash, in the order of their keys; only those that may matter."""
        names = []
        with os.scandir(folder) as entries:
            for entry in entries:
                name = os.fsencode(entry.name)
                if entry.is_dir(follow_symlinks=False):
                    name += b"/"
                    if (base or name[:-1] != CONTROL) and self._wanted(base + name) and _is_utf8(name):
                        names.append(name)
                elif entry.is_file(follow_symlinks=False):
                    key = base + name
                    if key >= self.start and key.startswith(self._prefix) and _is_utf8(name):
                        names.append(name)
        names.sort()
        return names


def _enter(folder: int, name: bytes) -> int | None:
    try:
        return os.open(name, FOLDER, dir_fd=folder)
    except OSError as error:
        if error.errno in GONE:
            return None  # removed, or replaced by a file or a link, since it was listed
        raise


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True
