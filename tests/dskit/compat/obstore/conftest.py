"""The real obstore and the facade over stores of the same kind; the facade over every kind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import obstore
import obstore.store
import pytest

import dskit
import dskit.compat.obstore as obs
from tests.dskit.compat.obstore.pairs import Pair, Side


@pytest.fixture(autouse=True)
def no_foreign_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both packages read the environment, and the real one asks the metadata service where it finds no credentials."""
    for name in list(os.environ):
        if name.upper().startswith(("AWS_", "AZURE_", "GOOGLE_", "SERVICE_ACCOUNT", "WEBDAV_")):
            monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def s3_options(endpoint: Any, **changes: Any) -> dict[str, Any]:
    return {
        "endpoint": endpoint.url.rstrip("/"),
        "region": "us-east-1",
        "access_key_id": "dskit",
        "secret_access_key": "dskit-secret",
        "client_options": {"allow_http": True},
        "retry_config": {"max_retries": 0},
        **changes,
    }


@pytest.fixture(params=["memory", "local", "s3"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Pair:
    kind = str(request.param)
    if kind == "memory":
        return Pair(kind, Side(obstore, obstore.store.MemoryStore()), Side(obs, obs.store.MemoryStore()))
    if kind == "local":
        files = obstore.store.LocalStore(tmp_path / "real", mkdir=True)
        return Pair(kind, Side(obstore, files), Side(obs, obs.store.LocalStore(tmp_path / "facade", mkdir=True)))
    endpoint = request.getfixturevalue("s3")
    endpoint.create_bucket("real")
    endpoint.create_bucket("facade")
    options = s3_options(endpoint)
    real = obstore.store.S3Store("real", **options)
    return Pair(kind, Side(obstore, real), Side(obs, obs.store.S3Store("facade", **options)))


@pytest.fixture(params=["memory", "disk", "local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[obs.store.ObjectStoreMethods]:
    """A store of the facade over each kind of dskit's."""
    kind = str(request.param)
    made: obs.store.ObjectStoreMethods
    if kind == "memory":
        made = obs.store.MemoryStore()
    elif kind == "disk":
        made = obs.store.wrap(dskit.DiskStore(tmp_path, durability="process"))
    elif kind == "local":
        made = obs.store.LocalStore(tmp_path)
    else:
        endpoint = request.getfixturevalue("s3")
        endpoint.create_bucket("data")
        made = obs.store.S3Store("data", **s3_options(endpoint))
    yield made
    made.native.close()
