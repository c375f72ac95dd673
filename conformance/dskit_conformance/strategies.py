"""Choices, biased to where bugs are. Every choice goes through `Draw`: generation is one seed and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol, TypeVar

from hypothesis import strategies as st

__all__ = ["LARGE_SIZES", "SMALL_SIZES", "Choices", "Draw", "HypothesisChoices", "SeededChoices", "range_bounds"]

T = TypeVar("T")

SMALL_SIZES = (0, 1, 2, 3, 5, 17, 64)
LARGE_SIZES = (255, 4096, 8191, 8192, 8193, 16384, 65535, 65536, 65537, 131072)


class Choices(Protocol):
    """What generation is built from."""

    def integer(self, least: int, most: int) -> int: ...


@lru_cache(maxsize=512)
def _between(least: int, most: int) -> st.SearchStrategy[int]:
    return st.integers(least, most)


class HypothesisChoices:
    """Choices made by Hypothesis, for its mix of uniform and repeated values."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def integer(self, least: int, most: int) -> int:
        return self._draw(_between(least, most))


class SeededChoices:
    """Choices of a seed alone, for directed checks, which have few."""

    def __init__(self, *seed: object) -> None:
        self._seed = repr(seed).encode()
        self._count = 0

    def integer(self, least: int, most: int) -> int:
        self._count += 1
        digest = hashlib.sha256(b"%s:%d" % (self._seed, self._count)).digest()
        return least + int.from_bytes(digest[:8], "big") % (most - least + 1)


class Draw:
    def __init__(self, choices: Choices) -> None:
        self.integer = choices.integer

    def chance(self, percent: int) -> bool:
        return self.integer(0, 99) < percent

    def among(self, values: Sequence[T]) -> T:
        return values[self.integer(0, len(values) - 1)]

    def some(self, values: Sequence[T], percent: int = 50) -> list[T]:
        return [value for value in values if self.chance(percent)]

    def shuffled(self, values: Sequence[T]) -> list[T]:
        left = list(values)
        return [left.pop(self.integer(0, len(left) - 1)) for _ in range(len(left))]

    def size(self) -> int:
        return self.among(SMALL_SIZES) if self.chance(88) else self.among(LARGE_SIZES)

    def salt(self) -> int:
        return self.integer(0, 30)


def range_bounds(size: int) -> list[int]:
    """Offsets at which range arithmetic goes wrong."""
    return sorted({0, 1, max(0, size // 2), max(0, size - 2), max(0, size - 1), size, size + 1, size + 7})
