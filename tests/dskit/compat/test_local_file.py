"""A download is there whole or not at all, and its failures are the file system's own."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from dskit.compat.local_file import local_file


def test_the_file_appears_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "name"
    with local_file(target) as file:
        file.write(b"whole")
        assert not target.exists()
    assert target.read_bytes() == b"whole"
    assert os.listdir(tmp_path) == ["name"]


def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "name"
    target.write_bytes(b"before")
    with pytest.raises(TypeError), local_file(target) as file:
        [file.write(data) for data in (b"half", None)]  # type: ignore[arg-type]
    assert target.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["name"]


def test_a_folder_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    for path in (str(tmp_path), f"{tmp_path}/"):
        with pytest.raises(IsADirectoryError), local_file(path):
            pytest.fail("the block ran")
    assert os.listdir(tmp_path) == []


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), local_file(tmp_path / "absent" / "name"):
        pytest.fail("the block ran")


def test_a_device_is_written_to_and_stays() -> None:
    with local_file("/dev/null") as file:
        file.write(b"gone")
    assert not os.path.isfile("/dev/null")


def test_a_full_disk_is_an_oserror_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: int, data: bytes, offset: int) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(OSError, match="No space left") as caught, local_file(tmp_path / "name") as file:
        file.write(b"x")
    assert caught.value.errno == errno.ENOSPC
    assert os.listdir(tmp_path) == []
