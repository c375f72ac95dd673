"""Multipart uploads: parts, completion, listings, conditions."""

from __future__ import annotations

from typing import Any

import pytest

from dskit.capabilities import Limits
from dskit.reference import memory_service
from dskit_emulator.service import S3Service
from tests.emulator.transport import make_client

ETAG = '"d41d8cd98f00b204e9800998ecf8427e"'


@pytest.fixture
def service() -> S3Service:
    """With parts of any size, so that a test needs no megabytes."""
    service = S3Service(memory_service(limits=Limits(min_part_bytes=4)))
    service.store.create_bucket("test-bucket", owner=service.accounts.default.canonical_id)
    return service


@pytest.fixture
def upload(s3: Any, bucket: str) -> dict[str, str]:
    return {"Bucket": bucket, "Key": "k", "UploadId": s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]}


def parts_of(s3: Any, upload: dict[str, str], *bodies: bytes) -> list[dict[str, Any]]:
    return [
        {"PartNumber": number, "ETag": s3.upload_part(**upload, PartNumber=number, Body=body)["ETag"]}
        for number, body in enumerate(bodies, 1)
    ]


def test_parts_are_joined_by_number(s3: Any, bucket: str) -> None:
    params = {"ContentType": "text/plain", "Metadata": {"a": "1"}, "StorageClass": "STANDARD_IA"}
    named = {"Bucket": bucket, "Key": "k"}
    upload = {**named, "UploadId": s3.create_multipart_upload(**named, **params)["UploadId"]}
    last = s3.upload_part(**upload, PartNumber=7, Body=b"z")["ETag"]
    first = s3.upload_part(**upload, PartNumber=2, Body=b"aaaa")["ETag"]
    s3.upload_part(**upload, PartNumber=3, Body=b"unused")
    listed = [{"PartNumber": 2, "ETag": first}, {"PartNumber": 7, "ETag": last}]
    answer = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": listed})
    assert answer["Location"] == f"http://localhost:9000/{bucket}/k"
    got = s3.get_object(**named)
    assert (got["Body"].read(), got["ETag"], got["ContentType"]) == (b"aaaaz", answer["ETag"], "text/plain")
    assert (got["Metadata"], got["StorageClass"]) == ({"a": "1"}, "STANDARD_IA")
    assert answer["ETag"].endswith('-2"')


def test_the_location_escapes_the_key(s3: Any, bucket: str, service: S3Service) -> None:
    for client, base in (
        (s3, f"http://localhost:9000/{bucket}"),
        (make_client(service), f"https://{bucket}.s3.amazonaws.com"),
    ):
        named = {"Bucket": bucket, "Key": "a/é b"}
        upload = {**named, "UploadId": client.create_multipart_upload(**named)["UploadId"]}
        listed = {"Parts": parts_of(client, upload, b"x")}
        answer = client.complete_multipart_upload(**upload, MultipartUpload=listed)
        assert answer["Location"] == f"{base}/a%2F%C3%A9%20b"


@pytest.mark.parametrize("number", [0, -1, 10_001, 2**31])
def test_part_numbers_are_1_to_10000(bucket: str, upload: dict[str, str], s3: Any, refused: Any, number: int) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=b"x")
    for operation, params in (
        ("upload_part", {"Body": b"x"}),
        ("upload_part_copy", {"CopySource": f"{bucket}/source"}),
    ):
        error = refused(operation, **upload, PartNumber=number, **params)
        assert (error["Code"], error["ArgumentName"], error["ArgumentValue"]) == (
            "InvalidArgument",
            "partNumber",
            str(number),
        )


def test_an_unknown_upload_is_no_upload(s3: Any, bucket: str, refused: Any) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=b"x")
    named = {"Bucket": bucket, "Key": "k", "UploadId": "unknown"}
    parts = {"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": ETAG}]}}
    for operation, params in (
        ("upload_part", {"PartNumber": 1, "Body": b"x"}),
        ("upload_part_copy", {"PartNumber": 1, "CopySource": f"{bucket}/source"}),
        ("upload_part_copy", {"PartNumber": 1, "CopySource": f"{bucket}/source", "CopySourceRange": "bytes=0-99"}),
        ("list_parts", {}),
        ("complete_multipart_upload", parts),
        ("complete_multipart_upload", {"MultipartUpload": {"Parts": []}}),
        ("abort_multipart_upload", {}),
    ):
        error = refused(operation, **named, **params)
        assert (error["Code"], error["Status"], error["UploadId"]) == ("NoSuchUpload", 404, "unknown")


