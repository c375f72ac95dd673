"""fsspec's own suite for implementations: copy, get, put, open, pipe; and mv, which it has none for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fsspec.tests import abstract

import dskit
import dskit_emulator
from dskit.fsspec import DskitFileSystem


class Places(NamedTuple):
    """The filesystem under test, and a second one over the same objects that needs no requests."""

    tested: Any
    beside: Any


@pytest.fixture(scope="module", params=["memory", "disk", "s3"])
def places(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """One for all tests, which have a folder each: there are hundreds of them."""
    store: dskit.Store
    beside: dskit.Store
    if request.param == "memory":
        store = beside = dskit.MemoryStore()
    elif request.param == "disk":
        store = beside = dskit.DiskStore(tmp_path_factory.mktemp("store"), durability="process")
    else:
        server: dskit_emulator.Server = request.getfixturevalue("s3_server")
        store, beside = server.store("fsspec-suite"), server.direct("fsspec-suite")
    with store:
        yield Places(DskitFileSystem(store), DskitFileSystem(beside))


def scenario(make: str) -> Any:
    """A fixture of the suite: files that its method `make` makes. A hundred tests want them, so no request is made."""

    @pytest.fixture
    def source(self: Any, places: Places, fs_join: Any, fs_path: str) -> Iterator[str]:
        made: str = getattr(self, make)(places.beside, fs_join, fs_path)
        yield made
        places.beside.rm(made, recursive=True)

    return source


class Fixtures(abstract.AbstractFixtures):  # type: ignore[misc]
    fs_bulk_operations_scenario_0 = scenario("_bulk_operations_scenario_0")
    fs_glob_edge_cases_files = scenario("_glob_edge_cases_files")
    fs_dir_and_file_with_same_name_prefix = scenario("_dir_and_file_with_same_name_prefix")
    fs_10_files_with_hashed_names = scenario("_10_files_with_hashed_names")

    @pytest.fixture
    def fs(self, places: Places) -> Any:
        return places.tested

    @pytest.fixture
    def fs_target(self, places: Places, fs_join: Any, fs_path: str) -> Iterator[str]:
        target: str = fs_join(fs_path, "target")
        yield target
        if places.beside.exists(target):
            places.beside.rm(target, recursive=True)

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
