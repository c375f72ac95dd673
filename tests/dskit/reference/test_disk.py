"""The directory of a durable store: what is a file, what is left, what happens when it cannot be written."""

from __future__ import annotations

import itertools
import resource
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dskit import errors
from dskit.capabilities import Limits
from dskit.reference import ReferenceService, disk_service
from dskit.reference.blobs import BlobReader
from dskit.reference.records import Extent, VersionRow
from dskit.streams import Staging
from dskit.types import (
    Attributes,
    ByteRange,
    CopyOptions,
    DeleteRequest,
    PutOptions,
    PutResult,
    ReadOptions,
)
from tests.dskit.reference.helpers import (
    BUCKET,
    blobs_in_catalog,
    blobs_on_disk,
    complete,
    descriptors_in,
    put,
    read,
    start,
)


def test_a_small_object_is_kept_by_the_catalog(tmp_path: Path) -> None:
    """Up to 16 KiB no file is made, and the bytes go when nothing refers to them any more."""
    service = disk_service(tmp_path / "store", durability="process")
    service.create_bucket(BUCKET)
    put(service, "k", b"x" * 16 * 1024)
    assert blobs_on_disk(tmp_path / "store") == set()
    service.copy(BUCKET, "k", BUCKET, "copy", CopyOptions())
    service.delete(BUCKET, DeleteRequest(key="k"))
    assert read(service, "copy", range=ByteRange(10, 19)) == b"x" * 10
    reading = service.get(BUCKET, "copy", ReadOptions())
    service.delete(BUCKET, DeleteRequest(key="copy"))
    assert b"".join(reading) == b"x" * 16 * 1024
    with service.catalog.view() as view:
        assert view.execute("SELECT count(*) FROM small").fetchone() == (0,)  # type: ignore[attr-defined]
    put(service, "k", b"x" * (16 * 1024 + 1))
    assert len(blobs_on_disk(tmp_path / "store")) == 1
    service.close()


def test_bytes_that_come_and_go_in_one_transaction_leave_nothing(tmp_path: Path) -> None:
    service = disk_service(tmp_path / "store", durability="process")
    service.create_bucket(BUCKET)
    home, _ = service.catalog.find(BUCKET)
    assert home is not None
    for transaction in ([1, 3], [3, 3], [3, 5]):  # numbers of small blobs, each of which replaces the one before
        with service.catalog.transaction() as change:
            for blob in transaction:
                if service.catalog.small(blob) is None:
                    change.put_small(blob, b"x")
                now, place = datetime(2020, 1, 1, tzinfo=UTC), (Extent(blob, 0, 1),)
                change.put_version(home.id, VersionRow(b"k", change.next_seq(), 1, '"e"', now, Attributes(), place))
        assert [number for number in (1, 3, 5) if service.catalog.small(number) is not None] == transaction[-1:]
    service.delete(BUCKET, DeleteRequest(key="k"))
    assert service.catalog.small(5) is None
    service.close()


