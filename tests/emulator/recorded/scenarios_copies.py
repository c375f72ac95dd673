"""Recordings about copies: directives, copies onto oneself, conditions, part copies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.emulator.recorded.harness import Case, scenario

JSON = b'{"key": "value"}'


def source_of(bucket: str, key: str) -> dict[str, str]:
    return {"Bucket": bucket, "Key": key}


@scenario("test_s3_copy_metadata_replace")
def replace_metadata(case: Case) -> None:
    bucket = case.bucket()
    case.do(
        "put_object",
        "put_object",
        Bucket=bucket,
        Key="a",
        Body=JSON,
        ContentType="application/json",
        ContentLanguage="en-US",
        Metadata={"key": "value"},
    )
    case.do("head_object", "head_object", Bucket=bucket, Key="a")
    case.do(
        "copy_object",
        "copy_object",
        Bucket=bucket,
        Key="b",
        CopySource=f"{bucket}/a",
        Metadata={"another-key": "value"},
        ContentType="image/jpg",
        MetadataDirective="REPLACE",
    )
    case.do("head_object_copy", "head_object", Bucket=bucket, Key="b")


@scenario("test_s3_copy_content_type_and_metadata")
def keep_metadata(case: Case) -> None:
    bucket = case.bucket()
    metadata = {"key": "value"}
    case.do(
        "put_object", "put_object", Bucket=bucket, Key="a", Body=JSON, ContentType="application/json", Metadata=metadata
    )
    case.do("head_object", "head_object", Bucket=bucket, Key="a")
    case.do("copy_object", "copy_object", Bucket=bucket, Key="b", CopySource=f"{bucket}/a")
    case.do("head_object_copy", "head_object", Bucket=bucket, Key="b")
    case.s3.delete_object(Bucket=bucket, Key="b")
    case.do("copy_object_second", "copy_object", Bucket=bucket, Key="b", CopySource=source_of(bucket, "a"))
    case.do("head_object_second_copy", "head_object", Bucket=bucket, Key="b")


@scenario("test_s3_copy_metadata_directive_copy")
def directive_copy(case: Case) -> None:
    bucket = case.bucket()
    case.do(
        "put-object",
        "put_object",
        Bucket=bucket,
        Key="a",
        Body=b"test",
        Metadata={"key": "value"},
        ContentLanguage="en-US",
    )
    case.do("head-object", "head_object", Bucket=bucket, Key="a")
    case.do(
        "copy-object",
        "copy_object",
        Bucket=bucket,
        Key="b",
        CopySource=f"{bucket}/a",
        Metadata={"key2": "value2"},
        MetadataDirective="COPY",
    )
    case.do("head-object-copy", "head_object", Bucket=bucket, Key="b")


@scenario("test_s3_copy_md5")
def copy_etag(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "a", b"something")
    case.do("copy-obj", "copy_object", Bucket=bucket, Key="b", CopySource=source_of(bucket, "a"))


@scenario("test_multipart_copy_object_etag")
def copy_of_multipart(case: Case) -> None:
    bucket = case.bucket()
    named = {"Bucket": bucket, "Key": "test.file"}
    upload = case.s3.create_multipart_upload(**named)["UploadId"]
    part = case.s3.upload_part(**named, UploadId=upload, PartNumber=1, Body=b"test content 123")
    parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
    case.do("multipart-upload", "complete_multipart_upload", **named, UploadId=upload, MultipartUpload=parts)
    source = f"{bucket}/test.file"
    case.do("copy-object", "copy_object", Bucket=bucket, Key="copied", CopySource=source)
    case.do("copy-object-in-place", "copy_object", **named, CopySource=source, MetadataDirective="REPLACE")
    case.do("head-obj", "head_object", **named, ChecksumMode="ENABLED")


@scenario("test_s3_copy_object_in_place")
def in_place(case: Case) -> None:
    bucket = case.bucket()
    named = {"Bucket": bucket, "Key": "a"}
    source = source_of(bucket, "a")
    case.do("put_object", "put_object", **named, Body=JSON, ContentType="application/json", Metadata={"key": "value"})
    case.do("head_object", "head_object", **named)
    case.do("object-attrs", "get_object_attributes", **named, ObjectAttributes=["StorageClass"])
    case.do("copy-object-in-place-no-change", "copy_object", **named, CopySource=source)
    case.do(
        "copy-object-in-place-with-storage-class",
        "copy_object",
        **named,
        CopySource=source,
        StorageClass="STANDARD",
        ChecksumAlgorithm="SHA256",
    )
    case.do("object-attrs-after-copy", "get_object_attributes", **named, ObjectAttributes=["StorageClass"])
    case.do("object-acl", "get_object_acl", **named)
    case.do("copy-object-in-place-with-acl", "copy_object", **named, CopySource=source, ACL="private")


@scenario("test_s3_copy_object_in_place_metadata_directive")
def in_place_directive(case: Case) -> None:
    bucket = case.bucket()
    named = {"Bucket": bucket, "Key": "a"}
    source = source_of(bucket, "a")
    case.do("put_object", "put_object", **named, Body=JSON, ContentType="application/json", Metadata={"key": "value"})
    case.do("head_object", "head_object", **named)
    other = {"Metadata": {"key2": "value2"}}
    case.do("no-metadata-directive-fail", "copy_object", **named, CopySource=source, **other)
    steps: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("copy-replace-directive", "head-replace-directive", {**other, "MetadataDirective": "REPLACE"}),
        ("copy-copy-directive", "head-copy-directive", {"StorageClass": "STANDARD", "MetadataDirective": "COPY"}),
        (
            "copy-copy-directive-ignore",
            "head-copy-directive-ignore",
            {"StorageClass": "STANDARD", "MetadataDirective": "COPY", "Metadata": {"key3": "value3"}},
        ),
        ("copy-replace-directive-empty", "head-replace-directive-empty", {"MetadataDirective": "REPLACE"}),
    )
    for copy, head, params in steps:
        case.do(copy, "copy_object", **named, CopySource=source, **params)
        case.do(head, "head_object", **named)


@scenario("test_s3_copy_object_in_place_storage_class")
def in_place_storage_class(case: Case) -> None:
    bucket = case.bucket()
    named = {"Bucket": bucket, "Key": "a"}
    case.do("put-object", "put_object", **named, Body=b"test", StorageClass="STANDARD")
    case.do("head-object", "head_object", **named)
    case.do("object-attrs", "get_object_attributes", **named, ObjectAttributes=["StorageClass"])
    case.do(
        "copy-object-in-place-with-storage-class",
        "copy_object",
        **named,
        CopySource=f"{bucket}/a",
        StorageClass="STANDARD",
    )
    case.do("object-attrs-after-copy", "get_object_attributes", **named, ObjectAttributes=["StorageClass"])


@scenario("test_s3_copy_object_storage_class")
def storage_class(case: Case) -> None:
    bucket = case.bucket()
    named = {"Bucket": bucket, "Key": "a"}
    case.do("put-object", "put_object", **named, Body=b"test", StorageClass="STANDARD_IA")
    case.do("head-object", "head_object", **named)
    case.do("object-attrs", "get_object_attributes", **named, ObjectAttributes=["StorageClass"])
    case.do("copy-object-in-place-with-storage-class", "copy_object", **named, CopySource=f"{bucket}/a")
    case.do("object-attrs-after-copy", "get_object_attributes", **named, ObjectAttributes=["StorageClass"])
    case.do("exc-invalid-request-storage-class", "copy_object", **named, CopySource=f"{bucket}/a")


@scenario("test_s3_copy_object_in_place_website_redirect_location")
def in_place_redirect(case: Case) -> None:
    bucket = case.bucket()
    named = {"Bucket": bucket, "Key": "a"}
    case.do("put-object", "put_object", **named, Body=b"test", WebsiteRedirectLocation="/test/direct")
    case.do("head-object", "head_object", **named)
    case.do(
        "copy-object-in-place-with-website-redirection",
        "copy_object",
        **named,
        CopySource=f"{bucket}/a",
        WebsiteRedirectLocation="/test/direct",
    )
    case.do("head-object-after-copy", "head_object", **named)


ALGORITHMS = ("CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME")


@scenario(*(f"test_s3_copy_object_with_checksum[{name}]" for name in ALGORITHMS))
def with_checksum(case: Case, algorithm: str) -> None:
    bucket = case.bucket()
    named = {"Bucket": bucket, "Key": "a"}
    case.do("put-object-no-checksum", "put_object", **named, Body=JSON)
    case.do("object-attrs", "get_object_attributes", **named, ObjectAttributes=["Checksum"])
    case.do(
        "copy-object-in-place-with-checksum",
        "copy_object",
        **named,
        CopySource=f"{bucket}/a",
        ChecksumAlgorithm=algorithm,
        MetadataDirective="REPLACE",
    )
    case.do("object-attrs-after-copy", "get_object_attributes", **named, ObjectAttributes=["Checksum"])
    case.do("copy-object-to-dest-keep-checksum", "copy_object", Bucket=bucket, Key="b", CopySource=f"{bucket}/a")


@scenario(*(f"test_s3_copy_object_with_default_checksum[{name}]" for name in ALGORITHMS))
def with_default_checksum(case: Case, algorithm: str) -> None:
    bucket = case.bucket()
    named = {"Bucket": bucket, "Key": "a"}
    attributes = {"ObjectAttributes": ["Checksum"]}
    case.do("put-object-no-checksum", "put_object", **named, Body=JSON, ChecksumAlgorithm=algorithm)
    case.do("object-attrs", "get_object_attributes", **named, **attributes)
    case.do(
        "copy-object-in-place-with-no-checksum",
        "copy_object",
        **named,
        CopySource=f"{bucket}/a",
        MetadataDirective="REPLACE",
    )
    case.do("object-attrs-after-copy", "get_object_attributes", **named, **attributes)
    case.do("copy-object-to-dest-keep-checksum", "copy_object", Bucket=bucket, Key="b", CopySource=f"{bucket}/a")
    case.do("dest-object-attrs-after-copy", "get_object_attributes", Bucket=bucket, Key="b", **attributes)


@scenario("test_copy_object_special_character")
def special_characters(case: Case) -> None:
    source, destination = case.bucket(), case.bucket()
    for key in ("file%2Fname", "test@key/", "test key/", "test key//", "a/%F0%9F%98%80/", "test+key"):
        case.do(f"put-object-src-special-char-{key}", "put_object", Bucket=source, Key=key, Body=b"test")
        case.do(
            f"copy-object-special-char-{key}",
            "copy_object",
            Bucket=destination,
            Key=key,
            CopySource=source_of(source, key),
        )
    case.do("list-object-copy-dest-special-char", "list_objects_v2", Bucket=destination)


@scenario("test_s3_copy_object_wrong_format")
def wrong_format(case: Case) -> None:
    case.do(
        "copy-object-wrong-copy-source", "copy_object", Bucket=case.bucket(), Key="b", CopySource="wrong-copy-source"
    )


@scenario("test_s3_copy_object_preconditions")
def source_preconditions(case: Case) -> None:
    bucket = case.bucket()
    etag = case.put(bucket, "a", b"data")["ETag"]
    modified = case.do("head-object", "head_object", Bucket=bucket, Key="a")["LastModified"]
    earlier, later = modified - timedelta(minutes=1), modified + timedelta(minutes=1)
    case.tick(10)

    def copy(label: str, **conditions: Any) -> None:
        named = {f"CopySource{name}": value for name, value in conditions.items()}
        case.do(label, "copy_object", Bucket=bucket, Key="b", CopySource=source_of(bucket, "a"), **named)

    copy("copy-precondition-if-match", IfMatch='"abcdefgh"')
    copy("copy-precondition-if-unmodified-since", IfUnmodifiedSince=earlier)
    copy("copy-precondition-if-none-match", IfNoneMatch=etag)
    copy("copy-precondition-if-modified-since", IfModifiedSince=case.clock.now())
    copy("copy-ignore-future-modified-since", IfModifiedSince=later)
    copy("copy-etag-missing-quotes", IfNoneMatch=etag.strip('"'))
    copy("copy-success", IfMatch=etag, IfNoneMatch='"abcdefgh"', IfModifiedSince=earlier, IfUnmodifiedSince=later)


@scenario("test_copy_object_if_none_match")
def if_none_match(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "a", b"source content")
    for label in ("copy-obj", "copy-obj-if-none-match-fail"):
        case.do(label, "copy_object", Bucket=bucket, Key="b", CopySource=f"{bucket}/a", IfNoneMatch="*")


@scenario("test_copy_object_if_match")
def if_match(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "a", b"source content")
    etag = case.put(bucket, "b", b"destination content")["ETag"]
    named = {"Bucket": bucket, "CopySource": f"{bucket}/a"}
    case.do("copy-obj-if-match", "copy_object", **named, Key="b", IfMatch=etag)
    case.do("copy-obj-if-match-fail-wrong-etag", "copy_object", **named, Key="b", IfMatch=etag)
    case.do("copy-obj-if-match-fail-no-object", "copy_object", **named, Key="non-existent-key", IfMatch=etag)


@scenario("test_copy_object_precondition_write_validation")
def write_validation(case: Case) -> None:
    bucket = case.bucket()
    etag = case.put(bucket, "a", b"source content")["ETag"]
    named = {"Bucket": bucket, "Key": "b", "CopySource": f"{bucket}/a"}
    case.do("copy-obj-none-match-etag", "copy_object", **named, IfNoneMatch=etag)
    case.do("copy-obj-if-match-star", "copy_object", **named, IfMatch="*")
    case.do("copy-obj-both", "copy_object", **named, IfMatch=etag, IfNoneMatch="*")


@scenario("test_copy_object_if_none_match_in_place")
def if_none_match_in_place(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "a", b"source content")
    case.do(
        "copy-obj-if-none-match-fail",
        "copy_object",
        Bucket=bucket,
        Key="a",
        CopySource=f"{bucket}/a",
        MetadataDirective="REPLACE",
        IfNoneMatch="*",
    )


@scenario("test_copy_object_if_match_in_place")
def if_match_in_place(case: Case) -> None:
    bucket = case.bucket()
    etag = case.put(bucket, "a", b"source content")["ETag"]
    case.do(
        "copy-obj-if-match-in-place",
        "copy_object",
        Bucket=bucket,
        Key="a",
        CopySource=f"{bucket}/a",
        MetadataDirective="REPLACE",
        IfMatch=etag,
    )
