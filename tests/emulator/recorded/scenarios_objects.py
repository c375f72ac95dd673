"""Recordings about objects: what is stored, what comes back, conditions, ranges, deletes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from botocore import UNSIGNED

from tests.emulator.recorded.harness import Case, document, scenario
from tests.emulator.transport import make_client


@scenario("test_put_and_get_object_with_utf8_key")
def utf8_key(case: Case) -> None:
    bucket = case.bucket()
    case.do("put-object", "put_object", Bucket=bucket, Key="Ā0Ä", Body=b"abc123")
    case.do("get-object", "get_object", Bucket=bucket, Key="Ā0Ä")


@scenario("test_metadata_header_character_decoding")
def metadata_names(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "k", b"foo", Metadata={"TEST_META_1": "foo", "__meta_2": "bar"})
    case.do("head-object", "head_object", Bucket=bucket, Key="k")


@scenario("test_get_object_no_such_bucket")
def get_without_bucket(case: Case) -> None:
    case.do("expected_error", "get_object", Bucket=case.new_name(), Key="k")


@scenario("test_get_object_with_anon_credentials")
def anonymous_read(case: Case) -> None:
    """The bucket of the recording was public; here the rule `anonymous` opens it."""
    bucket = case.bucket()
    case.put(bucket, "k", b"body data")
    client = make_client(case.open_service, config={"signature_version": UNSIGNED})
    answer = case.do("get_object", "get_object", by=client, Bucket=bucket, Key="k")
    assert answer["Body"] == "body data"


@scenario("test_put_and_get_object_with_hash_prefix")
def hash_prefix(case: Case) -> None:
    bucket = case.bucket()
    case.do("put-object", "put_object", Bucket=bucket, Key="#key-with-hash-prefix", Body=b"test 123")
    case.do("get-object", "get_object", Bucket=bucket, Key="#key-with-hash-prefix")


@scenario("test_invalid_range_error")
def invalid_range(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "my-key", b"abcdefgh")
    case.do("exc", "get_object", Bucket=bucket, Key="my-key", Range="bytes=1024-4096")


@scenario("test_range_key_not_exists")
def range_without_object(case: Case) -> None:
    case.do("exc", "get_object", Bucket=case.bucket(), Key="my-key", Range="bytes=1024-4096")


@scenario("test_upload_file_with_xml_preamble")
def xml_content(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "k", b'<?xml version="1.0" encoding="UTF-8"?><test/>')
    case.do("get_object", "get_object", Bucket=bucket, Key="k")


@scenario("test_putobject_with_multiple_keys")
def nested_key(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "aws/key1/key2/key3", b"test")
    case.do("get_object", "get_object", Bucket=bucket, Key="aws/key1/key2/key3")


@scenario("test_range_header_body_length")
def range_lengths(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "sample.bin", bytes(range(256)) * 8)
    case.do("get-object", "get_object", Bucket=bucket, Key="sample.bin", Range="bytes=0-1023")
    case.do("get-object-2", "get_object", Bucket=bucket, Key="sample.bin", Range="bytes=1024-2047")


@scenario("test_s3_uppercase_key_names")
def uppercase_keys(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "CamelCaseKey", b"something")
    case.do("response", "get_object", Bucket=bucket, Key="CamelCaseKey")
    case.do("wrong-case-key", "get_object", Bucket=bucket, Key="camelcasekey")


@scenario("test_precondition_failed_error")
def precondition_failed(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "foo", b'{"foo": "bar"}')
    case.do("get-object-if-match", "get_object", Bucket=bucket, Key="foo", IfMatch='"not good etag"')


@scenario("test_etag_on_get_object_call")
def etag_of_reads(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "my-key", b"Lorem ipsum dolor sit amet, ... " * 30)
    case.do("get_object", "get_object", Bucket=bucket, Key="my-key")
    case.do("get_object_range", "get_object", Bucket=bucket, Key="my-key", Range="bytes=0-16")


@scenario("test_put_object")
def put_without_checksum(case: Case) -> None:
    """The recorded GET shows the checksum that S3 chose: the client that wrote the object sent none."""
    bucket = case.bucket()
    quiet = case.client(request_checksum_calculation="when_required")
    quiet.put_object(Bucket=bucket, Key="test.txt", Body=b"something")
    case.do("get_object", "get_object", Bucket=bucket, Key="test.txt")


@scenario("test_head_object_fields")
def head_fields(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "my-key", b"abcdefgh")
    case.do("head-object", "head_object", Bucket=bucket, Key="my-key")
    case.do("head-object-404", "head_object", Bucket=bucket, Key="does-not-exist")


@scenario("test_s3_get_object_header_overrides")
def header_overrides(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "key-header-overrides", b"something")
    case.do(
        "get-object",
        "get_object",
        Bucket=bucket,
        Key="key-header-overrides",
        ResponseCacheControl="max-age=74",
        ResponseContentDisposition='attachment; filename="foo.jpg"',
        ResponseContentEncoding="identity",
        ResponseContentLanguage="de-DE",
        ResponseContentType="image/jpeg",
        ResponseExpires="Wed, 21 Oct 2015 07:28:00 GMT",
    )


@scenario("test_put_and_get_object_with_content_language_disposition")
def stored_headers(case: Case) -> None:
    bucket = case.bucket()
    put = case.do(
        "put-object",
        "put_object",
        Bucket=bucket,
        Key="test",
        Body=b"abc123",
        ContentLanguage="de",
        ContentDisposition='attachment; filename="foo.jpg"',
        CacheControl="no-cache",
    )
    case.answers["put-object-headers"] = with_front_headers(put["ResponseMetadata"])
    got = case.do("get-object", "get_object", Bucket=bucket, Key="test")
    case.answers["get-object-headers"] = with_front_headers(got["ResponseMetadata"])


def with_front_headers(metadata: dict[str, object]) -> dict[str, object]:
    """The metadata as a socket would show it: `Date` and `Server` are the front's."""
    headers = metadata["HTTPHeaders"]
    assert isinstance(headers, dict)
    return {**metadata, "HTTPHeaders": {**headers, "date": "date", "server": "server"}}


