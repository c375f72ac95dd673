"""Objects as files, written: published whole at close, or not at all."""

from __future__ import annotations

import gzip
import io
import zipfile
from base64 import b64encode
from typing import Any

import pytest

import dskit
from tests.dskit.files.material import MIB, fail_after
from tests.dskit.leftovers import left

# writing


def test_a_write_is_published_by_close_alone(store: dskit.Store) -> None:
    store.put("k", b"old")
    file = store.open("k", "wb", content_type="text/plain", metadata={"a": "b"}, checksum="CRC32")
    assert isinstance(file, io.BufferedIOBase)
    assert (file.readable(), file.writable(), file.seekable(), file.mode, file.name) == (False, True, False, "wb", "k")
    assert file.write(b"new") == 3
    file.writelines([b"er", bytearray(b"!"), memoryview(b"!")])
    assert file.tell() == 7
    file.flush()
    assert store.get("k").read() == b"old"
    file.close()
    file.close()
    meta = store.head("k", checksum_mode=True)
    assert store.get("k").read() == b"newer!!"
    assert (meta.content_type, dict(meta.metadata), "CRC32" in meta.checksums) == ("text/plain", {"a": "b"}, True)
    assert file.result is not None
    assert file.result.etag == meta.etag


@pytest.mark.parametrize("size", [10, 300_000, 9 * MIB])
def test_a_write_vanishes_on_an_exception(store: dskit.Store, size: int) -> None:
    store.put("k", b"old")
    file = store.open("k", "wb")
    with pytest.raises(ZeroDivisionError), file:
        fail_after(file.write, b"x" * size)
    assert file.closed
    assert file.result is None
    assert store.get("k").read() == b"old"
    assert left(store) == []


@pytest.mark.parametrize("mode", ["wb", "w"])
def test_a_write_that_is_forgotten_is_discarded(store: dskit.Store, mode: str) -> None:
    file: Any = store.open("k", mode)
    file.write(("x" if mode == "w" else b"x") * 9 * MIB)
    with pytest.warns(ResourceWarning, match="never closed"):
        del file
    assert not store.exists("k")
    assert left(store) == []


def test_a_write_may_be_discarded(store: dskit.Store) -> None:
    for mode in ("wb", "w"):
        file: Any = store.open("k", mode)
        file.write("x" if mode == "w" else b"x")
        file.discard()
        file.discard()
        assert file.closed
    assert not store.exists("k")
    assert left(store) == []


def test_a_large_write_is_whole(store: dskit.Store) -> None:
    with store.open("k", "wb", metadata={"a": "b"}) as file:
        for number in range(40):
            file.write(bytes([number]) * (MIB // 2))
    assert store.head("k").size == 20 * MIB
    assert dict(store.head("k").metadata) == {"a": "b"}
    with store.open("k") as reader:
        for number in range(40):
            assert reader.read(MIB // 2) == bytes([number]) * (MIB // 2)
    assert left(store) == []


def test_what_was_written_is_copied(store: dskit.Store) -> None:
    """The caller's buffer may be used again at once."""
    buffer = bytearray(b"a" * MIB)
    with store.open("k", "wb") as file:
        for letter in b"abc":
            buffer[:] = bytes([letter]) * MIB
            file.write(buffer)
        buffer[:] = b"z" * MIB
    assert store.get("k").read() == b"a" * MIB + b"b" * MIB + b"c" * MIB


@pytest.mark.parametrize("size", [3, 9 * MIB])
def test_exclusive_creation(store: dskit.Store, size: int) -> None:
    with store.open("k", "xb") as file:
        file.write(b"x" * size)
    with pytest.raises(FileExistsError) as caught:
        store.open("k", "xb")
    assert isinstance(caught.value, dskit.AlreadyExistsError)
    assert caught.value.key == "k"
    late = store.open("other", "x")
    late.write("y" * size)
    store.put("other", b"first")
    with pytest.raises(dskit.AlreadyExistsError) as caught:
        late.close()
    assert caught.value.key == "other"
    assert store.get("other").read() == b"first"
    assert left(store) == []


@pytest.mark.parametrize("size", [3, 9 * MIB])
def test_replacing_one_state_alone(store: dskit.Store, size: int) -> None:
    etag = store.put("k", b"one").etag
    with store.open("k", "wb", if_match=etag) as file:
        file.write(b"x" * size)
    late = store.open("k", "wb", if_match=file.result.etag if file.result else None)
    late.write(b"y" * size)
    store.put("k", b"meanwhile")
    with pytest.raises(dskit.PreconditionFailedError):
        late.close()
    assert late.closed
    assert store.get("k").read() == b"meanwhile"
    assert left(store) == []


@pytest.mark.parametrize("size", [3, 9 * MIB])
@pytest.mark.parametrize(
    "digest", [{"checksum": ("CRC32", b64encode(b"1234").decode())}, {"content_md5": b64encode(b"1" * 16).decode()}]
)
def test_a_digest_that_does_not_match_publishes_nothing(store: dskit.Store, size: int, digest: Any) -> None:
    file = store.open("k", "wb", **digest)
    file.write(b"x" * size)
    with pytest.raises(dskit.ChecksumMismatchError) as caught:
        file.close()
    assert caught.value.key == "k"
    assert (file.closed, file.result) == (True, None)
    assert not store.exists("k")
    assert left(store) == []


def test_what_writes_files_can_write_here(store: dskit.Store) -> None:
    with store.open("a.zip", "wb") as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr("one", b"1" * 1000)
    with store.open("a.zip") as reader, zipfile.ZipFile(reader) as archive:
        assert archive.read("one") == b"1" * 1000
    with store.open("a.gz", "wb") as file, gzip.open(file, "wt") as text:
        text.write("hello")
    with store.open("a.gz") as reader, gzip.open(reader, "rt") as text:
        assert text.read() == "hello"
