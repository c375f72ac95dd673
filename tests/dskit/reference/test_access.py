"""Owners, ACLs and configurations of buckets: kept and shown, without a meaning for the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from dskit.clock import ManualClock
from dskit.errors import (
    BucketNotFoundError,
    ConfigurationError,
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
)
from dskit.reference import ReferenceService, disk_service
from dskit.sources import BufferSource
from dskit.streams import Staging
from dskit.types import (
    NO_CONDITIONS,
    Access,
    Attributes,
    CompletedPart,
    Conditions,
    CopyOptions,
    DeleteRequest,
    Grant,
    ObjectMeta,
    PutOptions,
    ReadOptions,
    UploadOptions,
)

from .conftest import BUCKET

HERS = Access("alice", (Grant("alice", "FULL_CONTROL"), Grant("http://groups/AllUsers", "READ")))
HIS = Access("bob", ())


def put(service: ReferenceService, key: str, body: bytes = b"data", access: Access | None = None) -> None:
    service.put(BUCKET, key, BufferSource(body), PutOptions(access=access))


def meta(service: ReferenceService, key: str) -> ObjectMeta:
    reading = service.head(BUCKET, key, ReadOptions())
    reading.close()
    return reading.meta


def test_an_object_has_the_access_that_it_was_put_with(service: ReferenceService) -> None:
    put(service, "hers", access=HERS)
    put(service, "plain")
    assert (meta(service, "hers").access, meta(service, "plain").access) == (HERS, None)
    assert [(row.key, row.owner) for row in service.list_page(BUCKET).objects] == [("hers", "alice"), ("plain", None)]
    put(service, "hers")
    assert meta(service, "hers").access is None


def test_a_new_access_changes_nothing_else(service: ReferenceService, clock: ManualClock) -> None:
    service.put(BUCKET, "k", BufferSource(b"data"), PutOptions(attributes=Attributes(content_type="a/b")))
    before = meta(service, "k")
    clock.advance(60)
    service.put_access(BUCKET, "k", HERS, was=None)
    after = meta(service, "k")
    assert after.access == HERS
    after.access = None
    assert after == before
    service.put_access(BUCKET, "k", None, was=HERS)
    assert meta(service, "k").access is None
    reading = service.get(BUCKET, "k", ReadOptions())
    assert b"".join(reading) == b"data"
    reading.close()


@pytest.mark.parametrize("body", [b"small", b"x" * 300_000])
def test_bytes_go_with_the_last_object_whatever_its_access_was(service: ReferenceService, body: bytes) -> None:
    put(service, "k", body)
    service.put_access(BUCKET, "k", HERS, was=None)
    service.copy(BUCKET, "k", BUCKET, "c", CopyOptions())
    service.delete(BUCKET, DeleteRequest(key="k"))
    reading = service.get(BUCKET, "c", ReadOptions())
    assert b"".join(reading) == body
    reading.close()


def test_a_missing_object_or_bucket_gets_nothing(service: ReferenceService) -> None:
    with pytest.raises(NotFoundError):
        service.put_access(BUCKET, "missing", HERS, was=None)
    with pytest.raises(BucketNotFoundError):
        service.put_access("missing", "k", HERS, was=None)
    with pytest.raises(BucketNotFoundError):
        service.put_configuration("missing", "cors", [])


def test_an_access_that_has_changed_since_it_was_seen_stays(service: ReferenceService) -> None:
    put(service, "k", access=HIS)
    with pytest.raises(ConflictError):
        service.put_access(BUCKET, "k", HERS, was=None)
    assert meta(service, "k").access == HIS


@pytest.mark.parametrize("there", [HERS, None])
def test_a_write_for_one_owner_replaces_nothing_of_another(service: ReferenceService, there: Access | None) -> None:
    """None is the bucket's owner, who is another, too."""
    put(service, "source")
    upload = service.create_upload(BUCKET, "k", UploadOptions(access=HIS)).upload_id
    part = service.put_part(BUCKET, "k", upload, 1, BufferSource(b"new"), PutOptions())
    parts = [CompletedPart(number=1, etag=part.etag)]
    his = Conditions(owned_by="bob")

    def begin() -> Staging:
        staging = service.begin_put(BUCKET, "k", PutOptions(access=HIS, conditions=his))
        staging.write(b"new")
        return staging

    begun = begin()
    put(service, "k", access=there)
    writes: list[Callable[[], object]] = [
        begun.commit,
        begin,
        lambda: service.copy(BUCKET, "source", BUCKET, "k", CopyOptions(access=HIS, conditions=his)),
        lambda: service.complete_upload(BUCKET, "k", upload, parts, conditions=his),
        lambda: service.delete(BUCKET, DeleteRequest(key="k", owned_by="bob")),
    ]
    for write in writes:
        with pytest.raises(PermissionDeniedError):
            write()
    result = service.delete_many(BUCKET, [DeleteRequest(key="k", owned_by="bob")])
    assert [error.code for error in result.errors] == ["AccessDenied"]
    assert (meta(service, "k").access, meta(service, "k").size) == (there, 4)

    put(service, "k", access=HIS)
    begin().commit()
    for write in writes[2:]:
        write()
    begin().commit()  # nothing is there any more


