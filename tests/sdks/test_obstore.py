"""obstore's page "Getting started".

Its examples construct a `MemoryStore`. In every variant but ``memory`` that name stands for the variant's store:
the same statements run on disk, on files, through S3, and with the package over the wire.
"""

from __future__ import annotations

import importlib
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

import dskit.compat.obstore as facade_package
from dskit.compat.obstore.shim import modules
from tests.sdks.document import Document, Run, Stage, Stages

CONTENT = b"hello world!"


def prepare(stage: Stage) -> None:
    stage.service.create_bucket("bucket-name")


def facade(stage: Stage) -> None:
    stage.modules |= modules(stage.service)
    store: Any = stage.modules["obstore.store"]
    facade_store = facade_package.store
    if stage.variant == "disk":
        store.MemoryStore = lambda: emptied(facade_store.wrap(stage.store("bucket-name")))
    elif stage.variant == "local":
        store.MemoryStore = lambda: emptied(facade_store.LocalStore(stage.folder, mkdir=True))
    elif stage.variant == "s3":
        store.S3Store = facade_store.S3Store
        store.MemoryStore = lambda: emptied(facade_store.S3Store("bucket-name", **connection(stage)))


def real(stage: Stage) -> None:
    package = importlib.import_module("obstore")
    stores = importlib.import_module("obstore.store")
    here, store = ModuleType("obstore"), ModuleType("obstore.store")
    here.__dict__.update(vars(package))
    store.__dict__.update(vars(stores))
    here.store = store  # type: ignore[attr-defined]
    for name in ("get_range", "get_range_async"):
        setattr(here, name, by_its_present_name(getattr(package, name)))
    store.MemoryStore = lambda: emptied(stores.S3Store("bucket-name", **connection(stage)))  # type: ignore[attr-defined]
    stage.modules |= {"obstore": here, "obstore.store": store}


def connection(stage: Stage) -> dict[str, Any]:
    return {
        "endpoint": stage.endpoint.url.rstrip("/"),
        "region": "us-east-1",
        "access_key_id": stage.endpoint.account.access_key,
        "secret_access_key": stage.endpoint.account.secret_key,
        "client_options": {"allow_http": True},
        "retry_config": {"max_retries": 0},
    }


def emptied(store: Any) -> Any:
    """A store without what an earlier example left there."""
    store.delete([row["path"] for row in store.list().collect()])
    return store


def by_its_present_name(function: Any) -> Any:
    """The page says `offset` where the package, since 0.3, says `start` (`test_obstore_package.py` shows it)."""

    def call(store: Any, path: str, *, offset: int, **options: Any) -> Any:
        return function(store, path, start=offset, **options)

    return call


DOCUMENT = Document("obstore: getting started", facade, real, package="obstore", prepare=prepare)
statement = DOCUMENT.statement


def nothing_else(stage: Stage) -> None:
    """The statement asserts for itself."""


def check_meta(stage: Stage) -> None:
    """What the page prints. Its ETag is that of an older MemoryStore: a counter, without quotes."""
    meta = stage.result
    assert list(meta) == ["path", "last_modified", "size", "e_tag", "version"]
    assert (meta["path"], meta["size"], meta["version"]) == ("file.txt", 12, None)
    assert meta["last_modified"].utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - meta["last_modified"]) < timedelta(hours=1)
    assert meta["e_tag"][0] == meta["e_tag"][-1] == '"'
    assert len(meta["e_tag"]) > 2


def check_put(stage: Stage) -> None:
    assert set(stage.result) == {"e_tag", "version"}
    assert stage["store"].head("file.txt")["e_tag"] == stage.result["e_tag"]


def check_store(stage: Stage) -> None:
    assert stage["store"].list().collect() == []


def check_copy(stage: Stage) -> None:
    assert stage.result is None
    assert [row["path"] for row in stage["store"].list().collect()] == ["file.txt", "other.txt"]


