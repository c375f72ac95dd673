"""Readers and writers: the package's behaviour where it is sound, nothing published but by closing, no upload left."""

from __future__ import annotations

import gc
from typing import Any

import anyio
import pytest

import dskit.compat.obstore as obs
from tests.dskit.compat.obstore.pairs import Call, Pair, outcome

MIB = 1024 * 1024
TEXT = b"line1\nline2\r\nline3"

READING: dict[str, Call] = {
    "size": lambda _, file: file.size,
    "read": lambda _, file: (file.read(3), file.tell(), file.read(), file.read(), file.read(3)),
    "read nothing": lambda _, file: (file.read(0), file.tell()),
    "read None": lambda _, file: file.read(None),
    "read a negative number": lambda _, file: file.read(-1),
    "read a str": lambda _, file: file.read("a"),
    "readall": lambda _, file: (file.read(2), file.readall(), file.readall()),
    "lines": lambda _, file: [file.readline() for _ in range(5)],
    "readlines": lambda _, file: (file.readlines(), file.readlines()),
    "some lines": lambda _, file: (file.readlines(4), file.readlines(-1)),
    "seek": lambda _, file: (
        file.seek(2),
        file.read(2),
        file.seek(-3, 2),
        file.read(),
        file.seek(1, 0),
        file.seek(2, 1),
    ),
    "seek beyond the end": lambda _, file: (file.seek(100), file.tell(), file.read(), file.read(3), file.readline()),
    "seek from nowhere": lambda _, file: file.seek(0, 3),
    "seek a str": lambda _, file: file.seek("a"),
    "after close": lambda _, file: (file.close(), file.read(2)),
    "seekable": lambda _, file: file.seekable(),
    "no member": lambda _, file: [
        hasattr(file, name) for name in ("readable", "closed", "name", "__iter__", "__enter__")
    ],
}


@pytest.mark.parametrize("buffer_size", [2, MIB])
@pytest.mark.parametrize("name", READING)
def test_reading(pair: Pair, name: str, buffer_size: int) -> None:
    def call(package: Any, store: Any) -> Any:
        package.put(store, "f", TEXT)
        return READING[name](package, package.open_reader(store, "f", buffer_size=buffer_size))

    assert outcome(call, pair.facade) == outcome(call, pair.real)


OPENING: dict[str, Call] = {
    "nothing": lambda package, store: package.open_reader(store, "no"),
    "nothing, by its size": lambda package, store: package.open_reader(store, "no", size=3).read(),
    "a smaller size": lambda package, store: package.open_reader(store, "f", size=3).read(),
    "a larger size": lambda package, store: package.open_reader(store, "f", size=300).read(),
    "an empty object": lambda package, store: package.open_reader(store, "empty").read(),
    "no buffer": lambda package, store: package.open_reader(store, "f", buffer_size=0).read(),
    "a negative buffer": lambda package, store: package.open_reader(store, "f", buffer_size=-1),
    "a writer of no path": lambda package, store: package.open_writer(store, "a//b"),
    "a writer of an int for a tag": lambda package, store: package.open_writer(store, "a", tags={"a": 1}),
}


@pytest.mark.parametrize("name", OPENING)
def test_opening(pair: Pair, name: str) -> None:
    def call(package: Any, store: Any) -> Any:
        package.put(store, "f", TEXT)
        package.put(store, "empty", b"")
        return OPENING[name](package, store)

    assert outcome(call, pair.facade) == outcome(call, pair.real)


def test_writing(pair: Pair) -> None:
    def call(package: Any, store: Any) -> Any:
        file = package.open_writer(store, "w")
        told = [file.write(b"abc"), file.closed(), file.flush(), [row for page in package.list(store) for row in page]]
        with pytest.raises(TypeError):
            file.write("x")
        told += [file.write(bytearray(b"d")), file.write(memoryview(b"e")), file.close(), file.closed(), repr(file)]
        for late in (file.close, file.flush, lambda: file.write(b"z")):
            with pytest.raises(OSError, match="Writer already closed"):
                late()
        return told, package.get(store, "w").bytes()

    assert outcome(call, pair.facade) == outcome(call, pair.real)
    assert outcome(call, pair.facade)[0] == "returned"


def test_an_untouched_writer_publishes_an_empty_object(pair: Pair) -> None:
    def call(package: Any, store: Any) -> Any:
        with package.open_writer(store, "w"):
            pass
        return package.get(store, "w").bytes()

    assert outcome(call, pair.facade) == outcome(call, pair.real)


