"""Folders: every file there and back, and never a file outside."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import dskit
from dskit.transfer import FolderReport, Progress
from tests.dskit.transfer.conftest import SMALL, Requests
from tests.dskit.transfer.test_upload import content

FILES = {"a.txt": b"1", "b/c.txt": b"22", "b/d/é.bin": content(3 * SMALL), "empty": b""}


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def read(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_there_and_back(any_store: dskit.Store, folder: Path, tmp_path: Path) -> None:
    write(folder, FILES)
    size = sum(map(len, FILES.values()))
    assert any_store.upload_folder(folder, "backup/", part_bytes=SMALL) == FolderReport(4, size)
    assert [row.key for row in any_store.list()] == sorted("backup/" + name for name in FILES)
    assert any_store.download_folder("backup/", tmp_path / "new/back", part_bytes=SMALL) == FolderReport(4, size)
    assert read(tmp_path / "new/back") == FILES
    assert read(folder) == FILES


def test_progress_counts_files(any_store: dskit.Store, folder: Path) -> None:
    write(folder, FILES)
    seen: list[Progress] = []
    any_store.upload_folder(folder, part_bytes=SMALL, progress=seen.append)
    last = seen[-1]
    assert (last.bytes, last.files) == (last.total_bytes, last.total_files) == (3 * SMALL + 3, 4)


def test_a_small_object_is_one_request(remote: dskit.Store, requests: Requests, folder: Path) -> None:
    remote.put("a", b"1")
    remote.put("b", content(2 * SMALL))
    requests.clear()
    remote.download_folder("", folder, part_bytes=SMALL)
    requests.settle()
    assert sorted(requests.seen) == ["GET", "GET", "GET", "GET list-type", "HEAD"]


@pytest.mark.parametrize(
    "key",
    ["../../x", "/etc/x", "a/../../x", "..", "a//b", "./a", "n" * 256, "nul\0", "a/.."],
)
def test_a_key_that_is_no_path_in_the_folder_is_refused_before_anything_is_written(
    key: str, remote: dskit.Store, folder: Path, tmp_path: Path
) -> None:
    remote.put("00-fine", b"1")
    remote.put(key, b"mine")
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(dskit.InvalidKeyError, match="download this key alone") as caught:
        remote.download_folder("", folder)
    assert caught.value.key == key
    assert os.listdir(folder) == []
    assert sorted(os.listdir(tmp_path)) == before


def test_a_prefix_that_ends_before_the_slash_names_the_remedy(folder: Path) -> None:
    store = dskit.MemoryStore()
    store.put("photos/a.jpg", b"1")
    with pytest.raises(dskit.InvalidKeyError, match="choose a prefix that ends where the path begins"):
        store.download_folder("photos", folder)


def test_a_key_that_is_a_folder_of_another_is_refused(folder: Path) -> None:
    store = dskit.MemoryStore()
    store.put("a", b"1")
    store.put("a/b", b"2")
    with pytest.raises(dskit.KeyConflictError, match="download one of the two alone") as caught:
        store.download_folder("", folder)
    assert caught.value.key == "a/b"
    assert os.listdir(folder) == []


def test_an_empty_key_with_a_slash_at_its_end_is_a_folder(folder: Path) -> None:
    store = dskit.MemoryStore()
    for key in ("p/", "p/a/", "p/a/b/", "p/a/c"):
        store.put(key, b"")
    assert store.download_folder("p/", folder).files == 1
    assert (folder / "a" / "b").is_dir()
    assert (folder / "a" / "c").read_bytes() == b""


def test_a_key_with_bytes_and_a_slash_at_its_end_is_refused(folder: Path) -> None:
    store = dskit.MemoryStore()
    store.put("a/", b"bytes")
    with pytest.raises(dskit.InvalidKeyError):
        store.download_folder("", folder)


@pytest.mark.parametrize("link", ["folder", "file"])
def test_links_in_the_folder_are_not_followed_out(link: str, folder: Path, tmp_path: Path) -> None:
    store = dskit.MemoryStore()
    store.put("a/b", b"object")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b").write_bytes(b"mine")
    if link == "folder":
        (folder / "a").symlink_to(outside)
        with pytest.raises(dskit.KeyConflictError, match="not a folder") as caught:
            store.download_folder("", folder)
        assert caught.value.key == "a/b"
    else:
        (folder / "a").mkdir()
        (folder / "a" / "b").symlink_to(outside / "b")
        store.download_folder("", folder)
        assert (folder / "a" / "b").read_bytes() == b"object"
    assert (outside / "b").read_bytes() == b"mine"


def test_a_folder_where_a_file_should_be(folder: Path) -> None:
    store = dskit.MemoryStore()
    store.put("a", b"1")
    (folder / "a").mkdir()
    with pytest.raises(dskit.InvalidRequestError, match="is a folder where a file should be") as caught:
        store.download_folder("", folder)
    assert caught.value.key == "a"


def test_a_file_where_the_folder_should_be(folder: Path) -> None:
    (folder / "file").write_bytes(b"")
    with pytest.raises(dskit.InvalidRequestError, match="is a file where a folder should be"):
        dskit.MemoryStore().download_folder("", folder / "file")


def test_without_overwriting_files_and_objects_stay(any_store: dskit.Store, folder: Path) -> None:
    any_store.put("a", b"theirs")
    (folder / "a").write_bytes(b"mine")
    with pytest.raises(dskit.AlreadyExistsError) as caught:
        any_store.download_folder("", folder, overwrite=False)
    assert caught.value.key == "a"
    with pytest.raises(dskit.AlreadyExistsError) as caught:
        any_store.upload_folder(folder, overwrite=False)
    assert caught.value.key == "a"
    assert any_store.get("a").read() == b"theirs"
    assert (folder / "a").read_bytes() == b"mine"


@pytest.mark.parametrize("special", ["link", "pipe", "name"])
def test_what_is_no_file_is_refused_before_anything_is_sent(
    special: str, remote: dskit.Store, requests: Requests, folder: Path
) -> None:
    write(folder, {"a": b"1"})
    if special == "link":
        (folder / "z").symlink_to("/etc/hostname")
    elif special == "pipe":
        os.mkfifo(folder / "z")
    else:
        Path(os.fsdecode(os.fsencode(folder) + b"/z\xff")).write_bytes(b"")
    requests.clear()
    with pytest.raises(dskit.InvalidRequestError, match="skip_special"):
        remote.upload_folder(folder)
    requests.settle()
    assert requests.seen == []
    assert remote.upload_folder(folder, skip_special=True).files == 1
    assert [row.key for row in remote.list()] == ["a"]


def test_a_key_that_the_store_cannot_hold_is_refused_before_anything_is_sent(folder: Path) -> None:
    write(folder, {"a": b"1", "/".join(["n" * 200] * 6): b"2"})
    store = dskit.MemoryStore()
    with pytest.raises(dskit.InvalidKeyError):
        store.upload_folder(folder)
    assert list(store.list()) == []


def test_what_dskit_keeps_for_itself_is_no_object(folder: Path) -> None:
    """A store of plain files, and what interrupted transfers left."""
    with dskit.LocalStore(folder, durability="process") as files:
        files.put("a", b"1")
        (folder / (".dskit-" + "0" * 24 + ".part")).write_bytes(b"half")
        store = dskit.MemoryStore()
        store.upload_folder(folder)
    assert [row.key for row in store.list()] == ["a"]


def test_the_first_failure_names_its_key_and_leaves_no_half_file(any_store: dskit.Store, folder: Path) -> None:
    for key in ("a", "b", "c"):
        any_store.put(key, content(100))

    def replace(progress: Progress) -> None:
        any_store.put("c", b"other")

    with pytest.raises(dskit.ConflictError, match="replaced while it was read") as caught:
        any_store.download_folder("", folder, concurrency=1, progress=replace)
    assert caught.value.key == "c"
    assert sorted(os.listdir(folder)) == ["a", "b"]


@pytest.mark.parametrize(("name", "words"), [("absent", "is not there: check"), ("file", "upload takes files")])
def test_what_is_no_folder_is_not_uploaded_as_one(any_store: dskit.Store, folder: Path, name: str, words: str) -> None:
    (folder / "file").write_bytes(b"")
    with pytest.raises(dskit.InvalidRequestError, match=words):
        any_store.upload_folder(folder / name)
