"""Uploads, parts and copies; every test over memory and SQLite."""

from __future__ import annotations

import hashlib
import os

import pytest

from dskit import checksums, errors
from dskit.reference import ReferenceService
from dskit.reference.blobs import MemoryBlobs
from dskit.types import (
    Attributes,
    ByteRange,
    CompletedPart,
    Conditions,
    CopyOptions,
    DeleteRequest,
    PutOptions,
    ReadOptions,
    UploadOptions,
)
from tests.dskit.reference.helpers import BUCKET, complete, part, put, read, start


def test_parts_join_in_number_order_and_the_tag_says_how_many(service: ReferenceService) -> None:
    upload = start(service, "k", attributes=Attributes(content_type="text/plain", metadata={"a": "1"}))
    last = part(service, "k", upload, 5, b"end")
    first = part(service, "k", upload, 2, b"start")
    result = complete(service, "k", upload, [first, last])
    md5s = hashlib.md5(b"start").digest() + hashlib.md5(b"end").digest()
    assert read(service, "k") == b"startend"
    assert result.etag == f'"{hashlib.md5(md5s).hexdigest()}-2"'
    meta = service.head(BUCKET, "k", ReadOptions()).meta
    assert (meta.etag, meta.parts_count, dict(meta.metadata)) == (result.etag, 2, {"a": "1"})


def test_without_a_choice_the_whole_has_a_crc64nvme(service: ReferenceService) -> None:
    upload = start(service, "k")
    parts = [part(service, "k", upload, number, data) for number, data in ((1, b"start"), (2, b"end"))]
    result = complete(service, "k", upload, parts)
    expected = checksums.encode(checksums.crc("CRC64NVME", b"startend"))
    assert (dict(result.checksums), result.checksum_type) == ({"CRC64NVME": expected}, "FULL_OBJECT")


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA256"])
def test_a_composite_needs_the_checksum_of_each_part(service: ReferenceService, algorithm: str) -> None:
    upload = start(service, "k", checksum_algorithm=algorithm)
    parts = [part(service, "k", upload, 1, b"start"), part(service, "k", upload, 2, b"end")]
    bare = [CompletedPart(number=one.number, etag=one.etag) for one in parts]
    with pytest.raises(errors.InvalidRequestError, match="missing for part 1"):
        service.complete_upload(BUCKET, "k", upload, bare, conditions=Conditions())
    result = complete(service, "k", upload, parts)
    digests = [checksums.crc(algorithm, b"start"), checksums.crc(algorithm, b"end")]
    assert dict(result.checksums) == {algorithm: checksums.composite(algorithm, digests)}


def test_a_full_object_checksum_is_combined_and_verified(service: ReferenceService) -> None:
    upload = start(service, "k", checksum_algorithm="CRC32C", checksum_type="FULL_OBJECT")
    parts = [part(service, "k", upload, 1, b"start"), part(service, "k", upload, 2, b"end")]
    expected = checksums.encode(checksums.crc("CRC32C", b"startend"))
    with pytest.raises(errors.ChecksumMismatchError):
        complete(service, "k", upload, parts, checksums={"CRC32C": "AAAAAA=="}, checksum_type="FULL_OBJECT")
    result = complete(service, "k", upload, parts, checksums={"CRC32C": expected}, checksum_type="FULL_OBJECT")
    assert dict(result.checksums) == {"CRC32C": expected}


@pytest.mark.parametrize(
    ("options", "given"),
    [
        ({}, {"CRC32": "AAAAAA=="}),
        ({"checksum_algorithm": "CRC32C"}, {"CRC32": "AAAAAA=="}),
        ({"checksum_algorithm": "CRC32C", "checksum_type": "FULL_OBJECT"}, {"CRC32C": "xmOrNA==", "SHA1": "A" * 28}),
    ],
)
def test_a_checksum_that_nobody_can_verify_is_refused(
    service: ReferenceService, options: dict[str, str], given: dict[str, str]
) -> None:
    upload = start(service, "k", **options)
    parts = [part(service, "k", upload, 1, b"x")]
    with pytest.raises(errors.InvalidRequestError, match=f"actual checksum Type: {[*given][-1].lower()}"):
        complete(service, "k", upload, parts, checksums=given)
    complete(service, "k", upload, parts)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"checksum_type": "COMPOSITE"}, "only be used with"),
        ({"checksum_algorithm": "MD4"}, "unsupported"),
        ({"checksum_algorithm": "CRC64NVME", "checksum_type": "COMPOSITE"}, "cannot be used"),
        ({"checksum_algorithm": "SHA1", "checksum_type": "FULL_OBJECT"}, "cannot be used"),
    ],
)
def test_impossible_checksum_modes_are_refused(service: ReferenceService, options: dict[str, str], words: str) -> None:
    with pytest.raises(errors.InvalidRequestError, match=words):
        service.create_upload(BUCKET, "k", UploadOptions(**options))  # type: ignore[arg-type]


