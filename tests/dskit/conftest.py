"""Stores to run a test over: one of each kind that needs no server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import dskit

Maker = Callable[..., dskit.Store]


@pytest.fixture(params=["memory", "local", "disk"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Maker]:
    """Makes stores of one kind; each call a new, empty one."""
    made: list[dskit.Store] = []

    def make(**options: object) -> dskit.Store:
        place = tmp_path / str(len(made))
        store: dskit.Store
        if request.param == "memory":
            store = dskit.MemoryStore(**options)  # type: ignore[arg-type]
        elif request.param == "local":
            store = dskit.LocalStore(place, durability="process", **options)  # type: ignore[arg-type]
        else:
            store = dskit.DiskStore(place, durability="process", **options)  # type: ignore[arg-type]
        made.append(store)
        return store

    yield make
    for store in made:
        store.close()


@pytest.fixture
def store(make_store: Maker) -> dskit.Store:
    return make_store()