@scenario("test_get_object_content_length_with_virtual_host[True]")
@scenario("test_get_object_content_length_with_virtual_host[False]")
def content_length(case: Case, virtual: str) -> None:
    bucket = case.bucket()
    case.put(bucket, "temp.txt", b"123")
    host = f"{bucket}.s3.amazonaws.com" if virtual == "True" else "s3.amazonaws.com"
    path = "/temp.txt" if virtual == "True" else f"/{bucket}/temp.txt"
    answered = case.fetch("GET", f"https://{host}{path}")
    headers = {**answered.headers, "content-length": str(answered.length), "date": "date", "server": "AmazonS3"}
    case.say("get-obj-content-len-headers", headers)


STORAGE_CLASSES = (
    "STANDARD-True",
    "STANDARD_IA-True",
    "GLACIER-False",
    "GLACIER_IR-True",
    "ONEZONE_IA-True",
    "INTELLIGENT_TIERING-True",
    "DEEP_ARCHIVE-False",
    "REDUCED_REDUNDANCY-True",
)


@scenario(*(f"test_put_object_storage_class[{name}]" for name in STORAGE_CLASSES))
def storage_class(case: Case, which: str) -> None:
    bucket = case.bucket()
    case.put(bucket, "test-put-object-storage-class", b"body-test", StorageClass=which.partition("-")[0])
    named = {"Bucket": bucket, "Key": "test-put-object-storage-class"}
    case.do("get-object-storage-class", "get_object_attributes", **named, ObjectAttributes=["StorageClass"])
    case.do("get-object", "get_object", **named)


@scenario("test_put_object_storage_class_outposts")
def storage_class_outposts(case: Case) -> None:
    named = {"Bucket": case.bucket(), "Key": "k", "StorageClass": "OUTPOSTS"}
    case.do("put-object-outposts", "put_object", **named, Body=b"body-test")
    case.do("create-multipart-outposts-exc", "create_multipart_upload", **named)


SPECIAL = (
    "file%2Fname",
    "test@key/",
    "test%123",
    "test%percent",
    "test key/",
    "test key//",
    "test%123/",
    "a/%F0%9F%98%80/",
)


@scenario(*(f"test_put_get_object_special_character[{key}]" for key in SPECIAL))
def special_characters(case: Case, key: str) -> None:
    bucket = case.bucket()
    case.do("put-object-special-char", "put_object", Bucket=bucket, Key=key, Body=b"test")
    case.do("list-object-special-char", "list_objects_v2", Bucket=bucket)
    case.do("get-object-special-char", "get_object", Bucket=bucket, Key=key)
    case.do("del-object-special-char", "delete_object", Bucket=bucket, Key=key)


