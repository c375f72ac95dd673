"""`AsyncService`: the buckets of a backend for coroutines, under asyncio and trio."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

import dskit
from dskit.aio_service import AsyncService
from dskit.service import Service

pytestmark = pytest.mark.anyio

VERBS = sorted(name for name, _ in inspect.getmembers(Service, inspect.isfunction) if not name.startswith("_"))


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("name", VERBS)
def test_both_services_have_the_same_verbs(name: str) -> None:
    ours, theirs = getattr(Service, name), getattr(AsyncService, name)
    assert inspect.signature(ours).parameters == inspect.signature(theirs).parameters
    assert inspect.getdoc(ours) == inspect.getdoc(theirs)


def test_the_async_service_has_no_verb_of_its_own() -> None:
    found = {name for name, _ in inspect.getmembers(AsyncService, inspect.isfunction) if not name.startswith("_")}
    assert found == set(VERBS)


@pytest.mark.parametrize("url", ["memory:", "disk:{}", "file:{}"])
async def test_buckets_come_and_go(url: str, tmp_path: Path) -> None:
    async with dskit.open_service(url.format(tmp_path)).aio as service:
        assert (await service.create_bucket("data")).name == "data"
        with pytest.raises(dskit.BucketExistsError):
            await service.create_bucket("data")
        store = service.bucket("data", prefix="p/")
        await store.put("k", b"x")
        assert [row.key async for row in service.bucket("data").list()] == ["p/k"]
        with pytest.raises(dskit.BucketNotEmptyError) as caught:
            await service.delete_bucket("data")
        assert (caught.value.operation, caught.value.bucket) == ("delete_bucket", "data")
        await store.delete("k")
        await service.delete_bucket("data")
        assert await service.list_buckets() == []
        with pytest.raises(dskit.BucketNotFoundError):
            await service.head_bucket("data")
