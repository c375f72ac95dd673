"""`store.open`: over each kind of store that needs no server, and over S3."""

from __future__ import annotations

import gzip
import io
import resource
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dskit
import dskit_emulator
from tests.dskit.leftovers import left

DATA = b"".join(b"line %d\n" % number for number in range(1000))
MIB = 1024 * 1024


@pytest.fixture(params=["memory", "local", "disk", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dskit.Store]:
    made: dskit.Store
    if request.param == "memory":
        made = dskit.MemoryStore()
    elif request.param == "s3":
        endpoint: dskit_emulator.Endpoint = request.getfixturevalue("s3")
        made = endpoint.store("default")
    else:
        made = (dskit.LocalStore if request.param == "local" else dskit.DiskStore)(tmp_path, durability="process")
    with made:
        yield made


def fail_after(call: Any, *args: Any) -> None:
    call(*args)
    raise ZeroDivisionError


# reading


def test_a_reader_is_what_io_expects(store: dskit.Store) -> None:
    store.put("k", DATA)
    with store.open("k", "rb") as file:
        assert isinstance(file, io.BufferedReader)
        assert (file.readable(), file.writable(), file.seekable(), file.mode, file.name) == (
            True,
            False,
            True,
            "rb",
            "k",
        )
        assert file.peek(3)[:3] == DATA[:3]
        assert file.tell() == 0
        assert file.readline() == b"line 0\n"
        assert file.tell() == 7
        buffer = bytearray(6)
        assert file.readinto(buffer) == 6
        assert buffer == b"line 1"
        assert file.seek(-9, io.SEEK_END) == len(DATA) - 9
        assert file.read() == b"line 999\n"
        assert file.read() == file.read(5) == b""
        assert file.seek(2, io.SEEK_CUR) == len(DATA) + 2
        assert file.read(1) == b""
        file.seek(0)
        assert list(file) == DATA.splitlines(keepends=True)
        assert file.meta.size == len(DATA)
    assert file.closed


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(
        st.one_of(
            st.tuples(st.just("read"), st.integers(-1, 60)),
            st.tuples(st.just("seek"), st.integers(0, 120)),
            st.tuples(st.just("readline"), st.integers(-1, 20)),
            st.tuples(st.just("end"), st.integers(-100, 5)),
        ),
        max_size=12,
    ),
    read_ahead=st.integers(1, 130),
)
def test_reads_are_those_of_the_bytes(moves: list[tuple[str, int]], read_ahead: int) -> None:
    data = bytes(range(40, 90)) + b"\n" + bytes(range(90, 140))
    store = dskit.MemoryStore()
    store.put("k", data)
    expected = io.BytesIO(data)
    with store.open("k", read_ahead=read_ahead) as file:
        for move, number in moves:
            if move == "seek":
                assert file.seek(number) == expected.seek(number)
            elif move == "end":
                assert file.seek(number, 2) == expected.seek(number, 2)
            else:
                assert getattr(file, move)(number) == getattr(expected, move)(number)
            assert file.tell() == expected.tell()


def test_read_ahead_is_how_much_a_request_fetches() -> None:
    store = dskit.MemoryStore()
    store.put("k", b"x" * 1000)
    asked: list[Any] = []
    get = store.service.get
    store.service.get = lambda *args: asked.append(args[2].range) or get(*args)  # type: ignore[method-assign, func-returns-value]
    with store.open("k", read_ahead=100) as file:
        assert asked == []
        for _ in range(90):
            file.read(1)
        file.seek(-50, io.SEEK_CUR)
        file.read(60)
        assert [(wanted.first, wanted.last) for wanted in asked] == [(0, 99)]
        file.read()
        assert [(wanted.first, wanted.last) for wanted in asked] == [(0, 99), (100, 999)]


def test_an_empty_object_is_an_empty_file(store: dskit.Store) -> None:
    with store.open("k", "wb"):
        pass
    with store.open("k") as file:
        assert (file.read(), file.read(1), file.readline(), list(file)) == (b"", b"", b"", [])


