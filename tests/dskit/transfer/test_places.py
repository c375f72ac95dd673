"""Stores that are in folders of this machine are apart when one is brought to the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import dskit
from dskit.places import Place
from dskit.transfer import copy, plan_sync, sync
from dskit.wrappers import Fault, FaultStore

Make = Callable[[Path], dskit.Store]


def local(path: Path, **options: str) -> dskit.LocalStore:
    return dskit.LocalStore(path, durability="process", **options)  # type: ignore[arg-type]


def disk(path: Path, **options: str) -> dskit.DiskStore:
    return dskit.DiskStore(path, durability="process", **options)  # type: ignore[arg-type]


def failing(path: Path) -> dskit.Store:
    return FaultStore(local(path), [Fault(verb="sign", latency=1)])


def bucket(path: Path) -> dskit.Store:
    return dskit.open_service(f"file:{path.parent}?durability=process").bucket(path.name)


def linked(path: Path) -> dskit.Store:
    link = path.with_name(f"{path.name}-link")
    link.symlink_to(path, target_is_directory=True)
    return local(link)


def below(path: Path) -> dskit.Store:
    return local(path.parent, prefix=f"{path.name}/")


@pytest.mark.parametrize("inner", [local, failing, bucket, linked, below, disk])
@pytest.mark.parametrize("where", ["outer/inner", "outer/a/inner", "outer"])
def test_a_sync_of_a_folder_with_what_is_in_it_is_refused(tmp_path: Path, inner: Make, where: str) -> None:
    (tmp_path / where).mkdir(parents=True)
    one, other = local(tmp_path / "outer"), inner(tmp_path / where)
    one.put("f", b"1")
    held = [row.key for row in one.list()]
    for source, target in ((one, other), (other, one)):
        for act in (plan_sync, sync):
            with pytest.raises(dskit.InvalidRequestError, match="one is in the other"):
                act(source, target, delete=True)
    assert [row.key for row in one.list()] == held
    one.close()
    other.close()


def snapshot(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("inner", [local, failing, bucket, linked, below, disk])
@pytest.mark.parametrize("where", ["outer/inner", "outer"])
def test_a_folder_goes_neither_into_nor_out_of_a_store_that_is_in_it(tmp_path: Path, inner: Make, where: str) -> None:
    (tmp_path / where).mkdir(parents=True)
    with inner(tmp_path / where) as store:
        store.put("f", b"1")
        held = snapshot(tmp_path)
        with pytest.raises(dskit.InvalidRequestError, match="one is in the other"):
            store.upload_folder(tmp_path / "outer")
        with pytest.raises(dskit.InvalidRequestError, match="one is in the other"):
            store.download_folder("", tmp_path / "outer")
        assert snapshot(tmp_path) == held


@pytest.mark.parametrize("make", [local, disk])
def test_a_folder_in_a_store_is_none_to_go_into_and_none_is_made(
    tmp_path: Path, make: Callable[..., dskit.Store]
) -> None:
    with make(tmp_path / "store") as store:
        store.put("f", b"1")
        held = snapshot(tmp_path)
        for name in ("store/new", "store/new/deeper", "store"):
            with pytest.raises(dskit.InvalidRequestError, match="one is in the other"):
                store.download_folder("", tmp_path / name)
        with pytest.raises(dskit.InvalidRequestError, match="one is in the other"):
            store.upload_folder(tmp_path / "store")
        assert snapshot(tmp_path) == held


def test_folders_beside_each_other_in_one_store_are_apart(tmp_path: Path) -> None:
    with local(tmp_path) as store:
        store.put("a/k", b"1")
        assert store.download_folder("a/", tmp_path / "b").files == 1
        assert store.upload_folder(tmp_path / "a", "c/").files == 1
        assert [row.key for row in store.list()] == ["a/k", "b/k", "c/k"]


def test_stores_that_are_apart_are_synced(tmp_path: Path) -> None:
    """Beside each other, below prefixes of one folder, as buckets of one directory, each opened on its own."""
    pairs = [
        (local(tmp_path / "a"), local(tmp_path / "ab")),
        (local(tmp_path / "c", prefix="x/"), local(tmp_path / "c", prefix="y/")),
        (local(tmp_path / "c", prefix="x-"), local(tmp_path / "c", prefix="y-")),
        (disk(tmp_path / "d", bucket="one"), disk(tmp_path / "d", bucket="one-more")),
        (disk(tmp_path / "e", prefix="x/"), disk(tmp_path / "e", prefix="y/")),
    ]
    for source, target in pairs:
        source.put("k", b"1")
        assert sync(source, target).copied == 1
        source.close()
        target.close()


def test_prefixes_of_one_bucket_that_was_opened_twice_are_apart_or_refused(tmp_path: Path) -> None:
    with disk(tmp_path) as whole, disk(tmp_path, prefix="in/") as part, pytest.raises(dskit.InvalidRequestError):
        sync(whole, part)


@pytest.mark.parametrize("make", [local, disk])
def test_an_object_is_not_copied_onto_itself_under_another_name(
    tmp_path: Path, make: Callable[..., dskit.Store]
) -> None:
    with make(tmp_path) as outer, make(tmp_path, prefix="d/") as inner:
        inner.put("k", b"1", metadata={"colour": "blue"})
        etag = inner.head("k").etag
        for source, key, target, other in ((outer, "d/k", inner, "k"), (inner, "k", outer, "d/k")):
            with pytest.raises(dskit.InvalidRequestError, match="onto itself"):
                copy(source, key, target, other)
        assert inner.head("k").etag == etag
        copy(outer, "d/k", inner, "copy")
        assert [row.key for row in outer.list()] == ["d/copy", "d/k"]


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        (Place("/a/"), Place("/a/"), True),
        (Place("/a/"), Place("/a/b/"), True),
        (Place("/a/"), Place("/ab/"), False),
        (Place("/"), Place("/a/"), True),
        (Place("/a/x"), Place("/a/xy/"), True),
        (Place("/a/", "one/"), Place("/a/", "one/k/"), True),
        (Place("/a/", "one/"), Place("/a/", "two/"), False),
        (Place("/a/", "one/"), Place("/a/b/"), True),
        (Place("/a/", "one/"), Place("/a/"), True),
    ],
)
def test_places_overlap_where_one_contains_the_other(one: Place, other: Place, overlap: bool) -> None:
    assert (one.overlaps(other), other.overlaps(one)) == (overlap, overlap)
