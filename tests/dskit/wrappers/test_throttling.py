"""`ThrottleStore`: how long it makes callers wait, by a clock that only waiting moves."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import anyio
import anyio.lowlevel
import pytest

import dskit
from dskit.wrappers import RecordingStore, ThrottleStore
from dskit.wrappers.throttling import Allowance
from tests.dskit.wrappers.conftest import Pauses


def test_requests_are_spread_over_time(inner: dskit.MemoryStore, pauses: Pauses) -> None:
    store = ThrottleStore(inner, requests_per_second=10, burst=0, clock=pauses.clock, sleep=pauses)
    for _ in range(20):
        store.exists("k")
    assert sum(pauses) == pytest.approx(2.0)


def test_what_was_not_used_is_saved_up_to_the_burst(inner: dskit.MemoryStore, pauses: Pauses) -> None:
    store = ThrottleStore(inner, requests_per_second=10, burst=1.0, clock=pauses.clock, sleep=pauses)
    for _ in range(10):
        store.exists("k")
    assert pauses == []
    pauses.clock.advance(100)
    for _ in range(15):
        store.exists("k")
    assert sum(pauses) == pytest.approx(0.5)


@pytest.mark.parametrize("data", [b"x" * 1000, [b"x" * 250] * 4], ids=["bytes", "chunks"])
def test_bytes_take_their_time_both_ways(inner: dskit.MemoryStore, pauses: Pauses, data: Any) -> None:
    store = ThrottleStore(inner, bytes_per_second=500, burst=0, clock=pauses.clock, sleep=pauses)
    store.put("k", data)
    assert sum(pauses) == pytest.approx(2.0)
    assert store.get("k").read() == b"x" * 1000
    assert sum(pauses) == pytest.approx(4.0)
    store.head("k")
    assert sum(pauses) == pytest.approx(4.0)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_who_waits_can_be_cancelled(inner: dskit.MemoryStore, backend: str) -> None:
    """At once, not after the minute; and what was waited for is not done."""
    store = RecordingStore(ThrottleStore(inner, requests_per_second=1 / 60, burst=0))

    async def main() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(store.aio.put, "k", b"x")
            while not store.calls:
                await anyio.lowlevel.checkpoint()
            tasks.cancel_scope.cancel()

    anyio.run(main, backend=backend)
    assert not inner.exists("k")


def test_a_task_that_waits_can_be_cancelled(inner: dskit.MemoryStore) -> None:
    store = RecordingStore(ThrottleStore(inner, requests_per_second=1 / 60, burst=0))

    async def main() -> None:
        task = asyncio.create_task(store.aio.put("k", b"x"))
        while not store.calls:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert not inner.exists("k")


def test_many_threads_share_one_allowance() -> None:
    """No two callers are given the same slice of time."""
    pauses: list[float] = []
    allowance = Allowance(10, burst=0, clock=dskit.clock.ManualClock(), sleep=pauses.append)
    threads = [threading.Thread(target=allowance.spend, args=(1,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(pauses) == pytest.approx([0.1 * (number + 1) for number in range(20)])


@pytest.mark.parametrize(
    "wrong", [{"bytes_per_second": 0}, {"requests_per_second": -1}, {"requests_per_second": 1, "burst": -1}]
)
def test_rates_that_make_no_sense_are_refused(inner: dskit.MemoryStore, wrong: dict[str, float]) -> None:
    with pytest.raises(dskit.ConfigurationError):
        ThrottleStore(inner, **wrong)  # type: ignore[arg-type]
