"""Every verb of the port through both S3 clients, over the emulator and over a real MinIO server."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

import dskit_emulator
from dskit import (
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
from dskit.backend import ObjectService
from dskit.errors import (
    AlreadyExistsError,
    BucketExistsError,
    BucketNotEmptyError,
    BucketNotFoundError,
    ChecksumMismatchError,
    InvalidPartError,
    InvalidRequestError,
    NotFoundError,
    NotModifiedError,
    PreconditionFailedError,
    RangeNotSatisfiableError,
    UploadNotFoundError,
)
from dskit.sources import BufferSource, IterableSource
from tests.dskit.backends.conftest import Maker

B = "data"
MIB = 1024 * 1024


def put(service: ObjectService, key: str, data: bytes = b"hello", **options: object) -> str:
    result = service.put(B, key, BufferSource(data), PutOptions(**options))  # type: ignore[arg-type]
    return result.etag


def read(service: ObjectService, key: str, **options: object) -> bytes:
    return b"".join(service.get(B, key, ReadOptions(**options)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "key",
    [
        "a b+c/é%25?#&=",
        "control\x01",
        "control\x7f",
        "new\nline",
        "carriage\rreturn",
        "tab\there",
        " ",
        " lead and trail ",
        "~*'()!",
        "😀/日本",
        "e\u0301",
        "?uploads",
        "%2F",
        "&lt;&#2;",
    ],
)
def test_odd_keys_survive_every_way_of_naming_them(service: ObjectService, key: str) -> None:
    put(service, key, b"1")
    assert read(service, key) == b"1"
    assert [row.key for row in service.list_page(B).objects] == [key]
    service.copy(B, key, B, "copy", CopyOptions())
    assert read(service, "copy") == b"1"
    upload = service.create_upload(B, key, UploadOptions())
    assert [row.key for row in service.list_uploads(B, prefix=key).uploads] == [key]
    service.abort_upload(B, key, upload.upload_id)
    result = service.delete_many(B, [DeleteRequest(key=key), DeleteRequest(key="copy")])
    assert sorted(result.deleted) == sorted([key, "copy"])
    assert result.errors == []
    assert service.list_page(B).objects == []


def test_keys_that_only_a_strict_store_holds(connect: Maker, s3: dskit_emulator.Endpoint, client: str) -> None:
    service = connect(s3.url)
    service.create_bucket(B)
    keys = ["a//b", "/lead", "//", "trail/", "x" * 1024]
    if client == "s3":
        keys += ["./dot", "a/../b", "..", "."]
    for key in keys:
        put(service, key, key.encode())
    assert [row.key for row in service.list_page(B).objects] == sorted(keys)
    assert all(read(service, key) == key.encode() for key in keys)


def test_attributes_come_back_as_they_were_given(service: ObjectService) -> None:
    given = Attributes(
        content_type="text/plain; charset=utf-8",
        cache_control="max-age=60",
        content_disposition='attachment; filename="a b"',
        content_encoding="gzip",
        content_language="fr",
        expires="Wed, 21 Oct 2026 07:28:00 GMT",
        metadata={"one": "two  blanks", "empty": ""},
    )
    etag = put(service, "k", b"not really gzip", attributes=given)
    reading = service.get(B, "k", ReadOptions())
    assert b"".join(reading) == b"not really gzip"  # stored bytes: an encoding is the reader's to undo
    meta = reading.meta
    assert dataclasses.replace(meta.attributes, storage_class=None) == given
    assert (meta.size, meta.etag) == (15, etag)
    assert etag == f'"{hashlib.md5(b"not really gzip").hexdigest()}"'
    assert abs(datetime.now(UTC) - meta.last_modified) < timedelta(minutes=5)
    assert meta.last_modified.tzinfo is not None


def test_a_missing_thing_is_named(service: ObjectService) -> None:
    for verb in (service.get, service.head):
        with pytest.raises(NotFoundError):
            verb(B, "none", ReadOptions())
    with pytest.raises(BucketNotFoundError):
        service.get("no-such-bucket", "k", ReadOptions())
    with pytest.raises(BucketNotFoundError):
        service.head_bucket("no-such-bucket")
    with pytest.raises(UploadNotFoundError):
        service.list_parts(B, "k", "nothing")
    service.delete(B, DeleteRequest(key="none"))


def test_buckets(service: ObjectService) -> None:
    service.create_bucket("more")
    assert {"data", "more"} <= {bucket.name for bucket in service.list_buckets()}
    put(service, "k")
    with pytest.raises(BucketNotEmptyError):
        service.delete_bucket(B)
    service.delete_bucket("more")
    assert "more" not in {bucket.name for bucket in service.list_buckets()}


def test_a_bucket_of_another_region_is_created_there(connect: Maker, client: str) -> None:
    with dskit_emulator.Server(region="eu-west-3") as server:
        service = connect(server.url, region="eu-west-3")
        service.create_bucket("far")
        assert service.head_bucket("far").region == "eu-west-3"
        with pytest.raises(BucketExistsError):
            service.create_bucket("far")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (ByteRange(first=0, last=0), b"0"),
        (ByteRange(first=2), b"23456789"),
        (ByteRange(suffix=3), b"789"),
        (ByteRange(first=8, last=100), b"89"),
    ],
)
def test_ranges(service: ObjectService, asked: ByteRange, expected: bytes) -> None:
    put(service, "k", b"0123456789")
    reading = service.get(B, "k", ReadOptions(range=asked))
    assert b"".join(reading) == expected
    assert (reading.meta.size, reading.stop - reading.start, reading.partial) == (10, len(expected), True)


def test_a_range_behind_the_end(service: ObjectService) -> None:
    put(service, "k", b"0123456789")
    with pytest.raises(RangeNotSatisfiableError):
        service.get(B, "k", ReadOptions(range=ByteRange(first=10)))


def test_an_empty_object(service: ObjectService) -> None:
    put(service, "k", b"")
    reading = service.get(B, "k", ReadOptions())
    assert b"".join(reading) == b""
    assert (reading.meta.size, reading.start, reading.stop, reading.partial) == (0, 0, 0, False)


@pytest.mark.parametrize("verb", ["get", "head"])
def test_conditions_of_reads(service: ObjectService, verb: str) -> None:
    etag = put(service, "k")
    ask = getattr(service, verb)
    long_ago, ahead = datetime(2020, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=1)
    for passes in (
        Conditions(if_match=etag),
        Conditions(if_none_match='"other"'),
        Conditions(if_modified_since=long_ago),
        Conditions(if_unmodified_since=ahead),
    ):
        ask(B, "k", ReadOptions(conditions=passes)).close()
    with pytest.raises(PreconditionFailedError):
        ask(B, "k", ReadOptions(conditions=Conditions(if_match='"other"')))
    with pytest.raises(PreconditionFailedError):
        ask(B, "k", ReadOptions(conditions=Conditions(if_unmodified_since=long_ago)))
    with pytest.raises(NotModifiedError):
        ask(B, "k", ReadOptions(conditions=Conditions(if_none_match=etag)))
    with pytest.raises(NotModifiedError):
        ask(B, "k", ReadOptions(conditions=Conditions(if_modified_since=datetime.now(UTC))))


def test_conditions_of_puts(service: ObjectService) -> None:
    first = put(service, "k", b"1", conditions=Conditions(if_none_match="*"))
    with pytest.raises(AlreadyExistsError):
        put(service, "k", b"2", conditions=Conditions(if_none_match="*"))
    second = put(service, "k", b"2", conditions=Conditions(if_match=first))
    with pytest.raises(PreconditionFailedError) as raised:
        put(service, "k", b"3", conditions=Conditions(if_match=first))
    assert not isinstance(raised.value, AlreadyExistsError)
    assert raised.value.code == "PreconditionFailed"
    with pytest.raises(NotFoundError):
        put(service, "new", b"3", conditions=Conditions(if_match=second))
    assert read(service, "k") == b"2"


def test_digests_are_verified(service: ObjectService) -> None:
    good, bad = (base64.b64encode(hashlib.md5(data).digest()).decode() for data in (b"hello", b"other"))
    put(service, "k", content_md5=good)
    with pytest.raises(ChecksumMismatchError):
        put(service, "k", b"hello", content_md5=bad)
    crc = base64.b64encode(zlib.crc32(b"hello").to_bytes(4, "big")).decode()
    put(service, "k", checksum_algorithm="CRC32", checksum=crc)
    with pytest.raises((ChecksumMismatchError, InvalidRequestError)):
        put(service, "k", b"other", checksum_algorithm="CRC32", checksum=crc)


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_a_checksum_by_name_is_computed_stored_and_shown_on_demand(service: ObjectService, algorithm: str) -> None:
    result = service.put(B, "k", BufferSource(b"hello"), PutOptions(checksum_algorithm=algorithm))
    meta = service.head(B, "k", ReadOptions(checksum_mode=True)).meta
    assert set(meta.checksums) == {algorithm}
    assert result.checksums in ({}, meta.checksums)
    assert service.head(B, "k", ReadOptions()).meta.checksums == {}


def test_copies(service: ObjectService) -> None:
    etag = put(service, "k", attributes=Attributes(content_type="text/a", metadata={"a": "1"}))
    result = service.copy(B, "k", B, "kept", CopyOptions())
    assert result.etag == etag
    assert result.last_modified is not None
    assert service.head(B, "kept", ReadOptions()).meta.metadata == {"a": "1"}
    service.copy(B, "k", B, "k", CopyOptions(attributes=Attributes(content_type="text/b", metadata={"b": "2"})))
    meta = service.head(B, "k", ReadOptions()).meta
    assert (meta.content_type, meta.metadata) == ("text/b", {"b": "2"})
    for refused in (
        Conditions(if_match='"x"'),
        Conditions(if_none_match=etag),
        Conditions(if_unmodified_since=datetime(2020, 1, 1, tzinfo=UTC)),
    ):
        with pytest.raises(PreconditionFailedError):
            service.copy(B, "k", B, "no", CopyOptions(source_conditions=refused))
    with pytest.raises(NotFoundError):
        service.copy(B, "none", B, "no", CopyOptions())


def test_listings_page_with_tokens_delimiters_and_starts(service: ObjectService) -> None:
    for key in ("a/1", "a/2", "b", "c/1", "d"):
        put(service, key)
    found, token = [], None
    while True:
        page = service.list_page(B, max_keys=2, token=token)
        found += [row.key for row in page.objects]
        token = page.next_token
        if token is None:
            break
    assert found == ["a/1", "a/2", "b", "c/1", "d"]
    page = service.list_page(B, delimiter="/")
    assert ([row.key for row in page.objects], page.prefixes) == (["b", "d"], ["a/", "c/"])
    page = service.list_page(B, prefix="a/", start_after="a/1")
    assert [row.key for row in page.objects] == ["a/2"]
    row = page.objects[0]
    assert (row.size, row.etag) == (5, f'"{hashlib.md5(b"hello").hexdigest()}"')
    assert row.last_modified.tzinfo is UTC


def test_multipart(service: ObjectService) -> None:
    upload = service.create_upload(B, "m", UploadOptions(attributes=Attributes(metadata={"a": "1"})))
    put(service, "source", b"s" * 100)
    first = service.put_part(B, "m", upload.upload_id, 1, BufferSource(b"1" * 5 * MIB), PutOptions())
    second = service.copy_part(
        B, "source", B, "m", upload.upload_id, 2, byte_range=ByteRange(first=10, last=19), options=CopyOptions()
    )
    page = service.list_parts(B, "m", upload.upload_id, max_parts=1)
    assert ([part.number for part in page.parts], page.next_marker) == ([1], 1)
    page = service.list_parts(B, "m", upload.upload_id, after=1)
    assert [(part.number, part.size, part.etag) for part in page.parts] == [(2, 10, second.etag)]
    with pytest.raises(InvalidPartError):
        service.complete_upload(
            B, "m", upload.upload_id, [CompletedPart(number=1, etag='"x"')], conditions=Conditions()
        )
    parts = [CompletedPart(number=part.number, etag=part.etag) for part in (first, second)]
    with pytest.raises(AlreadyExistsError):
        _complete_over_existing(service)
    done = service.complete_upload(B, "m", upload.upload_id, parts, conditions=Conditions(if_none_match="*"))
    meta = service.head(B, "m", ReadOptions()).meta
    assert (meta.size, meta.etag, meta.metadata) == (5 * MIB + 10, done.etag, {"a": "1"})
    assert done.etag.endswith('-2"')
    reading = service.get(B, "m", ReadOptions(part_number=2))
    assert b"".join(reading) == b"s" * 10
    assert (reading.meta.parts_count, reading.start, reading.meta.size) == (2, 5 * MIB, 5 * MIB + 10)
    known = service.object_parts(B, "m")
    assert known is not None
    assert known.total == 2


def _complete_over_existing(service: ObjectService) -> None:
    upload = service.create_upload(B, "source", UploadOptions())
    part = service.put_part(B, "source", upload.upload_id, 1, BufferSource(b"x"), PutOptions())
    try:
        service.complete_upload(
            B,
            "source",
            upload.upload_id,
            [CompletedPart(number=1, etag=part.etag)],
            conditions=Conditions(if_none_match="*"),
        )
    finally:
        service.abort_upload(B, "source", upload.upload_id)


def test_a_part_shows_a_checksum_only_where_the_caller_asked_for_one(service: ObjectService) -> None:
    """botocore adds a CRC32 to every part; given back at completion, it would not fit the upload's algorithm."""
    upload = service.create_upload(B, "m", UploadOptions())
    part = service.put_part(B, "m", upload.upload_id, 1, BufferSource(b"x"), PutOptions())
    assert part.checksums == {}
    parts = [CompletedPart(number=1, etag=part.etag, checksums=part.checksums)]
    service.complete_upload(B, "m", upload.upload_id, parts, conditions=Conditions())
    upload = service.create_upload(B, "m", UploadOptions(checksum_algorithm="CRC32", checksum_type="COMPOSITE"))
    part = service.put_part(B, "m", upload.upload_id, 1, BufferSource(b"x"), PutOptions(checksum_algorithm="CRC32"))
    assert set(part.checksums) == {"CRC32"}
    parts = [CompletedPart(number=1, etag=part.etag, checksums=part.checksums)]
    done = service.complete_upload(B, "m", upload.upload_id, parts, conditions=Conditions())
    assert done.checksums["CRC32"].endswith("-1")