def test_a_bad_part_list_leaves_the_upload_usable(s3: Any, upload: dict[str, str], refused: Any) -> None:
    good = parts_of(s3, upload, b"aaaa", b"bb", b"c")
    for listed, code in (
        (list(reversed(good)), "InvalidPartOrder"),
        ([good[0], good[0]], "InvalidPartOrder"),
        ([{"PartNumber": 9, "ETag": ETAG}], "InvalidPart"),
        ([{"PartNumber": 1, "ETag": ETAG}], "InvalidPart"),
        (good, "EntityTooSmall"),
        ([], "InvalidRequest"),
    ):
        error = refused("complete_multipart_upload", **upload, MultipartUpload={"Parts": listed})
        assert (error["Code"], error["Status"]) == (code, 400)
    assert refused("head_object", Bucket=upload["Bucket"], Key="k")["Status"] == 404
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": good[:2]})
    assert s3.get_object(Bucket=upload["Bucket"], Key="k")["Body"].read() == b"aaaabb"


def test_errors_of_parts_have_all_their_elements(s3: Any, upload: dict[str, str], refused: Any) -> None:
    good = parts_of(s3, upload, b"aa", b"bb")
    error = refused("complete_multipart_upload", **upload, MultipartUpload={"Parts": good})
    etag = good[0]["ETag"].strip('"')
    assert (error["ETag"], error["MinSizeAllowed"], error["PartNumber"], error["ProposedSize"]) == (etag, "4", "1", "2")
    wrong = {"Parts": [{"PartNumber": 2, "ETag": ETAG}]}
    error = refused("complete_multipart_upload", **upload, MultipartUpload=wrong)
    assert (error["ETag"], error["PartNumber"], error["UploadId"]) == (ETAG.strip('"'), "2", upload["UploadId"])


def test_an_aborted_upload_is_gone(s3: Any, upload: dict[str, str], refused: Any) -> None:
    parts_of(s3, upload, b"aaaa")
    s3.abort_multipart_upload(**upload)
    assert refused("list_parts", **upload)["Code"] == "NoSuchUpload"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=upload["Bucket"])


def test_parts_are_read_by_number(s3: Any, upload: dict[str, str], refused: Any) -> None:
    good = parts_of(s3, upload, b"aaaa", b"bbbb", b"c")
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": good})
    named = {"Bucket": upload["Bucket"], "Key": "k"}
    for number, body, content_range in (
        (1, b"aaaa", "bytes 0-3/9"),
        (2, b"bbbb", "bytes 4-7/9"),
        (3, b"c", "bytes 8-8/9"),
    ):
        answer = s3.get_object(**named, PartNumber=number)
        assert (answer["Body"].read(), answer["ContentRange"], answer["PartsCount"]) == (body, content_range, 3)
        assert s3.head_object(**named, PartNumber=number)["ContentLength"] == len(body)
    error = refused("get_object", **named, PartNumber=4)
    assert (error["Code"], error["Status"]) == ("InvalidPartNumber", 416)
    assert (error["ActualPartCount"], error["PartNumberRequested"]) == ("3", "4")
    assert refused("get_object", **named, PartNumber=1, Range="bytes=0-1")["Code"] == "InvalidRequest"


def test_composite_checksums_are_shown_by_part(s3: Any, bucket: str, refused: Any) -> None:
    named = {"Bucket": bucket, "Key": "k"}
    created = s3.create_multipart_upload(**named, ChecksumAlgorithm="SHA256")
    assert (created["ChecksumAlgorithm"], created["ChecksumType"]) == ("SHA256", "COMPOSITE")
    upload = {**named, "UploadId": created["UploadId"]}
    parts = []
    for number, body in ((1, b"aaaa"), (2, b"b")):
        answer = s3.upload_part(**upload, PartNumber=number, Body=body, ChecksumAlgorithm="SHA256")
        parts.append({"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": answer["ChecksumSHA256"]})
    plain = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in parts]
    assert refused("complete_multipart_upload", **upload, MultipartUpload={"Parts": plain})["Code"] == "InvalidRequest"
    done = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert (done["ChecksumSHA256"][-2:], done["ChecksumType"]) == ("-2", "COMPOSITE")
    asked = s3.get_object_attributes(**named, ObjectAttributes=["ObjectParts", "Checksum"])
    assert [row["ChecksumSHA256"] for row in asked["ObjectParts"]["Parts"]] == [p["ChecksumSHA256"] for p in parts]
    assert asked["Checksum"]["ChecksumSHA256"] == done["ChecksumSHA256"][:-2]
    page = s3.get_object_attributes(**named, ObjectAttributes=["ObjectParts"], MaxParts=1)["ObjectParts"]
    assert (page["IsTruncated"], page["NextPartNumberMarker"], len(page["Parts"])) == (True, 1, 1)
    part = s3.get_object(**named, PartNumber=2, ChecksumMode="ENABLED")
    assert part["ChecksumSHA256"] == parts[1]["ChecksumSHA256"]