def test_a_full_disk_is_an_error_and_the_old_object_stays(tmp_path: Path) -> None:
    """A limit on the size of files stands in for a full disk: the write call fails in the same place."""
    service = disk_service(tmp_path / "store", durability="process")
    service.create_bucket(BUCKET)
    put(service, "k", b"old" * 10_000)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (5_000_000, before[1]))
        with pytest.raises(errors.UnavailableError, match="no space left"):
            put(service, "k", b"x" * 6_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert read(service, "k") == b"old" * 10_000
    assert len(blobs_on_disk(tmp_path / "store")) == 1
    assert [entry.name for entry in service.blobs._mine.iterdir()] == ["lock"]  # type: ignore[attr-defined]
    service.close()


def put_until_it_fails(service: ReferenceService) -> None:
    for number in itertools.count():
        put(service, f"other{number}", b"new" * 5000)


def test_a_catalog_that_cannot_grow_is_an_error_and_the_old_object_stays(tmp_path: Path) -> None:
    """The same for a small object: its bytes go to the catalog, so it is SQLite that meets the limit."""
    service = disk_service(tmp_path / "store", durability="process")
    service.create_bucket(BUCKET)
    put(service, "k", b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
        with pytest.raises(errors.UnavailableError):  # and not OutcomeUnknownError: nothing can have been committed
            put_until_it_fails(service)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert read(service, "k") == b"old"
    put(service, "k", b"new")
    assert read(service, "k") == b"new"
    service.close()


def test_a_store_is_the_same_after_it_is_opened_again(tmp_path: Path) -> None:
    service = disk_service(tmp_path / "store")
    service.create_bucket(BUCKET, region="eu-west-1")
    etag = put(service, "a//b", b"hello").etag
    service.close()
    again = disk_service(tmp_path / "store")
    assert read(again, "a//b") == b"hello"
    assert again.list_page(BUCKET).objects[0].etag == etag
    assert again.head_bucket(BUCKET).region == "eu-west-1"
    again.close()
    with pytest.raises(errors.UnavailableError, match="closed"):
        again.head_bucket(BUCKET)


def test_replaced_and_deleted_blobs_are_unlinked(tmp_path: Path) -> None:
    service = disk_service(tmp_path / "store", durability="process")
    service.create_bucket(BUCKET)
    for _ in range(3):
        put(service, "k", b"x" * 100_000)
    put(service, "other", b"y" * 100_000)
    service.delete(BUCKET, DeleteRequest(key="other"))
    assert len(blobs_on_disk(tmp_path / "store")) == 1
    assert blobs_on_disk(tmp_path / "store") == blobs_in_catalog(service)
    put(service, "again")
    with service.catalog.view() as view:
        assert view.execute("SELECT count(*) FROM garbage").fetchone() == (0,)  # type: ignore[attr-defined]
    service.close()


def test_what_could_not_be_unlinked_is_at_the_next_opening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the process ended between the commit and the unlinking."""
    service = disk_service(tmp_path / "store", durability="process")
    service.create_bucket(BUCKET)
    put(service, "k", b"x" * 100_000)

    def fail(_: int) -> None:
        raise OSError("busy")

    monkeypatch.setattr(service.catalog, "_release", fail)
    service.delete(BUCKET, DeleteRequest(key="k"))
    service.close()
    assert len(blobs_on_disk(tmp_path / "store")) == 1
    disk_service(tmp_path / "store", durability="process").close()
    assert blobs_on_disk(tmp_path / "store") == set()


def test_a_file_that_is_no_catalog_is_refused(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"this is something else" * 100)
    with pytest.raises(errors.ConfigurationError, match="not a catalog"):
        disk_service(tmp_path)


@pytest.mark.parametrize("durability", ["", "never"])
def test_an_unknown_durability_is_refused(tmp_path: Path, durability: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="durability"):
        disk_service(tmp_path, durability=durability)  # type: ignore[arg-type]


def size_of(number: int) -> int:
    """Parts of both kinds: those that are files and those that the catalog keeps."""
    return 20_000 if number % 2 else 20


def test_an_object_of_many_parts_is_read_without_holding_a_descriptor_each(tmp_path: Path) -> None:
    from dataclasses import replace

    from dskit.capabilities import Limits
    from tests.dskit.reference.helpers import complete, part, start

    service = disk_service(tmp_path / "store", durability="process", limits=replace(Limits(), min_part_bytes=1))
    service.create_bucket(BUCKET)
    upload = start(service, "k")
    parts = [part(service, "k", upload, number, bytes([number]) * size_of(number)) for number in range(1, 101)]
    complete(service, "k", upload, parts)
    reading = service.get(BUCKET, "k", ReadOptions())
    put(service, "k", b"replaced")
    before = len(descriptors_in(tmp_path))
    assert b"".join(reading) == b"".join(bytes([number]) * size_of(number) for number in range(1, 101))
    assert len(descriptors_in(tmp_path)) <= before + 1
    reading.close()
    assert [entry.name for entry in service.blobs._mine.iterdir()] == ["lock"]  # type: ignore[attr-defined]
    service.close()


def test_a_missing_blob_is_an_error_and_not_an_endless_loop(tmp_path: Path) -> None:
    """Somebody else removed a file of ours: the catalog says the same again, so nothing was merely replaced."""
    service = disk_service(tmp_path / "store", durability="process")
    service.create_bucket(BUCKET)
    put(service, "k", b"x" * 100_000)
    for blob in blobs_on_disk(tmp_path / "store"):
        service.blobs.remove(blob)
    with pytest.raises(errors.UnavailableError, match="missing"):
        read(service, "k")
    with pytest.raises(errors.UnavailableError, match="missing"):
        service.copy(BUCKET, "k", BUCKET, "copy", CopyOptions(checksum_algorithm="SHA1"))
    service.close()


def test_a_blob_that_goes_between_the_look_and_the_open_is_looked_up_again(tmp_path: Path) -> None:
    """Another process may replace the object and unlink its bytes at that very moment; readers and copiers go on."""
    service = disk_service(tmp_path / "store", durability="process")
    service.create_bucket(BUCKET)
    put(service, "k", b"1" * 100_000)
    honest = service.blobs.open
    turns = []

    def replaced_meanwhile(extents: tuple[Extent, ...]) -> BlobReader:
        turns.append(extents)
        if len(turns) % 2:
            put(service, "k", b"%d" % (len(turns) + 1) * 100_000)
        return honest(extents)

    service.blobs.open = replaced_meanwhile  # type: ignore[method-assign]
    assert read(service, "k") == b"2" * 100_000
    service.copy(BUCKET, "k", BUCKET, "copy", CopyOptions(checksum_algorithm="SHA1"))
    upload = start(service, "whole")
    sent = service.copy_part(BUCKET, "k", BUCKET, "whole", upload, 1, byte_range=None, options=CopyOptions())
    service.blobs.open = honest  # type: ignore[method-assign]
    assert read(service, "copy") == b"4" * 100_000
    complete(service, "whole", upload, [sent])
    assert read(service, "whole") == b"6" * 100_000
    service.close()


def test_nothing_that_has_ended_holds_a_descriptor_or_a_file(tmp_path: Path) -> None:
    """Writes that were committed, aborted, too long or refused; reads, copies; the opening itself."""
    path = tmp_path / "store"
    disk_service(path).close()
    assert descriptors_in(path) == []
    service = disk_service(path, durability="process", limits=Limits(max_put_bytes=300_000))
    service.create_bucket(BUCKET)
    opened = len(descriptors_in(tmp_path))
    put(service, "k", b"x" * 100_000)
    read(service, "k")
    service.copy(BUCKET, "k", BUCKET, "copy", CopyOptions(checksum_algorithm="SHA1"))
    for length, size in ((90_000, 100_000), (None, 400_000), (200_000, 100_000)):
        staging = service.begin_put(BUCKET, "other", PutOptions(length=length))
        with pytest.raises(errors.InvalidRequestError):  # not aborted by the caller
            write_and_commit(staging, b"x" * (size // 2))
    service.begin_put(BUCKET, "other", PutOptions()).abort()
    assert len(descriptors_in(tmp_path)) <= opened + 1  # SQLite's own
    assert [entry.name for entry in service.blobs._mine.iterdir()] == ["lock"]  # type: ignore[attr-defined]
    assert len(blobs_on_disk(path)) == 1
    service.close()
    assert descriptors_in(path) == []


def write_and_commit(staging: Staging, half: bytes) -> None:
    staging.write(half)
    staging.write(half)
    staging.commit()


def test_a_commit_of_unknown_outcome_keeps_its_bytes_until_the_catalog_knows(tmp_path: Path) -> None:
    """Where the catalog cannot say whether it committed, nobody may remove the blob before the next opening."""
    service = disk_service(tmp_path / "store", durability="process")
    service.create_bucket(BUCKET)
    staging = service.begin_put(BUCKET, "k", PutOptions())
    staging.write(b"x" * 100_000)

    def unknown(_: object) -> PutResult:
        raise errors.OutcomeUnknownError("the sync of the catalog failed")

    staging._publish = unknown
    with pytest.raises(errors.OutcomeUnknownError):
        staging.commit()
    staging.abort()
    assert len(blobs_on_disk(tmp_path / "store")) == 1
    service.close()
    assert len(blobs_on_disk(tmp_path / "store")) == 1
    disk_service(tmp_path / "store").close()
    assert blobs_on_disk(tmp_path / "store") == set()
    assert list((tmp_path / "store" / "staging").iterdir()) == []


def test_connections_of_threads_that_ended_are_closed(tmp_path: Path) -> None:
    service = disk_service(tmp_path / "store", durability="process")
    service.create_bucket(BUCKET)
    before = len(descriptors_in(tmp_path))
    for _ in range(20):
        worker = threading.Thread(target=put, args=(service, "k"))
        worker.start()
        worker.join()
    assert len(descriptors_in(tmp_path)) <= before + 6
    service.close()
