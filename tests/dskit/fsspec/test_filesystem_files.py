"""Files of the filesystem: those of the store, in transactions and compressed."""

from __future__ import annotations

import gzip
from typing import Any

import anyio
import fsspec
import pytest

import dskit
from dskit.fsspec import DskitFileSystem


def test_files_are_those_of_the_store(fs: Any) -> None:
    with fs.open("k", "w", encoding="latin-1", content_type="text/plain") as file:
        file.write("grün")
    assert fs.cat_file("k") == "grün".encode("latin-1")
    with fs.open("k", "r", encoding="latin-1", block_size=1) as file:
        assert file.read() == "grün"
    with fs.open("k", cache_type="readahead", cache_options={}, size=4) as file:
        assert isinstance(file, dskit.ObjectReader)
    with pytest.raises(dskit.FileModeError):
        fs.open("k", "ab")
    with pytest.raises(TypeError, match="colour"):
        fs.open("k", "wb", colour="blue")


@pytest.mark.parametrize("mode", ["wb", "w"])
def test_an_exception_publishes_nothing(fs: Any, mode: str) -> None:
    file = fs.open("k", mode)
    file.write("x" if mode == "w" else b"x")
    with pytest.raises(ZeroDivisionError), file:
        1 / 0  # noqa: B018
    assert not fs.exists("k")


def test_an_object_that_changes_under_its_reader(fs: Any) -> None:
    fs.pipe_file("k", b"a" * 100)
    with fs.open("k", block_size=10) as file:
        file.read(10)
        fs.pipe_file("k", b"b" * 100)
        with pytest.raises(dskit.ConflictError):
            file.read(10)


def test_a_transaction_publishes_at_its_end(fs: Any) -> None:
    with fs.transaction:
        for name in ("a", "b"):
            with fs.open(name, "wb") as file:
                file.write(name.encode())
        assert fs.find("") == []
    assert fs.cat("", recursive=True) == {"a": b"a", "b": b"b"}


def test_a_transaction_that_fails_publishes_nothing(fs: Any) -> None:
    def fail() -> None:
        with fs.transaction:
            with fs.open("a", "w") as file:
                file.write("a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert fs.find("") == []


def test_compression(fs: Any) -> None:
    with pytest.raises(dskit.UnsupportedError, match="gzip"):
        fs.open("k.gz", "wb", compression="gzip")
    assert not fs.exists("k.gz")
    with fsspec.open("dskit://k.gz", "wb", compression="infer", store=fs.store) as file:
        file.write(b"x" * 1000)
    assert gzip.decompress(fs.cat_file("k.gz")) == b"x" * 1000
    with fs.open("k.gz", "rt", compression="infer") as file:
        assert file.read() == "x" * 1000


def test_files_of_coroutines(store: dskit.Store) -> None:
    async def main() -> None:
        fs = DskitFileSystem(store, asynchronous=True)
        async with await fs.open_async("k", "wb") as file:
            await file.write(b"x")
        async with await fs.open_async("k") as file:
            assert await file.read() == b"x"
        assert await fs._cat_file("k") == b"x"

    anyio.run(main)
