"""A store that was opened before the process was forked: the child never harms what is its parent's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from dskit.reference import ReferenceService, catalog_memory, disk_service, memory_service
from dskit.types import PutOptions, ReadOptions
from tests.dskit.forked import in_child
from tests.dskit.reference.helpers import BUCKET, complete, keys, part, put, read, start
from tests.dskit.reference.histories import LARGE, LIMITS

MANY = 70  # more extents than a read holds open


@pytest.fixture
def disk(tmp_path: Path) -> ReferenceService:
    service = disk_service(tmp_path / "store", durability="process", limits=LIMITS)
    service.create_bucket(BUCKET)
    return service


def test_a_store_on_disk_refuses_and_the_parent_goes_on(disk: ReferenceService) -> None:
    """SQLite's connections do not survive a fork; the parent's staging folder stays what it is."""
    assert in_child(disk.list_buckets) == "UnavailableError"
    assert in_child(disk.close) == "None"
    put(disk, "k", LARGE * 4)
    assert read(disk, "k") == LARGE * 4
    disk.close()


@pytest.mark.parametrize("ends", ["abort", "commit", "write", "collected"])
def test_a_write_that_is_under_way_is_the_parents(disk: ReferenceService, ends: str) -> None:
    staging = disk.begin_put(BUCKET, "k", PutOptions())
    staging.write(LARGE * 4)
    jobs: dict[str, Callable[[], object]] = {
        "abort": staging.abort,
        "commit": staging.commit,
        "write": lambda: staging.write(LARGE * 4),
        "collected": staging._writer.__del__,  # type: ignore[attr-defined]
    }
    refused = ends in ("commit", "write")
    assert in_child(jobs[ends]) == ("UnavailableError" if refused else "None")
    staging.write(LARGE)
    staging.commit()
    assert read(disk, "k") == LARGE * 5
    disk.close()


def test_a_read_that_is_under_way_is_both_theirs(disk: ReferenceService) -> None:
    """The child may close it, which leaves the parent's."""
    upload = start(disk, "k")
    complete(disk, "k", upload, [part(disk, "k", upload, number, b"%02d" % number) for number in range(1, 9)])
    reading = disk.get(BUCKET, "k", ReadOptions())
    assert in_child(lambda: b"".join(reading)) == str(b"0102030405060708")
    assert in_child(reading.close) == "None"
    assert b"".join(reading) == b"0102030405060708"
    reading.close()
    disk.close()


def test_the_links_of_a_long_read_stay(disk: ReferenceService) -> None:
    upload = start(disk, "k")
    complete(disk, "k", upload, [part(disk, "k", upload, number, LARGE) for number in range(1, MANY)])
    reading = disk.get(BUCKET, "k", ReadOptions())
    assert in_child(reading.close) == "None"
    assert b"".join(reading) == LARGE * (MANY - 1)
    reading.close()
    disk.close()


def test_a_store_in_memory_is_a_copy_in_the_child() -> None:
    service = memory_service()
    service.create_bucket(BUCKET)
    put(service, "before", LARGE)

    def work() -> list[str]:
        put(service, "child's", b"x")
        return keys(service.list_page(BUCKET))

    assert in_child(work) == "['before', \"child's\"]"
    assert keys(service.list_page(BUCKET)) == ["before"]


def test_a_store_in_memory_that_was_busy_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that held its lock is not in the child, so that waiting would be for ever."""
    monkeypatch.setattr(catalog_memory, "FORKED_SECONDS", 0.01)
    service = memory_service()
    service.create_bucket(BUCKET)
    inside, go_on = threading.Event(), threading.Event()

    def work() -> None:
        with service.catalog.transaction():
            inside.set()
            go_on.wait(60)

    worker = threading.Thread(target=work)
    worker.start()
    inside.wait(60)
    assert in_child(lambda: put(service, "k")) == "UnavailableError"
    assert in_child(lambda: read(service, "k")) == "NotFoundError"
    go_on.set()
    worker.join(60)
    put(service, "k")
