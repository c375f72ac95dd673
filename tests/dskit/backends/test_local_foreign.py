"""`LocalStore` among other programs: their files, links, and file systems that take one name for another."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import dskit
from dskit.backends import local_control, local_folder
from dskit.backends.local_paths import fold
from dskit.backends.local_service import LocalService
from dskit.backends.local_traits import ATTRIBUTE, Traits


def keys(store: dskit.Store) -> list[str]:
    return [entry.key for entry in store.list()]


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


@pytest.mark.parametrize("change", ["rewritten", "longer", "shorter"])
def test_a_read_never_mixes_what_another_program_writes_meanwhile(
    local: dskit.LocalStore, root: Path, change: str
) -> None:
    """Our own writes make a new file. Another program writes into the one that is open."""
    local.put("k", b"a" * 1_000_000)
    os.utime(root / "k", ns=(0, 0))
    reading = local.get("k")
    assert reading.read(10) == b"a" * 10
    with (root / "k").open("r+b") as file:
        file.write(b"b" * {"rewritten": 900_000, "longer": 1_100_000, "shorter": 10}[change])
        if change == "shorter":
            file.truncate()
    with pytest.raises(dskit.UnavailableError, match="another program") as changed:
        reading.read()
    assert (changed.value.code, changed.value.retryable, changed.value.key) == ("ObjectChanged", False, "k")
    assert len(local.get("k").read()) == (root / "k").stat().st_size


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


# a folder that is only read


def test_a_folder_that_is_only_read_stays_as_it_is(root: Path) -> None:
    (root / "data" / "sub").mkdir(parents=True)
    (root / "data" / "sub" / "k").write_bytes(b"theirs")
    before = sorted(root.rglob("*"))
    with dskit.open_service(f"file:{root}") as service, dskit.LocalStore(root / "data") as local:
        assert [bucket.name for bucket in service.list_buckets()] == ["data"]
        for store in (service.bucket("data"), local):
            assert keys(store) == ["sub/k"]
            assert store.list_with_delimiter().prefixes == ["sub/"]
            assert store.get("sub/k").read() == b"theirs"
            assert store.get_range("sub/k", start=1, length=2) == b"he"
            assert store.head("sub/k").size == 6
            assert not store.exists("sub/K")
            assert store.list_uploads().uploads == []
            assert store.object_parts("sub/k") is None
            for call in (store.list_parts, store.abort_multipart_upload):
                with pytest.raises(dskit.UploadNotFoundError):
                    call("sub/k", "0" * 48)
        assert sorted(root.rglob("*")) == before
        local.put("k", b"ours")
        assert (root / "data" / ".dskit").is_dir()


@pytest.mark.parametrize("refusal", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_store_that_may_not_be_written_any_more_can_be_read(
    root: Path, monkeypatch: pytest.MonkeyPatch, refusal: int
) -> None:
    with dskit.LocalStore(root, durability="process") as writer:
        writer.put("k", b"data", metadata={"a": "b"})
        upload = writer.create_multipart_upload("m")
        writer.upload_part("m", upload.upload_id, 1, b"part")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(refusal, os.strerror(refusal))

    monkeypatch.setattr(local_folder, "Control", refuse)
    with dskit.LocalStore(root) as reader:
        assert keys(reader) == ["k"]
        assert dict(reader.get("k").meta.metadata) == {"a": "b"}
        assert [row.key for row in reader.list_uploads().uploads] == ["m"]
        assert [part.size for part in reader.list_parts("m", upload.upload_id).parts] == [4]
        with pytest.raises(dskit.PermissionDeniedError):
            reader.put("k", b"")


def test_a_name_is_not_taken_for_another_before_the_file_system_could_be_tried(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a file system that folds case and normalises, made of this one."""
    (root / "Folder").mkdir(parents=True)
    for name in ("Name", "e\u0301"):
        (root / "Folder" / name).write_bytes(name.encode())
    for name in ("open", "stat"):
        monkeypatch.setattr(os, name, folded(getattr(os, name)))
    local = dskit.LocalStore(root)
    for key in ("folder/Name", "Folder/name", "Folder/\u00e9"):
        assert not local.exists(key)
    for key in ("Folder/Name", "Folder/e\u0301"):
        assert local.get(key).read() == key.removeprefix("Folder/").encode()