def test_a_refused_completion_leaves_the_upload_and_the_object(service: ReferenceService) -> None:
    put(service, "k", b"old")
    upload = start(service, "k")
    one, two = part(service, "k", upload, 1, b"start"), part(service, "k", upload, 2, b"end")
    small = part(service, "k", upload, 3, b"abc")
    wrong = CompletedPart(number=1, etag='"d41d8cd98f00b204e9800998ecf8427e"')
    unknown = CompletedPart(number=9, etag=one.etag)
    refusals: list[tuple[list[object], str]] = [
        ([], "InvalidRequest"),
        ([two, one], "InvalidPartOrder"),
        ([one, one], "InvalidPartOrder"),
        ([wrong], "InvalidPart"),
        ([one, unknown], "InvalidPart"),
        ([two, small], "EntityTooSmall"),
    ]
    for parts, code in refusals:
        with pytest.raises(errors.StoreError) as caught:
            service.complete_upload(BUCKET, "k", upload, parts, conditions=Conditions())  # type: ignore[arg-type]
        assert caught.value.code == code
    with pytest.raises(errors.AlreadyExistsError):
        complete(service, "k", upload, [one, two], conditions={"if_none_match": "*"})
    with pytest.raises(errors.InvalidRequestError, match="does not match what was computed"):
        complete(service, "k", upload, [one, two], size=1)
    assert read(service, "k") == b"old"
    complete(service, "k", upload, [one, two])
    assert read(service, "k") == b"startend"


def test_a_repeated_completion_gives_the_same_answer_until_the_object_is_replaced(service: ReferenceService) -> None:
    upload = start(service, "k")
    parts = [part(service, "k", upload, 1, b"abc")]
    assert complete(service, "k", upload, parts) == complete(service, "k", upload, parts)
    put(service, "k", b"other")
    with pytest.raises(errors.UploadNotFoundError):
        complete(service, "k", upload, parts)


def test_a_key_that_changed_meanwhile_conflicts_with_a_condition(service: ReferenceService) -> None:
    """Deleted or written after the upload began: 409, and the condition itself is looked at first."""
    first = put(service, "k", b"old")
    upload = start(service, "k")
    parts = [part(service, "k", upload, 1, b"abc")]
    from dskit.types import DeleteRequest

    service.delete(BUCKET, DeleteRequest(key="k"))
    with pytest.raises(errors.ConflictError):
        complete(service, "k", upload, parts, conditions={"if_none_match": "*"})
    put(service, "k", b"old")
    with pytest.raises(errors.ConflictError):
        complete(service, "k", upload, parts, conditions={"if_match": first.etag})
    again = start(service, "k")
    complete(service, "k", again, [part(service, "k", again, 1, b"abc")], conditions={"if_match": first.etag})


def test_an_ended_or_foreign_upload_is_unknown_to_every_verb(service: ReferenceService) -> None:
    upload = start(service, "k")
    one = part(service, "k", upload, 1, b"abc")
    with pytest.raises(errors.UploadNotFoundError):
        part(service, "other", upload, 2, b"abc")
    service.abort_upload(BUCKET, "k", upload)
    for call in (
        lambda: part(service, "k", upload, 2, b"abc"),
        lambda: complete(service, "k", upload, [one]),
        lambda: service.abort_upload(BUCKET, "k", upload),
        lambda: service.list_parts(BUCKET, "k", upload),
    ):
        with pytest.raises(errors.UploadNotFoundError) as caught:
            call()
        assert caught.value.details == {"UploadId": upload}


@pytest.mark.parametrize("number", [0, -1, 10_001])
def test_part_numbers_have_bounds(service: ReferenceService, number: int) -> None:
    upload = start(service, "k")
    with pytest.raises(errors.InvalidRequestError) as caught:
        part(service, "k", upload, number, b"x")
    assert caught.value.details == {"ArgumentName": "partNumber", "ArgumentValue": str(number)}
    put(service, "source")
    with pytest.raises(errors.InvalidRequestError):
        service.copy_part(BUCKET, "source", BUCKET, "k", upload, number, byte_range=None, options=CopyOptions())