@scenario("test_put_get_object_single_character_trailing_slash")
def single_characters(case: Case) -> None:
    bucket = case.bucket()
    for key in ("a/", "t/", "u/"):
        case.do(f"put-object-single-char-{key}", "put_object", Bucket=bucket, Key=key, Body=b"test")
        case.do(f"get-object-single-char-{key}", "get_object", Bucket=bucket, Key=key)
    case.do("list-objects-single-char", "list_objects_v2", Bucket=bucket)


@scenario("test_s3_get_object_headers")
def conditional_reads(case: Case) -> None:
    bucket = case.bucket()
    etag = case.put(bucket, "en-gb/foo.txt", b"foo")["ETag"]
    named = {"Bucket": bucket, "Key": "en-gb/foo.txt"}
    for label, condition in (("if_none_match_err_1", etag), ("if_none_match_err_2", etag.strip('"'))):
        case.do(label, "get_object", **named, IfNoneMatch=condition)
        case.answers[label] = case.answers[label]["Error"]
    for label, name, value in (
        ("if_none_match_1", "IfNoneMatch", "etag"),
        ("if_match_1", "IfMatch", etag),
        ("if_match_2", "IfMatch", etag.strip('"')),
    ):
        case.answers[label] = case.s3.get_object(**named, **{name: value})["ResponseMetadata"]["HTTPStatusCode"]
    case.do("if_match_err_1", "get_object", **named, IfMatch="etag")
    case.answers["if_match_err_1"] = case.answers["if_match_err_1"]["Error"]


@scenario("test_s3_get_object_preconditions[get_object]", "test_s3_get_object_preconditions[head_object]")
def preconditions(case: Case, operation: str) -> None:
    bucket = case.bucket()
    etag = case.put(bucket, "k", b"data")["ETag"]
    named = {"Bucket": bucket, "Key": "k"}
    modified = case.s3.head_object(**named)["LastModified"]
    earlier, later = modified - timedelta(minutes=1), modified + timedelta(minutes=1)
    case.tick(10)

    def do(label: str, **conditions: Any) -> None:
        case.do(label, operation, **named, **conditions)

    do("precondition-if-match", IfMatch='"abcdefgh"')
    do("precondition-if-unmodified-since", IfUnmodifiedSince=earlier)
    do("precondition-if-none-match", IfNoneMatch=etag)
    do("copy-precondition-if-modified-since", IfModifiedSince=case.clock.now())
    do("obj-ignore-future-modified-since", IfModifiedSince=later)
    do("etag-missing-quotes", IfNoneMatch=etag.strip('"'))
    do("precondition-if-unmodified-since-is-object", IfUnmodifiedSince=modified)
    do("precondition-if-modified-since-is-object", IfModifiedSince=modified)
    do("obj-success", IfMatch=etag, IfNoneMatch='"abcdefgh"', IfModifiedSince=earlier, IfUnmodifiedSince=later)


@scenario("test_get_object_range")
def ranges(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "test-file", b"0123456789")
    named = {"Bucket": bucket, "Key": "test-file"}
    case.do("get-0-8", "get_object", **named, Range="bytes=0-8")
    case.do("get-0-8-checksum", "get_object", **named, Range="bytes=0-8", ChecksumMode="ENABLED")
    for text in ("1-1", "1-0", "1-", "-1-", "-2", "-9", "-15", "0-100", "0-0", "0--1"):
        case.do(f"get-{text}", "get_object", **named, Range=f"bytes={text}")
    case.do("get-multiple-ranges", "get_object", **named, Range="bytes=0-1,3-4,7-9")
    case.do("get-wrong-format", "get_object", **named, Range="0-1")
    for text in ("-", "-0", "100-200"):
        case.do(f"get-{text}", "get_object", **named, Range=f"bytes={text}")
    case.do("put-after-failed", "put_object", **named, Body=b"0123456789" * 2)


@scenario("test_get_object_with_version_unversioned_bucket")
def version_of_unversioned(case: Case) -> None:
    bucket = case.bucket()
    named = {"Bucket": bucket, "Key": "test-version"}
    case.do("put-object", "put_object", **named, Body=b"test-version")
    case.do("get-obj-with-version", "get_object", **named, VersionId="HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD")
    case.do("get-obj-with-null-version", "get_object", **named, VersionId="null")


