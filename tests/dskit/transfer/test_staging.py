"""A local file appears whole or not at all."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import dskit
from dskit.ids import SeededIds
from dskit.transfer.staging import StagedFile, staged_file


def test_the_file_appears_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    with staged_file(path) as file:
        file.write(b"one,")
        file.write(b"two")
        assert not path.exists()
    assert path.read_bytes() == b"one,two"
    assert os.listdir(tmp_path) == ["report.csv"]


def fail(path: Path, error: BaseException) -> None:
    with staged_file(path) as file:
        file.write(b"new")
        raise error


def test_an_error_of_the_caller_is_not_taken_for_one_of_the_file(tmp_path: Path) -> None:
    mine = FileNotFoundError("of the caller")
    with pytest.raises(FileNotFoundError) as caught:
        fail(tmp_path / "a", mine)
    assert caught.value is mine


def test_what_was_there_stays_when_the_block_raises(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        fail(path, KeyboardInterrupt())
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["report.csv"]


def test_without_overwriting_a_file_that_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with staged_file(path, overwrite=False) as file:
        file.write(b"first")
    with pytest.raises(dskit.AlreadyExistsError, match="choose another name"), staged_file(path, overwrite=False):
        pass
    assert path.read_bytes() == b"first"
    assert os.listdir(tmp_path) == ["a"]


def noted(call: Callable[..., object], name: str, calls: list[str]) -> Callable[..., object]:
    def noting(*args: object, **options: object) -> object:
        calls.append(name)
        return call(*args, **options)

    return noting


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_durable_file_is_synced_before_it_has_its_name_and_its_folder_after(
    overwrite: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    for name in ("pwrite", "fsync", "replace", "link"):
        monkeypatch.setattr(os, name, noted(getattr(os, name), name, calls))
    with staged_file(tmp_path / "a", overwrite=overwrite, durable=True) as file:
        file.write(b"x")
    assert calls == ["pwrite", "fsync", "replace" if overwrite else "link", "fsync"]
    calls.clear()
    with staged_file(tmp_path / "b", overwrite=overwrite) as file:
        file.write(b"x")
    assert calls == ["pwrite", "replace" if overwrite else "link"]


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def bits(path: Path) -> int:
    return path.stat().st_mode & 0o7777


@pytest.mark.parametrize("mode", [0o600, 0o444, 0o755, 0o666])
def test_a_file_that_is_replaced_hands_on_its_permission_bits(mode: int, tmp_path: Path, umask: None) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(mode)
    with staged_file(path) as file:
        file.write(b"new")
        staged = next(entry for entry in tmp_path.iterdir() if entry.name != "a")
        assert bits(staged) & ~(mode | 0o600) == 0, "nobody reads more of it while it is written"
    assert (bits(path), path.read_bytes()) == (mode, b"new")


def test_the_right_to_run_as_its_owner_is_not_handed_on(tmp_path: Path) -> None:
    """As a program that writes into the file would lose it."""
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o4755)
    with staged_file(path) as file:
        file.write(b"new")
    assert bits(path) == 0o755


def test_a_new_file_has_what_the_umask_leaves_also_in_place_of_a_link(tmp_path: Path, umask: None) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("new", "link"):
        with staged_file(tmp_path / name) as file:
            file.write(b"x")
        assert bits(tmp_path / name) == 0o640


@pytest.mark.parametrize("path", ["folder", "folder/", ".", "absent/file", "plain/file"])
def test_a_path_that_can_be_no_file_is_refused_with_a_remedy(path: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "plain").write_bytes(b"")
    before = sorted(os.listdir(tmp_path))
    remedies = r"file name is needed|give the name|make the folder"
    with pytest.raises(dskit.InvalidRequestError, match=remedies), staged_file(f"{tmp_path}/{path}"):
        pass
    assert sorted(os.listdir(tmp_path)) == before


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"mine")
    (tmp_path / "folder").mkdir()
    link = tmp_path / "folder" / "a"
    link.symlink_to(outside)
    with staged_file(link) as file:
        file.write(b"object")
    assert outside.read_bytes() == b"mine"
    assert not link.is_symlink()


def test_the_longest_name_can_be_staged(tmp_path: Path) -> None:
    with staged_file(tmp_path / ("n" * 255)) as file:
        file.write(b"x")
    assert (tmp_path / ("n" * 255)).read_bytes() == b"x"


def test_a_new_staging_never_opens_what_is_there(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    with StagedFile(folder, b"a", ids=SeededIds(1)), pytest.raises(dskit.UnavailableError, match="exists"):
        StagedFile(folder, b"a", ids=SeededIds(1))
    os.close(folder)


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file of this process may grow beyond 64 KiB: how a file system that takes no more looks."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_file_system_that_takes_no_more_is_a_typed_error(tmp_path: Path, small_files: None) -> None:
    with pytest.raises(dskit.TooLargeError, match="big"), staged_file(tmp_path / "big") as file:
        file.write(bytes(100_000))
    assert os.listdir(tmp_path) == []
