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
    """A machine without npm and with an empty cache."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(cloud_tool, "CACHE", tmp_path / "cache")
    return tmp_path


def test_a_machine_without_one_says_what_to_do(cloud_tool: ModuleType, bare: Path) -> None:
    assert cloud_tool.program("azure") is None
    assert "cloud_servers.py build azure" in cloud_tool.why_not("azure")
    with pytest.raises(cloud_tool.CloudError, match="no Azurite"), cloud_tool.running("azure"):
        pass


def test_building_without_npm_is_one_line(cloud_tool: ModuleType, bare: Path) -> None:
    with pytest.raises(cloud_tool.CloudError, match="npm"):
        cloud_tool.build("azure")
    assert not (bare / "cache" / "azurite").exists()


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
def test_a_server_ends_with_its_block(cloud_tool: ModuleType) -> None:
    if cloud_tool.program("webdav") is None:
        pytest.skip(cloud_tool.why_not("webdav"))
    with cloud_tool.running("webdav") as server:
        address = server.url.removeprefix("dav+")
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(address, timeout=5)
