"""Copies: what goes along, what changes, what is refused."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from hashlib import sha1
from typing import Any

import pytest

from dskit_emulator.ops.copies import check_copy_size
from dskit_emulator.service import S3Service
from dskit_emulator.wire.errors import S3Error


@pytest.fixture
def source(s3: Any, bucket: str) -> dict[str, Any]:
    s3.put_object(
        Bucket=bucket,
        Key="source",
        Body=b"data",
        ContentType="text/plain",
        CacheControl="no-store",
        Metadata={"a": "1"},
        WebsiteRedirectLocation="/there",
        StorageClass="STANDARD_IA",
    )
    return {"Bucket": bucket, "CopySource": f"{bucket}/source"}


def test_a_copy_keeps_all_but_class_and_redirect(s3: Any, bucket: str, source: dict[str, Any]) -> None:
    answer = s3.copy_object(**source, Key="copy")
    head = s3.head_object(Bucket=bucket, Key="copy")
    assert head["ETag"] == answer["CopyObjectResult"]["ETag"]
    assert (head["ContentType"], head["CacheControl"], head["Metadata"]) == ("text/plain", "no-store", {"a": "1"})
    assert "StorageClass" not in head
    assert "WebsiteRedirectLocation" not in head


def test_a_copy_is_of_one_object(
    s3: Any, service: S3Service, bucket: str, source: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the attributes of one and the bytes of the one that replaced it meanwhile."""
    store, copy = service.store, service.store.copy
    times = 0

    def late(*args: Any) -> Any:
        nonlocal times
        times += 1
        if times < 3:
            s3.put_object(Bucket=bucket, Key="source", Body=b"x" * times, Metadata={"a": str(times)})
        return copy(*args)

    monkeypatch.setattr(store, "copy", late)
    s3.copy_object(**source, Key="copy")
    head = s3.head_object(Bucket=bucket, Key="copy")
    assert (head["ContentLength"], head["Metadata"], times) == (2, {"a": "2"}, 3)


def test_replace_merges_nothing(s3: Any, bucket: str, source: dict[str, Any]) -> None:
    s3.copy_object(**source, Key="copy", MetadataDirective="REPLACE", Metadata={"b": "2"})
    head = s3.head_object(Bucket=bucket, Key="copy")
    assert (head["Metadata"], head["ContentType"], head.get("CacheControl")) == (
        {"b": "2"},
        "binary/octet-stream",
        None,
    )


def test_a_class_and_a_redirect_can_be_given_to_the_copy(s3: Any, bucket: str, source: dict[str, Any]) -> None:
    s3.copy_object(**source, Key="copy", StorageClass="ONEZONE_IA", WebsiteRedirectLocation="/here")
    head = s3.head_object(Bucket=bucket, Key="copy")
    assert (head["StorageClass"], head["WebsiteRedirectLocation"]) == ("ONEZONE_IA", "/here")
    assert head["Metadata"] == {"a": "1"}


def test_a_copy_onto_itself_must_change_something(s3: Any, bucket: str, refused: Any) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", Metadata={"a": "1"})
    named = {"Bucket": bucket, "Key": "k", "CopySource": f"{bucket}/k"}
    error = refused("copy_object", **named)
    assert error["Code"] == "InvalidRequest"
    assert error["Message"].startswith("This copy request is illegal")
    s3.copy_object(**named, MetadataDirective="REPLACE", Metadata={"b": "2"})
    s3.copy_object(**named, StorageClass="STANDARD")
    answer = s3.get_object(Bucket=bucket, Key="k")
    assert (answer["Body"].read(), answer["Metadata"]) == (b"data", {"b": "2"})


def test_a_copy_onto_itself_changes_an_uncommon_class_back(
    s3: Any, bucket: str, source: dict[str, Any], refused: Any
) -> None:
    s3.copy_object(**source, Key="source")
    assert "StorageClass" not in s3.head_object(Bucket=bucket, Key="source")
    assert refused("copy_object", **source, Key="source")["Code"] == "InvalidRequest"


@pytest.mark.parametrize(
    ("params", "argument"),
    [
        ({"MetadataDirective": "MERGE"}, "x-amz-metadata-directive"),
        ({"CopySource": "no-slash"}, "x-amz-copy-source"),
    ],
)
def test_bad_arguments_of_a_copy(source: dict[str, Any], refused: Any, params: dict[str, Any], argument: str) -> None:
    error = refused("copy_object", **{**source, "Key": "copy", **params})
    assert (error["Code"], error["ArgumentName"]) == ("InvalidArgument", argument)


@pytest.mark.parametrize("storage_class", ["GLACIER", "DEEP_ARCHIVE"])
def test_an_archived_object_is_no_source_of_a_part(s3: Any, bucket: str, refused: Any, storage_class: str) -> None:
    s3.put_object(Bucket=bucket, Key="old", Body=b"x", StorageClass=storage_class)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="new")["UploadId"]
    named = {"Bucket": bucket, "Key": "new", "UploadId": upload, "PartNumber": 1}
    error = refused("upload_part_copy", **named, CopySource=f"{bucket}/old")
    assert (error["Code"], error["StorageClass"]) == ("InvalidObjectState", storage_class)