def test_a_write_is_published_only_in_a_bucket_that_is_configured_as_it_was_seen(service: ReferenceService) -> None:
    put(service, "source")
    upload = service.create_upload(BUCKET, "k", UploadOptions()).upload_id
    part = service.put_part(BUCKET, "k", upload, 1, BufferSource(b"new"), PutOptions())
    parts = [CompletedPart(number=1, etag=part.etag)]
    seen = Conditions(configured={"acl": None, "ownership": {"Rules": []}})

    def commit() -> None:
        staging = service.begin_put(BUCKET, "k", PutOptions(conditions=seen))
        staging.write(b"new")
        staging.commit()

    writes: list[Callable[[], object]] = [
        commit,
        lambda: service.copy(BUCKET, "source", BUCKET, "k", CopyOptions(conditions=seen)),
        lambda: service.complete_upload(BUCKET, "k", upload, parts, conditions=seen),
    ]

    def refuse_all() -> None:
        for write in writes:
            with pytest.raises(ConflictError):
                write()
        with pytest.raises(NotFoundError):
            meta(service, "k")

    refuse_all()
    service.put_configuration(BUCKET, "ownership", {"Rules": []})
    service.put_configuration(BUCKET, "acl", [])
    refuse_all()
    service.put_configuration(BUCKET, "acl", None)
    service.put_configuration(BUCKET, "other", {})
    for write in writes:
        write()


def test_a_copy_has_its_own_access(service: ReferenceService) -> None:
    put(service, "source", access=HERS)
    service.copy(BUCKET, "source", BUCKET, "plain", CopyOptions())
    service.copy(BUCKET, "source", BUCKET, "his", CopyOptions(access=HIS))
    assert (meta(service, "plain").access, meta(service, "his").access) == (None, HIS)


def test_an_upload_keeps_its_access_until_it_is_completed(service: ReferenceService) -> None:
    upload = service.create_upload(BUCKET, "k", UploadOptions(access=HERS, initiator="carol"))
    assert (upload.owner, upload.initiator) == ("alice", "carol")
    assert [(row.owner, row.initiator) for row in service.list_uploads(BUCKET).uploads] == [("alice", "carol")]
    part = service.put_part(BUCKET, "k", upload.upload_id, 1, BufferSource(b"data"), PutOptions())
    shown = service.list_parts(BUCKET, "k", upload.upload_id).upload
    assert (shown.owner, shown.initiator) == ("alice", "carol")
    parts = [CompletedPart(number=1, etag=part.etag)]
    service.complete_upload(BUCKET, "k", upload.upload_id, parts, conditions=Conditions())
    assert meta(service, "k").access == HERS


def test_configurations_are_kept_by_name(service: ReferenceService) -> None:
    assert service.head_bucket(BUCKET).configurations == {}
    service.put_configuration(BUCKET, "one", {"Rules": [{"a": 1, "b": None, "c": "é"}]})
    service.put_configuration(BUCKET, "two", {})
    service.put_configuration(BUCKET, "two", "text")
    found = {"one": {"Rules": [{"a": 1, "b": None, "c": "é"}]}, "two": "text"}
    assert service.head_bucket(BUCKET).configurations == found
    assert service.list_buckets()[0].configurations == found
    service.put_configuration(BUCKET, "one", None)
    service.put_configuration(BUCKET, "never", None)
    assert service.head_bucket(BUCKET).configurations == {"two": "text"}


def test_a_bucket_can_be_made_with_configurations_and_takes_them_along(service: ReferenceService) -> None:
    assert service.create_bucket("made", owner="alice", configurations={"a": [1]}).configurations == {"a": [1]}
    service.delete_bucket("made")
    assert service.create_bucket("made").configurations == {}


