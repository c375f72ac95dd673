"""What the filesystem is beyond fsspec's own suite: how it is named, its tree, its files, its requests."""

from __future__ import annotations

import pickle
import threading
import tomllib
import urllib.request
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.callbacks import Callback
from fsspec.core import url_to_fs

import dskit
import dskit_emulator
from dskit.fsspec import DskitFileSystem
from dskit.fsspec_paths import slice_range

PYPROJECT = Path(__file__).resolve().parents[3] / "pyproject.toml"


@pytest.fixture
def memory() -> dskit.Store:
    return dskit.MemoryStore()


@pytest.fixture
def mfs(memory: dskit.Store) -> Any:
    return DskitFileSystem(memory)


# how it is named


def test_the_entry_point_is_this_class() -> None:
    points = tomllib.loads(PYPROJECT.read_text())["project"]["entry-points"]["fsspec.specs"]
    module, name = points["dskit"].split(":")
    assert (module, name) == (DskitFileSystem.__module__, DskitFileSystem.__name__)


def test_a_url_names_the_key_and_an_option_the_store(tmp_path: Path) -> None:
    options = {"store": f"disk:{tmp_path}?bucket=data", "store_options": {"durability": "process"}}
    with fsspec.open("dskit://a/b.txt", "w", **options) as file:
        file.write("hello")
    fs, path = url_to_fs("dskit://a/b.txt", **options)
    assert path == "a/b.txt"
    assert fs.unstrip_protocol(path) == "dskit://a/b.txt"
    assert fs.store.bucket == "data"
    with dskit.DiskStore(tmp_path, "data") as store:
        assert store.get("a/b.txt").read() == b"hello"


def test_the_configuration_may_name_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """As ``FSSPEC_DSKIT_STORE`` does, which fsspec reads when it is imported."""
    monkeypatch.setitem(fsspec.config.conf, "dskit", {"store": "memory:?bucket=configured"})
    assert fsspec.filesystem("dskit").store.bucket == "configured"


def test_one_url_is_one_filesystem_and_one_store_is_its_own() -> None:
    one, again = (fsspec.filesystem("dskit", store="memory:?bucket=once") for _ in range(2))
    assert one is again
    other = fsspec.filesystem("dskit", store="memory:?bucket=other")
    assert one != other
    left, right = DskitFileSystem(dskit.MemoryStore()), DskitFileSystem(dskit.MemoryStore())
    left.pipe_file("k", b"left")
    assert left != right
    assert hash(left) != hash(right)
    assert not right.exists("k")
    assert left == DskitFileSystem(left.store)


def test_a_filesystem_named_by_a_url_travels(tmp_path: Path) -> None:
    fs = fsspec.filesystem("dskit", store=f"disk:{tmp_path}")
    fs.pipe_file("k", b"x")
    assert pickle.loads(pickle.dumps(fs)).cat_file("k") == b"x"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "storage_options"),
        ({"store": 1}, "URL"),
        ({"store": "ftp://x"}, "ftp"),
        ({"store": "memory:", "colour": "blue"}, "colour"),
        ({"store": "memory:", "use_listings_cache": True}, "listings"),
    ],
)
def test_options_that_name_no_store(options: Any, words: str) -> None:
    with pytest.raises(dskit.ConfigurationError, match=words):
        fsspec.filesystem("dskit", skip_instance_cache=True, **options)


# the tree


def test_what_there_is(fs: Any) -> None:
    fs.pipe({"a/x": b"12", "a/b/y": b"3", "z": b""})
    assert fs.ls("", detail=False) == ["a", "z"]
    assert fs.ls("dskit://a/", detail=False) == ["a/b", "a/x"]
    assert fs.ls("z", detail=False) == ["z"]
    assert [entry["type"] for entry in fs.ls("a")] == ["directory", "file"]
    info = fs.info("a/x")
    assert (info["name"], info["size"], info["type"]) == ("a/x", 2, "file")
    assert info["etag"] == fs.ukey("a/x")
    assert info["mtime"] == fs.modified("a/x")
    assert fs.ls("a")[1] == info
    assert fs.info("a/b") == {"name": "a/b", "size": 0, "type": "directory"}
    assert fs.find("a") == ["a/b/y", "a/x"]
    assert fs.find("a", maxdepth=1, withdirs=True) == ["a", "a/b", "a/x"]
    assert fs.glob("a/*") == ["a/b", "a/x"]
    assert fs.glob("**/y") == ["a/b/y"]
    assert list(fs.walk("")) == [("", ["a"], ["z"]), ("a", ["b"], ["x"]), ("a/b", [], ["y"])]
    assert (fs.du(""), fs.isdir(""), fs.isfile(""), fs.exists("a")) == (3, True, False, True)


