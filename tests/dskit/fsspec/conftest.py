"""The filesystem over stores of three kinds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import dskit
import dskit_emulator
from dskit.fsspec import DskitFileSystem
from tests.dskit.fsspec.registered import register


@pytest.fixture(autouse=True, scope="session")
def _protocol() -> None:
    register()


@pytest.fixture(params=["memory", "disk", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dskit.Store]:
    made: dskit.Store
    if request.param == "memory":
        made = dskit.MemoryStore()
    elif request.param == "disk":
        made = dskit.DiskStore(tmp_path / "store", durability="process")
    else:
        endpoint: dskit_emulator.Endpoint = request.getfixturevalue("s3")
        made = endpoint.store("default")
    with made:
        yield made


@pytest.fixture
def fs(store: dskit.Store) -> Any:
    return DskitFileSystem(store)
