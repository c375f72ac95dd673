"""`LocalStore`: plain files that other programs read and write, without surprises for either side."""

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
from hypothesis import given, settings
from hypothesis import strategies as st

import dskit
from dskit.backends import local_control
from dskit.backends.local_service import LocalService
from dskit.backends.local_traits import ATTRIBUTE, Traits
from dskit.clock import ManualClock

CANNOT_BE_FILES = [
    "/a", "a/", "/", "a//b", ".", "..", "./a", "a/.", "../a", "a/..", "a/../b", "a/./b", "a\0b", "x" * 256,
    "a/" + "é" * 128, ".dskit", ".dskit/x", ".dskit/staging/x",
]  # fmt: skip
CAN_BE_FILES = [
    "a", ".a", "..a", "a..", "...", " ", "a b ", "a\nb", "a\\b", "a:b", "*?", "-rf", "~", "é", "é", "😀", "x" * 255,
    "%2e%2e", "a.dskit", "a/.dskit", ".dskit2", "con", "A", "\x7f", "\ufeff", "/".join("d" * 200),
]  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


@pytest.fixture
def local(root: Path) -> dskit.LocalStore:
    return dskit.LocalStore(root, durability="process")


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


# other programs


def test_files_of_other_programs_are_objects(local: dskit.LocalStore, root: Path) -> None:
    (root / "sub").mkdir()
    (root / "sub" / "foreign").write_bytes(b"data")
    entry = next(local.list())
    meta = local.head("sub/foreign")
    assert (entry.key, entry.size, entry.etag) == ("sub/foreign", 4, meta.etag)
    assert meta.content_type == "binary/octet-stream"
    assert local.get("sub/foreign", if_match=meta.etag).read() == b"data"
    with pytest.raises(dskit.AlreadyExistsError):
        local.put("sub/foreign", b"x", if_none_match="*")
    local.put("sub/foreign", b"ours", if_match=meta.etag)
    assert (root / "sub" / "foreign").read_bytes() == b"ours"


def test_a_change_by_another_program_changes_the_etag_and_drops_the_metadata(
    local: dskit.LocalStore, root: Path
) -> None:
    etag = local.put("k", b"ours", content_type="text/plain", metadata={"a": "b"}).etag
    (root / "k").write_bytes(b"theirs")
    meta = local.head("k")
    assert meta.etag != etag
    assert (meta.content_type, dict(meta.metadata)) == ("binary/octet-stream", {})
    with pytest.raises(dskit.PreconditionFailedError):
        local.put("k", b"x", if_match=etag)


def test_a_copy_by_another_program_is_another_object(local: dskit.LocalStore, root: Path) -> None:
    """`cp -a` takes extended attributes and time along; the inode tells."""
    etag = local.put("k", b"ours", metadata={"a": "b"}).etag
    (root / "other").write_bytes(b"ours")
    status = (root / "k").stat()
    if hasattr(os, "setxattr"):
        os.setxattr(root / "other", ATTRIBUTE, os.getxattr(root / "k", ATTRIBUTE))
    os.utime(root / "other", ns=(status.st_mtime_ns, status.st_mtime_ns))
    assert local.head("other").etag != etag
    assert dict(local.head("other").metadata) == {}


def test_every_write_has_an_etag_of_its_own(local: dskit.LocalStore) -> None:
    tags = {local.put("k", b"same").etag for _ in range(5)}
    assert len(tags) == 5


def test_names_that_are_not_utf8_are_left_out(local: dskit.LocalStore, root: Path) -> None:
    with open(os.fsencode(root) + b"/\xff\xfe", "wb") as file:
        file.write(b"x")
    os.mkdir(os.fsencode(root) + b"/\xff-folder")
    local.put("k", b"x")
    assert keys(local) == ["k"]


def test_pipes_and_sockets_are_neither_listed_nor_waited_for(local: dskit.LocalStore, root: Path) -> None:
    os.mkfifo(root / "pipe")
    assert keys(local) == []
    assert not local.exists("pipe")
    with pytest.raises(dskit.KeyConflictError):
        local.put("pipe", b"x")
    local.delete("pipe")
    assert (root / "pipe").is_fifo()


def test_what_is_written_is_readable_by_others(local: dskit.LocalStore, root: Path) -> None:
    mask = os.umask(0o027)
    try:
        local.put("k", b"x")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((root / "k").stat().st_mode) == 0o640


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_denied(local: dskit.LocalStore, root: Path) -> None:
    local.put("k", b"x")
    (root / "k").chmod(0)
    with pytest.raises(dskit.PermissionDeniedError):
        local.get("k")


# links


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret").write_bytes(b"secret")
    return folder


def test_a_link_to_a_folder_is_never_entered(local: dskit.LocalStore, root: Path, outside: Path) -> None:
    (root / "link").symlink_to(outside)
    assert keys(local) == []
    assert not local.exists("link/secret")
    with pytest.raises(dskit.NotFoundError):
        local.get("link/secret")
    with pytest.raises(dskit.NotFoundError):
        local.copy("link/secret", "copy")
    for key in ("link/new", "link/secret", "link"):
        with pytest.raises(dskit.KeyConflictError):
            local.put(key, b"evil")
    local.delete("link/secret")
    local.delete("link")
    assert sorted(path.name for path in outside.iterdir()) == ["secret"]
    assert (outside / "secret").read_bytes() == b"secret"
    assert (root / "link").is_symlink()


