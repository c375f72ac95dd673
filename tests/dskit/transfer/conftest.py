"""A remote store whose parts may be small, and what a test needs to look at it."""

from __future__ import annotations

import contextlib
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import dskit
import dskit_emulator
from dskit_emulator import Server

SMALL = 64 * 1024


class Requests:
    """Counts the answers of an endpoint by ``METHOD query`` (``GET``, ``PUT partNumber``, ``GET list-type``)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fence = threading.Event()
        self.url = ""
        self.seen: list[str] = []

    def clear(self) -> None:
        self.settle()
        self.seen.clear()

    def settle(self) -> None:
        """Wait until the last answer has been observed: this one comes after all others in the endpoint's loop."""
        self._fence.clear()
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(f"{self.url}/fence", timeout=30).close()
        assert self._fence.wait(60)

    def __call__(self, head: Any, response: Any, sent: int, seconds: float) -> None:
        if head.target == "/fence":
            self._fence.set()
            return
        words = ("partNumber", "list-type", "uploadId", "uploads", "delete")
        name = next((word for word in words if word in head.target.partition("?")[2]), "")
        with self._lock:
            self.seen.append(f"{head.method} {name}".strip())

    def count(self, kind: str) -> int:
        self.settle()
        return self.seen.count(kind)


@pytest.fixture
def requests() -> Requests:
    return Requests()


@pytest.fixture
def endpoint(s3_server: Server, requests: Requests) -> Iterator[dskit_emulator.Endpoint]:
    """Like `s3`, with parts of any size and its requests counted."""
    with s3_server.endpoint(rules=("small-parts",), observer=requests) as opened:
        requests.url = opened.url
        yield opened


@pytest.fixture
def remote(endpoint: dskit_emulator.Endpoint) -> Iterator[dskit.Store]:
    with endpoint.store("data", capabilities={"limits": {"min_part_bytes": 1}}) as store:
        yield store


@pytest.fixture
def minio_client(endpoint: dskit_emulator.Endpoint) -> Iterator[dskit.Store]:
    """The same bucket through minio-py."""
    endpoint.create_bucket("data")
    with dskit.MinIOStore(
        endpoint.url.removeprefix("http://"),
        "data",
        secure=False,
        access_key=endpoint.account.access_key,
        secret_key=endpoint.account.secret_key,
        capabilities={"limits": {"min_part_bytes": 1}},
    ) as store:
        yield store


@pytest.fixture(params=["memory", "disk", "local", "s3", "minio"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dskit.Store]:
    makers: dict[str, Callable[[], dskit.Store]] = {
        "memory": dskit.MemoryStore,
        "disk": lambda: dskit.DiskStore(tmp_path / "any", durability="process"),
        "local": lambda: dskit.LocalStore(tmp_path / "any", durability="process"),
        "s3": lambda: request.getfixturevalue("remote"),
        "minio": lambda: request.getfixturevalue("minio_client"),
    }
    with makers[request.param]() as store:
        yield store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder beside whatever a store keeps."""
    path = tmp_path / "folder"
    path.mkdir()
    return path
