"""Recordings about the checksums of parts: composite, of the full object, wrong ones."""

from __future__ import annotations

from typing import Any

from tests.emulator.recorded.harness import Case, scenario
from tests.emulator.recorded.scenarios_checksums import value_of
from tests.emulator.recorded.scenarios_multipart import MINIMUM, Multipart

LARGE, SMALL = b"a" * (MINIMUM + 1), b"a" * 10
KEY = "test-multipart-checksum"


def three_parts(case: Case, kind: str | None, algorithm: str) -> Multipart:
    params = {} if kind is None else {"ChecksumType": kind}
    upload = Multipart(case, case.bucket(), KEY, "create-mpu-checksum", ChecksumAlgorithm=algorithm, **params)
    for index, body in enumerate((LARGE, LARGE, SMALL)):
        upload.part(index + 1, body, f"upload-part-{index}", ChecksumAlgorithm=algorithm)
    case.do("list-parts", "list_parts", **upload.named)
    return upload


def read_back(case: Case, upload: Multipart, *, copies: bool = True, part: bool = True) -> None:
    """What the recordings read of a completed object."""
    bucket = upload.named["Bucket"]
    named = {"Bucket": bucket, "Key": KEY}
    case.do("get-object-with-checksum", "get_object", **named, ChecksumMode="ENABLED")
    case.do("head-object-with-checksum", "head_object", **named, ChecksumMode="ENABLED")
    case.do(
        "get-object-attrs",
        "get_object_attributes",
        **named,
        ObjectAttributes=["Checksum", "ETag", "ObjectParts"],
    )
    if copies:
        copied = {"Bucket": bucket, "Key": "copied"}
        case.do("copy-obj-checksum", "copy_object", **copied, CopySource=f"{bucket}/{KEY}")
        case.do("get-copy-object-attrs", "get_object_attributes", **copied, ObjectAttributes=["Checksum", "ETag"])
    if part:
        case.do("get-object-part-checksum", "get_object", **named, PartNumber=3, ChecksumMode="ENABLED")


@scenario(*(f"test_complete_multipart_parts_checksum_composite[{name}]" for name in ("CRC32", "CRC32C")))
@scenario(*(f"test_complete_multipart_parts_checksum_composite[{name}]" for name in ("SHA1", "SHA256")))
def composite(case: Case, algorithm: str) -> None:
    upload = three_parts(case, "COMPOSITE", algorithm)
    complete_wrongly(upload, algorithm)
    upload.complete("complete-multipart-no-checksum")
    upload.complete("complete-multipart-checksum", upload.parts)
    read_back(case, upload)


def complete_wrongly(upload: Multipart, algorithm: str) -> None:
    """With the right form of a checksum and the wrong value, from the part on that the recording names."""
    member = f"Checksum{algorithm}"
    wrong = [dict(part) for part in upload.parts]
    for part in wrong[_first_wrong(upload.case.name) :]:
        part[member] = value_of(algorithm, b"something else")
    upload.complete("complete-multipart-wrong-parts-checksum", wrong)


def _first_wrong(name: str) -> int:
    """Index of the first part whose checksum was wrong when the recording was made: its answer names that part."""
    from tests.emulator.recorded.harness import load_recordings

    error = load_recordings()[name]["complete-multipart-wrong-parts-checksum"]["Error"]
    return int(error["PartNumber"]) - 1


@scenario(*(f"test_complete_multipart_parts_checksum_full_object[{name}]" for name in ("CRC32", "CRC32C", "CRC64NVME")))
def full_object(case: Case, algorithm: str) -> None:
    upload = three_parts(case, "FULL_OBJECT", algorithm)
    complete_wrongly(upload, algorithm)
    upload.complete("complete-multipart-checksum", upload.parts)
    read_back(case, upload)


@scenario("test_complete_multipart_parts_checksum_full_object_default")
def full_object_default(case: Case) -> None:
    upload = Multipart(case, case.bucket(), KEY, "create-mpu-checksum-crc64", ChecksumAlgorithm="CRC64NVME")
    upload.part(1, b"aaa", "upload-part", ChecksumAlgorithm="CRC64NVME")
    upload.complete("complete-multipart-checksum", upload.parts)
    read_back(case, upload, copies=False, part=False)


@scenario("test_complete_multipart_parts_checksum_default")
def default(case: Case) -> None:
    bucket = case.bucket()
    upload = Multipart(case, bucket, KEY, "create-mpu-no-checksum")
    case.do("list-multiparts", "list_multipart_uploads", Bucket=bucket)
    upload.part(1, b"aaa", "upload-part-different-checksum-than-default", ChecksumAlgorithm="CRC32C")
    case.do("list-parts", "list_parts", **upload.named)
    upload.complete("complete-multipart-parts-checksum", upload.parts)
    wrong = [{**upload.plain[0], "ChecksumCRC32C": value_of("CRC32C", b"something else")}]
    upload.complete("complete-multipart-wrong-parts-checksum", wrong)
    upload.complete("complete-multipart-full-object-type", ChecksumType="FULL_OBJECT")
    upload.complete("complete-multipart-composite-type", ChecksumType="COMPOSITE")
    upload.complete("complete-multipart-checksum")
    read_back(case, upload, part=False)
    case.answers["get-copy-object-attrs"] = case.answers.pop("get-copy-object-attrs")


