"""A task that is cancelled while its call is at work: the call has happened or has not when the task ends, whole, and
nothing happens later. The cancellation comes at each call of the catalog and of the blobs, one after the other."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import dskit
from dskit.clock import ManualClock
from dskit.reference import ReferenceService
from dskit.reference.disk import open_disk
from tests.dskit.reference.helpers import blobs_in_catalog, blobs_on_disk, descriptors_in
from tests.dskit.reference.histories import LARGE, LIMITS, Scene, answer, build, state
from tests.dskit.reference.seams import SteppedBlobs, SteppedCatalog

NEW = b"new" * 30_000


class Interruption:
    """In place of steps: at seam number `at`, cancel the task and let the worker go on when that has come through."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.seen = 0
        self.task: asyncio.Task[object] | None = None

    def seam(self, name: str, locks: object = None) -> None:
        if self.task is None:
            return
        assert not self.task.done(), f"{name}, although its caller has ended"
        if self.seen == self.at:
            told = threading.Event()
            loop = self.task.get_loop()
            loop.call_soon_threadsafe(self.task.cancel)
            loop.call_soon_threadsafe(loop.call_soon, told.set)  # a turn of the loop later
            assert told.wait(60)
        self.seen += 1

    def leave(self, locks: object) -> None:
        """Nobody waits for a lock here."""


def opened(folder: Path, interruption: Interruption) -> tuple[dskit.Store, Scene]:
    catalog, blobs = open_disk(folder, "process")
    steps: Any = interruption
    stepped = SteppedBlobs(blobs, steps)
    service = ReferenceService(
        SteppedCatalog(catalog, steps, lock="catalog", shared_lock=False),
        stepped,
        clock=ManualClock(),
        limits=LIMITS,
        blocking=True,
    )
    catalog._release = stepped.remove
    scene = build(service, "scene", LARGE)
    return dskit.Store(service, scene.bucket), scene


async def pieces() -> AsyncIterator[bytes]:
    for _ in range(3):
        yield NEW


def generated() -> Iterator[bytes]:
    for _ in range(3):
        yield NEW


Verb = Callable[[dskit.Store, Scene], Awaitable[object]]
VERBS: dict[str, Verb] = {
    "put": lambda store, _: store.aio.put("k", NEW),
    "put what is generated": lambda store, _: store.aio.put("k", generated()),
    "put an async iterator": lambda store, _: store.aio.put("k", pieces()),
    "get": lambda store, _: store.aio.get("k"),
    "copy": lambda store, _: store.aio.copy("k", "j", checksum="SHA256"),
    "delete": lambda store, _: store.aio.delete("k"),
    "upload_part": lambda store, scene: store.aio.upload_part("k", scene.upload, 1, NEW),
    "complete": lambda store, scene: store.aio.complete_multipart_upload(
        "k", scene.upload, [dskit.CompletedPart(number=1, etag=scene.part_etags[0])]
    ),
}


STOPPED = {"put what is generated", "put an async iterator"}  # whose data say so when they are asked for more


def interrupted(folder: Path, verb: Verb, at: int) -> tuple[bool, int, str, str]:
    """Whether the call was cancelled, how many seams it had, and the states before and after it."""
    interruption = Interruption(at)
    store, scene = opened(folder, interruption)
    before = answer(scene, state)

    async def main() -> bool:
        interruption.task = asyncio.ensure_future(verb(store, scene))
        await asyncio.wait([interruption.task])
        return interruption.task.cancelled()

    cancelled = asyncio.run(main())
    interruption.task = None
    gc.collect()
    after = answer(scene, state)
    assert blobs_on_disk(folder) == blobs_in_catalog(scene.service)
    assert [path.name for path in (folder / "staging").rglob("*") if path.is_file()] == ["lock"]
    assert descriptors_in(folder / "blobs") == []
    scene.service.close()
    return cancelled, interruption.seen, before, after


@pytest.mark.parametrize("name", VERBS)
def test_a_cancelled_call_has_happened_or_not_and_does_not_later(tmp_path: Path, name: str) -> None:
    cancelled, seams, before, done = interrupted(tmp_path / "whole", VERBS[name], -1)
    assert not cancelled
    stopped = 0
    for at in range(seams):
        cancelled, _, _, after = interrupted(tmp_path / str(at), VERBS[name], at)
        assert cancelled
        assert after in (before, done)
        stopped += after != done
    assert (stopped > 0) is (name in STOPPED)


def test_a_loop_that_ends_waits_for_what_is_at_work(tmp_path: Path) -> None:
    """`asyncio.run` cancels what is pending; when it returns, nothing goes on in a thread."""
    store = dskit.DiskStore(tmp_path / "store", durability="process")
    started, go_on = threading.Event(), threading.Event()
    reads = 0

    def endless() -> Iterator[bytes]:
        nonlocal reads
        while True:
            reads += 1
            started.set()
            go_on.wait(60)
            yield b"x" * 1000

    async def main() -> None:
        task = asyncio.ensure_future(store.aio.put("k", endless()))
        await asyncio.to_thread(started.wait, 60)
        asyncio.get_running_loop().call_later(0, go_on.set)
        del task  # nobody awaits it

    asyncio.run(main())
    assert reads <= 2
    assert not store.exists("k")
    store.close()


def test_a_listing_and_a_read_that_are_left_early_hold_nothing(tmp_path: Path) -> None:
    store = dskit.DiskStore(tmp_path / "store", durability="process")
    for key in ("a", "b", "c"):
        store.put(key, LARGE * 100)

    async def main() -> None:
        rows = store.aio.list(page_size=1)
        async for row in rows:
            assert row.key == "a"
            break
        await rows.aclose()  # type: ignore[attr-defined]
        async with await store.aio.get("a") as result:
            async for _ in result:
                break
        assert result.closed
        left = await store.aio.get("a")
        async for _ in left:
            break
        del left

    asyncio.run(main())
    gc.collect()
    assert descriptors_in(tmp_path / "store" / "blobs") == []
    store.close()
