"""Transfers for coroutines: the same verbs; a cancelled one leaves nothing."""

from __future__ import annotations

import os
from pathlib import Path

import anyio
import pytest

import dskit
from dskit.transfer import Progress
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
