"""Objects as text files."""

from __future__ import annotations

import io

import pytest

import dskit
from tests.dskit.leftovers import left

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
