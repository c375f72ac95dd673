"""Recordings about multipart uploads: listing, order, sizes, conditions, parts of objects."""

from __future__ import annotations

import io
from typing import Any

from boto3.s3.transfer import TransferConfig

from tests.emulator.recorded.harness import Case, scenario

MINIMUM = 5 * 1024 * 1024


class Multipart:
    """One upload in progress and what was uploaded into it."""

    def __init__(self, case: Case, bucket: str, key: str, label: str | None = None, **params: Any) -> None:
        self.case = case
        self.named = {"Bucket": bucket, "Key": key}
        if label is None:
            answer = case.s3.create_multipart_upload(**self.named, **params)
        else:
            answer = case.do(label, "create_multipart_upload", **self.named, **params)
        self.named["UploadId"] = answer["UploadId"]
        self.parts: list[dict[str, Any]] = []

    def part(self, number: int, body: bytes, label: str | None = None, **params: Any) -> dict[str, Any]:
        """Upload a part; what completing needs of its answer is kept."""
        send = {**self.named, "PartNumber": number, "Body": body, **params}
        answer: dict[str, Any] = (
            self.case.do(label, "upload_part", **send) if label else self.case.s3.upload_part(**send)
        )
        if "ETag" in answer:
            checksums = {name: value for name, value in answer.items() if name.startswith("Checksum")}
            self.parts.append({"PartNumber": number, "ETag": answer["ETag"], **checksums})
        return answer

    @property
    def plain(self) -> list[dict[str, Any]]:
        return [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in self.parts]

    def complete(self, label: str, parts: list[dict[str, Any]] | None = None, **params: Any) -> dict[str, Any]:
        listed = {"Parts": self.plain if parts is None else parts}
        answer: dict[str, Any] = self.case.do(
            label, "complete_multipart_upload", **self.named, MultipartUpload=listed, **params
        )
        return answer


