"""Data of unknown length, for services that must know the length of what they send."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

import dskit
from dskit.flows import Pull, drive
from dskit.streaming import put_stream
from dskit.types import PutOptions
from dskit.wrappers import WrappedService
from tests.dskit.wants_length import WantsLength

MIB = 1024 * 1024


@pytest.fixture
def service() -> Any:
    made: Any = WantsLength()
    made.create_bucket("data")
    return made


async def pieces(count: int) -> Any:
    for _ in range(count):
        yield b"x" * MIB


@pytest.mark.parametrize("way", ["iterator", "coroutine", "file"])
@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize(("part_bytes", "parts"), [(None, 2), (6 * MIB, 3), (20 * MIB, 0)])
def test_parts_are_those_of_the_option_of_the_store(
    service: Any, way: str, wrapped: bool, part_bytes: int | None, parts: int
) -> None:
    if part_bytes is not None:
        service.part_bytes = part_bytes
    store = dskit.Store(WrappedService(service) if wrapped else service, "data")
    if way == "iterator":
        store.put("k", iter([b"x" * MIB] * 13))
    elif way == "coroutine":
        anyio.run(store.aio.put, "k", pieces(13))
    else:
        with store.open("k", "wb") as file:
            for _ in range(13):
                file.write(b"x" * MIB)
    assert store.head("k").size == 13 * MIB
    assert service.calls.count("put_part") == parts


def test_parts_grow_so_that_there_are_never_too_many(service: Any) -> None:
    """They double after every thousand: 10,000 parts of 8 MiB would end at 80 GiB."""
    limits = service.capabilities.limits.replace(min_part_bytes=1)
    small = dskit.MemoryStore("data", limits=limits)
    wants = WantsLength()
    wants._inner = small.service
    wants.capabilities = wants.capabilities.replace(limits=limits)
    store = dskit.Store(wants, "data")
    data = bytes(range(250)) * 5
    drive(put_stream(store, "k", Pull(iter([data])), PutOptions(), part_bytes=1))
    assert store.get("k").read() == data
    assert wants.calls.count("put_part") == 1000 + 125