def test_a_part_that_is_uploaded_again_replaces_the_first(service: ReferenceService) -> None:
    upload = start(service, "k")
    part(service, "k", upload, 1, b"first")
    second = part(service, "k", upload, 1, b"second")
    complete(service, "k", upload, [second])
    assert read(service, "k") == b"second"


def test_a_part_of_exactly_the_least_size_may_be_any_but_the_last(service: ReferenceService) -> None:
    upload = start(service, "k")
    parts = [part(service, "k", upload, number, data) for number, data in ((1, b"1234"), (2, b"5"))]
    assert complete(service, "k", upload, parts).size == 5


def test_a_delete_is_remembered_as_long_as_any_upload_of_the_key(service: ReferenceService) -> None:
    """Two uploads see the key deleted; that one of them ends does not hide it from the other."""
    put(service, "k")
    first, second = start(service, "k"), start(service, "k")
    service.delete(BUCKET, DeleteRequest(key="k"))
    service.abort_upload(BUCKET, "k", first)
    sent = part(service, "k", second, 1, b"x")
    with pytest.raises(errors.ConflictError):
        complete(service, "k", second, [sent], conditions={"if_none_match": "*"})
    third = start(service, "k")
    service.abort_upload(BUCKET, "k", second)
    assert complete(service, "k", third, [part(service, "k", third, 1, b"x")], conditions={"if_none_match": "*"})


def test_parts_page_by_number(service: ReferenceService) -> None:
    upload = start(service, "k")
    for number in (1, 3, 5, 9):
        part(service, "k", upload, number, b"x")
    page = service.list_parts(BUCKET, "k", upload, after=1, max_parts=2)
    assert ([one.number for one in page.parts], page.next_marker) == ([3, 5], 5)
    assert service.list_parts(BUCKET, "k", upload, after=5, max_parts=2).next_marker is None
    assert service.list_parts(BUCKET, "k", upload, max_parts=4).next_marker is None
    assert service.list_parts(BUCKET, "k", upload, max_parts=0).parts == []


def test_a_part_number_reads_that_part(service: ReferenceService) -> None:
    upload = start(service, "k", checksum_algorithm="CRC32")
    parts = [part(service, "k", upload, number, data) for number, data in ((1, b"start"), (2, b"end"))]
    complete(service, "k", upload, parts)
    reading = service.get(BUCKET, "k", ReadOptions(part_number=2))
    assert b"".join(reading) == b"end"
    assert (reading.start, reading.stop, reading.meta.size) == (5, 8, 8)
    assert reading.meta.checksums == parts[1].checksums
    with pytest.raises(errors.RangeNotSatisfiableError):
        service.get(BUCKET, "k", ReadOptions(part_number=3))


def test_a_copy_shares_nothing_that_shows(service: ReferenceService) -> None:
    put(service, "a", b"bytes", attributes=Attributes(content_type="text/plain", metadata={"m": "1"}))
    service.copy(BUCKET, "a", BUCKET, "b", CopyOptions())
    put(service, "a", b"other")
    meta = service.head(BUCKET, "b", ReadOptions()).meta
    assert (read(service, "b"), meta.content_type, dict(meta.metadata)) == (b"bytes", "text/plain", {"m": "1"})


def test_a_copy_onto_itself_must_change_something_and_keeps_the_bytes(service: ReferenceService) -> None:
    put(service, "a", b"bytes")
    with pytest.raises(errors.InvalidRequestError, match="copy an object to itself"):
        service.copy(BUCKET, "a", BUCKET, "a", CopyOptions())
    service.copy(BUCKET, "a", BUCKET, "a", CopyOptions(attributes=Attributes(metadata={"n": "2"})))
    assert read(service, "a") == b"bytes"
    assert dict(service.head(BUCKET, "a", ReadOptions()).meta.metadata) == {"n": "2"}


def test_the_copy_of_a_multipart_object_has_a_plain_tag(service: ReferenceService) -> None:
    upload = start(service, "k")
    parts = [part(service, "k", upload, number, data) for number, data in ((1, b"start"), (2, b"end"))]
    complete(service, "k", upload, parts)
    result = service.copy(BUCKET, "k", BUCKET, "copy", CopyOptions())
    assert result.etag == f'"{hashlib.md5(b"startend").hexdigest()}"'
    assert read(service, "copy") == b"startend"
    assert service.object_parts(BUCKET, "copy") is None


