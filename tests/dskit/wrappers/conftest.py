"""A store to wrap, a pause that only notes, and a time that only those pauses move."""

from __future__ import annotations

import pytest

import dskit
from dskit.clock import ManualClock


class Pauses(list[float]):
    """A `sleep` that notes how long it was and moves the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()

    def __call__(self, seconds: float) -> None:
        self.append(seconds)
        self.clock.advance(seconds)


@pytest.fixture
def inner() -> dskit.MemoryStore:
    return dskit.MemoryStore()


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()