def test_attributes_are_those_of_one_object(
    service: S3Service, s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its parts are looked up after it, and it may be replaced in between."""
    named = {"Bucket": bucket, "Key": "k"}

    def make(*bodies: bytes) -> str:
        upload = {**named, "UploadId": s3.create_multipart_upload(**named, ChecksumAlgorithm="SHA256")["UploadId"]}
        parts = []
        for number, body in enumerate(bodies, 1):
            part = s3.upload_part(**upload, PartNumber=number, Body=body, ChecksumAlgorithm="SHA256")
            parts.append({"PartNumber": number, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]})
        etag: str = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})["ETag"]
        return etag

    make(b"aaaa", b"bbbb", b"c")
    object_parts = service.store.object_parts
    replaced: list[str] = []

    def late(*args: Any, **options: Any) -> Any:
        if not replaced:
            replaced.append(make(b"ddddd", b"e"))
        return object_parts(*args, **options)

    monkeypatch.setattr(service.store, "object_parts", late)
    answer = s3.get_object_attributes(**named, ObjectAttributes=["ETag", "ObjectParts", "ObjectSize"])
    parts = answer["ObjectParts"]
    assert (answer["ETag"], answer["ObjectSize"], parts["TotalPartsCount"]) == (replaced[0].strip('"'), 6, 2)
    assert [part["Size"] for part in parts["Parts"]] == [5, 1]


def test_the_size_that_a_completion_names_is_checked(s3: Any, upload: dict[str, str], refused: Any) -> None:
    good = {"Parts": parts_of(s3, upload, b"aaaa")}
    error = refused("complete_multipart_upload", **upload, MultipartUpload=good, MpuObjectSize=5)
    assert error["Message"].endswith("header value 5 does not match what was computed: 4")
    s3.complete_multipart_upload(**upload, MultipartUpload=good, MpuObjectSize=4)


def test_uploads_are_listed_in_pages(s3: Any, bucket: str) -> None:
    ids = [s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"] for key in ("b", "a", "a", "c/1", "c/2")]
    expected = [("a", ids[1]), ("a", ids[2]), ("b", ids[0]), ("c/1", ids[3]), ("c/2", ids[4])]
    seen: list[tuple[str, str]] = []
    params: dict[str, Any] = {"Bucket": bucket, "MaxUploads": 2}
    for _ in range(10):
        page = s3.list_multipart_uploads(**params)
        seen += [(row["Key"], row["UploadId"]) for row in page.get("Uploads", [])]
        if not page["IsTruncated"]:
            break
        params.update(KeyMarker=page["NextKeyMarker"], UploadIdMarker=page["NextUploadIdMarker"])
    assert seen == expected
    grouped = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    assert [row["Prefix"] for row in grouped["CommonPrefixes"]] == ["c/"]


def test_a_marker_of_another_keys_upload_is_refused_and_one_that_is_gone_is_not(
    s3: Any, bucket: str, refused: Any
) -> None:
    a = s3.create_multipart_upload(Bucket=bucket, Key="a")["UploadId"]
    b = s3.create_multipart_upload(Bucket=bucket, Key="b")["UploadId"]
    error = refused("list_multipart_uploads", Bucket=bucket, KeyMarker="a", UploadIdMarker=b)
    assert (error["ArgumentName"], error["Message"]) == ("upload-id-marker", "Invalid uploadId marker")
    s3.abort_multipart_upload(Bucket=bucket, Key="a", UploadId=a)
    page = s3.list_multipart_uploads(Bucket=bucket, KeyMarker="a", UploadIdMarker=a)
    assert [row["Key"] for row in page["Uploads"]] == ["b"]


def test_parts_are_listed_by_number(s3: Any, upload: dict[str, str]) -> None:
    for number in (9, 1, 5):
        s3.upload_part(**upload, PartNumber=number, Body=b"x")
    page = s3.list_parts(**upload, MaxParts=2)
    assert ([row["PartNumber"] for row in page["Parts"]], page["IsTruncated"]) == ([1, 5], True)
    rest = s3.list_parts(**upload, PartNumberMarker=page["NextPartNumberMarker"])
    assert ([row["PartNumber"] for row in rest["Parts"]], rest["IsTruncated"]) == ([9], False)
    assert rest["Initiator"]["DisplayName"] == "dskit"


def test_the_smallest_part_is_5_mib_unless_a_rule_says_otherwise() -> None:
    strict = S3Service(memory_service())
    client = make_client(strict)
    client.create_bucket(Bucket="strict")
    assert strict.store.capabilities.limits.min_part_bytes == 5 * 1024 * 1024