@pytest.mark.parametrize("path", ["none", "a/none", "x/none"])
def test_what_there_is_not(fs: Any, path: str) -> None:
    fs.pipe_file("a/x", b"")
    assert not fs.exists(path)
    assert fs.find(path) == []
    for call in (fs.info, fs.ls, fs.cat_file, fs.open, fs.rm, fs.rmdir):
        with pytest.raises(FileNotFoundError):
            call(path)


def test_keys_are_opaque(fs: Any) -> None:
    """Empty segments are keys like others; only a listing of a directory cannot name them."""
    fs.pipe({"a//b": b"1", "/a": b"2", "a/./b": b"3", "a/c": b"4"})
    assert fs.cat_file("a//b") == b"1"
    assert fs.cat_file("/a") == b"2"
    assert fs.find("") == ["/a", "a/./b", "a//b", "a/c"]
    assert fs.ls("a", detail=False) == ["a/.", "a/c"]
    fs.rm("a", recursive=True)
    assert fs.find("") == ["/a"]


def test_a_marker_is_a_directory_and_no_file(fs: Any) -> None:
    fs.store.put("d/", b"")
    fs.store.put("e/", b"")
    fs.store.put("e/x", b"")
    assert (fs.isdir("d"), fs.isfile("d"), fs.info("d")["type"]) == (True, False, "directory")
    assert (fs.ls("d"), fs.find("d"), fs.ls("e", detail=False)) == ([], [], ["e/x"])
    assert fs.ls("", detail=False) == ["d", "e"]
    fs.rmdir("d")
    assert not fs.exists("d")
    with pytest.raises(OSError, match="not empty"):
        fs.rmdir("e")
    fs.rm("e", recursive=True)
    assert list(fs.store.list()) == []


def test_a_file_may_have_files_below(fs: Any) -> None:
    fs.pipe({"a": b"file", "a/x": b"below"})
    assert (fs.isfile("a"), fs.isdir("a"), fs.info("a")["type"]) == (True, True, "file")
    assert fs.ls("a", detail=False) == ["a/x"]
    fs.rm("a")
    assert fs.find("") == ["a/x"]


def test_directories_come_and_go_with_their_files(fs: Any) -> None:
    fs.mkdir("d")
    fs.makedirs("d/e", exist_ok=True)
    assert not fs.exists("d")
    fs.touch("d/x")
    assert fs.isdir("d")
    with pytest.raises(FileExistsError):
        fs.mkdir("d")
    with pytest.raises(FileExistsError):
        fs.makedirs("d")
    with pytest.raises(FileExistsError):
        fs.makedirs("d/x", exist_ok=True)
    with pytest.raises(IsADirectoryError, match="recursive"):
        fs.rm("d")
    fs.rm("d/x")
    assert not fs.exists("d")


# bytes

DATA = b"0123456789"
BOUNDS = [None, 0, 1, 4, 9, 10, 11, -1, -4, -10, -11]


@pytest.mark.parametrize("start", BOUNDS)
def test_slices_are_those_of_python(mfs: Any, start: int | None) -> None:
    mfs.pipe({"k": DATA, "empty": b""})
    for end in BOUNDS:
        assert mfs.cat_file("k", start, end) == DATA[slice(start, end)], end
        assert mfs.cat_file("empty", start, end) == b""
        with pytest.raises(FileNotFoundError):
            mfs.cat_file("none", start, end)


def test_blocks_are_cut_at_delimiters(fs: Any) -> None:
    """What dask reads a text in; fsspec asks the file for its size."""
    fs.pipe("k", b"one\ntwo\nthree\n")
    assert fs.read_block("k", 1, 5, delimiter=b"\n") == b"two\n"
    assert fs.read_block("k", 8, None) == b"three\n"


def test_ranges_of_several(fs: Any) -> None:
    fs.pipe({"k": DATA, "l": DATA})
    assert fs.cat_ranges(["k", "l", "k"], [0, 2, -3], [2, 4, None]) == [b"01", b"23", b"789"]


def test_the_last_bytes_need_no_size() -> None:
    assert slice_range(-5, None, None) == dskit.ByteRange(suffix=5)


