"""Put, get, head and delete; every test over memory and SQLite."""

from __future__ import annotations

import base64
import hashlib
import random
from itertools import pairwise
from typing import Any

import pytest

from dskit import checksums, errors
from dskit.clock import ManualClock
from dskit.reference import ReferenceService
from dskit.types import Attributes, ByteRange, Conditions, DeleteRequest, PutOptions, ReadOptions
from tests.dskit.reference.helpers import BUCKET, put, read


def test_bytes_metadata_and_digests_come_back(service: ReferenceService) -> None:
    attributes = Attributes(content_type="text/plain", cache_control="no-store", metadata={"a": "ü"})
    result = put(service, "a//b", b"hello", attributes=attributes)
    meta = service.head(BUCKET, "a//b", ReadOptions()).meta
    assert read(service, "a//b") == b"hello"
    assert meta.etag == result.etag == f'"{hashlib.md5(b"hello").hexdigest()}"'
    assert meta.attributes == attributes
    assert (meta.size, meta.checksum_type, list(meta.checksums)) == (5, "FULL_OBJECT", ["CRC64NVME"])


def test_an_overwrite_merges_nothing(service: ReferenceService) -> None:
    put(service, "k", b"1", attributes=Attributes(content_type="text/plain", metadata={"a": "1"}))
    put(service, "k", b"22")
    meta = service.head(BUCKET, "k", ReadOptions()).meta
    assert (meta.size, meta.content_type, dict(meta.metadata)) == (2, "binary/octet-stream", {})


