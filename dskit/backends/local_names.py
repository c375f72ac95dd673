"""The names in a folder in the order of keys, remembered for large folders that are at rest.

A page of a listing needs only some names of a folder but has to read all to know which. A folder whose times have not
changed still has the same names, provided that it had been at rest when it was read: the kernel stamps changes with
a clock that ticks every few milliseconds, so that two changes within a tick look like one.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict

from ..clock import SystemClock

__all__ = ["Names"]

WORTH = 1000
"""Smaller folders are read again."""
KEPT = 8
AT_REST_NS = 1_000_000_000


class Names:
    """`of(folder)`: names of regular files, and of folders with a ``/`` at the end, that are UTF-8; sorted."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self._gate = threading.Lock()
        self._kept: OrderedDict[tuple[int, int], tuple[tuple[int, int], list[bytes]]] = OrderedDict()

    def of(self, folder: int) -> list[bytes]:
        status = os.fstat(folder)
        place, stamp = (status.st_dev, status.st_ino), (status.st_mtime_ns, status.st_ctime_ns)
        with self._gate:
            kept = self._kept.get(place)
            if kept is not None and kept[0] == stamp:
                self._kept.move_to_end(place)
                return kept[1]
        now = int(self._clock.now().timestamp() * 1e9)
        names = _read(folder)
        if len(names) >= WORTH and now - max(stamp) > AT_REST_NS:
            with self._gate:
                self._kept[place] = (stamp, names)
                if len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return names


def _read(folder: int) -> list[bytes]:
    names = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                name = os.fsencode(entry.name)
            elif entry.is_dir(follow_symlinks=False):
                name = os.fsencode(entry.name) + b"/"
            else:
                continue
            if name.isascii() or _is_utf8(name):
                names.append(name)
    names.sort()
    return names


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True
