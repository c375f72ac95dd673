"""Names of large folders are remembered while the folders rest, and only then."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dskit
from dskit.backends import local_names
from dskit.backends.local_names import Names
from dskit.backends.local_walk import Walk
from dskit.clock import ManualClock


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dskit.LocalStore:
    monkeypatch.setattr(local_names, "WORTH", 1)
    return dskit.LocalStore(tmp_path, durability="process")


def keys(store: dskit.Store) -> list[str]:
    return [entry.key for entry in store.list(page_size=2)]


def test_a_folder_that_has_just_changed_is_read_again(store: dskit.LocalStore) -> None:
    """Even where two changes carry the same time stamp."""
    expected = []
    for number in range(60):
        store.put(f"k{number:03}", b"")
        expected.append(f"k{number:03}")
        assert keys(store) == expected
    for key in list(expected):
        store.delete(key)
        expected.remove(key)
        assert keys(store) == expected


def test_a_folder_at_rest_is_read_once_until_it_changes(
    store: dskit.LocalStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in "abcdef":
        store.put(key, b"")
    monkeypatch.setattr(store.service.folder("default").names, "_clock", ManualClock(datetime(2200, 1, 1, tzinfo=UTC)))  # type: ignore[attr-defined]
    os.utime(tmp_path, ns=(10**18, 10**18))
    reads: list[object] = []
    real = os.scandir

    def spy(folder: int) -> object:
        reads.append(folder)
        return real(folder)

    monkeypatch.setattr(os, "scandir", spy)
    assert keys(store) == keys(store) == list("abcdef")
    assert len(reads) == 1
    store.put("g", b"")
    assert keys(store) == list("abcdefg")
    assert len(reads) > 1


NAMES = st.text("ab./-0", min_size=1, max_size=8).filter(
    lambda key: not {"", ".", ".."} & set(key.split("/"))
)  # those that a file can have


@settings(max_examples=150, deadline=None)
@given(names=st.sets(NAMES, max_size=15), prefix=st.text("ab./", max_size=4), start=st.text("ab./0", max_size=5))
def test_a_walk_finds_what_a_filter_of_everything_finds(
    tmp_path_factory: pytest.TempPathFactory, names: set[str], prefix: str, start: str
) -> None:
    root = tmp_path_factory.mktemp("walk")
    held = set()
    for name in sorted(names):
        path = root / name
        if any(parent.is_file() for parent in path.parents) or path.is_dir():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        held.add(name)
    folder = os.open(root, os.O_RDONLY)
    try:
        walk = Walk(folder, Names(), prefix.encode(), start.encode(), max_key_bytes=1024)
        found = [entry.key.decode() for entry in walk]
    finally:
        os.close(folder)
    assert found == sorted(name for name in held if name.startswith(prefix) and name >= start)
