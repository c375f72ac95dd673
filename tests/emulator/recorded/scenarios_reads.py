"""Calls whose answers were recorded on AWS: ranges, conditions and headers of reads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from botocore import UNSIGNED

from tests.emulator.recorded.harness import Case, scenario
from tests.emulator.transport import make_client


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


@scenario("test_invalid_range_error")
def invalid_range(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "my-key", b"abcdefgh")
    case.do("exc", "get_object", Bucket=bucket, Key="my-key", Range="bytes=1024-4096")


@scenario("test_range_key_not_exists")
def range_without_object(case: Case) -> None:
    case.do("exc", "get_object", Bucket=case.bucket(), Key="my-key", Range="bytes=1024-4096")


@scenario("test_range_header_body_length")
def range_lengths(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "sample.bin", bytes(range(256)) * 8)
    case.do("get-object", "get_object", Bucket=bucket, Key="sample.bin", Range="bytes=0-1023")
    case.do("get-object-2", "get_object", Bucket=bucket, Key="sample.bin", Range="bytes=1024-2047")


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
