"""Transfers for coroutines: the same verbs; a cancelled one leaves nothing."""

from __future__ import annotations

import inspect
import os
from pathlib import Path

import anyio
import pytest

import dskit
from dskit import transfer
from dskit.transfer import Progress, aio
from tests.dskit.transfer.conftest import SMALL
from tests.dskit.transfer.test_upload import content, uploads

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_there_and_back(any_store: dskit.Store, folder: Path) -> None:
    (folder / "file").write_bytes(content(3 * SMALL))
    await any_store.aio.upload(folder / "file", "key", part_bytes=SMALL)
    await any_store.aio.download("key", folder / "back", part_bytes=SMALL)
    assert (folder / "back").read_bytes() == content(3 * SMALL)


async def test_a_cancelled_upload_is_aborted(remote: dskit.Store, folder: Path) -> None:
    (folder / "file").write_bytes(content(20 * SMALL))
    with anyio.CancelScope() as scope:

        def cancel(progress: Progress) -> None:
            anyio.from_thread.run_sync(scope.cancel)

        await remote.aio.upload(folder / "file", "key", part_bytes=SMALL, progress=cancel)
    assert scope.cancelled_caught
    assert not remote.exists("key")
    assert uploads(remote) == []


async def test_a_cancelled_download_leaves_no_file(any_store: dskit.Store, folder: Path) -> None:
    any_store.put("key", content(20 * SMALL))
    with anyio.CancelScope() as scope:

        def cancel(progress: Progress) -> None:
            anyio.from_thread.run_sync(scope.cancel)

        await any_store.aio.download("key", folder / "file", part_bytes=SMALL, progress=cancel)
    assert scope.cancelled_caught
    assert os.listdir(folder) == []


@pytest.mark.parametrize("name", aio.__all__)
def test_both_kinds_between_stores_are_called_alike(name: str) -> None:
    ours, theirs = getattr(transfer, name), getattr(aio, name)
    left, right = inspect.signature(ours), inspect.signature(theirs)
    assert list(left.parameters) == list(right.parameters)
    for parameter in left.parameters.values():
        twin = right.parameters[parameter.name]
        assert (parameter.kind, parameter.default) == (twin.kind, twin.default)
        assert parameter.annotation == str(twin.annotation).replace("AsyncStore", "Store")
    assert left.return_annotation == right.return_annotation
    assert inspect.getdoc(ours) == inspect.getdoc(theirs)


async def test_between_stores(any_store: dskit.Store) -> None:
    source = dskit.MemoryStore()
    for key in ("a", "b"):
        source.put(key, content(3 * SMALL), content_type="text/plain")
    await aio.copy(source.aio, "a", any_store.aio, "c", part_bytes=SMALL)
    assert any_store.get("c").read() == content(3 * SMALL)
    steps: list[Progress] = []
    planned = await aio.sync(source.aio, any_store.aio, delete=True, dry_run=True)
    assert [str(action) for action in planned.plan.deletions] == ["delete c (extra)"]
    report = await aio.sync(source.aio, any_store.aio, delete=True, part_bytes=SMALL, progress=steps.append)
    assert (report.copied, report.deleted) == (2, 1)
    assert [row.key for row in any_store.list()] == ["a", "b"]
    assert steps[-1].files == 3
    with pytest.raises(dskit.AlreadyExistsError):
        await aio.copy(source.aio, "a", any_store.aio, "a", if_none_match="*")


async def test_a_plan_is_looked_at_and_then_carried_out(any_store: dskit.Store) -> None:
    source = dskit.MemoryStore()
    source.put("a", b"1")
    any_store.put("old", b"2")
    plan = await aio.plan_sync(source.aio, any_store.aio, delete=True)
    assert [str(action) for action in plan.actions] == ["create a (new)", "delete old (extra)"]
    source.put("later", b"3")
    steps: list[Progress] = []
    report = await aio.carry_out(plan, source.aio, any_store.aio, progress=steps.append)
    assert (report.copied, report.deleted, steps[-1].files) == (1, 1, 2)
    assert [row.key for row in any_store.list()] == ["a"]


async def test_a_cancelled_sync_leaves_no_half_object(remote: dskit.Store) -> None:
    source = dskit.MemoryStore()
    source.put("large", content(20 * SMALL))
    with anyio.CancelScope() as scope:

        def cancel(progress: Progress) -> None:
            anyio.from_thread.run_sync(scope.cancel)

        await aio.sync(source.aio, remote.aio, part_bytes=SMALL, progress=cancel)
    assert scope.cancelled_caught
    assert not remote.exists("large")
    assert uploads(remote) == []