def test_what_is_missing_is_named(s3: Any, bucket: str, refused: Any) -> None:
    s3.put_object(Bucket=bucket, Key="copy", Body=b"old")
    error = refused("copy_object", Bucket=bucket, Key="copy", CopySource=f"{bucket}/missing")
    assert (error["Code"], error["Key"]) == ("NoSuchKey", "missing")
    error = refused("copy_object", Bucket=bucket, Key="copy", CopySource="no-such-bucket/k")
    assert (error["Code"], error["BucketName"]) == ("NoSuchBucket", "no-such-bucket")
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"old"


def test_conditions_on_the_source_are_412(s3: Any, bucket: str, clock: Any, refused: Any) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    modified = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    clock.advance(60)
    named = {"Bucket": bucket, "Key": "c", "CopySource": f"{bucket}/k"}
    upload = s3.create_multipart_upload(Bucket=bucket, Key="c")["UploadId"]
    for conditions, header in (
        ({"CopySourceIfMatch": '"other"'}, "If-Match"),
        ({"CopySourceIfNoneMatch": etag}, "If-None-Match"),
        ({"CopySourceIfModifiedSince": modified}, "If-Modified-Since"),
        ({"CopySourceIfUnmodifiedSince": modified - timedelta(hours=1)}, "If-Unmodified-Since"),
    ):
        for operation, extra in (("copy_object", {}), ("upload_part_copy", {"UploadId": upload, "PartNumber": 1})):
            error = refused(operation, **named, **conditions, **extra)
            assert (error["Status"], error["Condition"]) == (412, f"x-amz-copy-source-{header}")
    s3.copy_object(**named, CopySourceIfMatch=etag, CopySourceIfUnmodifiedSince=modified - timedelta(hours=1))


def test_conditions_on_the_destination(s3: Any, bucket: str, refused: Any) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"new")
    named = {"Bucket": bucket, "Key": "c", "CopySource": f"{bucket}/k"}
    s3.copy_object(**named, IfNoneMatch="*")
    assert refused("copy_object", **named, IfNoneMatch="*")["Condition"] == "If-None-Match"
    assert refused("copy_object", **named, IfMatch='"other"')["Condition"] == "If-Match"


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_a_copy_keeps_its_checksum_or_gets_the_one_asked_for(s3: Any, bucket: str, algorithm: str) -> None:
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"data", ChecksumAlgorithm=algorithm)
    named = {"Bucket": bucket, "CopySource": f"{bucket}/k"}
    member = f"Checksum{algorithm}"
    kept = s3.copy_object(**named, Key="kept")["CopyObjectResult"]
    assert kept[member] == put[member]
    other = s3.copy_object(**named, Key="other", ChecksumAlgorithm="SHA1")["CopyObjectResult"]
    assert other["ChecksumSHA1"] == b64encode(sha1(b"data").digest()).decode()


def test_one_call_copies_five_gibibytes_at_most() -> None:
    check_copy_size(5 * 1024**3)
    with pytest.raises(S3Error, match="larger than the maximum allowable size for a copy source: 5368709120"):
        check_copy_size(5 * 1024**3 + 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("bytes=0-10", "InvalidArgument"),
        ("bytes=10-11", "InvalidRequest"),
        ("bytes=3-2", "InvalidArgument"),
        ("bytes=-2", "InvalidArgument"),
        ("0-1", "InvalidArgument"),
        ("bytes=0-99999999999999999999999", "InvalidArgument"),
    ],
)
def test_ranges_of_part_copies(s3: Any, bucket: str, refused: Any, text: str, code: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="c")["UploadId"]
    named = {"Bucket": bucket, "Key": "c", "CopySource": f"{bucket}/k", "UploadId": upload, "PartNumber": 1}
    error = refused("upload_part_copy", **named, CopySourceRange=text)
    assert (error["Code"], error["Status"]) == (code, 400)
    assert "Parts" not in s3.list_parts(Bucket=bucket, Key="c", UploadId=upload)
    s3.upload_part_copy(**named, CopySourceRange="bytes=2-9")
    assert s3.list_parts(Bucket=bucket, Key="c", UploadId=upload)["Parts"][0]["Size"] == 8


def test_the_copy_of_a_multipart_object_has_a_plain_etag(s3: Any, bucket: str) -> None:
    named = {"Bucket": bucket, "Key": "m"}
    upload = s3.create_multipart_upload(**named)["UploadId"]
    part = s3.upload_part(**named, UploadId=upload, PartNumber=1, Body=b"data")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": part}]}
    assert s3.complete_multipart_upload(**named, UploadId=upload, MultipartUpload=parts)["ETag"].endswith('-1"')
    assert s3.copy_object(Bucket=bucket, Key="c", CopySource=f"{bucket}/m")["CopyObjectResult"]["ETag"] == part
