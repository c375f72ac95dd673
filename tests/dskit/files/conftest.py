"""A store of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import dskit
import dskit_emulator


@pytest.fixture(params=["memory", "local", "disk", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dskit.Store]:
    made: dskit.Store
    if request.param == "memory":
        made = dskit.MemoryStore()
    elif request.param == "s3":
        endpoint: dskit_emulator.Endpoint = request.getfixturevalue("s3")
        made = endpoint.store("default")
    else:
        made = (dskit.LocalStore if request.param == "local" else dskit.DiskStore)(tmp_path, durability="process")
    with made:
        yield made
