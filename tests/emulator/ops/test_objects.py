"""Objects: what is stored, what comes back, conditions, ranges, integrity, deletes."""

from __future__ import annotations

import base64
import hashlib
import zlib
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dskit_emulator.service import S3Service
from tests.emulator.transport import make_client


def b64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def test_everything_stored_comes_back(s3: Any, bucket: str) -> None:
    stored = {
        "ContentType": "text/plain",
        "CacheControl": "no-store",
        "ContentDisposition": "inline",
        "ContentEncoding": "gzip",
        "ContentLanguage": "fr",
        "Metadata": {"color": "red", "empty": "", "spaced": "a  b"},
        "StorageClass": "STANDARD_IA",
        "WebsiteRedirectLocation": "/elsewhere",
    }
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"data", **stored)
    for answer in (s3.get_object(Bucket=bucket, Key="k"), s3.head_object(Bucket=bucket, Key="k")):
        assert {name: answer[name] for name in stored} == stored
        assert (answer["ETag"], answer["ContentLength"], answer["AcceptRanges"]) == (put["ETag"], 4, "bytes")
        assert answer["ServerSideEncryption"] == "AES256"


def test_defaults_are_those_of_s3(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    answer = s3.get_object(Bucket=bucket, Key="k")
    assert (answer["ContentType"], answer["Metadata"], answer["ContentLength"]) == ("binary/octet-stream", {}, 0)
    assert "StorageClass" not in answer
    assert "VersionId" not in answer


def test_attributes_are_those_of_one_object(
    s3: Any, service: S3Service, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parts are looked up after the rest: where that was another object's, all is again."""

    def put(number: int) -> str:
        upload = s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm="SHA256")["UploadId"]
        named = {"Bucket": bucket, "Key": "k", "UploadId": upload}
        part = s3.upload_part(**named, PartNumber=number, Body=b"x" * number, ChecksumAlgorithm="SHA256")
        row = {"PartNumber": number, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}
        etag: str = s3.complete_multipart_upload(**named, MultipartUpload={"Parts": [row]})["ETag"]
        return etag.strip('"')

    store = service.store
    object_parts = store.object_parts

    def late(*args: Any, **options: Any) -> Any:
        monkeypatch.undo()
        replaced.append(put(2))
        return object_parts(*args, **options)

    replaced: list[str] = []
    put(1)
    monkeypatch.setattr(store, "object_parts", late)
    asked = ["ETag", "ObjectSize", "ObjectParts"]
    told = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=asked)
    assert ([told["ETag"]], told["ObjectSize"]) == (replaced, 2)
    assert [part["Size"] for part in told["ObjectParts"]["Parts"]] == [2]


def test_an_overwrite_merges_nothing(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"one", Metadata={"a": "1"}, CacheControl="no-store")
    s3.put_object(Bucket=bucket, Key="k", Body=b"two")
    answer = s3.get_object(Bucket=bucket, Key="k")
    assert (answer["Metadata"], answer.get("CacheControl")) == ({}, None)


def test_the_transfer_coding_is_not_part_of_the_content_encoding(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ContentEncoding="aws-chunked,gzip")
    assert s3.head_object(Bucket=bucket, Key="k")["ContentEncoding"] == "gzip"


@pytest.mark.parametrize("size", [2048, 2049])
def test_metadata_is_bounded_at_two_kilobytes(s3: Any, bucket: str, refused: Any, size: int) -> None:
    params = {"Bucket": bucket, "Key": "k", "Body": b"x", "Metadata": {"name": "v" * (size - len("name"))}}
    if size == 2048:
        s3.put_object(**params)
        return
    error = refused("put_object", **params)
    assert error["Code"] == "MetadataTooLarge"
    assert (error["Size"], error["MaxSizeAllowed"]) == ("2049", "2048")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


@pytest.mark.parametrize("length", [1024, 1025])
def test_keys_are_bounded_in_bytes(s3: Any, bucket: str, refused: Any, length: int) -> None:
    key = "é" * 512 + "x" * (length - 1024)
    if length == 1024:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
        assert s3.list_objects_v2(Bucket=bucket)["Contents"][0]["Key"] == key
        return
    for operation in ("put_object", "get_object", "delete_object", "create_multipart_upload"):
        error = refused(operation, Bucket=bucket, Key=key)
        assert (error["Code"], error["Size"], error["MaxSizeAllowed"]) == ("KeyTooLongError", "1025", "1024")


