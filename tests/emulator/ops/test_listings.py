"""Listings: pages, groups, markers, encodings, parameters that are refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.ops.conftest import Refused

KEYS = ["a", "b/1", "b/2", "b/sub/3", "c", "d/1", "é"]


@pytest.fixture
def filled(s3: Any, bucket: str) -> str:
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    return bucket


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize("delimiter", ["", "/"])
def test_pages_join_to_the_whole(s3: Any, filled: str, size: int, delimiter: str) -> None:
    expected = KEYS if not delimiter else ["a", "b/", "c", "d/", "é"]
    seen: list[str] = []
    params: dict[str, Any] = {"Bucket": filled, "MaxKeys": size, "Delimiter": delimiter}
    for _ in range(20):
        page = s3.list_objects_v2(**params)
        rows = [row["Key"] for row in page.get("Contents", [])] + [g["Prefix"] for g in page.get("CommonPrefixes", [])]
        assert page["KeyCount"] == len(rows) <= size
        seen += sorted(rows, key=str.encode)
        assert page["IsTruncated"] == ("NextContinuationToken" in page)
        if not page["IsTruncated"]:
            break
        params["ContinuationToken"] = page["NextContinuationToken"]
    assert seen == expected


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("delimiter", ["", "/"])
def test_pages_of_the_first_version_join_by_marker(s3: Any, filled: str, size: int, delimiter: str) -> None:
    expected = KEYS if not delimiter else ["a", "b/", "c", "d/", "é"]
    seen: list[str] = []
    marker = ""
    for _ in range(20):
        page = s3.list_objects(Bucket=filled, MaxKeys=size, Delimiter=delimiter, Marker=marker)
        rows = [row["Key"] for row in page.get("Contents", [])] + [g["Prefix"] for g in page.get("CommonPrefixes", [])]
        seen += sorted(rows, key=str.encode)
        assert ("NextMarker" in page) == (bool(delimiter) and page["IsTruncated"])
        if not page["IsTruncated"]:
            break
        marker = page["NextMarker"] if delimiter else page["Contents"][-1]["Key"]
    assert seen == expected


def test_owners_are_shown_by_the_first_version_and_on_request(s3: Any, filled: str, service: Any) -> None:
    owner = {"ID": service.accounts.default.canonical_id}
    assert s3.list_objects(Bucket=filled)["Contents"][0]["Owner"] == owner
    assert "Owner" not in s3.list_objects_v2(Bucket=filled)["Contents"][0]
    assert s3.list_objects_v2(Bucket=filled, FetchOwner=True)["Contents"][0]["Owner"] == owner


def test_what_was_asked_is_echoed(s3: Any, filled: str) -> None:
    page = s3.list_objects_v2(Bucket=filled, Prefix="b/", Delimiter="/", StartAfter="b/1", MaxKeys=5)
    assert (page["Name"], page["Prefix"], page["Delimiter"], page["StartAfter"], page["MaxKeys"]) == (
        filled,
        "b/",
        "/",
        "b/1",
        5,
    )
    assert "Delimiter" not in s3.list_objects_v2(Bucket=filled, Delimiter="")
    assert s3.list_objects_v2(Bucket=filled)["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"] == "us-east-1"


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
def test_page_sizes(s3: Any, filled: str, refused: Any, operation: str) -> None:
    listing = getattr(s3, operation)
    assert listing(Bucket=filled, MaxKeys=5000)["MaxKeys"] == 1000
    empty = listing(Bucket=filled, MaxKeys=0)
    assert (empty["IsTruncated"], "Contents" in empty, empty["MaxKeys"]) == (False, False, 0)
    error = refused(operation, Bucket=filled, MaxKeys=-1)
    assert (error["Code"], error["ArgumentValue"]) == ("InvalidArgument", "-1")


@pytest.mark.parametrize("token", ["", "garbage", "MWth", "x" * 2000])
def test_tokens_that_are_none_are_refused(filled: str, refused: Any, token: str) -> None:
    error = refused("list_objects_v2", Bucket=filled, ContinuationToken=token)
    assert (error["Code"], error["ArgumentName"]) == ("InvalidArgument", "continuation-token")


def test_a_token_outlives_its_key_and_wins_over_start_after(s3: Any, filled: str) -> None:
    token = s3.list_objects_v2(Bucket=filled, MaxKeys=1)["NextContinuationToken"]
    s3.delete_object(Bucket=filled, Key="a")
    page = s3.list_objects_v2(Bucket=filled, ContinuationToken=token, StartAfter="zzz")
    assert page["Contents"][0]["Key"] == "b/1"
    assert "StartAfter" not in page


def test_listed_rows_are_those_of_head(s3: Any, filled: str) -> None:
    for row in s3.list_objects_v2(Bucket=filled)["Contents"]:
        head = s3.head_object(Bucket=filled, Key=row["Key"])
        assert (row["Size"], row["ETag"], row["LastModified"]) == (
            head["ContentLength"],
            head["ETag"],
            head["LastModified"],
        )
        assert (row["StorageClass"], row["ChecksumAlgorithm"], row["ChecksumType"]) == (
            "STANDARD",
            ["CRC32"],
            "FULL_OBJECT",
        )


def test_names_are_encoded_on_request(service: Any, bucket: str, s3: Any) -> None:
    from tests.emulator.ops.test_buckets import signed

    s3.put_object(Bucket=bucket, Key="a b&é/=", Body=b"")
    account = service.accounts.default
    plain = signed(service, account, "GET", f"/{bucket}?list-type=2").body
    encoded = signed(service, account, "GET", f"/{bucket}?encoding-type=url&list-type=2").body
    assert "<Key>a b&amp;é/=</Key>".encode() in plain
    assert b"<Key>a+b%26%C3%A9/%3D</Key>" in encoded
    assert b"<EncodingType>url</EncodingType>" in encoded


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize("delimiter", ["", "/"])
def test_pages_of_versions_join_to_the_whole(s3: Any, filled: str, size: int, delimiter: str) -> None:
    """Each object is the only version of its key; boto3's paginator hands both markers on."""
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=filled, Delimiter=delimiter, PaginationConfig={"PageSize": size}
    )
    seen: list[str] = []
    for page in pages:
        rows = page.get("Versions", [])
        assert {(row["VersionId"], row["IsLatest"]) for row in rows} <= {("null", True)}
        groups = [group["Prefix"] for group in page.get("CommonPrefixes", [])]
        assert len(rows) + len(groups) <= size
        ends_with_a_group = groups and (not rows or groups[-1] > rows[-1]["Key"])
        assert ("NextVersionIdMarker" in page) == (page["IsTruncated"] and not ends_with_a_group)
        seen += sorted([row["Key"] for row in rows] + groups, key=str.encode)
    assert seen == (["a", "b/", "c", "d/", "é"] if delimiter else KEYS)


