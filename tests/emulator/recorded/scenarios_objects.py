"""Calls whose answers were recorded on AWS: objects written, told of and deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.emulator.recorded.harness import Case, document, scenario


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


@scenario("test_put_and_get_object_with_hash_prefix")
def hash_prefix(case: Case) -> None:
    bucket = case.bucket()
    case.do("put-object", "put_object", Bucket=bucket, Key="#key-with-hash-prefix", Body=b"test 123")
    case.do("get-object", "get_object", Bucket=bucket, Key="#key-with-hash-prefix")


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


@scenario("test_s3_uppercase_key_names")
def uppercase_keys(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "CamelCaseKey", b"something")
    case.do("response", "get_object", Bucket=bucket, Key="CamelCaseKey")
    case.do("wrong-case-key", "get_object", Bucket=bucket, Key="camelcasekey")


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
