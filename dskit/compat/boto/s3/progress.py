"""Callbacks that tell how far a transfer is, about as often as boto's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Progress", "Reported"]

Callback = Callable[[int, int], Any]


class Progress:
    """`cb(bytes so far, bytes in all)`: at the beginning, at most `num_cb` times on the way (each time where that is
    negative), and at the end."""

    def __init__(self, cb: Callback | None, num_cb: int, size: int) -> None:
        self._cb = cb
        self._size = size
        self._step = 0 if num_cb < 0 else size / max(num_cb - 2, 1)
        self._done = 0
        self._told = 0
        if cb is not None:
            cb(0, size)

    def add(self, count: int) -> None:
        self._done += count
        if self._cb is not None and count and self._done - self._told >= self._step and self._done < self._size:
            self._told = self._done
            self._cb(self._done, self._size)

    def end(self) -> None:
        if self._cb is not None and self._done:
            self._cb(self._done, self._size)


class Reported:
    """A file that is read once, with each read told to a `Progress`."""

    def __init__(self, file: Any, progress: Progress) -> None:
        self._file = file
        self._progress = progress

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._file.read(size)
        self._progress.add(len(data))
        return data
