"""Stores to run a test over, one of each kind that needs no server; and a real MinIO server where there is one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3.session
import pytest

import dskit
from tests.tools import tool

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


@pytest.fixture(scope="session")
def minio_tool() -> ModuleType:
    return tool("minio_server")


@pytest.fixture(scope="session")
def go_build() -> ModuleType:
    return tool("go_build")


@pytest.fixture(scope="session")
def cloud_tool() -> ModuleType:
    """`tools/cloud_servers.py`."""
    return tool("cloud_servers")


@pytest.fixture(scope="session")
def cloud_servers(cloud_tool: ModuleType) -> Iterator[Callable[[str], Any]]:
    """A real server by its kind, started when it is first asked for; skips where it is not to be had."""
    with contextlib.ExitStack() as stack:
        started: dict[str, Any] = {}

        def server(kind: str) -> Any:
            if cloud_tool.program(kind) is None:
                pytest.skip(cloud_tool.why_not(kind))
            if kind not in started:
                started[kind] = stack.enter_context(cloud_tool.running(kind))
            return started[kind]

        yield server


@pytest.fixture(scope="session")
def real_minio(minio_tool: ModuleType) -> Iterator[Any]:
    """A running MinIO server: `.url`, `.access_key`, `.secret_key`."""
    if minio_tool.find_minio() is None:
        pytest.skip(minio_tool.why_not())
    with minio_tool.running_minio() as server:
        yield server


@pytest.fixture(scope="session")
def boto_session() -> boto3.session.Session:
    """One for all: reading the service model takes a tenth of a second."""
    return boto3.session.Session(region_name="us-east-1")
