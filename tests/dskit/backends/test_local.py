"""`LocalStore`: which keys can be files, what is kept beside them, and what is left when it ends."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import dskit
from dskit.backends.local_traits import ATTRIBUTE
from dskit.clock import ManualClock

CANNOT_BE_FILES = [
    "/a", "a/", "/", "a//b", ".", "..", "./a", "a/.", "../a", "a/..", "a/../b", "a/./b", "a\0b", "x" * 256,
    "a/" + "é" * 128, ".dskit", ".dskit/x", ".dskit/staging/x",
]  # fmt: skip
CAN_BE_FILES = [
    "a", ".a", "..a", "a..", "...", " ", "a b ", "a\nb", "a\\b", "a:b", "*?", "-rf", "~", "é", "é", "😀", "x" * 255,
    "%2e%2e", "a.dskit", "a/.dskit", ".dskit2", "con", "A", "\x7f", "\ufeff", "/".join("d" * 200),
]  # fmt: skip


def staged(root: Path) -> list[Path]:
    return [file for file in (root / ".dskit" / "staging").rglob("*") if file.is_file() and file.suffix != ".lock"]


def keys(store: dskit.Store) -> list[str]:
    return [entry.key for entry in store.list()]


# keys


@pytest.mark.parametrize("key", CANNOT_BE_FILES)
def test_a_key_that_no_file_can_have_is_refused_by_every_verb(local: dskit.LocalStore, root: Path, key: str) -> None:
    local.put("there", b"x")
    upload = local.create_multipart_upload("there")
    for call in (
        lambda: local.put(key, b"x"),
        lambda: local.get(key),
        lambda: local.head(key),
        lambda: local.exists(key),
        lambda: local.delete(key),
        lambda: local.copy(key, "b"),
        lambda: local.copy("there", key),
        lambda: local.rename("there", key),
        lambda: local.create_multipart_upload(key),
        lambda: local.upload_part_copy("there", upload.upload_id, 1, key),
        lambda: local.object_parts(key),
        lambda: local.get_range(key, start=0, end=1),
    ):
        with pytest.raises(dskit.InvalidKeyError):
            call()
    result = local.delete_many([key, "there"])
    assert (result.deleted, [error.code for error in result.errors]) == (["there"], ["InvalidURI"])
    assert keys(local) == []
    assert sorted(path.name for path in root.parent.iterdir()) == ["root"]


@pytest.mark.parametrize("key", CAN_BE_FILES)
def test_any_other_key_is_a_file_of_that_name(local: dskit.LocalStore, root: Path, key: str) -> None:
    local.put(key, b"data")
    assert (root / key).read_bytes() == b"data"
    assert keys(local) == [key]
    assert local.get(key).read() == b"data"
    local.copy(key, "copy")
    local.delete(key)
    assert keys(local) == ["copy"]


def test_similar_names_are_different_objects(local: dskit.LocalStore) -> None:
    names = ["a", "A", "\u00e9", "e\u0301", "a ", "a."]
    for name in names:
        local.put(name, name.encode())
    assert all(local.get(name).read() == name.encode() for name in names)
    assert sorted(keys(local)) == sorted(names)


def test_a_key_beside_keys_below_it_is_a_conflict_in_both_orders(local: dskit.LocalStore, root: Path) -> None:
    local.put("a", b"file")
    for key in ("a/b", "a/b/c"):
        with pytest.raises(dskit.KeyConflictError):
            local.put(key, b"x")
    local.put("d/e", b"below")
    with pytest.raises(dskit.KeyConflictError):
        local.put("d", b"x")
    with pytest.raises(dskit.KeyConflictError):
        local.put("d", b"x", if_none_match="*")
    with pytest.raises(dskit.KeyConflictError):
        local.copy("a", "d")
    upload = local.create_multipart_upload("d")
    part = local.upload_part("d", upload.upload_id, 1, b"x")
    with pytest.raises(dskit.KeyConflictError):
        local.complete_multipart_upload("d", upload.upload_id, [part])
    assert not local.exists("d")
    assert not local.exists("a/b")
    local.delete("a/b")
    local.delete("d")
    assert keys(local) == ["a", "d/e"]
    assert staged(root) == []


def test_a_folder_without_files_is_not_in_the_way(local: dskit.LocalStore, root: Path) -> None:
    (root / "a" / "b" / "c").mkdir(parents=True)
    assert keys(local) == []
    assert local.list_with_delimiter().prefixes == []
    local.put("a", b"file")
    assert (root / "a").read_bytes() == b"file"


def test_folders_go_with_their_last_file_and_no_earlier(local: dskit.LocalStore, root: Path) -> None:
    local.put("a/b/c", b"1")
    local.put("a/d", b"2")
    local.delete("a/b/c")
    assert sorted(path.name for path in (root / "a").iterdir()) == ["d"]
    local.delete("a/d")
    assert [path.name for path in root.iterdir()] == [".dskit"]


def test_a_put_that_fails_leaves_no_folder(local: dskit.LocalStore, root: Path) -> None:
    with pytest.raises(dskit.NotFoundError):
        local.put("a/b/c", b"x", if_match='"e"')
    with pytest.raises(dskit.ChecksumMismatchError):
        local.put("a/b/c", b"x", checksum=("CRC32", "AAAAAA=="))
    assert [path.name for path in root.iterdir()] == [".dskit"]
    assert staged(root) == []


# records


@pytest.mark.parametrize("attributes", [True, False])
def test_metadata_in_an_attribute_or_in_the_side_index(
    root: Path, monkeypatch: pytest.MonkeyPatch, attributes: bool
) -> None:
    if not attributes:
        monkeypatch.delattr(os, "setxattr", raising=False)
        monkeypatch.delattr(os, "getxattr", raising=False)
    local = dskit.LocalStore(root, durability="process")
    for content in (b"one", b"two", b"three"):
        etag = local.put("a/k", content, content_type="text/plain", metadata={"x": "y"}).etag
    with dskit.LocalStore(root) as again:
        meta = again.head("a/k")
        assert (meta.etag, meta.content_type, dict(meta.metadata)) == (etag, "text/plain", {"x": "y"})
        assert next(again.list()).etag == etag
    index = root / ".dskit" / "index"
    assert len(list(index.iterdir())) == (0 if attributes else 1)
    for key in ("a", "a/k/below"):
        with pytest.raises(dskit.KeyConflictError):
            local.put(key, b"x")
    local.delete("a/k")
    assert list(index.iterdir()) == []


def test_a_record_too_long_for_an_attribute_goes_to_the_side_index(local: dskit.LocalStore, root: Path) -> None:
    disposition = "x" * 8000
    etag = local.put("k", b"x", content_disposition=disposition, metadata={"a": "b" * 2000}).etag
    meta = local.head("k")
    assert (meta.etag, meta.attributes.content_disposition) == (etag, disposition)
    if hasattr(os, "getxattr"):
        local.put("k", b"y")
    assert local.head("k").attributes.content_disposition is None
    local.delete("k")
    assert list((root / ".dskit" / "index").iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="no extended attributes here")
@pytest.mark.parametrize("raw", [b"", b"{}", b"[1]", b"\xff", b'{"file": 1}'])
def test_a_damaged_record_is_no_record(local: dskit.LocalStore, root: Path, raw: bytes) -> None:
    etag = local.put("k", b"x").etag
    os.setxattr(root / "k", ATTRIBUTE, raw)
    assert local.head("k").etag not in ("", etag)


@pytest.mark.parametrize("attributes", [True, False])
def test_a_write_is_synced_before_it_is_published_and_its_folders_after(
    root: Path, monkeypatch: pytest.MonkeyPatch, attributes: bool
) -> None:
    """The order that makes an acknowledged write survive power loss, read from the calls."""
    if not attributes:
        monkeypatch.delattr(os, "setxattr", raising=False)
    local = dskit.LocalStore(root)
    local.put("first", b"")  # which makes the control folder
    log: list[str] = []
    inodes = {}

    def note(name: str) -> None:
        real = getattr(os, name)

        def call(*args: Any, **options: Any) -> Any:
            if name == "fsync":
                mode = os.fstat(args[0]).st_mode
                log.append(f"fsync {'folder' if stat.S_ISDIR(mode) else 'file'}")
                inodes[os.fstat(args[0]).st_ino] = log[-1]
            elif name == "mkdir":
                log.append(f"mkdir {os.fsdecode(args[0])}")
            else:
                log.append(name if os.fsdecode(args[1]) == "k" else f"{name} index")
            return real(*args, **options)

        monkeypatch.setattr(os, name, call)

    for name in ("fsync", "rename", "link", "mkdir"):
        note(name)
    local.put("a/b/k", b"x")
    made = ["mkdir a", "fsync folder", "mkdir b", "fsync folder"]
    index = [] if attributes else ["fsync file", "rename index", "fsync folder"]
    assert log == [*index, "fsync file", *made, "rename", "fsync folder"]
    assert (root / "a" / "b").stat().st_ino in inodes
    log.clear()
    local.delete("a/b/k")
    assert log == ["fsync folder"]
    log.clear()
    local.put("k", b"x", if_none_match="*")
    assert log == [*index, "fsync file", "link", "fsync folder"]


def test_a_file_that_grows_too_large_stores_nothing(root: Path) -> None:
    script = """
