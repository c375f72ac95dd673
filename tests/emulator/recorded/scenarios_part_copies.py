"""Recordings about UploadPartCopy: ranges and conditions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.emulator.recorded.harness import Case, scenario

DIGITS = b"0123456789"


@scenario("test_upload_part_copy_range")
def ranges(case: Case) -> None:
    bucket = case.bucket()
    case.do("put-src-object", "put_object", Bucket=bucket, Key="src", Body=DIGITS)
    named = {"Bucket": bucket, "Key": "test-upload-part-copy"}
    upload = case.do("create-multipart", "create_multipart_upload", **named)["UploadId"]

    def copy(label: str, number: int, text: str) -> None:
        case.do(
            label,
            "upload_part_copy",
            **named,
            UploadId=upload,
            PartNumber=number,
            CopySource=f"{bucket}/src",
            CopySourceRange=text,
        )

    copy("upload-part-copy-1", 1, "bytes=0-8")
    copy("upload-part-copy-2", 2, "bytes=1-1")
    copy("upload-part-copy-3", 3, "bytes=0-0")
    case.do("list-parts", "list_parts", **named, UploadId=upload)
    copy("upload-part-copy-wrong-format", 1, "0-8")
    for text in ("1-0", "-1-", "0--1", "0-1,3-4,7-9", "-", "-0", "0-100", "100-200", "1-", "-2", "-15"):
        copy(f"upload-part-copy-range-exc-{text}", 1, f"bytes={text}")


@scenario("test_upload_part_copy_no_copy_source_range")
def whole(case: Case) -> None:
    bucket = case.bucket()
    case.do("put-src-object", "put_object", Bucket=bucket, Key="src", Body=DIGITS)
    named = {"Bucket": bucket, "Key": "test-upload-part-copy"}
    upload = case.do("create-multipart", "create_multipart_upload", **named)["UploadId"]
    case.do("upload-part-copy", "upload_part_copy", **named, UploadId=upload, PartNumber=1, CopySource=f"{bucket}/src")
    case.do("list-parts", "list_parts", **named, UploadId=upload)


class PartCopy:
    """A source, an upload to copy it into, and times around the source's own."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.bucket = case.bucket()
        self.etag = case.put(self.bucket, "source_file.txt", DIGITS)["ETag"]
        self.modified: datetime = case.s3.head_object(Bucket=self.bucket, Key="source_file.txt")["LastModified"]
        self.named = {"Bucket": self.bucket, "Key": "destination_file.txt"}
        self.upload = case.s3.create_multipart_upload(**self.named)["UploadId"]
        case.tick(10)

    def copy(self, label: str, *, parts: bool = False, **conditions: Any) -> None:
        self.case.do(
            label,
            "upload_part_copy",
            **self.named,
            UploadId=self.upload,
            PartNumber=1,
            CopySource={"Bucket": self.bucket, "Key": "source_file.txt"},
            **{f"CopySource{name}": value for name, value in conditions.items()},
        )
        if parts:
            self.case.do("list-parts", "list_parts", **self.named, UploadId=self.upload)


MINUTE = timedelta(minutes=1)
WRONG = '"00000000000000000000000000000000"'


@scenario("test_upload_part_copy_with_copy_source_if_match_and_if_unmodified_since_match")
def match_beats_unmodified(case: Case) -> None:
    part = PartCopy(case)
    part.copy("upload-part-copy", parts=True, IfMatch=part.etag, IfUnmodifiedSince=part.modified - MINUTE)


@scenario("test_upload_part_copy_with_copy_source_if_none_match_and_if_unmodified_since_match_failed")
def none_match_and_unmodified(case: Case) -> None:
    part = PartCopy(case)
    label = "upload-part-copy-source-unmodified-since-and-if-none-match"
    part.copy(label, IfNoneMatch=WRONG, IfUnmodifiedSince=part.modified - MINUTE)


@scenario("test_upload_part_copy_with_if_modified_since_failed")
def not_modified(case: Case) -> None:
    part = PartCopy(case)
    part.copy("upload-part-copy-source-modified-since-match", IfModifiedSince=part.modified + timedelta(seconds=5))


@scenario("test_upload_part_copy_with_copy_source_if_match_failed")
def no_match(case: Case) -> None:
    PartCopy(case).copy("upload-part-copy-source-if-match", IfMatch=WRONG)


@scenario("test_upload_part_copy_with_copy_source_if_none_match_failed")
def none_match(case: Case) -> None:
    part = PartCopy(case)
    part.copy("upload-part-copy-source-if-none-match", IfNoneMatch=part.etag)


@scenario("test_upload_part_copy_with_copy_source_if_unmodified_since_match_failed")
def modified(case: Case) -> None:
    part = PartCopy(case)
    part.copy("upload-part-copy-source-unmodified-since-match", IfUnmodifiedSince=part.modified - MINUTE)


@scenario("test_upload_part_copy_with_copy_source_if_match_success")
def match_holds(case: Case) -> None:
    part = PartCopy(case)
    part.copy("upload-part-copy-if-match", parts=True, IfMatch=part.etag)


@scenario("test_upload_part_copy_with_copy_source_if_match_none_success")
def none_match_holds(case: Case) -> None:
    PartCopy(case).copy("upload-part-copy-if-none-match", parts=True, IfNoneMatch=WRONG)


@scenario("test_upload_part_copy_with_copy_source_if_unmodified_since_success")
def unmodified_holds(case: Case) -> None:
    part = PartCopy(case)
    part.copy("upload-part-copy-if-unmodified-since", parts=True, IfUnmodifiedSince=part.modified + MINUTE)


@scenario("test_upload_part_copy_with_copy_source_if_modified_since_success")
def modified_holds(case: Case) -> None:
    part = PartCopy(case)
    part.copy("upload-part-copy-if-modified-since", parts=True, IfModifiedSince=part.modified - MINUTE)


@scenario("test_upload_part_copy_with_copy_source_if_modified_since_in_future_success")
def modified_in_future(case: Case) -> None:
    part = PartCopy(case)
    part.copy("upload-part-copy-if-modified-since-in-future", parts=True, IfModifiedSince=part.modified + MINUTE)