def test_times_are_cut_to_milliseconds(service: ReferenceService, clock: ManualClock) -> None:
    clock.advance(0.123999)
    modified = put(service, "k").last_modified
    assert modified is not None
    assert modified == service.head(BUCKET, "k", ReadOptions()).meta.last_modified
    assert modified == clock.now().replace(microsecond=clock.now().microsecond // 1000 * 1000) != clock.now()


def test_a_read_is_pinned_to_one_state(service: ReferenceService) -> None:
    put(service, "k", b"old" * 100_000)
    reading = service.get(BUCKET, "k", ReadOptions())
    put(service, "k", b"new")
    service.delete(BUCKET, DeleteRequest(key="k"))
    assert b"".join(reading) == b"old" * 100_000
    reading.close()


def test_ranges_are_cut_out_of_the_bytes(service: ReferenceService) -> None:
    put(service, "k", bytes(range(200)))
    assert read(service, "k", range=ByteRange(3, 5)) == bytes([3, 4, 5])
    assert read(service, "k", range=ByteRange(suffix=2)) == bytes([198, 199])
    reading = service.get(BUCKET, "k", ReadOptions(range=ByteRange(150)))
    assert (reading.start, reading.stop, reading.partial, reading.meta.size) == (150, 200, True, 200)


@pytest.mark.parametrize(
    ("options", "error", "code"),
    [
        ({"content_md5": "AAAAAAAAAAAAAAAAAAAAAA=="}, errors.ChecksumMismatchError, "BadDigest"),
        ({"content_md5": "xx"}, errors.InvalidRequestError, "InvalidDigest"),
        ({"checksum_algorithm": "CRC32", "checksum": "AAAAAA=="}, errors.ChecksumMismatchError, "BadDigest"),
        ({"checksum_algorithm": "CRC32", "checksum": "nope"}, errors.InvalidRequestError, "InvalidRequest"),
        ({"checksum_algorithm": "XXHASH"}, errors.InvalidRequestError, "InvalidRequest"),
        ({"length": 9}, errors.InvalidRequestError, "IncompleteBody"),
        ({"attributes": Attributes(metadata={"a": "b" * 2048})}, errors.TooLargeError, "MetadataTooLarge"),
        ({"conditions": Conditions(if_none_match="*")}, errors.AlreadyExistsError, "PreconditionFailed"),
        ({"conditions": Conditions(if_match='"x"')}, errors.PreconditionFailedError, "PreconditionFailed"),
    ],
)
def test_a_refused_put_changes_nothing(
    service: ReferenceService, options: dict[str, Any], error: type[errors.StoreError], code: str
) -> None:
    put(service, "k", b"old", attributes=Attributes(metadata={"a": "1"}))
    before = service.head(BUCKET, "k", ReadOptions()).meta
    with pytest.raises(error) as caught:
        put(service, "k", b"newer", **options)
    assert caught.value.code == code
    assert service.head(BUCKET, "k", ReadOptions()).meta == before
    assert read(service, "k") == b"old"


def test_metadata_of_exactly_2_kb_is_stored(service: ReferenceService) -> None:
    put(service, "k", attributes=Attributes(metadata={"a": "b" * 2047}))


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_the_chosen_checksum_is_verified_and_kept(service: ReferenceService, algorithm: str) -> None:
    value = checksums.encode(checksums.crc(algorithm, b"data"))
    put(service, "k", b"data", checksum_algorithm=algorithm, checksum=value)
    assert dict(service.head(BUCKET, "k", ReadOptions()).meta.checksums) == {algorithm: value}


def test_a_checksum_of_a_trailer_is_verified(service: ReferenceService) -> None:
    staging = service.begin_put(BUCKET, "k", PutOptions(checksum_algorithm="CRC32"))
    staging.write(b"data")
    with pytest.raises(errors.ChecksumMismatchError):
        staging.commit(checksums={"CRC32": base64.b64encode(b"0000").decode()})
    with pytest.raises(errors.NotFoundError):
        read(service, "k")


def test_a_checksum_of_a_trailer_is_never_passed_over(service: ReferenceService) -> None:
    """One beside the header's is verified as well; one that nobody announced was not computed, so it is refused."""
    right = checksums.encode(checksums.crc("CRC32", b"data"))
    for trailers, error in (
        ({"CRC32": "AAAAAA=="}, errors.ChecksumMismatchError),
        ({"SHA1": "x"}, errors.InvalidRequestError),
    ):
        staging = service.begin_put(BUCKET, "k", PutOptions(checksum_algorithm="CRC32", checksum=right))
        staging.write(b"data")
        with pytest.raises(error):
            staging.commit(checksums=trailers)
    assert service.list_page(BUCKET).objects == []


@pytest.mark.parametrize("sizes", [[1] * 300, [70_000, 1, 1, 65_536, 3], [3, 70_000] * 4, [0, 5, 0]])
def test_a_body_may_come_in_pieces_of_any_size(service: ReferenceService, sizes: list[int]) -> None:
    """Small pieces are joined and large ones kept apart; ranges cut through both."""
    body = random.Random(1).randbytes(sum(sizes))
    staging = service.begin_put(BUCKET, "k", PutOptions())
    position = 0
    for size in sizes:
        staging.write(memoryview(body)[position : position + size])
        position += size
    assert staging.commit().etag == f'"{hashlib.md5(body).hexdigest()}"'
    assert read(service, "k") == body
    edges = sorted({0, len(body), *(min(len(body), edge) for edge in (1, 3, 65_535, 65_537, 70_000, 70_002, 140_000))})
    for first, stop in pairwise(edges):
        assert read(service, "k", range=ByteRange(first, stop - 1)) == body[first:stop]


def test_an_aborted_write_leaves_nothing(service: ReferenceService) -> None:
    staging = service.begin_put(BUCKET, "k", PutOptions())
    staging.write(b"x" * 100_000)
    staging.abort()
    staging.abort()
    with pytest.raises(errors.NotFoundError):
        read(service, "k")
    with pytest.raises(errors.InvalidRequestError):
        staging.commit()


def test_conditions_are_checked_again_when_the_write_is_published(service: ReferenceService) -> None:
    staging = service.begin_put(BUCKET, "k", PutOptions(conditions=Conditions(if_none_match="*")))
    staging.write(b"late")
    put(service, "k", b"first")
    with pytest.raises(errors.AlreadyExistsError):
        staging.commit()
    assert read(service, "k") == b"first"


def test_last_modified_never_goes_back(service: ReferenceService, clock: ManualClock) -> None:
    clock.advance(10)
    first = put(service, "k").last_modified
    clock._now = clock._origin  # a clock that was set back
    second = put(service, "k").last_modified
    assert first is not None
    assert second is not None
    assert second >= first


def test_deleting_is_idempotent_and_exact(service: ReferenceService) -> None:
    for key in ("a", "a/", "a/b"):
        put(service, key)
    service.delete(BUCKET, DeleteRequest(key="a/"))
    service.delete(BUCKET, DeleteRequest(key="a/"))
    assert [row.key for row in service.list_page(BUCKET).objects] == ["a", "a/b"]


def test_a_batch_reports_each_key(service: ReferenceService) -> None:
    put(service, "a")
    put(service, "b")
    requests = [DeleteRequest(key="a"), DeleteRequest(key="gone"), DeleteRequest(key="b", if_match='"stale"')]
    result = service.delete_many(BUCKET, requests)
    assert result.deleted == ["a", "gone"]
    assert [(error.key, error.code) for error in result.errors] == [("b", "PreconditionFailed")]


def test_part_one_of_an_object_that_was_not_multipart_is_all_of_it(service: ReferenceService) -> None:
    put(service, "k", b"abc")
    reading = service.get(BUCKET, "k", ReadOptions(part_number=1))
    assert (b"".join(reading), reading.partial) == (b"abc", True)
    with pytest.raises(errors.RangeNotSatisfiableError) as caught:
        service.get(BUCKET, "k", ReadOptions(part_number=2))
    assert caught.value.details == {"PartNumberRequested": "2", "ActualPartCount": "1"}


def test_a_missing_bucket_is_named_by_every_verb(service: ReferenceService) -> None:
    for call in (
        lambda: service.begin_put("nowhere", "k", PutOptions()),
        lambda: service.get("nowhere", "k", ReadOptions()),
        lambda: service.delete("nowhere", DeleteRequest(key="k")),
        lambda: service.delete_many("nowhere", [DeleteRequest(key="k")]),
        lambda: service.list_page("nowhere"),
        lambda: service.list_uploads("nowhere"),
        lambda: service.delete_bucket("nowhere"),
    ):
        with pytest.raises(errors.BucketNotFoundError) as caught:
            call()
        assert caught.value.details == {"BucketName": "nowhere"}


def test_a_write_does_not_end_in_another_bucket_of_the_same_name(service: ReferenceService) -> None:
    staging = service.begin_put(BUCKET, "k", PutOptions())
    staging.write(b"x" * 100_000)
    service.delete_bucket(BUCKET)
    service.create_bucket(BUCKET, owner="somebody else")
    with pytest.raises(errors.BucketNotFoundError):
        staging.commit()
    assert service.list_page(BUCKET).objects == []


def test_a_bucket_with_objects_is_not_deleted(service: ReferenceService) -> None:
    put(service, "k")
    with pytest.raises(errors.BucketNotEmptyError):
        service.delete_bucket(BUCKET)
    service.delete(BUCKET, DeleteRequest(key="k"))
    service.delete_bucket(BUCKET)
    assert service.list_buckets() == []


def test_only_the_null_version_exists(service: ReferenceService) -> None:
    put(service, "k", b"abc")
    assert read(service, "k", version_id="null") == b"abc"
    with pytest.raises(errors.NotFoundError) as caught:
        read(service, "k", version_id="other")
    assert caught.value.code == "NoSuchVersion"


@pytest.mark.parametrize("sent", [b"12", b"1234"])
def test_a_body_of_another_length_than_announced_is_refused(service: ReferenceService, sent: bytes) -> None:
    """One that is too long as soon as it is, one that is too short at its end."""
    with pytest.raises(errors.InvalidRequestError) as caught:
        put(service, "k", sent, length=3)
    assert caught.value.code == "IncompleteBody"
    assert caught.value.details == {"NumberBytesExpected": "3", "NumberBytesProvided": str(len(sent))}
    assert service.list_page(BUCKET).objects == []


def test_a_body_of_exactly_the_announced_length_is_stored(service: ReferenceService) -> None:
    put(service, "k", b"123", length=3)
    assert read(service, "k") == b"123"


def test_a_body_that_is_announced_too_large_is_refused_before_it_comes(service: ReferenceService) -> None:
    with pytest.raises(errors.TooLargeError) as caught:
        service.begin_put(BUCKET, "k", PutOptions(length=5 * 1024**3 + 1))
    assert caught.value.code == "EntityTooLarge"


def test_nothing_can_be_written_after_the_end(service: ReferenceService) -> None:
    staging = service.begin_put(BUCKET, "k", PutOptions())
    staging.write(b"x")
    staging.commit()
    with pytest.raises(errors.InvalidRequestError):
        staging.write(b"y")
    assert read(service, "k") == b"x"


def test_names_that_no_bucket_and_no_upload_can_have_are_not_found(service: ReferenceService) -> None:
    """Lone surrogates come from clients; they are no reason for another error than that nothing is there."""
    with pytest.raises(errors.BucketNotFoundError):
        service.head_bucket("\ud800")
    with pytest.raises(errors.UploadNotFoundError):
        service.abort_upload(BUCKET, "k", "\ud800")