def test_many_are_read_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each read waits until there are eight."""
    with dskit.DiskStore(tmp_path, durability="process") as store:
        fs = DskitFileSystem(store)
        fs.pipe({f"k{number}": b"%d" % number for number in range(8)})
        together = threading.Barrier(8)
        get = store.service.get

        def waiting(*args: Any) -> Any:
            together.wait(60)
            return get(*args)

        monkeypatch.setattr(store.service, "get", waiting)
        assert fs.cat("", recursive=True) == {f"k{number}": b"%d" % number for number in range(8)}


def test_options_of_put_and_creation(fs: Any, tmp_path: Path) -> None:
    fs.pipe_file("k", b"x", content_type="text/plain", metadata={"a": "b"})
    assert fs.store.head("k").content_type == "text/plain"
    local = tmp_path / "local"
    local.write_bytes(b"y")
    with pytest.raises(FileExistsError):
        fs.put_file(str(local), "k", mode="create")
    with pytest.raises(dskit.InvalidRequestError, match="append"):
        fs.pipe_file("k", b"y", mode="append")
    assert fs.cat_file("k") == b"x"


def test_files_to_and_fro_with_progress(fs: Any, tmp_path: Path) -> None:
    local, back = tmp_path / "local", tmp_path / "back"
    local.write_bytes(DATA * 1000)
    up, down = Callback(), Callback()
    fs.put_file(str(local), "a/k", callback=up)
    fs.get_file("a/k", str(back), callback=down)
    assert back.read_bytes() == DATA * 1000
    assert [(callback.size, callback.value) for callback in (up, down)] == [(10_000, 10_000)] * 2
    with (tmp_path / "third").open("wb") as file:
        fs.get_file("a/k", file)
    assert (tmp_path / "third").read_bytes() == DATA * 1000
    with pytest.raises(FileNotFoundError):
        fs.get_file("none", str(tmp_path / "none"))
    assert not (tmp_path / "none").exists()


def test_a_name_that_would_leave_the_folder_is_refused(mfs: Any, tmp_path: Path) -> None:
    mfs.pipe({"a/../../x": b"1", "a/y": b"2"})
    with pytest.raises((ValueError, OSError)):
        mfs.get("a", str(tmp_path / "in"), recursive=True)
    assert not (tmp_path / "x").exists()


def test_removing_is_a_request_for_a_thousand(mfs: Any, memory: dskit.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    mfs.pipe({f"a/{number}": b"" for number in range(30)})
    calls: list[int] = []
    delete_many = memory.service.delete_many

    def counted(bucket: str, rows: Any) -> Any:
        calls.append(len(rows))
        return delete_many(bucket, rows)

    monkeypatch.setattr(memory.service, "delete_many", counted)
    mfs.rm("a", recursive=True)
    assert calls == [30]
    assert mfs.find("") == []


def test_finding_is_a_listing_for_a_thousand(mfs: Any, memory: dskit.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    mfs.pipe({f"a/{number}/x": b"" for number in range(30)})
    calls: list[str] = []
    list_page = memory.service.list_page

    def counted(*args: Any, **options: Any) -> Any:
        calls.append(options["prefix"])
        return list_page(*args, **options)

    monkeypatch.setattr(memory.service, "list_page", counted)
    assert len(mfs.find("a")) == 30
    assert calls == ["a/"]


def test_a_url_that_anybody_may_read(s3: dskit_emulator.Endpoint) -> None:
    with s3.store("default") as store:
        fs = DskitFileSystem(store)
        fs.pipe_file("k", b"x")
        with urllib.request.urlopen(fs.sign("k", expiration=60)) as answer:
            assert answer.read() == b"x"


def test_a_pattern_looks_below_directories_only(mfs: Any, memory: dskit.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """One listing for the pattern and one for each directory that it found, however many files there are."""
    mfs.pipe({f"a/{number}": b"" for number in range(30)} | {"a/d/x": b"", "a/d/e/y": b"", "b": b""})
    calls: list[str] = []
    list_page, head = memory.service.list_page, memory.service.head

    def listed(*args: Any, **options: Any) -> Any:
        calls.append(options["prefix"])
        return list_page(*args, **options)

    def looked(*args: Any) -> Any:
        calls.append("head")
        return head(*args)

    monkeypatch.setattr(memory.service, "list_page", listed)
    monkeypatch.setattr(memory.service, "head", looked)
    found = mfs.expand_path("a/*", recursive=True)
    assert found == sorted([f"a/{number}" for number in range(30)] + ["a/d", "a/d/e", "a/d/e/y", "a/d/x"])
    assert len(calls) <= 4
    assert mfs.expand_path(["a/*", "b"], recursive=True, maxdepth=1) == sorted(
        [f"a/{number}" for number in range(30)] + ["a/d", "b"]
    )
    assert mfs.expand_path("a/*", recursive=True, maxdepth=2) == sorted([*found[:-2], "a/d/x"])
    with pytest.raises(FileNotFoundError):
        mfs.expand_path("c*", recursive=True)