KEYS = [
    "a//b",
    "/a",
    "a/",
    "./x",
    "../x",
    "a/../b",
    "%2F",
    "a+b",
    "a b",
    "?acl",
    "uploads",
    "é",
    "e\u0301",
    "\x01",
    "\n",
    "&<>\"'",
]


@pytest.mark.parametrize("style", ["path", "virtual"])
def test_keys_are_opaque(service: S3Service, bucket: str, style: str) -> None:
    client = make_client(service, config={"s3": {"addressing_style": style}})
    for key in KEYS:
        client.put_object(Bucket=bucket, Key=key, Body=key.encode())
    for key in KEYS:
        assert client.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    listed = [row["Key"] for row in client.list_objects_v2(Bucket=bucket)["Contents"]]
    assert listed == sorted(KEYS, key=str.encode)
    rows = {"Objects": [{"Key": key} for key in KEYS if key > "\x1f"]}
    assert len(client.delete_objects(Bucket=bucket, Delete=rows)["Deleted"]) == len(KEYS) - 2


# conditions


def test_an_answer_of_not_modified_says_which_state_it_is_about(service: S3Service, s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="k", IfNoneMatch=etag)
    metadata = caught.value.response["ResponseMetadata"]
    assert (metadata["HTTPStatusCode"], metadata["HTTPHeaders"]["etag"]) == (304, etag)
    modified = s3.head_object(Bucket=bucket, Key="k")["ResponseMetadata"]["HTTPHeaders"]["last-modified"]
    assert metadata["HTTPHeaders"]["last-modified"] == modified


def test_reads_check_the_pairs_of_conditions_in_order(s3: Any, bucket: str, clock: Any, refused: Any) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    named = {"Bucket": bucket, "Key": "k"}
    modified = s3.head_object(**named)["LastModified"]
    past = modified - timedelta(hours=1)
    clock.advance(600)
    s3.get_object(**named, IfMatch=etag, IfUnmodifiedSince=past)
    s3.get_object(**named, IfNoneMatch='"other"', IfModifiedSince=modified + timedelta(minutes=1))
    assert refused("get_object", **named, IfMatch='"other"', IfUnmodifiedSince=modified)["Condition"] == "If-Match"
    assert refused("get_object", **named, IfUnmodifiedSince=past)["Condition"] == "If-Unmodified-Since"
    assert refused("get_object", **named, IfNoneMatch="*")["Status"] == 304
    assert refused("get_object", **named, IfModifiedSince=modified)["Status"] == 304
    assert refused("get_object", **named, IfMatch='"other"', Range="bytes=9-9")["Status"] == 412