@scenario("test_delete_object")
def delete(case: Case) -> None:
    bucket = case.bucket()
    case.do("put-object", "put_object", Bucket=bucket, Key="test-delete", Body=b"test-delete")
    case.do("delete-object", "delete_object", Bucket=bucket, Key="test-delete")
    case.do("delete-nonexistent-object", "delete_object", Bucket=bucket, Key="test-delete")
    case.do(
        "delete-nonexistent-object-versionid",
        "delete_object",
        Bucket=bucket,
        Key="test-delete",
        VersionId="HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD",
    )


@scenario("test_s3_object_expires")
def expires(case: Case) -> None:
    bucket = case.bucket()
    now = datetime.now(UTC).replace(microsecond=0)
    for which, when in (("future", now + timedelta(hours=1)), ("past", now - timedelta(hours=1))):
        named = {"Bucket": bucket, "Key": which}
        case.do(f"put-object-expires-{which}", "put_object", **named, Body=b"foo", Expires=when)
        for operation in ("head", "get"):
            label = f"{operation}-object-expires-{which}"
            case.do(label, f"{operation}_object", **named)
            assert case.answers[label]["Expires"] == when
            case.answers[label]["ExpiresString"] = "<expires>"


@scenario("test_system_metadata_with_unicode")
def unicode_headers(case: Case) -> None:
    bucket = case.bucket()
    case.do(
        "put-object",
        "put_object",
        Bucket=bucket,
        Key="k",
        Body=b"",
        CacheControl="ÄMÄZÕÑ S3",
        ContentDisposition='attachment; filename="test_—_file%E2%80%94_é_2.pdf"',
        ContentLanguage="de",
    )
    case.do("get-object", "get_object", Bucket=bucket, Key="k")


@scenario("test_set_external_hostname")
def external_hostname(case: Case) -> None:
    """Recorded twice under two names: the same completion."""
    bucket = case.bucket()
    named = {"Bucket": bucket, "Key": "test.file"}
    upload = case.s3.create_multipart_upload(**named)["UploadId"]
    part = case.s3.upload_part(**named, UploadId=upload, PartNumber=1, Body=b"test content 123")
    parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
    answer = case.do("multipart-upload", "complete_multipart_upload", **named, UploadId=upload, MultipartUpload=parts)
    case.say("get-object", answer)


@scenario("test_delete_object_if_match_non_express")
def delete_if_match(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "k", b"test")
    case.do("delete-obj-if-match", "delete_object", Bucket=bucket, Key="k", IfMatch='"badvalue"')


@scenario("test_delete_object_if_match_modified_non_express")
def delete_if_modified(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "k", b"test")
    when = datetime(2025, 1, 1, tzinfo=UTC)
    case.do("delete-obj-if-match-last-modified", "delete_object", Bucket=bucket, Key="k", IfMatchLastModifiedTime=when)


@scenario("test_delete_object_if_match_size_non_express")
def delete_if_size(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "k", b"test")
    case.do("delete-obj-if-match-size", "delete_object", Bucket=bucket, Key="k", IfMatchSize=10)


@scenario("test_delete_object_if_match_all_non_express")
def delete_if_all(case: Case) -> None:
    bucket = case.bucket()
    etag = case.put(bucket, "k", b"test")["ETag"]
    when = datetime(2025, 1, 1, tzinfo=UTC)
    case.do(
        "delete-obj-if-match-all",
        "delete_object",
        Bucket=bucket,
        Key="k",
        IfMatch=etag,
        IfMatchSize=10,
        IfMatchLastModifiedTime=when,
    )


@scenario("test_bucket_name_with_dots")
def dotted_bucket(case: Case) -> None:
    bucket = f"{case.new_name()}.with.dots"
    case.s3.create_bucket(Bucket=bucket)
    case.put(bucket, "my-content", b"something")
    case.do("list-objects", "list_objects", Bucket=bucket)
    for label, url in (
        ("request-vhost-url-content", f"https://{bucket}.s3.amazonaws.com/"),
        ("request-path-url-content", f"https://s3.amazonaws.com/{bucket}"),
    ):
        case.say(label, document(case.fetch("GET", url).body))