def test_a_missing_key_is_missing_at_once(store: dskit.Store) -> None:
    with pytest.raises(dskit.NotFoundError) as caught:
        store.open("no/such")
    assert (caught.value.key, caught.value.operation) == ("no/such", "open")


@pytest.mark.parametrize("change", ["replace", "delete", "shorten"])
def test_an_object_that_changes_under_its_reader_is_never_mixed(store: dskit.Store, change: str) -> None:
    store.put("k", b"a" * 1000)
    with store.open("k", read_ahead=10) as file:
        assert file.read(15) == b"a" * 15
        if change == "delete":
            store.delete("k")
        else:
            store.put("k", b"b" * (1000 if change == "replace" else 3))
        assert file.read(5) == b"a" * 5  # from the buffer
        for read in (lambda: file.read(1), file.read, file.readline, lambda: list(file)):
            with pytest.raises(dskit.ConflictError, match="deleted" if change == "delete" else "replaced") as caught:
                read()
            assert caught.value.key == "k"
            assert not caught.value.retryable
        assert file.tell() == 20


def test_a_change_is_seen_where_the_store_has_no_if_match(store: dskit.Store) -> None:
    """Each answer says of which state it is."""
    service: Any = Without(store.service, "get_if_match")
    view = dskit.Store(service, store.bucket)
    view.put("k", b"a" * 100)
    with view.open("k", read_ahead=10) as file:
        file.read(10)
        view.put("k", b"b" * 100)
        with pytest.raises(dskit.ConflictError):
            file.read(10)


class Without:
    """A service that declares less than it can."""

    def __init__(self, service: Any, *denied: str) -> None:
        self._service = service
        self.capabilities = service.capabilities.replace(
            supports=service.capabilities.supports.replace(**dict.fromkeys(denied, False))
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)


def test_which_state_to_read_may_be_said(store: dskit.Store) -> None:
    etag = store.put("k", b"x").etag
    assert store.open("k", if_match=etag).read() == b"x"
    with pytest.raises(dskit.PreconditionFailedError):
        store.open("k", if_match='"other"')


def test_keys_are_those_of_the_prefix(store: dskit.Store) -> None:
    inner = dskit.Store(store.service, store.bucket, prefix="a/")
    with inner.open("a/k", "wb") as file:
        file.write(b"x" * 100)
    assert store.get("a/a/k").read() == b"x" * 100
    with inner.open("a/k", read_ahead=1) as reader:
        assert reader.meta.key == reader.name == "a/k"
        inner.delete("a/k")
        with pytest.raises(dskit.ConflictError) as caught:
            reader.read()
        assert caught.value.key == "a/k"


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


# text


def test_text_is_utf8_and_lines(store: dskit.Store) -> None:
    with store.open("k", "w") as file:
        assert isinstance(file, io.TextIOWrapper)
        print("grün", "blau", sep="\n", file=file)
    assert store.get("k").read() == "grün\nblau\n".encode()
    with store.open("k", "r") as file:
        assert list(file) == ["grün\n", "blau\n"]
        file.seek(0)
        assert file.read(3) == "grü"
        assert file.mode == "r"
    assert file.closed
    assert file.buffer.closed


def test_text_options(store: dskit.Store) -> None:
    with store.open("k", "w", encoding="latin-1", newline="\r\n", errors="replace") as file:
        file.write("ä€\n")
    assert store.get("k").read() == b"\xe4?\r\n"
    assert store.open("k", "r", encoding="latin-1").read() == "ä?\n"
    assert store.open("k", "r", encoding="latin-1", newline="").read() == "ä?\r\n"
    with pytest.raises(UnicodeDecodeError):
        store.open("k", "r").read()


def test_text_vanishes_on_an_exception(store: dskit.Store) -> None:
    file = store.open("k", "w", encoding="ascii")
    file.write("plain" * 10_000)
    with pytest.raises(UnicodeEncodeError), file:
        file.write("grün")
    assert file.closed
    assert not store.exists("k")
    assert left(store) == []


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