def uploads(store: obs.store.ObjectStoreMethods) -> list[str]:
    return [upload.key for upload in store.native.list_uploads().uploads]


class Interruption(Exception):
    pass


def half_written(store: obs.store.ObjectStoreMethods, size: int) -> None:
    with obs.open_writer(store, "w", buffer_size=5 * MIB) as file:
        file.write(bytes(size))
        raise Interruption


@pytest.mark.parametrize("size", [3, 6 * MIB])
def test_a_writer_left_by_an_exception_publishes_nothing_and_leaves_no_upload(
    store: obs.store.ObjectStoreMethods, size: int
) -> None:
    obs.put(store, "w", b"before")
    with pytest.raises(Interruption):
        half_written(store, size)
    assert obs.get(store, "w").bytes() == b"before"
    assert uploads(store) == []


def test_a_dropped_writer_publishes_nothing_and_leaves_no_upload(store: obs.store.ObjectStoreMethods) -> None:
    file = obs.open_writer(store, "w", buffer_size=5 * MIB)
    file.write(bytes(6 * MIB))
    del file
    gc.collect()
    assert obs.list(store).collect() == []
    assert uploads(store) == []


def test_a_large_object_is_written_in_bounded_parts(store: obs.store.ObjectStoreMethods) -> None:
    data = bytes(range(256)) * (11 * MIB // 256)
    with obs.open_writer(store, "w", buffer_size=5 * MIB) as file:
        for at in range(0, len(data), MIB):
            file.write(data[at : at + MIB])
    assert obs.get(store, "w").bytes() == data
    if store.label == "S3":
        parts = store.native.object_parts("w")
        assert parts is not None
        assert parts.total == 3


def test_attributes_of_a_writer(store: obs.store.ObjectStoreMethods) -> None:
    attributes = {"Content-Type": "text/plain", "colour": "blue"}
    if store.label == "LocalFileSystem":
        with pytest.raises(NotImplementedError):
            obs.open_writer(store, "w", attributes=attributes)
        return
    with obs.open_writer(store, "w", attributes=attributes) as file:
        file.write(b"x")
    assert obs.get(store, "w").attributes == attributes


def test_no_second_half_of_another_object_is_read(store: obs.store.ObjectStoreMethods) -> None:
    obs.put(store, "f", b"a" * 8)
    file = obs.open_reader(store, "f", buffer_size=2)
    assert file.read(2) == b"aa"
    obs.put(store, "f", b"b" * 8)
    with pytest.raises(OSError, match="precondition"):
        file.read()


def test_open_is_both(store: obs.store.ObjectStoreMethods) -> None:
    with obs.open(store, "f", "wb") as file:
        file.write(TEXT)
    assert obs.open(store, "f").read() == TEXT
    with pytest.raises(ValueError, match="'rb' or 'wb'"):
        obs.open(store, "f", "r")


def test_files_of_coroutines(store: obs.store.ObjectStoreMethods) -> None:
    async def work() -> None:
        async with obs.open_writer_async(store, "w") as file:
            assert await file.write(TEXT) == len(TEXT)
            assert await file.closed() is False
            await file.flush()
        assert await file.closed() is True
        reader = await obs.open_reader_async(store, "w", buffer_size=4)
        assert reader.size == len(TEXT)
        assert await reader.read(3) == b"lin"
        assert await reader.tell() == 3
        assert await reader.seek(0) == 0
        assert await reader.readline() == b"line1\n"
        assert await reader.readlines() == [b"line2\r\n", b"line3", b""]
        reader.close()
        other = await obs.open_async(store, "w")
        assert await other.readall() == TEXT
        with pytest.raises(FileNotFoundError):
            await obs.open_reader_async(store, "no")

    anyio.run(work)


def test_a_cancelled_writer_leaves_nothing(store: obs.store.ObjectStoreMethods) -> None:
    async def work() -> None:
        with anyio.CancelScope() as scope:
            async with obs.open_writer_async(store, "w", buffer_size=5 * MIB) as file:
                await file.write(bytes(6 * MIB))
                scope.cancel()
                await file.write(b"more")
        assert scope.cancelled_caught

    anyio.run(work)
    assert obs.list(store).collect() == []
    assert uploads(store) == []