def test_all_versions_of_a_bucket_can_be_deleted(s3: Any, filled: str) -> None:
    """How tools empty a bucket before they delete it."""
    rows = s3.list_object_versions(Bucket=filled)["Versions"]
    s3.delete_objects(
        Bucket=filled, Delete={"Objects": [{"Key": row["Key"], "VersionId": row["VersionId"]} for row in rows]}
    )
    assert "Versions" not in s3.list_object_versions(Bucket=filled)
    s3.delete_bucket(Bucket=filled)


def test_a_version_marker_needs_a_key_and_has_to_be_one(refused: Refused, bucket: str) -> None:
    """aws-recorded:test_list_objects_versions_markers."""
    error = refused("list_object_versions", Bucket=bucket, VersionIdMarker="null")
    assert error["Message"] == "A version-id marker cannot be specified without a key marker."
    assert (error["Code"], error["ArgumentName"]) == ("InvalidArgument", "version-id-marker")
    error = refused("list_object_versions", Bucket=bucket, KeyMarker="a", VersionIdMarker="other")
    assert (error["Code"], error["ArgumentName"]) == ("InvalidArgument", "version-id-marker")


def test_the_version_of_the_marker_is_behind_it(s3: Any, filled: str) -> None:
    for marker in ({"KeyMarker": "a"}, {"KeyMarker": "a", "VersionIdMarker": "null"}):
        page = s3.list_object_versions(Bucket=filled, MaxKeys=1, **marker)
        assert [row["Key"] for row in page["Versions"]] == ["b/1"]
        assert {name: page[name] for name in marker} == marker