@pytest.mark.parametrize(
    ("conditions", "header"),
    [
        ({"IfNoneMatch": '"etag"'}, "If-None-Match"),
        ({"IfMatch": "*"}, "If-Match"),
        ({"IfMatch": '"etag"', "IfNoneMatch": "*"}, "If-Match,If-None-Match"),
    ],
)
@pytest.mark.parametrize("operation", ["put_object", "copy_object", "complete_multipart_upload"])
def test_forms_of_write_conditions_that_s3_does_not_have_are_501(
    s3: Any, bucket: str, refused: Any, operation: str, conditions: dict[str, str], header: str
) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=b"x")
    named: dict[str, Any] = {"Bucket": bucket, "Key": "k"}
    if operation == "copy_object":
        named["CopySource"] = f"{bucket}/source"
    elif operation == "complete_multipart_upload":
        named["UploadId"] = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
        named["MultipartUpload"] = {"Parts": [{"PartNumber": 1, "ETag": '"x"'}]}
    error = refused(operation, **named, **conditions)
    assert (error["Code"], error["Status"], error["Header"]) == ("NotImplemented", 501, header)
    assert [row["Key"] for row in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["source"]


def test_conditional_puts(s3: Any, bucket: str, refused: Any) -> None:
    named = {"Bucket": bucket, "Key": "k"}
    assert refused("put_object", **named, Body=b"0", IfMatch='"x"')["Code"] == "NoSuchKey"
    etag = s3.put_object(**named, Body=b"1", IfNoneMatch="*")["ETag"]
    assert refused("put_object", **named, Body=b"2", IfNoneMatch="*")["Condition"] == "If-None-Match"
    assert refused("put_object", **named, Body=b"2", IfMatch='"x"')["Condition"] == "If-Match"
    s3.put_object(**named, Body=b"3", IfMatch=etag)
    assert s3.get_object(**named)["Body"].read() == b"3"


def test_conditional_deletes(s3: Any, bucket: str, refused: Any) -> None:
    named = {"Bucket": bucket, "Key": "k"}
    etag = s3.put_object(**named, Body=b"1")["ETag"]
    assert refused("delete_object", **named, IfMatch='"x"')["Status"] == 412
    s3.delete_object(**named, IfMatch=etag)
    assert refused("head_object", **named)["Status"] == 404


# ranges


@pytest.mark.parametrize(
    ("text", "body", "content_range"),
    [
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-99", b"0123456789", "bytes 0-9/10"),
        ("bytes=0-0", b"0", "bytes 0-0/10"),
        ("bytes=4-2", b"0123456789", None),
        ("bytes=a-b", b"0123456789", None),
        ("items=0-1", b"0123456789", None),
        ("bytes=0-1,3-4", b"0123456789", None),
        ("bytes=99999999999999999999999999-", b"0123456789", None),
    ],
)
def test_ranges(s3: Any, bucket: str, text: str, body: bytes, content_range: str | None) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    answer = s3.get_object(Bucket=bucket, Key="k", Range=text)
    assert (answer["Body"].read(), answer.get("ContentRange")) == (body, content_range)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == (206 if content_range else 200)
    head = s3.head_object(Bucket=bucket, Key="k", Range=text)
    assert (head["ContentLength"], head.get("ContentRange")) == (len(body), content_range)


@pytest.mark.parametrize("text", ["bytes=10-", "bytes=-0", "bytes=99-100"])
def test_ranges_that_no_byte_satisfies(s3: Any, bucket: str, refused: Any, text: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    error = refused("get_object", Bucket=bucket, Key="k", Range=text)
    assert (error["Code"], error["Status"]) == ("InvalidRange", 416)
    assert (error["ActualObjectSize"], error["RangeRequested"]) == ("10", text)
    assert error["Headers"]["content-range"] == "bytes */10"  # RFC 9110 section 15.5.17


def test_an_empty_object_has_no_range(s3: Any, bucket: str, refused: Any) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    for text in ("bytes=0-", "bytes=-1", "bytes=0-0"):
        assert refused("get_object", Bucket=bucket, Key="k", Range=text)["Status"] == 416
    for read in (s3.get_object, s3.head_object):
        answer = read(Bucket=bucket, Key="k", PartNumber=1)
        assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["ContentLength"]) == (200, 0)
        assert "ContentRange" not in answer


# overrides


def test_overrides_are_of_one_answer(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ContentType="text/plain")
    for operation in (s3.get_object, s3.head_object):
        assert operation(Bucket=bucket, Key="k", ResponseContentType="image/png")["ContentType"] == "image/png"
        assert operation(Bucket=bucket, Key="k")["ContentType"] == "text/plain"


@pytest.mark.parametrize("value", ["text/plain\r\nx-evil: 1", "snow ☃"])
def test_overrides_that_no_header_can_hold_are_refused(s3: Any, bucket: str, refused: Any, value: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    error = refused("get_object", Bucket=bucket, Key="k", ResponseContentType=value)
    assert (error["Code"], error["ArgumentName"]) == ("InvalidArgument", "response-content-type")


# integrity


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_checksums_are_verified_stored_and_returned(s3: Any, bucket: str, refused: Any, algorithm: str) -> None:
    named: dict[str, Any] = {"Bucket": bucket, "Key": "k"}
    member = f"Checksum{algorithm}"
    put = s3.put_object(**named, Body=b"data", ChecksumAlgorithm=algorithm)
    assert put["ChecksumType"] == "FULL_OBJECT"
    value = put[member]
    assert s3.head_object(**named, ChecksumMode="ENABLED")[member] == value
    assert member not in s3.head_object(**named)
    assert s3.get_object_attributes(**named, ObjectAttributes=["Checksum"])["Checksum"][member] == value
    error = refused("put_object", **named, Body=b"other", **{member: value})
    assert error["Message"] == f"The {algorithm} you specified did not match the calculated checksum."
    assert refused("put_object", **named, Body=b"other", **{member: "AAA"})["Code"] == "InvalidRequest"
    assert s3.get_object(**named)["Body"].read() == b"data"


def test_without_a_checksum_s3_computes_crc64nvme(service: S3Service, bucket: str) -> None:
    quiet = make_client(service, config={"request_checksum_calculation": "when_required"})
    assert quiet.put_object(Bucket=bucket, Key="k", Body=b"123456")["ChecksumCRC64NVME"] == "CVmbZh4IWzA="


def test_content_md5_is_verified(s3: Any, bucket: str, refused: Any) -> None:
    named = {"Bucket": bucket, "Key": "k", "Body": b"data"}
    right, wrong = hashlib.md5(b"data").digest(), hashlib.md5(b"other").digest()
    error = refused("put_object", **named, ContentMD5=b64(wrong))
    assert (error["Code"], error["ExpectedDigest"], error["CalculatedDigest"]) == ("BadDigest", wrong.hex(), b64(right))
    assert refused("put_object", **named, ContentMD5="MTIz")["Content-MD5"] == "MTIz"
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    assert s3.put_object(**named, ContentMD5=b64(right))["ETag"] == f'"{right.hex()}"'


def test_two_checksums_are_refused(bucket: str, refused: Any) -> None:
    crc = b64(zlib.crc32(b"data").to_bytes(4, "big"))
    sha = b64(hashlib.sha256(b"data").digest())
    error = refused("put_object", Bucket=bucket, Key="k", Body=b"data", ChecksumCRC32=crc, ChecksumSHA256=sha)
    assert error["Message"].startswith("Expecting a single x-amz-checksum- header.")


def test_a_range_has_no_checksum_of_the_whole(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    named = {"Bucket": bucket, "Key": "k", "ChecksumMode": "ENABLED"}
    assert "ChecksumCRC32" not in s3.get_object(**named, Range="bytes=0-8")
    assert "ChecksumCRC32" in s3.get_object(**named, Range="bytes=0-9")


# archive classes


@pytest.mark.parametrize("storage_class", ["GLACIER", "DEEP_ARCHIVE"])
def test_archived_objects_are_headed_and_not_read(s3: Any, bucket: str, refused: Any, storage_class: str) -> None:
    named = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**named, Body=b"x", StorageClass=storage_class)
    assert s3.head_object(**named)["StorageClass"] == storage_class
    copy = {"Bucket": bucket, "Key": "c", "CopySource": f"{bucket}/k"}
    for operation, params in (("get_object", named), ("copy_object", copy)):
        error = refused(operation, **params)
        assert (error["Code"], error["Status"], error["StorageClass"]) == ("InvalidObjectState", 403, storage_class)


# versions


def test_only_the_null_version_exists(s3: Any, bucket: str, refused: Any) -> None:
    named = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**named, Body=b"x")
    assert s3.get_object(**named, VersionId="null")["Body"].read() == b"x"
    for operation in ("get_object", "delete_object"):
        error = refused(operation, **named, VersionId="abc")
        assert (error["Code"], error["ArgumentName"], error["ArgumentValue"]) == ("InvalidArgument", "versionId", "abc")
    assert s3.delete_object(**named, VersionId="null")["ResponseMetadata"]["HTTPStatusCode"] == 204


# batch deletes


def test_rows_of_a_batch_fail_alone(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="a", Body=b"x")["ETag"]
    s3.put_object(Bucket=bucket, Key="b", Body=b"x")
    rows = [{"Key": "a", "ETag": '"stale"'}, {"Key": "b", "ETag": etag}, {"Key": "missing"}]
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": rows})
    assert [row["Key"] for row in answer["Deleted"]] == ["b", "missing"]
    assert [(row["Key"], row["Code"]) for row in answer["Errors"]] == [("a", "PreconditionFailed")]
    quiet = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}], "Quiet": True})
    assert "Deleted" not in quiet


def test_a_row_names_a_version_if_it_asked_for_one(s3: Any, bucket: str) -> None:
    rows = [{"Key": "a"}, {"Key": "b"}, {"Key": "a", "VersionId": "null"}]
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": rows})
    assert answer["Deleted"] == rows


def test_a_key_that_is_too_long_fails_its_row(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "x" * 1025}, {"Key": "a"}]})
    assert [row["Code"] for row in answer["Errors"]] == ["KeyTooLongError"]
    assert [row["Key"] for row in answer["Deleted"]] == ["a"]


def test_a_batch_has_at_most_a_thousand_rows(s3: Any, bucket: str, refused: Any) -> None:
    s3.put_object(Bucket=bucket, Key="0", Body=b"x")
    rows = [{"Key": str(number)} for number in range(1001)]
    assert refused("delete_objects", Bucket=bucket, Delete={"Objects": rows})["Code"] == "MalformedXML"
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1
    assert len(s3.delete_objects(Bucket=bucket, Delete={"Objects": rows[:1000]})["Deleted"]) == 1000