def folded(real: Callable[..., Any]) -> Callable[..., Any]:
    """`os.open` or `os.stat`, which finds a name in a folder under any spelling of it."""

    def call(name: Any, *args: Any, dir_fd: int | None = None, **options: Any) -> Any:
        if dir_fd is not None:
            there = [os.fsencode(other) for other in os.listdir(dir_fd)]
            same = [other for other in there if fold(other) == fold(os.fsencode(name))]
            name = same[0] if same and os.fsencode(name) not in there else name
        return real(name, *args, dir_fd=dir_fd, **options)

    return call


def test_two_names_that_differ_by_case_are_two_objects_before_anything_is_written(root: Path) -> None:
    root.mkdir()
    for name in ("k", "K"):
        (root / name).write_bytes(name.encode())
    local = dskit.LocalStore(root)
    assert [local.get(key).read() for key in ("k", "K")] == [b"k", b"K"]


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
    traits = service.folder("default").control().traits
    assert (traits.exact_names, traits.stored_form, traits.max_name_bytes) == (True, None, 255)
    assert sorted(path.name for path in (root / ".dskit").iterdir()) == [
        "created",
        "index",
        "locks",
        "staging",
        "uploads",
    ]


# a store below another's root


@pytest.fixture
def inner(root: Path) -> Iterator[dskit.LocalStore]:
    """It has been written to, and is empty again."""
    with dskit.LocalStore(root / "a" / "inner", durability="process") as store:
        store.put("k", b"")
        store.delete("k")
        yield store


def test_the_control_folder_of_a_store_further_below_is_not_listed(
    local: dskit.LocalStore, inner: dskit.LocalStore
) -> None:
    """Its objects are; so is a folder that only has the name."""
    inner.put("x", b"1")
    inner.create_multipart_upload("y")
    local.put("a/.dskit/created", b"no store")
    assert keys(local) == ["a/.dskit/created", "a/inner/x"]
    assert keys(inner) == ["x"]
    assert local.list_with_delimiter("a/inner").prefixes == ["a/inner/"]
    assert local.list_with_delimiter("a/inner/").prefixes == []
    assert [row.key for row in local.list(start_after="a/inner/.dskit/a")] == ["a/inner/x"]


def test_what_a_store_further_below_keeps_for_itself_cannot_be_touched(
    local: dskit.LocalStore, inner: dskit.LocalStore, root: Path
) -> None:
    mark = root / "a" / "inner" / ".dskit" / "created"
    with pytest.raises(dskit.NotFoundError):
        local.get("a/inner/.dskit/created")
    local.delete("a/inner/.dskit/created")
    for key in ("a/inner/.dskit/created", "a/inner/.dskit/locks/k00", "a/inner/.dskit/new/x"):
        with pytest.raises(dskit.KeyConflictError, match="store of its own"):
            local.put(key, b"x")
    for key in ("a/inner", "a", "a/inner/.dskit"):  # a folder without files gives way to a key; a store has one
        with pytest.raises(dskit.KeyConflictError):
            local.put(key, b"x")
    assert mark.read_bytes() == b""
    assert sorted(path.name for path in mark.parent.iterdir()) == ["created", "index", "locks", "staging", "uploads"]
    inner.put("still", b"there")
    assert keys(inner) == ["still"]


def test_a_bucket_in_which_there_is_a_store_is_not_deleted(root: Path) -> None:
    with dskit.open_service(f"file:{root}") as service:
        service.create_bucket("outer")
        with dskit.LocalStore(root / "outer" / "below", durability="process") as below:
            below.put("k", b"")
            below.delete("k")
            with pytest.raises(dskit.BucketNotEmptyError):
                service.delete_bucket("outer")
            below.put("still", b"there")
        assert keys(service.bucket("outer")) == ["below/still"]