@pytest.mark.parametrize("announced", [True, False])
def test_data_of_more_than_one_part_is_put_in_parts(
    connect: Maker, s3: dskit_emulator.Endpoint, announced: bool
) -> None:
    """What cannot be read twice goes up in parts that can, with the conditions at completion."""
    service = connect(s3.url, part_bytes=5 * MIB)
    service.create_bucket(B)
    data = bytes(range(256)) * (12 * MIB // 256)

    def chunks() -> Iterator[bytes]:
        yield from (data[at : at + 100_000] for at in range(0, len(data), 100_000))

    def source() -> IterableSource:
        return IterableSource(chunks(), len(data) if announced else None)

    create = PutOptions(
        attributes=Attributes(metadata={"a": "1"}),
        conditions=Conditions(if_none_match="*"),
        content_md5=base64.b64encode(hashlib.md5(data).digest()).decode(),
    )
    assert service.put(B, "k", source(), create).etag.endswith('-3"')
    assert read(service, "k") == data
    assert service.head(B, "k", ReadOptions()).meta.metadata == {"a": "1"}
    with pytest.raises(AlreadyExistsError):
        service.put(B, "k", source(), create)
    wrong = PutOptions(content_md5=base64.b64encode(hashlib.md5(b"").digest()).decode())
    with pytest.raises(ChecksumMismatchError):
        service.put(B, "other", source(), wrong)
    assert [row.key for row in service.list_page(B).objects] == ["k"]
    assert service.list_uploads(B).uploads == []


def test_a_source_that_fails_leaves_nothing_and_says_why(connect: Maker, s3: dskit_emulator.Endpoint) -> None:
    service = connect(s3.url, part_bytes=5 * MIB)
    service.create_bucket(B)

    def chunks() -> Iterator[bytes]:
        yield b"x" * 11 * MIB
        raise RuntimeError("the disk is on fire")

    for length in (None, 20 * MIB):
        with pytest.raises(RuntimeError, match="on fire"):
            service.put(B, "k", IterableSource(chunks(), length), PutOptions())
    assert service.list_page(B).objects == []
    assert service.list_uploads(B).uploads == []


def test_refusals_before_any_request(connect: Maker) -> None:
    """Nobody listens there, so a request would be an UnavailableError."""
    service = connect("http://127.0.0.1:9")
    with pytest.raises(InvalidRequestError, match="ASCII"):
        put(service, "k", attributes=Attributes(metadata={"a": "é"}))
