"""The files under a root in the byte order of their keys, from any key on, without reading what is not asked for."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from .local_names import Names
from .local_paths import CONTROL, FOLDER, GONE, is_control

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
    as are links, devices, and what is under a control folder: the root's, and that of a store whose root is below.
    """

    def __init__(self, root: int, names: Names, prefix: bytes, start: bytes, *, max_key_bytes: int) -> None:
        self._root = root
        self._names = names
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
                    if key >= self.start and len(key) <= self._max:
                        yield Found(key, folder, name)
                elif key + b"\xff" >= self.start and key != CONTROL + b"/":  # 0xff is in no UTF-8: not all is below
                    deeper = _enter(folder, name[:-1])
                    if deeper is None:
                        continue
                    if name == CONTROL + b"/" and is_control(deeper):
                        os.close(deeper)
                    else:
                        self._push(stack, deeper, key)
        finally:
            for folder, _, _ in stack:
                os.close(folder)

    def _push(self, stack: list[tuple[int, bytes, Iterator[bytes]]], folder: int, base: bytes) -> None:
        try:
            stack.append((folder, base, self._chosen(self._names.of(folder), base)))
        except BaseException:
            os.close(folder)
            raise

    def _chosen(self, names: list[bytes], base: bytes) -> Iterator[bytes]:
        """The names, in order, of files in the prefix and of folders that may hold such; from `start` on."""
        wanted = self._prefix[len(base) :]
        floor = max(wanted, self.start[len(base) :] if self.start.startswith(base) else b"")
        first = bisect_left(names, floor)
        if first and floor.startswith(names[first - 1]) and names[first - 1].endswith(b"/"):
            first -= 1  # the folder in which `floor` is
        for index in range(first, len(names)):
            name = names[index]
            if name.startswith(wanted) or (name.endswith(b"/") and wanted.startswith(name)):
                yield name
            elif name > wanted:
                return


def _enter(folder: int, name: bytes) -> int | None:
    try:
        return os.open(name, FOLDER, dir_fd=folder)
    except OSError as error:
        if error.errno in GONE:
            return None  # removed, or replaced by a file or a link, since it was listed
        raise