def test_an_algorithm_that_does_not_exist_is_refused_by_a_copy(service: ReferenceService) -> None:
    put(service, "k")
    with pytest.raises(errors.InvalidRequestError):
        service.copy(BUCKET, "k", BUCKET, "copy", CopyOptions(checksum_algorithm="XXHASH"))


def test_bytes_go_with_the_last_that_refers_to_them(service: ReferenceService) -> None:
    """Objects, copies, parts, replaced parts, uploads that are aborted or completed: afterwards no blob is left."""
    large = b"x" * 100_000
    put(service, "k", large)
    put(service, "k", large)
    service.copy(BUCKET, "k", BUCKET, "copy", CopyOptions())
    for end in ("abort", "complete"):
        upload = start(service, "whole")
        part(service, "whole", upload, 1, large)
        sent = part(service, "whole", upload, 1, large)
        service.copy_part(BUCKET, "k", BUCKET, "whole", upload, 2, byte_range=ByteRange(5, 9), options=CopyOptions())
        if end == "abort":
            service.abort_upload(BUCKET, "whole", upload)
        else:
            complete(service, "whole", upload, [sent])
    start(service, "never")
    late = service.begin_put(BUCKET, "k", PutOptions(conditions=Conditions(if_match=put(service, "k", large).etag)))
    late.write(large)
    put(service, "k", b"y" + large)
    with pytest.raises(errors.PreconditionFailedError):
        late.commit()
    assert files(service) == 3  # k, what copy holds, whole
    service.delete_many(BUCKET, [DeleteRequest(key=key) for key in ("k", "copy", "whole")])
    assert files(service) == 0
    service.delete_bucket(BUCKET)


def test_a_deleted_bucket_takes_its_uploads_along(service: ReferenceService) -> None:
    upload = start(service, "k")
    part(service, "k", upload, 1, b"x" * 100_000)
    service.delete_bucket(BUCKET)
    assert files(service) == 0
    service.create_bucket(BUCKET)
    assert service.list_uploads(BUCKET).uploads == []
    with pytest.raises(errors.UploadNotFoundError):
        service.list_parts(BUCKET, "k", upload)


def files(service: ReferenceService) -> int:
    """How many blobs there are, whoever refers to them."""
    blobs = service.blobs
    return len(blobs._blobs) if isinstance(blobs, MemoryBlobs) else len(os.listdir(blobs._blobs))  # type: ignore[attr-defined]


def test_conditions_of_a_copy_on_both_sides(service: ReferenceService) -> None:
    etag = put(service, "a", b"1").etag
    put(service, "b", b"2")
    for options in (
        CopyOptions(source_conditions=Conditions(if_match='"x"')),
        CopyOptions(source_conditions=Conditions(if_none_match=etag)),
        CopyOptions(conditions=Conditions(if_none_match="*")),
        CopyOptions(conditions=Conditions(if_match='"x"')),
    ):
        with pytest.raises(errors.PreconditionFailedError):
            service.copy(BUCKET, "a", BUCKET, "b", options)
    assert read(service, "b") == b"2"
    with pytest.raises(errors.NotFoundError):
        service.copy(BUCKET, "missing", BUCKET, "b", CopyOptions())


def test_a_version_that_does_not_exist_is_no_source(service: ReferenceService) -> None:
    put(service, "k")
    upload = start(service, "new")
    options = CopyOptions(source_version_id="other")
    with pytest.raises(errors.NotFoundError) as caught:
        service.copy(BUCKET, "k", BUCKET, "new", options)
    assert caught.value.code == "NoSuchVersion"
    with pytest.raises(errors.NotFoundError):
        service.copy_part(BUCKET, "k", BUCKET, "new", upload, 1, byte_range=None, options=options)


def test_a_part_copied_from_a_range(service: ReferenceService) -> None:
    put(service, "a", b"0123456789")
    upload = start(service, "k")
    options = CopyOptions()
    one = service.copy_part(BUCKET, "a", BUCKET, "k", upload, 1, byte_range=ByteRange(2, 5), options=options)
    with pytest.raises(errors.InvalidRequestError, match="not valid for source object of size: 10"):
        service.copy_part(BUCKET, "a", BUCKET, "k", upload, 2, byte_range=ByteRange(2, 10), options=options)
    complete(service, "k", upload, [one])
    put(service, "a", b"changed")
    assert read(service, "k") == b"2345"
