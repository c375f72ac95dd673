"""The filesystems: the same calls on obstore's and on the facade's, over S3; and one store as a filesystem."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import obstore.fsspec
import pytest

import dskit.compat.obstore as obs
import dskit.compat.obstore.fsspec as facade_fsspec
from tests.dskit.compat.obstore.conftest import s3_options
from tests.dskit.compat.obstore.pairs import plain

Use = Callable[[Any, str], Any]


def names(found: Any, bucket: str) -> list[str]:
    return sorted(str(name).removeprefix(bucket).lstrip("/") for name in found)


CALLS: dict[str, Use] = {
    "cat_file": lambda fs, at: fs.cat_file(f"{at}/d/a"),
    "cat_file by a URL": lambda fs, at: fs.cat_file(f"s3://{at}/d/a"),
    "cat_file of another protocol": lambda fs, at: fs.cat_file(f"gs://{at}/d/a"),
    "a slice": lambda fs, at: fs.cat_file(f"{at}/d/a", start=1, end=3),
    "half a slice": lambda fs, at: fs.cat_file(f"{at}/d/a", start=1),
    "cat of nothing": lambda fs, at: fs.cat_file(f"{at}/no"),
    "cat of several": lambda fs, at: sorted(fs.cat([f"{at}/d/a", f"{at}/d/e/b"]).values()),
    "cat_ranges": lambda fs, at: fs.cat_ranges([f"{at}/d/a", f"{at}/d/e/b", f"{at}/d/a"], [0, 0, 2], [2, 1, 4]),
    "pipe": lambda fs, at: (plain(fs.pipe_file(f"{at}/new", b"1")), fs.cat_file(f"{at}/new")),
    "ls": lambda fs, at: names(fs.ls(f"{at}/d", detail=False), at),
    "ls in detail": lambda fs, at: sorted((row["type"], row["size"]) for row in fs.ls(f"{at}/d", detail=True)),
    "ls of the bucket": lambda fs, at: names(fs.ls(at, detail=False), at),
    "ls of nothing": lambda fs, at: fs.ls(f"{at}/no"),
    "find": lambda fs, at: names(fs.find(at), at),
    "glob": lambda fs, at: names(fs.glob(f"{at}/d/*"), at),
    "info of a file": lambda fs, at: {name: fs.info(f"{at}/d/a")[name] for name in ("size", "type", "version")},
    "info of a directory": lambda fs, at: fs.info(f"{at}/d")["type"],
    "info of nothing": lambda fs, at: fs.info(f"{at}/no"),
    "exists": lambda fs, at: [fs.exists(f"{at}/{path}") for path in ("d", "d/a", "no", "d/")],
    "isfile, isdir": lambda fs, at: [
        (fs.isfile(f"{at}/{path}"), fs.isdir(f"{at}/{path}")) for path in ("d", "d/a", "no")
    ],
    "cp": lambda fs, at: (fs.cp_file(f"{at}/d/a", f"{at}/new"), names(fs.find(at), at)),
    "mv": lambda fs, at: (fs.mv(f"{at}/d/a", f"{at}/new"), names(fs.find(at), at)),
    "rm": lambda fs, at: (fs.rm(f"{at}/d/a"), names(fs.find(at), at)),
    "rm of all": lambda fs, at: (fs.rm(f"{at}/d", recursive=True), names(fs.find(at), at)),
    "read": lambda fs, at: fs.open(f"{at}/d/a", "rb").read(),
    "text": lambda fs, at: fs.open(f"{at}/d/a", "r").read(),
    "append": lambda fs, at: fs.open(f"{at}/d/a", "ab"),
    "mkdir": lambda fs, at: (fs.mkdir(f"{at}/made"), fs.exists(f"{at}/made")),
}


@pytest.fixture
def both(s3: Any) -> list[tuple[Any, str]]:
    options = s3_options(s3)
    made = []
    for module, bucket in ((obstore.fsspec, "real"), (facade_fsspec, "facade")):
        s3.create_bucket(bucket)
        fs = module.FsspecStore("s3", skip_instance_cache=True, **options)
        fs.pipe({f"{bucket}/d/a": b"hello", f"{bucket}/d/e/b": b"b", f"{bucket}/top": b""})
        made.append((fs, bucket))
    return made


@pytest.mark.parametrize("name", CALLS)
def test_calls(both: list[tuple[Any, str]], name: str) -> None:
    real, facade = (answer(CALLS[name], *side) for side in both)
    assert facade == real


def answer(call: Use, fs: Any, bucket: str) -> Any:
    try:
        return call(fs, bucket)
    except Exception as error:
        return type(error).__name__


@pytest.fixture
def fs(store: obs.store.ObjectStoreMethods) -> Any:
    return facade_fsspec.AsyncFsspecStore(store)


def test_one_store_is_a_filesystem(fs: Any, store: obs.store.ObjectStoreMethods, tmp_path: Path) -> None:
    fs.pipe_file("d/a", b"hello")
    assert fs.cat_file("d/a") == b"hello"
    assert fs.info("d/a")["e_tag"] == obs.head(store, "d/a")["e_tag"]
    assert fs.modified("d/a") == obs.head(store, "d/a")["last_modified"]
    with fs.open("d/b", "wb") as file:
        file.write(b"written")
    source = tmp_path / "source-file"
    source.write_bytes(b"put")
    fs.put_file(str(source), "d/c")
    fs.get_file("d/b", str(tmp_path / "target-file"))
    assert (tmp_path / "target-file").read_bytes() == b"written"
    assert names(fs.find(""), "") == ["d/a", "d/b", "d/c"] or store.label == "LocalFileSystem"
    assert fs.cat_file("d/c") == b"put"


def test_an_exception_inside_with_publishes_nothing(fs: Any) -> None:
    def interrupted() -> None:
        with fs.open("half", "wb") as file:
            file.write(b"half of it")
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()
    assert not fs.exists("half")


def test_memory_by_its_protocol() -> None:
    fs = facade_fsspec.FsspecStore("memory", skip_instance_cache=True)
    fs.pipe_file("memory://a/b", b"1")
    assert fs.cat_file("a/b") == b"1"
    assert names(fs.find("a"), "") == ["a/b"]


def test_registered_protocols_are_fsspecs(monkeypatch: pytest.MonkeyPatch) -> None:
    registered = sys.modules["fsspec.registry"].__dict__["_registry"]
    for name in ("s3", "gs"):
        monkeypatch.setitem(registered, name, None)
    facade_fsspec.register(["s3", "gs"])
    assert issubclass(fsspec.get_filesystem_class("s3"), facade_fsspec.FsspecStore)
    assert fsspec.get_filesystem_class("gs").protocol == "gs"
    with pytest.warns(UserWarning, match="Unknown protocol"):
        facade_fsspec.FsspecStore("nowhere", skip_instance_cache=True)
