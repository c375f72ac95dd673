"""fsspec's own suite for implementations: copy, get, put, open, pipe; and mv, which it has none for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fsspec.tests import abstract

import dskit
import dskit_emulator
from dskit.fsspec import DskitFileSystem


@pytest.fixture(scope="module", params=["memory", "disk", "s3"])
def shared_fs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One for all tests, which have a folder each: there are hundreds of them."""
    store: dskit.Store
    if request.param == "memory":
        store = dskit.MemoryStore()
    elif request.param == "disk":
        store = dskit.DiskStore(tmp_path_factory.mktemp("store"), durability="process")
    else:
        server: dskit_emulator.Server = request.getfixturevalue("s3_server")
        store = server.store("fsspec-suite")
    with store:
        yield DskitFileSystem(store)


class Fixtures(abstract.AbstractFixtures):  # type: ignore[misc]
    @pytest.fixture
    def fs(self, shared_fs: Any) -> Any:
        return shared_fs

    @pytest.fixture
    def fs_path(self, tmp_path: Path) -> str:
        return f"some/{tmp_path.name}"

    @pytest.fixture
    def supports_empty_directories(self) -> bool:
        return False


class TestCopy(abstract.AbstractCopyTests, Fixtures):  # type: ignore[misc]
    pass


class TestGet(abstract.AbstractGetTests, Fixtures):  # type: ignore[misc]
    pass


class TestPut(abstract.AbstractPutTests, Fixtures):  # type: ignore[misc]
    pass


class TestOpen(abstract.AbstractOpenTests, Fixtures):  # type: ignore[misc]
    pass


class TestPipe(abstract.AbstractPipeTests, Fixtures):  # type: ignore[misc]
    pass


def test_move_a_file(fs: Any) -> None:
    fs.pipe_file("a/one", b"1")
    fs.mv("a/one", "b/two")
    assert fs.find("") == ["b/two"]
    assert fs.cat_file("b/two") == b"1"


def test_move_what_is_not_there(fs: Any) -> None:
    with pytest.raises(FileNotFoundError):
        fs.mv("none", "new")
    assert fs.find("") == []


def test_move_a_directory(fs: Any) -> None:
    fs.pipe({"a/x": b"1", "a/y/z": b"2", "ab": b"3"})
    fs.mv("a", "b", recursive=True)
    assert fs.cat("", recursive=True) == {"ab": b"3", "b/x": b"1", "b/y/z": b"2"}
