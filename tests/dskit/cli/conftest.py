"""The command in this process, over a store on disk or over an endpoint."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import dskit
import dskit_emulator
from dskit.cli.group import dskit as command


@dataclass
class Answer:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str
    data: bytes

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


Run = Callable[..., Answer]


@pytest.fixture
def run() -> Run:
    def call(*arguments: str | Path, given: bytes | None = None) -> Answer:
        result = CliRunner().invoke(command, [str(item) for item in arguments], input=given)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, result.stdout, result.stderr, result.stdout_bytes)

    return call


@dataclass
class Place:
    """A bucket as the command line and as the client API see it."""

    store: dskit.Store
    base: str
    query: str
    kind: str

    def url(self, key: str = "") -> str:
        """The URL of a key, escapes and all."""
        if self.kind == "disk":
            return f"{self.base}#{key}" if key else self.base
        return f"{self.base}/{key}{self.query}"


@pytest.fixture(scope="module")
def server() -> Iterator[dskit_emulator.Server]:
    with dskit_emulator.Server() as running:
        yield running


@pytest.fixture(params=["disk", "s3"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, server: dskit_emulator.Server, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    if request.param == "disk":
        folder = tmp_path / "store"
        store = dskit.DiskStore(folder, durability="process")
        yield Place(store, f"disk:{folder}", "", "disk")
        store.close()
        return
    endpoint = server.endpoint(buckets=["data"])
    for name, value in endpoint.env().items():
        monkeypatch.setenv(name, value)
    yield Place(endpoint.direct("data"), "s3://data", f"?endpoint={endpoint.url}", "s3")
    endpoint.close()