import resource, sys, dskit
store = dskit.LocalStore(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    store.put("k", [b"x" * 60_000] * 3)
except dskit.TooLargeError as error:
    print(error.key, store.get("k").read().decode())
"""
    dskit.LocalStore(root).put("k", b"old")
    run = subprocess.run([sys.executable, "-c", script, str(root)], capture_output=True, text=True, check=True)
    assert run.stdout == "k old\n"
    assert staged(root) == []


@pytest.mark.parametrize(
    ("number", "kind", "retryable"),
    [
        (errno.EACCES, dskit.PermissionDeniedError, False),
        (errno.EROFS, dskit.PermissionDeniedError, False),
        (errno.ENAMETOOLONG, dskit.InvalidKeyError, False),
        (errno.ENOSPC, dskit.UnavailableError, False),
        (errno.EMFILE, dskit.UnavailableError, True),
        (errno.EIO, dskit.UnavailableError, False),
    ],
)
def test_what_the_system_says_in_the_terms_of_dskit(
    local: dskit.LocalStore, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[dskit.StoreError], retryable: bool
) -> None:
    def fail(*args: object, **options: object) -> int:
        raise OSError(number, os.strerror(number), "/a/path/of/the/server")

    monkeypatch.setattr(os, "write", fail)
    with pytest.raises(kind) as caught:
        local.put("k", b"x")
    assert caught.value.retryable is retryable
    assert "/a/path" not in str(caught.value)
    assert isinstance(caught.value.__cause__, OSError)
    assert not local.exists("k")


def test_a_bucket_keeps_its_time(root: Path) -> None:
    with dskit.open_service(f"file:{root}") as service:
        created = service.create_bucket("data").created
        assert created is not None
        service.bucket("data").put("k", b"x")
        assert service.head_bucket("data").created == service.list_buckets()[0].created
        assert created <= (service.head_bucket("data").created or created)


def test_times_never_go_back(root: Path) -> None:
    clock = ManualClock(datetime(2030, 1, 1, tzinfo=UTC))
    local = dskit.LocalStore(root, durability="process", clock=clock)
    assert local.put("k", b"1").last_modified == clock.now()
    os.utime(root / "k", ns=(2 * 10**18, 2 * 10**18))
    future = local.head("k").last_modified
    assert local.put("k", b"2").last_modified == future == local.head("k").last_modified


# lifetime


def test_what_a_dead_writer_left_is_swept_and_what_a_live_one_stages_is_not(root: Path) -> None:
    alive = dskit.LocalStore(root, durability="process")
    staging = alive.service.begin_put("default", "k", dskit.PutOptions())  # type: ignore[attr-defined]
    staging.write(b"half")
    dead = root / ".dskit" / "staging" / "0123456789abcdef"
    dead.mkdir()
    (dead / "left").write_bytes(b"x")
    dead.with_suffix(".lock").touch()
    other = dskit.LocalStore(root, durability="process")
    assert not dead.exists()
    assert not dead.with_suffix(".lock").exists()
    assert len(staged(root)) == 1
    assert keys(other) == []
    staging.commit()
    assert other.get("k").read() == b"half"


def test_closing_leaves_only_the_files(local: dskit.LocalStore, root: Path) -> None:
    local.put("k", b"x")
    local.close()
    local.close()
    assert list((root / ".dskit" / "staging").iterdir()) == []
    assert (root / "k").read_bytes() == b"x"


def test_a_staging_that_is_dropped_leaves_nothing(local: dskit.LocalStore, root: Path) -> None:
    staging = local.service.begin_put("default", "k", dskit.PutOptions())  # type: ignore[attr-defined]
    staging.write(b"half")
    del staging
    assert staged(root) == []


def test_a_bucket_removed_under_a_store_is_said(root: Path) -> None:
    with dskit.open_service(f"file:{root}") as service:
        service.create_bucket("data")
        store = service.bucket("data")
        store.put("k", b"x")
        with dskit.open_service(f"file:{root}") as other:
            other.bucket("data").delete("k")
            other.delete_bucket("data")
        with pytest.raises(dskit.BucketNotFoundError):
            store.put("k", b"x")
        service.create_bucket("data")
        store.put("k", b"y")
        assert store.get("k").read() == b"y"


def test_a_bucket_with_files_that_are_no_objects_is_not_deleted(root: Path) -> None:
    with dskit.open_service(f"file:{root}") as service:
        service.create_bucket("data")
        (root / "data" / "link").symlink_to("nowhere")
        with pytest.raises(dskit.BucketNotEmptyError):
            service.delete_bucket("data")
        assert (root / "data" / "link").is_symlink()


def test_a_file_is_no_root(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(dskit.ConfigurationError):
        dskit.LocalStore(tmp_path / "file")


def test_one_bucket_says_that_it_is_one(local: dskit.LocalStore) -> None:
    assert not local.capabilities.supports.buckets
    with pytest.raises(dskit.UnsupportedError):
        local.service.create_bucket("other")
    with pytest.raises(dskit.BucketNotFoundError):
        dskit.Store(local.service, "other").get("k")


@pytest.mark.parametrize(
    ("options", "name"),
    [({"storage_class": "GLACIER"}, "storage_class")],
)
def test_what_files_cannot_keep_is_refused_by_name(local: dskit.LocalStore, options: dict[str, str], name: str) -> None:
    with pytest.raises(dskit.UnsupportedError, match=name):
        local.put("k", b"x", **options)  # type: ignore[arg-type]
    with pytest.raises(dskit.UnsupportedError, match="version_id"):
        local.get("k", version_id="null")
    with pytest.raises(dskit.UnsupportedError, match="checksum_algorithm"):
        local.create_multipart_upload("k", checksum_algorithm="CRC32")
    local.put("k", b"x", storage_class="STANDARD")


def test_etags_and_digests_of_parts_and_wholes(local: dskit.LocalStore) -> None:
    upload = local.create_multipart_upload("k")
    with pytest.raises(dskit.ChecksumMismatchError):
        local.upload_part("k", upload.upload_id, 1, b"x", content_md5="AAAAAAAAAAAAAAAAAAAAAA==")
    part = local.upload_part("k", upload.upload_id, 1, b"x")
    again = local.upload_part("k", upload.upload_id, 1, b"x")
    assert part.etag != again.etag
    with pytest.raises(dskit.InvalidPartError):
        local.complete_multipart_upload("k", upload.upload_id, [part])
    with pytest.raises(dskit.InvalidRequestError):
        local.complete_multipart_upload("k", upload.upload_id, [again], size=2)
    local.complete_multipart_upload("k", upload.upload_id, [again], size=1)
    assert hashlib.md5(b"x").hexdigest() not in local.head("k").etag


def test_a_place_that_cannot_hold_a_store_is_a_configuration_error_that_names_it() -> None:
    with pytest.raises(dskit.ConfigurationError, match="/dev/null/data"):
        dskit.LocalStore("/dev/null/data")