def test_what_was_seen_does_not_change_afterwards(service: ReferenceService) -> None:
    before = service.head_bucket(BUCKET)
    service.put_configuration(BUCKET, "a", [1])
    assert before.configurations == {}


def test_all_of_it_survives_a_restart(tmp_path: Path) -> None:
    with_access = disk_service(tmp_path / "store", durability="process")
    with_access.create_bucket(BUCKET, owner="alice", configurations={"a": [1, {"b": True}]})
    put(with_access, "k", access=HERS)
    upload = with_access.create_upload(BUCKET, "u", UploadOptions(access=HIS, initiator="bob"))
    with_access.close()
    again = disk_service(tmp_path / "store", durability="process")
    assert again.head_bucket(BUCKET).configurations == {"a": [1, {"b": True}]}
    assert meta(again, "k").access == HERS
    found = again.list_parts(BUCKET, "u", upload.upload_id).upload
    assert (found.owner, found.initiator) == ("bob", "bob")
    again.close()


def _at_format_2(path: Path) -> None:
    """What the second version wrote: a listing had to look at the versions."""
    with sqlite3.connect(path) as db:
        for column in ("size", "etag", "modified", "told"):
            db.execute(f"ALTER TABLE current DROP COLUMN {column}")
        db.execute("PRAGMA user_version = 2")
    db.close()


def _at_format_1(path: Path) -> None:
    """What the first version wrote: buckets had no configurations either."""
    _at_format_2(path)
    with sqlite3.connect(path) as db:
        db.execute("ALTER TABLE buckets DROP COLUMN configurations")
        db.execute("PRAGMA user_version = 1")
    db.close()


def _from_the_future(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()


@pytest.fixture
def rewritten(tmp_path: Path) -> Callable[[Callable[[Path], None]], Path]:
    def rewrite(change: Callable[[Path], None]) -> Path:
        root = tmp_path / "store"
        made = disk_service(root, durability="process")
        made.create_bucket(BUCKET, owner="alice")
        put(made, "k")
        made.close()
        change(root / "catalog.sqlite")
        return root

    return rewrite


def test_a_directory_of_the_first_format_is_opened_and_brought_up_to_date(
    rewritten: Callable[[Callable[[Path], None]], Path],
) -> None:
    root = rewritten(_at_format_1)
    for _ in range(2):
        service = disk_service(root, durability="process")
        assert service.head_bucket(BUCKET).owner == "alice"
        assert meta(service, "k").access is None
        service.put_configuration(BUCKET, "a", [1])
        service.put_access(BUCKET, "k", None, was=None)
        service.close()


def test_a_directory_of_the_second_format_lists_what_it_listed(tmp_path: Path) -> None:
    root = tmp_path / "store"
    made = disk_service(root, durability="process")
    for bucket in (BUCKET, "another"):
        made.create_bucket(bucket)
    put(made, "plain")
    put(made, "hers", b"longer", access=HERS)
    made.put(
        BUCKET,
        "cold é\0～",
        BufferSource(b""),
        PutOptions(attributes=Attributes(storage_class="GLACIER", metadata={"a": "b"}), checksum_algorithm="SHA1"),
    )
    upload = made.create_upload(BUCKET, "parts", UploadOptions(checksum_algorithm="SHA256"))
    part = made.put_part(BUCKET, "parts", upload.upload_id, 1, BufferSource(b"part"), PutOptions())
    whole = CompletedPart(number=1, etag=part.etag, checksums=part.checksums)
    made.complete_upload(BUCKET, "parts", upload.upload_id, [whole], conditions=NO_CONDITIONS)
    made.put("another", "plain", BufferSource(b"other"), PutOptions())
    before = [made.list_page(bucket) for bucket in (BUCKET, "another")]
    made.close()
    _at_format_2(root / "catalog.sqlite")
    for _ in range(2):
        service = disk_service(root, durability="process")
        assert [service.list_page(bucket) for bucket in (BUCKET, "another")] == before
        service.close()
    assert [row.checksum_type for row in before[0].objects] == [
        "FULL_OBJECT",
        "FULL_OBJECT",
        "COMPOSITE",
        "FULL_OBJECT",
    ]


def test_a_directory_of_a_later_format_is_refused_and_left_alone(
    rewritten: Callable[[Callable[[Path], None]], Path],
) -> None:
    root = rewritten(_from_the_future)
    with pytest.raises(ConfigurationError, match="format 99"):
        disk_service(root, durability="process")
    with sqlite3.connect(root / "catalog.sqlite") as db:
        assert db.execute("PRAGMA user_version").fetchone() == (99,)
    db.close()
