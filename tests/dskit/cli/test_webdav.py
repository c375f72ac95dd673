"""The commands over a store that has one bucket, no pages and no content types: a folder of a WebDAV server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.dskit.cli.conftest import Run

pytestmark = pytest.mark.clouds


@pytest.fixture
def url(cloud_tool: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    if cloud_tool.program("webdav") is None:
        pytest.skip(cloud_tool.why_not("webdav"))
    with cloud_tool.running("webdav") as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server.url


def test_objects_come_and_go(url: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / "a.txt").write_bytes(b"one")
    (tmp_path / "in" / "sub" / "b").write_bytes(b"two")
    assert run("cp", tmp_path / "in" / "sub" / "b", f"{url}#x/sub/").code == 0
    assert run("cp", "-r", tmp_path / "in", f"{url}#x").code == 0
    assert run("ls", f"{url}#x").lines == ["a.txt", "sub/"]
    assert run("tree", f"{url}#x/").lines[1:] == ["├── a.txt", "└── sub/", "    └── b", "", "1 group, 2 objects"]
    assert run("cp", tmp_path / "in" / "a.txt", f"{url}#x/c.txt").code == 0
    assert run("mv", f"{url}#x/c.txt", f"{url}#y/c.txt").code == 0
    assert run("cat", f"{url}#y/c.txt").data == b"one"
    assert run("sync", f"{url}#x", tmp_path / "out").code == 0
    assert (tmp_path / "out" / "sub" / "b").read_bytes() == b"two"
    assert run("cp", "--content-type", "image/png", tmp_path / "in" / "a.txt", f"{url}#z").code == 2
    assert run("rm", "-r", "-y", f"{url}#x/").code == 0
    assert run("ls", "-r", url).lines == ["y/c.txt"]


def test_a_bucket_that_cannot_be_removed_is_not_emptied(url: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    assert run("cp", tmp_path / "f", f"{url}#k").code == 0
    assert run("rb", "-f", "-y", url).code == 2
    assert run("ls", url).lines == ["k"]
