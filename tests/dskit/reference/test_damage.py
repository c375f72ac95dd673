"""Directories of a durable store that something else has damaged, removed or made: typed errors that say where."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from dskit import errors
from dskit.reference import disk_service
from dskit.types import DeleteRequest, PutOptions, ReadOptions
from tests.dskit.reference.helpers import BUCKET, descriptors_in, put, read

PAGE = 4096


def filled(root: Path) -> Path:
    """A store with objects of both kinds, closed; its catalog."""
    service = disk_service(root, durability="process")
    service.create_bucket(BUCKET)
    for number in range(30):
        put(service, f"small{number}", b"x" * 500)
    put(service, "large", b"y" * 20_000)
    service.close()
    return root / "catalog.sqlite"


def overwrite_pages(catalog: Path) -> None:
    data = bytearray(catalog.read_bytes())
    for at in range(2 * PAGE, len(data), PAGE):
        data[at : at + 200] = b"\xff" * 200
    catalog.write_bytes(data)


def cut_off(catalog: Path) -> None:
    os.truncate(catalog, 2 * PAGE + 100)


@pytest.mark.parametrize("damage", [overwrite_pages, cut_off])
def test_a_damaged_catalog_is_an_error_with_a_remedy(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    catalog = filled(tmp_path / "store")
    damage(catalog)
    for _ in range(2):
        with pytest.raises(
            errors.UnavailableError, match=r"catalog.sqlite is damaged.*restore the directory"
        ) as caught:
            disk_service(tmp_path / "store")
        assert not caught.value.retryable
    assert list((tmp_path / "store" / "staging").iterdir()) == []
    assert descriptors_in(tmp_path / "store") == []


def test_damage_under_an_open_store_is_an_error_too(tmp_path: Path) -> None:
    """A thread that comes later reads the pages anew."""
    service = disk_service(tmp_path / "store", durability="process")
    service.create_bucket(BUCKET)
    put(service, "k", b"x" * 500)
    with sqlite3.connect(tmp_path / "store" / "catalog.sqlite") as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    overwrite_pages(tmp_path / "store" / "catalog.sqlite")
    caught: list[BaseException] = []

    def later() -> None:
        try:
            service.get(BUCKET, "k", ReadOptions())
        except BaseException as error:
            caught.append(error)

    thread = threading.Thread(target=later)
    thread.start()
    thread.join()
    service.close()
    assert [type(error) for error in caught] == [errors.UnavailableError]


@pytest.mark.parametrize("statement", ["CREATE TABLE theirs (a)", "PRAGMA user_version = 2"])
def test_the_database_of_something_else_is_refused_and_gets_no_tables(tmp_path: Path, statement: str) -> None:
    (tmp_path / "store").mkdir()
    catalog = tmp_path / "store" / "catalog.sqlite"
    with sqlite3.connect(catalog) as theirs:
        theirs.execute(statement)
    theirs.close()
    with pytest.raises(errors.ConfigurationError, match=r"something else.*name another directory"):
        disk_service(tmp_path / "store")
    with sqlite3.connect(catalog) as theirs:
        tables = [name for (name,) in theirs.execute("SELECT name FROM sqlite_master")]
    theirs.close()
    assert tables == (["theirs"] if "theirs" in statement else [])


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_not_a_byte_changes_in_the_database_of_something_else(tmp_path: Path, journal: str) -> None:
    """Nor does what its last process left in the log move into it."""
    (tmp_path / "made").mkdir()
    theirs = sqlite3.connect(tmp_path / "made" / "catalog.sqlite")
    theirs.execute(f"PRAGMA journal_mode = {journal}")
    theirs.execute("CREATE TABLE theirs (a)")
    shutil.copytree(tmp_path / "made", tmp_path / "store")  # as a process leaves it that is killed
    theirs.close()
    files = [path for path in (tmp_path / "store").iterdir() if not path.name.endswith("-shm")]
    assert len(files) == (2 if journal == "WAL" else 1)
    before = [path.read_bytes() for path in files]
    with pytest.raises(errors.ConfigurationError, match="something else"):
        disk_service(tmp_path / "store")
    assert [path.read_bytes() for path in files] == before


def test_a_write_that_a_crash_cut_off_is_taken_back_to_see_whose_the_database_is(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    theirs = sqlite3.connect(tmp_path / "made" / "catalog.sqlite", isolation_level=None)
    theirs.execute("CREATE TABLE theirs (a)")
    theirs.execute("PRAGMA cache_size = 1")
    before = (tmp_path / "made" / "catalog.sqlite").read_bytes()
    theirs.execute("BEGIN")
    for _ in range(50):
        theirs.execute("INSERT INTO theirs VALUES (?)", ("x" * 3000,))
    shutil.copytree(tmp_path / "made", tmp_path / "store")
    theirs.close()
    assert (tmp_path / "store" / "catalog.sqlite").read_bytes() != before
    with pytest.raises(errors.ConfigurationError, match="something else"):
        disk_service(tmp_path / "store")
    assert (tmp_path / "store" / "catalog.sqlite").read_bytes() == before


def test_a_directory_that_is_removed_while_open_is_an_error_and_closes(tmp_path: Path) -> None:
    filled(tmp_path / "store")
    service = disk_service(tmp_path / "store")
    begun = service.begin_put(BUCKET, "begun", PutOptions())
    begun.write(b"z" * 100_000)
    shutil.rmtree(tmp_path / "store")
    with pytest.raises(errors.UnavailableError):
        begun.commit()
    for size in (10, 100_000):
        with pytest.raises(errors.UnavailableError):
            put(service, "new", b"x" * size)
    with pytest.raises(errors.UnavailableError):
        service.delete(BUCKET, DeleteRequest(key="small1"))
    with pytest.raises(errors.UnavailableError, match="bytes of this object are missing"):
        read(service, "large")
    service.close()
    assert not (tmp_path / "store").exists()


def test_a_store_closes_where_it_may_not_remove_what_it_staged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = disk_service(tmp_path / "store")

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", denied)
        service.close()
    assert descriptors_in(tmp_path / "store") == []
    (left,) = (tmp_path / "store" / "staging").iterdir()
    disk_service(tmp_path / "store").close()
    assert not left.exists()


def test_nothing_is_written_where_another_store_was_put_in_place(tmp_path: Path) -> None:
    filled(tmp_path / "store")
    service = disk_service(tmp_path / "store")
    (tmp_path / "store").rename(tmp_path / "moved")
    filled(tmp_path / "store")
    with pytest.raises(errors.UnavailableError, match="removed or replaced"):
        put(service, "new")
    service.close()
    for place in ("moved", "store"):
        again = disk_service(tmp_path / place)
        with pytest.raises(errors.NotFoundError):
            read(again, "new")
        assert read(again, "large") == b"y" * 20_000
        again.close()


def test_a_link_to_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store").symlink_to(tmp_path / "missing" / "deeper")
    with pytest.raises(errors.ConfigurationError, match="cannot hold a store"):
        disk_service(tmp_path / "store")


def test_a_new_store_beside_old_blobs_leaves_them(tmp_path: Path) -> None:
    """Whose catalog is lost can still be looked through by hand."""
    catalog = filled(tmp_path / "store")
    for file in catalog.parent.glob("catalog.sqlite*"):
        file.unlink()
    blobs = sorted((tmp_path / "store" / "blobs").iterdir())
    assert blobs
    disk_service(tmp_path / "store").close()
    assert sorted((tmp_path / "store" / "blobs").iterdir()) == blobs
