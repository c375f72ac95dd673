"""Objects as files, read: positions, reading ahead, changes under the reader."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dskit
from tests.dskit.files.material import DATA, Without

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
