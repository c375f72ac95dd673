"""`import obstore` over a storage of dskit."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import Any

import pytest

import dskit
from dskit.compat.obstore.shim import modules, provided


@pytest.fixture
def service() -> dskit.Service:
    made = dskit.open_service("memory:")
    made.create_bucket("data")
    return made


@pytest.fixture
def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if obstore were not there."""
    for name in list(sys.modules):
        if name.partition(".")[0] == "obstore":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, package=None: None)


@pytest.mark.usefixtures("not_installed")
def test_code_that_names_a_cloud_runs_in_memory(service: dskit.Service) -> None:
    with provided(service):
        obs = importlib.import_module("obstore")
        names: dict[str, Any] = {}
        exec("from obstore.store import AzureStore, GCSStore, S3Store, from_url", names)
        exec("from obstore.exceptions import BaseError", names)
        obs.put(names["S3Store"]("data", region="us-east-1", prefix="a/b"), "k", b"1")
        assert obs.get(names["GCSStore"]("data"), "a/b/k").bytes() == b"1"
        for url in ("s3://data/a", "gs://data/a", "az://data/a", "abfs://data@account.dfs.core.windows.net/a"):
            assert obs.get(names["from_url"](url), "b/k").bytes() == b"1"
        with pytest.raises(FileNotFoundError):
            obs.get(names["AzureStore"](container_name="elsewhere"), "k")
    assert "obstore" not in sys.modules
    assert service.bucket("data").get("a/b/k").read() == b"1"


@pytest.mark.usefixtures("not_installed")
def test_the_adapter_for_fsspec_is_over_the_storage(service: dskit.Service) -> None:
    service.bucket("data").put("a/k", b"1")
    with provided(service):
        names: dict[str, Any] = {}
        exec("from obstore.fsspec import AsyncFsspecStore; from obstore.store import S3Store", names)
        files = names["AsyncFsspecStore"](names["S3Store"]("data"))
        assert files.cat_file("a/k") == b"1"
        exec("from obstore.fsspec import FsspecStore", names)
        assert names["FsspecStore"]("s3", region="us-east-1").cat_file("data/a/k") == b"1"
    assert "obstore.fsspec" not in sys.modules


def test_an_installed_package_is_never_replaced(service: dskit.Service) -> None:
    before = sys.modules["obstore"] = importlib.import_module("obstore")
    with pytest.raises(dskit.ConfigurationError, match="installed"), provided(service):
        pass
    assert sys.modules["obstore"] is before


def test_two_storages_stand_side_by_side(service: dskit.Service) -> None:
    other = dskit.open_service("memory:")
    other.create_bucket("data")
    one, two = (modules(storage)["obstore.store"].S3Store("data") for storage in (service, other))
    one.put("k", b"1")
    assert two.list().collect() == []
    assert one == type(one)("data", access_key_id="not looked at")
    assert one != two
