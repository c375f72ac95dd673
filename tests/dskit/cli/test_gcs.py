"""The commands over a bucket of Google Cloud Storage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.dskit.cli.conftest import Run


@pytest.mark.clouds
def test_objects_come_and_go(
    cloud_servers: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch, run: Run, tmp_path: Path
) -> None:
    server = cloud_servers("gcs")
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    bucket, _, query = server.url.partition("?")

    def at(key: str) -> str:
        return f"{bucket}/cli/{key}?{query}"

    (tmp_path / "a.txt").write_bytes(b"one")
    assert run("cp", "--content-type", "text/x", tmp_path / "a.txt", at("a.txt")).code == 0
    assert run("mv", at("a.txt"), at("sub/b.txt")).code == 0
    assert run("ls", at("")).lines == ["sub/"]
    assert "text/x" in run("stat", at("sub/b.txt")).data.decode()
    assert run("cat", at("sub/b.txt")).data == b"one"
    assert run("rm", "-r", "-y", at("")).code == 0
    assert run("ls", "-r", at("")).lines == []
