"""A bucket that is deleted, and made again by somebody else, between the decision about a request and what it does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dskit.reference import disk_service, memory_service

from .acl_parties import BUCKET, Parties, failed

OPERATIONS: list[tuple[str, str, dict[str, Any]]] = [
    # operation, the call of the store that comes too late, parameters
    ("put_object", "begin_put", {"Key": "k", "Body": b"alice's"}),
    ("get_object", "get", {"Key": "k"}),
    ("head_object", "head", {"Key": "k"}),
    ("get_object_attributes", "head", {"Key": "k", "ObjectAttributes": ["ETag"]}),
    ("delete_object", "delete", {"Key": "k"}),
    ("delete_objects", "delete_many", {"Delete": {"Objects": [{"Key": "k"}]}}),
    ("copy_object", "copy", {"Key": "k", "CopySource": "source/k"}),
    ("list_objects_v2", "list_page", {}),
    ("list_objects", "list_page", {}),
    ("list_multipart_uploads", "list_uploads", {}),
    ("create_multipart_upload", "create_upload", {"Key": "k"}),
    ("put_bucket_acl", "put_configuration", {"ACL": "public-read-write"}),
    ("delete_bucket", "delete_bucket", {}),
    ("put_object_acl", "put_access", {"Key": "k", "ACL": "public-read"}),
]


@pytest.fixture(params=["memory", "disk"])
def s3(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Parties]:
    """`alice` has two buckets, under the rule that gives the defaults from before April 2023."""
    store = memory_service() if request.param == "memory" else disk_service(tmp_path / "store", durability="process")
    parties = Parties(store, "classic-acl")
    for bucket in (BUCKET, "source"):
        parties.alice.create_bucket(Bucket=bucket)
        parties.alice.put_object(Bucket=bucket, Key="k", Body=b"alice's")
    yield parties
    store.close()


def changing_hands(s3: Parties, verb: str, monkeypatch: pytest.MonkeyPatch, bucket: str = BUCKET) -> None:
    """Let the bucket become bob's before the next call of that verb."""
    store = s3.service.store
    method = getattr(store, verb)

    def late(*args: Any, **options: Any) -> Any:
        monkeypatch.undo()
        s3.alice.delete_object(Bucket=bucket, Key="k")
        s3.alice.delete_bucket(Bucket=bucket)
        s3.bob.create_bucket(Bucket=bucket)
        if verb != "delete_bucket":
            s3.bob.put_object(Bucket=bucket, Key="k", Body=b"bob's")
        return method(*args, **options)

    monkeypatch.setattr(store, verb, late)


@pytest.mark.parametrize(("operation", "verb", "params"), OPERATIONS)
def test_what_was_decided_about_one_bucket_is_not_done_to_another(
    s3: Parties, operation: str, verb: str, params: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    changing_hands(s3, verb, monkeypatch)
    code = failed(getattr(s3.alice, operation), **params)
    assert code == ("404" if operation == "head_object" else "NoSuchBucket")
    assert BUCKET in [bucket["Name"] for bucket in s3.bob.list_buckets()["Buckets"]]
    if verb != "delete_bucket":
        assert s3.get(s3.bob) == b"bob's"
    assert failed(s3.nobody.get_object, Key="k") == "AccessDenied"
    assert "Uploads" not in s3.bob.list_multipart_uploads(Bucket=BUCKET)


@pytest.mark.parametrize(("operation", "verb"), [("copy_object", "copy"), ("upload_part_copy", "copy_part")])
def test_a_copy_is_not_of_another_source(
    s3: Parties, operation: str, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = s3.alice.create_multipart_upload(Bucket=BUCKET, Key="c")["UploadId"]
    params = {"UploadId": upload, "PartNumber": 1} if verb == "copy_part" else {}
    changing_hands(s3, verb, monkeypatch, bucket="source")
    assert failed(getattr(s3.alice, operation), Key="c", CopySource="source/k", **params) == "NoSuchBucket"
    assert [row["Key"] for row in s3.alice.list_objects_v2(Bucket=BUCKET)["Contents"]] == ["k"]


@pytest.mark.parametrize("verb", ["begin_part", "complete_upload", "abort_upload", "list_parts"])
def test_an_upload_goes_with_its_bucket(s3: Parties, verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = s3.alice.create_multipart_upload(Bucket=BUCKET, Key="c")["UploadId"]
    sent = s3.alice.upload_part(Bucket=BUCKET, Key="c", UploadId=upload, PartNumber=1, Body=b"x")
    names = {"Key": "c", "UploadId": upload}
    parts = {"Parts": [{"PartNumber": 1, "ETag": sent["ETag"]}]}
    calls: dict[str, tuple[Any, dict[str, Any]]] = {
        "begin_part": (s3.alice.upload_part, {"PartNumber": 1, "Body": b"y"}),
        "complete_upload": (s3.alice.complete_multipart_upload, {"MultipartUpload": parts}),
        "abort_upload": (s3.alice.abort_multipart_upload, {}),
        "list_parts": (s3.alice.list_parts, {}),
    }
    call, params = calls[verb]
    changing_hands(s3, verb, monkeypatch)
    assert failed(call, **names, **params) == "NoSuchBucket"


def test_a_bucket_is_made_where_another_has_just_gone(s3: Parties, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request saw the old one of that name; it is about the new one."""
    store = s3.service.store
    create_bucket = store.create_bucket

    def late(*args: Any, **options: Any) -> Any:
        monkeypatch.undo()
        s3.alice.delete_object(Bucket=BUCKET, Key="k")
        s3.alice.delete_bucket(Bucket=BUCKET)
        return create_bucket(*args, **options)

    monkeypatch.setattr(store, "create_bucket", late)
    s3.bob.create_bucket(Bucket=BUCKET)
    assert BUCKET in [bucket["Name"] for bucket in s3.bob.list_buckets()["Buckets"]]
    s3.put(by=s3.bob)


def test_a_repeated_creation_resets_no_acl_of_another(s3: Parties, monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeating one's own CreateBucket does; the bucket may have become somebody else's."""
    changing_hands(s3, "put_configuration", monkeypatch)
    assert failed(s3.alice.create_bucket, ACL="public-read-write") == "BucketAlreadyExists"
    assert failed(s3.nobody.put_object, Key="new", Body=b"x") == "AccessDenied"