@scenario("test_multipart_and_list_parts")
def list_parts(case: Case) -> None:
    bucket, key = case.bucket(), "test-list-parts"
    upload = Multipart(case, bucket, key, "create-multipart")
    case.do("list-part-after-created", "list_parts", **upload.named)
    case.do("list-all-uploads", "list_multipart_uploads", Bucket=bucket)
    upload.part(1, b"upload-part-1" * 5, "upload-part")
    case.do("list-part-after-upload", "list_parts", **upload.named)
    case.do("list-all-uploads-after", "list_multipart_uploads", Bucket=bucket)
    upload.complete("complete-multipart")
    case.do("list-part-after-complete-exc", "list_parts", **upload.named)
    case.do("list-all-uploads-completed", "list_multipart_uploads", Bucket=bucket)
    case.do("head-multipart-checksum", "head_object", Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    case.do("get-multipart-checksum", "get_object", Bucket=bucket, Key=key, ChecksumMode="ENABLED")


@scenario("test_upload_file_multipart")
def transfer_manager(case: Case) -> None:
    """boto3's own uploader: one part, with the checksum that it always asks for."""
    bucket = case.bucket()
    config = TransferConfig(multipart_threshold=1024, multipart_chunksize=MINIMUM, use_threads=False)
    case.s3.upload_fileobj(io.BytesIO(b"1" * 6144), bucket, "test", Config=config)
    case.do("get_object", "get_object", Bucket=bucket, Key="test")


@scenario("test_complete_multipart_parts_order")
def part_order(case: Case) -> None:
    bucket = case.bucket()
    body = b"a" * (MINIMUM + 1)
    upload = Multipart(case, bucket, "test-order-parts")
    upload.part(-1, body, "upload-part-negative-part-number")
    for number in (1, 2, 3):
        upload.part(number, body)
    upload.complete("complete-multipart-unordered", list(reversed(upload.plain)))
    upload.complete("complete-multipart-ordered")
    stepped = Multipart(case, bucket, "key-sequence-with-step-2")
    for number in (1, 3, 5):
        stepped.part(number, body)
    stepped.complete("complete-multipart-with-step-2")


@scenario("test_multipart_no_such_upload")
def no_such_upload(case: Case) -> None:
    named = {"Bucket": case.bucket(), "Key": "key", "UploadId": "fakeid"}
    case.do("upload-exc", "upload_part", **named, PartNumber=1, Body=b"test")
    parts = {"Parts": [{"ETag": '"d41d8cd98f00b204e9800998ecf8427e"', "PartNumber": 1}]}
    case.do("complete-exc", "complete_multipart_upload", **named, MultipartUpload=parts)
    case.do("abort-exc", "abort_multipart_upload", **named)


@scenario("test_multipart_key_validation")
def other_key(case: Case) -> None:
    bucket = case.bucket()
    upload = Multipart(case, bucket, "test-key")
    part = upload.part(1, b"data")
    wrong = {**upload.named, "Key": "key-2"}
    case.do("upload-part-wrong-key-name", "upload_part", **wrong, PartNumber=1, Body=b"data")
    parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
    case.do("complete-multipart-wrong-key-name", "complete_multipart_upload", **wrong, MultipartUpload=parts)
    case.do("list-parts-wrong-key-name", "list_parts", **wrong)
    case.do("abort-multipart-wrong-key-name", "abort_multipart_upload", **wrong)


@scenario("test_multipart_complete_multipart_too_small")
def too_small(case: Case) -> None:
    upload = Multipart(case, case.bucket(), "test-upload-part-exc")
    upload.part(1, b"data", "upload-part1")
    upload.part(2, b"data", "upload-part2")
    upload.complete("complete-exc-no-parts", [])
    upload.complete("complete-exc-too-small")


@scenario("test_multipart_complete_multipart_wrong_part")
def wrong_part(case: Case) -> None:
    upload = Multipart(case, case.bucket(), "test-upload-part-exc")
    etag = upload.part(1, b"data")["ETag"]
    upload.complete("complete-exc-wrong-part-number", [{"ETag": etag, "PartNumber": 2}])
    empty = '"d41d8cd98f00b204e9800998ecf8427e"'
    upload.complete("complete-exc-wrong-etag", [{"ETag": empty, "PartNumber": 1}])


@scenario("test_multipart_overwrite_key")
def overwrite(case: Case) -> None:
    bucket = case.bucket()
    case.do("put-object", "put_object", Bucket=bucket, Key="test.file", Body=b"test content 123")
    upload = Multipart(case, bucket, "test.file")
    upload.part(1, b"test content 123")
    upload.complete("multipart-upload")


@scenario("test_multipart_with_unicode_character_location")
def unicode_location(case: Case) -> None:
    upload = Multipart(case, case.bucket(), "test-unicode_—_file", "create-multipart")
    upload.part(1, b"upload-part-1")
    upload.complete("complete-multipart")


@scenario("test_get_object_part")
def object_parts(case: Case) -> None:
    bucket, key = case.bucket(), "test.file"
    upload = Multipart(case, bucket, key)
    content = b"test content 123"
    upload.part(1, content * (MINIMUM // len(content) + 1))
    upload.part(2, content)
    upload.complete("multipart-upload")
    named = {"Bucket": bucket, "Key": key}
    case.do("head-object-part", "head_object", **named, PartNumber=2)
    case.do("get-object-part", "get_object", **named, PartNumber=2)
    case.do("get-object-part-with-checksum", "get_object", **named, PartNumber=2, ChecksumMode="ENABLED")
    case.do("part-doesnt-exist", "get_object", **named, PartNumber=10)
    case.do("part-with-range", "get_object", **named, PartNumber=2, Range="bytes=0-8")
    single = {"Bucket": bucket, "Key": "no-multipart"}
    case.put(bucket=bucket, key="no-multipart", body=b"test-123")
    case.do("part-no-multipart", "get_object", **single, PartNumber=2)
    case.do("get-obj-no-multipart", "get_object", **single, PartNumber=1)


@scenario("test_get_object_part_checksum[COMPOSITE]", "test_get_object_part_checksum[FULL_OBJECT]")
def object_part_checksum(case: Case, kind: str) -> None:
    bucket, key = case.bucket(), "test-multipart-checksum"
    upload = Multipart(case, bucket, key, "create-mpu-checksum", ChecksumAlgorithm="CRC32C", ChecksumType=kind)
    upload.part(1, b"test content 123", "upload-part", ChecksumAlgorithm="CRC32C")
    upload.complete("complete-multipart-checksum", upload.parts)
    for operation in ("head", "get"):
        named = {"Bucket": bucket, "Key": key, "PartNumber": 1, "ChecksumMode": "ENABLED"}
        case.do(f"{operation}-object-part", f"{operation}_object", **named)


@scenario("test_multipart_size_validation")
def size(case: Case) -> None:
    bucket, key = case.bucket(), "test-multipart-size"
    upload = Multipart(case, bucket, key, "create-mpu")
    upload.part(1, b"aaaa", "upload-part")
    upload.complete("complete-multipart-wrong-size", MpuObjectSize=5)
    upload.complete("complete-multipart-good-size", MpuObjectSize=4)
    case.do("get-object-attrs", "get_object_attributes", Bucket=bucket, Key=key, ObjectAttributes=["Checksum", "ETag"])


@scenario("test_list_parts_empty_part_number_marker")
def empty_marker(case: Case) -> None:
    """boto3 cannot send the empty parameters: the requests are made without them and with them, and agree."""
    bucket, key = case.bucket(), "test-list-part-empty-marker"
    upload = Multipart(case, bucket, key)
    upload.part(1, b"data")
    for label, empty in (
        ("list-parts-empty-marker", "part-number-marker"),
        ("list-parts-empty-max-parts", "max-parts"),
    ):
        case.do(label, "list_parts", **upload.named)
        query = f"uploadId={upload.named['UploadId']}"
        plain = case.fetch("GET", f"https://{bucket}.s3.amazonaws.com/{key}?{query}")
        with_empty = case.fetch("GET", f"https://{bucket}.s3.amazonaws.com/{key}?{query}&{empty}=")
        assert (with_empty.status, with_empty.body) == (200, plain.body)


@scenario("test_list_parts_pagination")
def parts_pages(case: Case) -> None:
    bucket, key = case.bucket(), "test-list-part-pagination"
    upload = Multipart(case, bucket, key)
    case.do("list-parts-empty", "list_parts", **upload.named)
    upload.part(1, b"data")
    upload.part(2, b"data")
    case.do("list-parts-all", "list_parts", **upload.named)
    case.do("list-parts-1", "list_parts", **upload.named, MaxParts=1)
    case.do("list-parts-next", "list_parts", **upload.named, MaxParts=1, PartNumberMarker=1)
    case.do("list-parts-wrong-part", "list_parts", **upload.named, MaxParts=1, PartNumberMarker=10)


@scenario("test_list_parts_via_object_attrs_pagination")
def parts_of_object_pages(case: Case) -> None:
    bucket, key = case.bucket(), "test-object-attrs-pagination"
    upload = Multipart(case, bucket, key, ChecksumAlgorithm="SHA256")
    for number in (1, 2):
        upload.part(number, b"a" * (MINIMUM + 1), ChecksumAlgorithm="SHA256")
    case.do("list-parts", "list_parts", **upload.named)
    upload.complete("complete-mpu", upload.parts)
    named = {"Bucket": bucket, "Key": key, "ObjectAttributes": ["ObjectParts"]}
    pages: tuple[tuple[str, dict[str, int]], ...] = (
        ("all", {}),
        ("1", {}),
        ("next", {"MaxParts": 1, "PartNumberMarker": 1}),
        ("wrong-part", {"MaxParts": 1, "PartNumberMarker": 10}),
    )
    for label, params in pages:
        case.do(f"get-object-attrs-{label}", "get_object_attributes", **named, **params)


# conditions of a completion


@scenario("test_multipart_if_none_match_with_delete")
def none_match_with_delete(case: Case) -> None:
    bucket, key = case.bucket(), "test-precondition"
    case.do("put-obj", "put_object", Bucket=bucket, Key=key, Body=b"")
    upload = Multipart(case, bucket, key, "create-multipart")
    upload.part(1, b"test")
    upload.complete("complete-multipart-if-none-match", IfNoneMatch="*")
    case.do("del-obj", "delete_object", Bucket=bucket, Key=key)
    upload.complete("complete-multipart-after-del", IfNoneMatch="*")
    again = Multipart(case, bucket, key)
    again.part(1, b"test")
    again.complete("complete-multipart-after-del-restart", IfNoneMatch="*")


@scenario("test_multipart_if_none_match_with_put")
def none_match_with_put(case: Case) -> None:
    bucket, key = case.bucket(), "test-precondition"
    upload = Multipart(case, bucket, key, "create-multipart")
    upload.part(1, b"test")
    case.do("put-obj", "put_object", Bucket=bucket, Key=key, Body=b"")
    upload.complete("complete-multipart-if-none-match-put-during", IfNoneMatch="*")


@scenario("test_multipart_if_match_with_put")
def match_with_put(case: Case) -> None:
    bucket, key = case.bucket(), "test-precondition"
    before = case.do("put-obj", "put_object", Bucket=bucket, Key=key, Body=b"test")["ETag"]
    upload = Multipart(case, bucket, key, "create-multipart")
    upload.part(1, b"test")
    during = case.do("put-obj-during", "put_object", Bucket=bucket, Key=key, Body=b"test2")["ETag"]
    upload.complete("complete-multipart-if-match-put-before", IfMatch=before)
    upload.complete("complete-multipart-if-match-put-during", IfMatch=during)
    again = Multipart(case, bucket, key, "create-multipart-again")
    again.part(1, b"test")
    again.complete("complete-multipart-if-match-put-before-restart", IfMatch=during)


@scenario("test_multipart_if_match_with_put_identical")
def match_with_same_put(case: Case) -> None:
    bucket, key = case.bucket(), "test-precondition"
    etag = case.do("put-obj", "put_object", Bucket=bucket, Key=key, Body=b"test")["ETag"]
    upload = Multipart(case, bucket, key, "create-multipart")
    upload.part(1, b"test")
    case.do("put-obj-during", "put_object", Bucket=bucket, Key=key, Body=b"test")
    upload.complete("complete-multipart-if-match-put-during", IfMatch=etag)
    again = Multipart(case, bucket, key, "create-multipart-again")
    again.part(1, b"test")
    again.complete("complete-multipart-if-match-put-before-restart", IfMatch=etag)


@scenario("test_multipart_if_match_with_delete")
def match_with_delete(case: Case) -> None:
    bucket, key = case.bucket(), "test-precondition"
    etag = case.do("put-obj", "put_object", Bucket=bucket, Key=key, Body=b"test")["ETag"]
    upload = Multipart(case, bucket, key, "create-multipart")
    upload.part(1, b"test")
    case.do("del-obj", "delete_object", Bucket=bucket, Key=key)
    upload.complete("complete-multipart-after-del", IfMatch=etag)
    case.do("put-obj-2", "put_object", Bucket=bucket, Key=key, Body=b"test")
    upload.complete("complete-multipart-if-match-after-put", IfMatch=etag)


@scenario("test_multipart_if_match_etag")
def match_etag(case: Case) -> None:
    bucket, key = case.bucket(), "test-precondition"
    etag = case.do("put-obj", "put_object", Bucket=bucket, Key=key, Body=b"test")["ETag"]
    upload = Multipart(case, bucket, key, "create-multipart")
    upload.part(1, b"test")
    joined = upload.complete("complete-multipart-if-match", IfMatch=etag)["ETag"]
    again = Multipart(case, bucket, key, "create-multipart-overwrite")
    again.part(1, b"test")
    again.complete("complete-multipart-if-match-true-etag", IfMatch=etag)
    again.complete("complete-multipart-if-match-overwrite-multipart", IfMatch=joined)


# conditions of a put


@scenario("test_put_object_if_none_match")
def put_if_none_match(case: Case) -> None:
    named = {"Bucket": case.bucket(), "Key": "test-precondition"}
    case.do("put-obj", "put_object", **named, Body=b"", IfNoneMatch="*")
    case.do("put-obj-if-none-match", "put_object", **named, Body=b"", IfNoneMatch="*")
    case.do("del-obj", "delete_object", **named)
    case.do("put-obj-after-del", "put_object", **named, Body=b"", IfNoneMatch="*")


@scenario("test_put_object_if_none_match_validation")
def put_if_none_match_validation(case: Case) -> None:
    named = {"Bucket": case.bucket(), "Key": "test-precondition"}
    case.do("put-obj", "put_object", **named, Body=b"")
    case.do("put-obj-if-none-match-bad-value", "put_object", **named, Body=b"", IfNoneMatch="GARBAGE")


@scenario("test_put_object_if_match")
def put_if_match(case: Case) -> None:
    named = {"Bucket": case.bucket(), "Key": "test-precondition"}
    etag = case.do("put-obj", "put_object", **named, Body=b"test")["ETag"]
    empty = '"d41d8cd98f00b204e9800998ecf8427e"'
    case.do("put-obj-if-match-wrong-etag", "put_object", **named, Body=b"", IfMatch=empty)
    case.do("put-obj-overwrite", "put_object", **named, Body=b"", IfMatch=etag)
    case.do("del-obj", "delete_object", **named)
    case.do("put-obj-if-match-key-not-exists", "put_object", **named, Body=b"", IfMatch=etag)
    case.do("put-obj-after-del", "put_object", **named, Body=b"")


@scenario("test_put_object_if_match_validation")
def put_if_match_validation(case: Case) -> None:
    named = {"Bucket": case.bucket(), "Key": "test-precondition-validation", "Body": b""}
    case.do("put-obj-if-match-star-value", "put_object", **named, IfMatch="*")
    case.do("put-obj-if-match-bad-value", "put_object", **named, IfMatch="abcdefgh")
    case.do("put-obj-if-match-bad-value-2", "put_object", **named, IfMatch="bad-char_/")


@scenario("test_put_object_if_match_and_if_none_match_validation")
def put_both(case: Case) -> None:
    named = {"Bucket": case.bucket(), "Key": "test-precondition", "Body": b""}
    case.do("put-obj-both-precondition", "put_object", **named, IfMatch="abcdefgh", IfNoneMatch="*")