# Constructing a store


@statement("from obstore.store import S3Store")
def _(stage: Stage) -> None:
    assert stage["S3Store"].__name__ == "S3Store"


@statement('store = S3Store("bucket-name", region="us-east-1", skip_signature=True)')
def _(stage: Stage) -> None:
    assert repr(stage["store"]) == 'S3Store(bucket="bucket-name")'
    assert stage["store"].prefix is None
    assert stage["store"].config["bucket"] == "bucket-name"


# Example


@statement("import obstore as obs")
def _(stage: Stage) -> None:
    functions = [
        "copy",
        "delete",
        "get",
        "head",
        "list",
        "put",
        "rename",
        "get_range",
        "get_ranges",
        "list_with_delimiter",
    ]
    for name in (*functions, "sign"):
        assert callable(getattr(stage["obs"], name))
        if name != "list":  # its stream is for both worlds
            assert callable(getattr(stage["obs"], f"{name}_async"))


statement("store = obs.store.MemoryStore()")(check_store)
statement('obs.put(store, "file.txt", b"hello world!")')(check_put)


@statement('response = obs.get(store, "file.txt")')
def _(stage: Stage) -> None:
    assert type(stage["response"]).__name__ == "GetResult"
    assert stage["response"].range == (0, 12)


statement("response.meta")(check_meta)
statement('assert response.bytes() == b"hello world!"')(nothing_else)


@statement('byte_range = obs.get_range(store, "file.txt", offset=0, length=5)')
def _(stage: Stage) -> None:
    assert type(stage["byte_range"]).__name__ == "Bytes"
    assert repr(stage["byte_range"]) == 'Bytes(b"hello")'


statement('assert byte_range == b"hello"')(nothing_else)
statement('obs.copy(store, "file.txt", "other.txt")')(check_copy)
statement('assert obs.get(store, "other.txt").bytes() == b"hello world!"')(nothing_else)


# The same, asynchronously


@statement("import obstore as obs")
def _(stage: Stage) -> None:
    assert stage["obs"].__name__ == "obstore"


statement("store = obs.store.MemoryStore()")(check_store)
statement('await obs.put_async(store, "file.txt", b"hello world!")')(check_put)


@statement('response = await obs.get_async(store, "file.txt")')
def _(stage: Stage) -> None:
    assert type(stage["response"]).__name__ == "GetResult"
    assert stage["response"].range == (0, 12)


statement("response.meta")(check_meta)
statement('assert await response.bytes_async() == b"hello world!"')(nothing_else)


@statement('byte_range = await obs.get_range_async(store, "file.txt", offset=0, length=5)')
def _(stage: Stage) -> None:
    assert type(stage["byte_range"]).__name__ == "Bytes"


statement('assert byte_range == b"hello"')(nothing_else)
statement('await obs.copy_async(store, "file.txt", "other.txt")')(check_copy)


@statement('resp = await obs.get_async(store, "other.txt")')
def _(stage: Stage) -> None:
    assert stage["resp"].meta["path"] == "other.txt"


statement('assert await resp.bytes_async() == b"hello world!"')(nothing_else)


@pytest.mark.parametrize("run", DOCUMENT.runs())
def test_statements(stages: Stages, run: Run) -> None:
    stages.perform(run)


def test_every_name_that_the_page_lists_is_there() -> None:
    """Also those that the package has dropped since the page was written."""
    stores = ["S3Store", "GCSStore", "AzureStore", "HTTPStore", "LocalStore", "MemoryStore", "PrefixStore"]
    for name in (*stores, "S3Config", "GCSConfig", "AzureConfig", "ClientConfig", "RetryConfig"):
        assert hasattr(facade_package.store, name), name
    for name in ("open", "open_async", "open_reader", "open_writer"):
        assert hasattr(facade_package, name), name
    assert hasattr(importlib.import_module("dskit.compat.obstore.fsspec"), "AsyncFsspecStore")