def test_a_link_to_a_file_is_no_object(local: dskit.LocalStore, root: Path, outside: Path) -> None:
    (root / "link").symlink_to(outside / "secret")
    assert keys(local) == []
    assert not local.exists("link")
    for options in ({}, {"if_none_match": "*"}):
        with pytest.raises(dskit.KeyConflictError):
            local.put("link", b"evil", **options)  # type: ignore[arg-type]
    assert (outside / "secret").read_bytes() == b"secret"


def test_a_control_folder_that_is_a_link_is_refused(root: Path, outside: Path) -> None:
    root.mkdir()
    (root / ".dskit").symlink_to(outside)
    with pytest.raises(dskit.StoreError):
        dskit.LocalStore(root).put("k", b"x")
    assert sorted(path.name for path in outside.iterdir()) == ["secret"]


def test_a_bucket_that_is_a_link_is_not_there(root: Path, outside: Path) -> None:
    with dskit.open_service(f"file:{root}") as service:
        (root / "linked").symlink_to(outside)
        assert service.list_buckets() == []
        with pytest.raises(dskit.BucketNotFoundError):
            service.bucket("linked").get("secret")


def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    dskit.LocalStore(tmp_path / "link").put("k", b"x")
    assert (tmp_path / "real" / "k").read_bytes() == b"x"


# file systems that take one name for another; forced, because few kernels here can mount one


def folding(root: Path, monkeypatch: pytest.MonkeyPatch, **traits: object) -> dskit.LocalStore:
    forced = Traits(sync=False, **traits)  # type: ignore[arg-type]
    monkeypatch.setattr(local_control, "probe", lambda *args, **options: forced)
    return dskit.LocalStore(root, durability="process")


def test_a_name_that_would_alias_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    local = folding(root, monkeypatch, exact_names=False)
    local.put("Folder/Name", b"x")
    for key in ("folder/Name", "Folder/name", "FOLDER/other"):
        with pytest.raises(dskit.KeyConflictError):
            local.put(key, b"y")
        assert not local.exists(key)
        local.delete(key)
    local.put("Folder/Name", b"z")
    assert local.get("Folder/Name").read() == b"z"
    local.put("stra\u00dfe", b"x")
    with pytest.raises(dskit.KeyConflictError):
        local.put("STRASSE", b"x")
    with pytest.raises(dskit.InvalidKeyError):
        local.put(".DSKIT/x", b"x")


def test_a_name_that_would_be_changed_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    local = folding(root, monkeypatch, exact_names=False, stored_form="NFD")
    local.put("e\u0301", b"x")
    with pytest.raises(dskit.InvalidKeyError):
        local.put("\u00e9", b"x")
    with pytest.raises(dskit.InvalidKeyError):
        local.get("\u00e9")


def test_an_ordinary_file_system_is_found_to_be_one(local: dskit.LocalStore, root: Path) -> None:
    service = local.service
    assert isinstance(service, LocalService)
    traits = service.folder("default").traits
    assert (traits.exact_names, traits.stored_form, traits.max_name_bytes) == (True, None, 255)
    assert sorted(path.name for path in (root / ".dskit").iterdir()) == [
        "created",
        "index",
        "locks",
        "staging",
        "uploads",
    ]


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
    local.put("again", b"x")
    assert keys(local) == ["again", "k"]


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


# listing


SEGMENTS = st.text("ab.0-é/", min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(
    names=st.sets(SEGMENTS, max_size=12), delimiter=st.sampled_from(["", "/", "a", "b/", "."]), size=st.integers(1, 4)
)
def test_pages_are_those_of_the_memory_store(
    tmp_path_factory: pytest.TempPathFactory, names: set[str], delimiter: str, size: int
) -> None:
    """Order, groups, resumption: for the keys that both can hold, page by page."""
    local = dskit.LocalStore(tmp_path_factory.mktemp("local"), durability="process")
    memory = dskit.MemoryStore()
    for name in sorted(names):
        try:
            local.put(name, b"x")
        except dskit.InvalidKeyError:
            continue
        memory.put(name, b"x")
    for prefix in ("", "a", "a/", "é", "a/b"):
        for start_after in ("", "a", "a/", "a/b", "b."):
            pages = [list_all(store, prefix, delimiter, start_after, size) for store in (local, memory)]
            assert pages[0] == pages[1]


def list_all(
    store: dskit.Store, prefix: str, delimiter: str, start_after: str, size: int
) -> list[tuple[list[str], list[str]]]:
    pages, token = [], None
    while True:
        page = store.list_page(prefix, delimiter=delimiter, start_after=start_after, token=token, max_keys=size)
        pages.append(([entry.key for entry in page.objects], page.prefixes))
        token = page.next_token
        if token is None:
            return pages


def test_a_dot_sorts_before_a_slash(local: dskit.LocalStore) -> None:
    for key in ("a/1", "a.b", "a0", "a-", "a/1.2"):
        local.put(key, b"")
    assert keys(local) == ["a-", "a.b", "a/1", "a/1.2", "a0"]


def test_folders_outside_the_prefix_and_before_the_token_are_not_read(
    local: dskit.LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        local.put(f"f{number:02}/k", b"x")
    opened: list[bytes] = []
    real = os.open

    def spy(path: object, *args: object, **options: object) -> int:
        if isinstance(path, bytes):
            opened.append(path)
        return real(path, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", spy)
    assert [entry.key for entry in local.list("f07/")] == ["f07/k"]
    assert {name for name in opened if name.startswith(b"f")} == {b"f07"}
    opened.clear()
    assert len(local.list_page(start_after="f17/k", max_keys=1).objects) == 1
    assert {name for name in opened if name.startswith(b"f")} == {b"f17", b"f18", b"f19"}
    opened.clear()
    assert len(local.list_page(delimiter="/").prefixes) == 20
    assert sum(name == b"f03" for name in opened) == 1


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
