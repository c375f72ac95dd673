"""One thing under two names is known as one; what is only read is not made."""

from __future__ import annotations

from pathlib import Path

import pytest

import dskit
from dskit.cli.locations import parse
from tests.dskit.cli.conftest import Place, Run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a file in a folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder" / "sub").mkdir(parents=True)
    (tmp_path / "folder" / "a").write_bytes(b"data")
    (tmp_path / "link").symlink_to("folder")
    return tmp_path / "folder"


@pytest.mark.parametrize("command", ["cp", "mv"])
@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("folder/a", "file:folder#a"),
        ("folder/a", "file:folder"),
        ("file:folder#a", "folder/a"),
        ("file:folder#a", "folder"),
        ("folder/../folder/a", "file:./folder#a"),
        ("link/a", "file:folder#a"),
        ("file:folder#a", "file:./link#a"),
    ],
)
def test_a_file_is_not_moved_onto_itself(folder: Path, run: Run, command: str, source: str, target: str) -> None:
    assert run(command, source, target).code == 2
    assert (folder / "a").read_bytes() == b"data"


@pytest.mark.parametrize("other", ["disk:./store#k", "disk:link/../store#k", "DISK:store#k"])
def test_an_object_is_not_moved_onto_itself(folder: Path, run: Run, other: str) -> None:
    assert run("cp", folder / "a", "disk:store#k").code == 0
    assert run("mv", "disk:store#k", other).code == 2
    assert run("cat", "disk:store#k").data == b"data"


@pytest.mark.parametrize(
    "arguments",
    [
        ("cp", "-r", "folder", "file:folder#sub"),
        ("cp", "-r", "file:folder", "folder/sub"),
        ("mv", "-r", "file:folder#sub", "folder"),
        ("cp", "-r", "file:folder", "file:folder/sub"),
        ("cp", "-r", ".", "disk:store"),
        ("sync", "-y", "--delete", "folder/sub", "folder"),
        ("sync", "folder", "file:folder/sub"),
        ("sync", ".", "disk:store"),
    ],
)
def test_a_folder_is_not_copied_into_itself(folder: Path, run: Run, arguments: tuple[str, ...]) -> None:
    """It would copy its own copies, and with --delete remove its source."""
    (folder / "sub" / "b").write_bytes(b"deep")
    answer = run(*arguments)
    assert answer.code == 2
    assert "one is in the other" in answer.err
    assert (folder / "a").read_bytes() == b"data"
    assert (folder / "sub" / "b").read_bytes() == b"deep"


def test_what_is_to_be_moved_is_not_replaced_first(place: Place, run: Run) -> None:
    """`d/x` would go where `d/z/x` still is."""
    place.store.put("d/x", b"one")
    place.store.put("d/z/x", b"two")
    assert run("mv", "-r", place.url("d"), place.url("d/z")).code == 2
    assert [(row.key, row.size) for row in place.store.list()] == [("d/x", 3), ("d/z/x", 3)]
    assert place.store.get("d/z/x").read() == b"two"
    assert run("mv", "-r", place.url("d/z"), place.url("d/y")).code == 0
    assert run("mv", "-r", place.url("d"), place.url()).code == 0
    assert [row.key for row in place.store.list()] == ["x", "y/x"]


@pytest.mark.parametrize("command", ["ls", "du", "tree", "cat", "stat", "rm", "rb", "sign"])
@pytest.mark.parametrize("scheme", ["disk", "file"])
def test_a_store_that_is_only_looked_at_is_not_made(folder: Path, run: Run, command: str, scheme: str) -> None:
    key = "" if command == "rb" else "#k"
    answer = run(command, f"{scheme}:absent{key}")
    assert answer.code == 1
    assert "absent" in answer.err
    assert not Path("absent").exists()


def test_a_folder_of_files_is_not_taken_for_a_disk_store(folder: Path, run: Run) -> None:
    answer = run("ls", "disk:folder")
    assert answer.code == 1
    assert "file:" in answer.err
    assert sorted(path.name for path in folder.iterdir()) == ["a", "sub"]


@pytest.mark.parametrize("target", ["disk:absent", "file:absent#x", "absent"])
def test_a_dry_run_makes_no_target(folder: Path, run: Run, target: str) -> None:
    assert run("sync", "-n", "file:folder", target).lines == ["would create a (new)", "1 to do, 0 unchanged"]
    assert not Path("absent").exists()


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("s3://b/d/?endpoint=http://h:1", "d/e f", "s3://b/d/e%20f?endpoint=http://h:1"),
        ("s3://b", "k", "s3://b/k"),
        ("s3://b//k", "/?", "s3://b//%3F"),
        ("minio://me:secret@h:1/b/k?secure=false", "l", "minio://…@h:1/b/l?secure=false"),
        ("disk:p?bucket=b#k", "l#", "disk:p?bucket=b#l%23"),
        ("file:p", "é", "file:p#%C3%A9"),
    ],
)
def test_messages_name_other_keys_by_their_urls(text: str, key: str, expected: str) -> None:
    assert parse(text).below(key) == expected


@pytest.mark.parametrize("text", ["s3:///k?endpoint=http://h:1", "minio://h:1//k"])
def test_a_key_without_a_bucket_is_not_dropped(text: str, run: Run) -> None:
    answer = run("ls", text)
    assert answer.code == 2
    assert "names a key and no bucket" in answer.err


def test_removing_a_local_file_is_told_what_it_is(run: Run) -> None:
    answer = run("rm", "-r", "-y", "file.txt")
    assert answer.code == 2
    assert "file.txt is a local path" in answer.err


def test_a_move_that_fails_for_some_tells_of_all(place: Place, run: Run) -> None:
    for key in ("d/1", "d/2", "d/3", "e/2"):
        place.store.put(key, b"x")
    answer = run("mv", "-n", "-r", place.url("d"), place.url("e"))
    assert answer.code == 1
    assert [line.split(" to ")[0] for line in answer.lines] == [f"moved {place.url(key)}" for key in ("d/1", "d/3")]
    assert "1 of 3 objects" in answer.err
    assert "'e/2'" in answer.err or "'d/2'" in answer.err
    assert [row.key for row in place.store.list()] == ["d/2", "e/1", "e/2", "e/3"]


def test_nothing_below_is_code_1(place: Place, run: Run) -> None:
    place.store.put("k", b"x")
    for command in ("ls", "du", "tree"):
        assert run(command, place.url("absent/")).code == 1
        assert run(command, place.url()).code == 0


def test_urls_of_relative_paths_are_shown_as_they_were_given() -> None:
    assert dskit.urls.redacted("file:folder") == "file:folder"
    assert dskit.urls.redacted("disk:///abs?bucket=b") == "disk:/abs?bucket=b"
