"""Files used as they cannot be, and stores that fail or end under them."""

from __future__ import annotations

import io
import resource
from pathlib import Path
from typing import Any

import pytest

import dskit
from tests.dskit.files.material import MIB, Without
from tests.dskit.leftovers import left

# bad use


@pytest.mark.parametrize("mode", ["", "b", "rw", "rwb", "rr", "rbt", "R", "a", "ab", "r+", "w+b", "U", None, 1])
def test_a_mode_that_there_is_not(mode: Any) -> None:
    store = dskit.MemoryStore()
    with pytest.raises(dskit.FileModeError, match="'rb'") as caught:
        store.open("k", mode)
    assert caught.value.key == "k"


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("rb", {"encoding": "utf-8"}),
        ("wb", {"newline": "\n"}),
        ("rb", {"metadata": {"a": "b"}}),
        ("r", {"if_none_match": "*"}),
        ("wb", {"read_ahead": 10}),
        ("w", {"version_id": "1"}),
        ("rb", {"read_ahead": 0}),
        ("rb", {"read_ahead": "1"}),
        ("w", {"encoding": "no such"}),
        ("w", {"newline": "x"}),
        ("w", {"errors": 1}),
        ("wb", {"metadata": "a=b"}),
        ("xb", {"if_match": '"e"'}),
    ],
)
def test_an_option_that_cannot_be_honoured_is_refused(mode: str, options: Any) -> None:
    store = dskit.MemoryStore()
    store.put("k", b"old")
    with pytest.raises((dskit.InvalidRequestError, dskit.UnsupportedError)) as caught:
        store.open("k", mode, **options)
    assert caught.value.key == "k"
    assert store.get("k").read() == b"old"


def test_an_option_that_there_is_not() -> None:
    with pytest.raises(TypeError, match="colour"):
        dskit.MemoryStore().open("k", "wb", colour="blue")  # type: ignore[call-overload]


def test_what_a_store_denies_is_refused_before_any_byte(store: dskit.Store) -> None:
    service: Any = Without(store.service, "get_range", "put_if_none_match", "put_metadata")
    view = dskit.Store(service, store.bucket)
    view.put("k", b"x")
    with pytest.raises(dskit.UnsupportedError, match="get_range"):
        view.open("k")
    with pytest.raises(dskit.UnsupportedError, match="if_none_match"):
        view.open("new", "xb")
    with pytest.raises(dskit.UnsupportedError, match="metadata"):
        view.open("new", "wb", metadata={"a": "b"})


@pytest.mark.parametrize("mode", ["rb", "r", "wb", "w"])
def test_a_closed_file_says_which(mode: str) -> None:
    store = dskit.MemoryStore()
    store.put("k", b"x")
    file: Any = store.open("k", mode)
    file.close()
    calls = [file.read, file.readline, file.tell, lambda: file.seek(0), lambda: file.write(b"x"), lambda: next(file)]
    for call in [*calls, file.__enter__]:
        with pytest.raises(ValueError, match="closed") as caught:
            call()
        assert isinstance(caught.value, dskit.InvalidRequestError)
        assert caught.value.key == "k"


@pytest.mark.parametrize("mode", ["wb", "w"])
def test_a_file_that_is_written_is_not_read(mode: str) -> None:
    file: Any = dskit.MemoryStore().open("k", mode)
    for call in (file.read, file.readline, lambda: next(file), lambda: file.seek(0), lambda: file.truncate(0)):
        with pytest.raises(io.UnsupportedOperation) as caught:
            call()
        assert isinstance(caught.value, dskit.FileModeError)
        assert caught.value.key == "k"
    file.discard()


@pytest.mark.parametrize("mode", ["rb", "r"])
def test_a_file_that_is_read_is_not_written(mode: str) -> None:
    store = dskit.MemoryStore()
    store.put("k", b"x")
    with store.open("k", mode) as file:
        for call in (lambda: file.write("x"), lambda: file.writelines(["x"])):  # type: ignore[arg-type, list-item]
            with pytest.raises(dskit.FileModeError, match="'wb'"):
                call()
        for offset, whence in ((-1, 0), (0, 7)):
            with pytest.raises(ValueError):
                file.seek(offset, whence)


def test_text_into_a_binary_file_is_refused_and_loses_nothing() -> None:
    store = dskit.MemoryStore()
    with store.open("k", "wb") as file:
        file.write(b"a")
        with pytest.raises(dskit.InvalidRequestError, match="encode") as caught:
            file.write("text")
        assert caught.value.key == "k"
        file.write(b"b")
    assert store.get("k").read() == b"ab"


@pytest.mark.parametrize("kind", [dskit.LocalStore, dskit.DiskStore])
def test_a_full_disk_says_so_and_leaves_nothing(kind: type[dskit.Store], tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk."""
    store = kind(tmp_path, durability="process")  # type: ignore[arg-type, call-arg]
    store.put("k", b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    file = store.open("k", "wb")
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (5_000_000, before[1]))
        with pytest.raises(dskit.StoreError) as caught:
            file.writelines([b"x" * MIB] * 6)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert isinstance(caught.value, dskit.UnavailableError | dskit.TooLargeError)
    assert caught.value.key == "k"
    assert file.closed
    file.close()
    assert store.get("k").read() == b"old"
    assert left(store) == []
    store.close()


@pytest.mark.parametrize("kind", [dskit.LocalStore, dskit.DiskStore])
def test_a_store_that_is_closed_before_its_file(kind: type[dskit.Store], tmp_path: Path) -> None:
    store = kind(tmp_path, durability="process")  # type: ignore[arg-type, call-arg]
    published, forgotten = store.open("k", "wb"), store.open("l", "wb")
    for file in (published, forgotten):
        file.write(b"x" * MIB)
    store.close()
    with pytest.raises(dskit.UnavailableError) as caught:
        published.close()
    assert caught.value.key == "k"
    with pytest.warns(ResourceWarning, match="never closed"):
        del file, forgotten
    with kind(tmp_path, durability="process") as again:  # type: ignore[arg-type, call-arg]
        assert list(again.list()) == []
        assert left(again) == []