@scenario("test_multipart_parts_checksum_exceptions_composite")
def exceptions_composite(case: Case) -> None:
    bucket, key = case.bucket(), "test-multipart-checksum-exc"
    named = {"Bucket": bucket, "Key": key}
    case.do("create-mpu-wrong-checksum-algo", "create_multipart_upload", **named, ChecksumAlgorithm="TEST")
    case.do("create-mpu-no-checksum-algo-with-type", "create_multipart_upload", **named, ChecksumType="COMPOSITE")
    params: dict[str, Any] = {"ChecksumAlgorithm": "CRC32", "ChecksumType": "COMPOSITE"}
    upload = Multipart(case, bucket, key, "create-mpu-composite-checksum", **params)
    case.do("list-multiparts", "list_multipart_uploads", Bucket=bucket)
    upload.part(1, b"abc", "upload-part-no-checksum-ok")
    other = [{**upload.plain[0], "ChecksumSHA256": value_of("SHA256", b"abc")}]
    upload.complete("complete-part-with-checksum", other)
    upload.complete("complete-part-with-bad-checksum-type", upload.parts, ChecksumType="FULL_OBJECT")
    other_upload = Multipart(case, bucket, key, "create-mpu-with-checksum", ChecksumAlgorithm="SHA256")
    other_upload.part(1, b"abc", "upload-part-different-checksum-exc", ChecksumAlgorithm="CRC32")


@scenario("test_multipart_parts_checksum_exceptions_full_object")
def exceptions_full_object(case: Case) -> None:
    bucket, key = case.bucket(), "test-multipart-checksum-exc"
    named = {"Bucket": bucket, "Key": key}
    case.do("create-mpu-no-checksum-algo-with-type", "create_multipart_upload", **named, ChecksumType="FULL_OBJECT")
    params: dict[str, Any] = {"ChecksumAlgorithm": "CRC32C", "ChecksumType": "FULL_OBJECT"}
    upload = Multipart(case, bucket, key, "create-mpu-checksum-crc32c", **params)
    case.do("list-multiparts", "list_multipart_uploads", Bucket=bucket)
    quiet = case.client(request_checksum_calculation="when_required")
    answer = case.do("upload-part-no-checksum-ok", "upload_part", by=quiet, **upload.named, PartNumber=1, Body=b"abc")
    upload.parts.append({"PartNumber": 1, "ETag": answer["ETag"]})
    wrong = value_of("CRC32C", b"something else")
    upload.complete("complete-part-bad-checksum-type", ChecksumType="COMPOSITE")
    wrongs: tuple[tuple[str, dict[str, Any]], ...] = (
        ("complete-part-good-checksum-no-type", {"ChecksumCRC32C": wrong}),
        ("complete-part-only-checksum-algo", {"ChecksumCRC32C": wrong}),
        ("complete-part-only-checksum-algo-diff", {"ChecksumCRC32C": wrong}),
        ("complete-part-bad-checksum", {"ChecksumCRC32C": wrong, "ChecksumType": "FULL_OBJECT"}),
        ("complete-part-bad-checksum-algo", {"ChecksumCRC32C": wrong}),
    )
    for label, extra in wrongs:
        upload.complete(label, **extra)
    upload.complete("complete-success", ChecksumCRC32C=value_of("CRC32C", b"abc"), ChecksumType="FULL_OBJECT")
    other_upload = Multipart(case, bucket, key, "create-mpu-with-checksum", **params)
    other_upload.part(1, b"abc", "upload-part-different-checksum-exc", ChecksumAlgorithm="CRC32")


@scenario(
    "test_multipart_upload_part_copy_checksum[COMPOSITE]", "test_multipart_upload_part_copy_checksum[FULL_OBJECT]"
)
def part_copy(case: Case, kind: str) -> None:
    bucket = case.bucket()
    case.do("put-object", "put_object", Bucket=bucket, Key="src", Body=b"this is a part")
    params: dict[str, Any] = {"ChecksumAlgorithm": "CRC32C", "ChecksumType": kind}
    upload = Multipart(case, bucket, KEY, "create-mpu-checksum-sha256", **params)
    copied = case.do("upload-part-copy", "upload_part_copy", **upload.named, PartNumber=1, CopySource=f"{bucket}/src")[
        "CopyPartResult"
    ]
    case.do("list-parts", "list_parts", **upload.named)
    parts = [{"PartNumber": 1, "ETag": copied["ETag"], "ChecksumCRC32C": copied["ChecksumCRC32C"]}]
    upload.complete("complete-multipart-checksum", parts)
    read_back(case, upload, copies=False, part=False)
