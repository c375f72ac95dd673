"""`tools/cloud_servers.py`: what is said where a server cannot be had, and what a running one is."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture
def bare(cloud_tool: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without npm and Go, and with an empty cache."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(cloud_tool, "CACHE", tmp_path / "cache")
    return tmp_path


@pytest.mark.parametrize(("kind", "name"), [("azure", "Azurite"), ("gcs", "fake-gcs-server")])
def test_a_machine_without_one_says_what_to_do(cloud_tool: ModuleType, bare: Path, kind: str, name: str) -> None:
    assert cloud_tool.program(kind) is None
    assert f"cloud_servers.py build {kind}" in cloud_tool.why_not(kind)
    with pytest.raises(cloud_tool.CloudError, match=f"no {name}"), cloud_tool.running(kind):
        pass


@pytest.mark.parametrize(("kind", "needs"), [("azure", "npm"), ("gcs", r"Go 1\.24")])
def test_building_without_its_tool_is_one_line(cloud_tool: ModuleType, bare: Path, kind: str, needs: str) -> None:
    with pytest.raises(cloud_tool.CloudError, match=needs):
        cloud_tool.build(kind)
    assert list(bare.rglob("cache/*/*")) == []


def test_a_server_that_ends_at_once_is_reported_with_what_it_said(cloud_tool: ModuleType, bare: Path) -> None:
    program = cloud_tool._azurite_program()
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho out of luck\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(cloud_tool.CloudError, match="status 3; it said: out of luck"), cloud_tool.running("azure"):
        pass


@pytest.mark.clouds
def test_a_secret_is_in_the_environment_and_not_in_the_url(cloud_servers: Callable[[str], Any]) -> None:
    server = cloud_servers("webdav")
    password = server.environment["WEBDAV_PASSWORD"]
    assert password not in f"{server!r} {server.url}"


@pytest.mark.clouds
@pytest.mark.parametrize("kind", ["webdav", "gcs"])
def test_a_server_ends_with_its_block(cloud_tool: ModuleType, kind: str) -> None:
    if cloud_tool.program(kind) is None:
        pytest.skip(cloud_tool.why_not(kind))
    with cloud_tool.running(kind) as server:
        address = "http" + server.url.rpartition("http")[2]
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(address, timeout=5)


def test_a_front_whose_server_does_not_start_ends_as_well(cloud_tool: ModuleType, bare: Path) -> None:
    program = cloud_tool._fake_gcs_program()
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho out of luck\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(cloud_tool.CloudError, match=r"status 3; it said: .*out of luck"), cloud_tool.running("gcs"):
        pass
