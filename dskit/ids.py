"""Identifiers as values that are passed in. Nothing else in dskit draws randomness for names."""

from __future__ import annotations

import hashlib
import itertools
import os
from typing import Protocol

__all__ = ["Ids", "RandomIds", "SeededIds"]


class Ids(Protocol):
    def token(self, size: int = 16) -> bytes:
        """`size` bytes that no earlier call has returned."""
        ...


class RandomIds:
    def token(self, size: int = 16) -> bytes:
        return os.urandom(size)


class SeededIds:
    """The same sequence for the same seed, so that a run can be repeated. Thread-safe."""

    def __init__(self, seed: int | str) -> None:
        self._seed = str(seed).encode()
        self._counter = itertools.count()

    def token(self, size: int = 16) -> bytes:
        return hashlib.shake_256(b"%s:%d" % (self._seed, next(self._counter))).digest(size)
