"""Access while things change: what was decided about is what is read, written, copied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dskit.reference import disk_service, memory_service

from .acl_parties import BUCKET, FULL, Parties, failed, rows


@pytest.fixture(params=["memory", "disk"])
def s3(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Parties]:
    """Under the rule that gives the defaults from before April 2023."""
    store = memory_service() if request.param == "memory" else disk_service(tmp_path / "store", durability="process")
    parties = Parties(store, "classic-acl")
    parties.alice.create_bucket(Bucket=BUCKET)
    yield parties
    store.close()


@pytest.mark.parametrize("operation", ["copy", "copy_part"])
@pytest.mark.parametrize("verb", ["head", "copy"])
def test_a_copy_is_of_what_its_requester_was_allowed_to_read(
    s3: Parties, monkeypatch: pytest.MonkeyPatch, operation: str, verb: str
) -> None:
    """Between the decision and the look, or the look and the copy, a private object may replace a public one."""
    s3.put(ACL="public-read")
    s3.bob.create_bucket(Bucket="his")
    to_his = {"Bucket": "his", "Key": "c"}
    upload = s3.bob.create_multipart_upload(**to_his)["UploadId"]
    store = s3.service.store
    verb = operation if verb == "copy" else verb
    method, looks = getattr(store, verb), 0

    def late(*args: Any, **options: Any) -> Any:
        nonlocal looks
        looks += 1
        if verb != "head" or looks == 2:  # the decision has its own look
            monkeypatch.undo()
            s3.put(body=b"secret")
        return method(*args, **options)

    monkeypatch.setattr(store, verb, late)
    if operation == "copy":
        assert failed(s3.bob.copy_object, **to_his, CopySource="hers/k") == "AccessDenied"
    else:
        part = {**to_his, "UploadId": upload, "PartNumber": 1}
        assert failed(s3.bob.upload_part_copy, **part, CopySource="hers/k") == "AccessDenied"
    assert s3.bob.list_objects_v2(Bucket="his")["KeyCount"] == 0
    assert "Parts" not in s3.bob.list_parts(**to_his, UploadId=upload)


@pytest.mark.parametrize(
    ("verb", "operation", "params"),
    [
        ("begin_put", "put_object", {"Body": b"his"}),
        ("copy", "copy_object", {"CopySource": f"{BUCKET}/source"}),
        ("delete", "delete_object", {}),
    ],
)
def test_what_came_to_belong_to_somebody_else_since_the_decision_is_not_replaced(
    s3: Parties, verb: str, operation: str, params: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body may take minutes, and a decision is made when it begins."""
    s3.alice.put_bucket_acl(Bucket=BUCKET, ACL="public-read-write")
    s3.put("source", by=s3.bob)
    s3.put(by=s3.bob)
    store = s3.service.store
    method = getattr(store, verb)

    def late(*args: Any) -> Any:
        staging = method(*args) if verb == "begin_put" else None
        monkeypatch.undo()
        s3.put(body=b"hers")
        return staging or method(*args)

    monkeypatch.setattr(store, verb, late)
    with pytest.raises(ClientError) as caught:
        getattr(s3.bob, operation)(Bucket=BUCKET, Key="k", **params)
    refused = caught.value.response
    assert (refused["Error"]["Code"], refused["Error"]["Message"]) == ("AccessDenied", "Access Denied")
    assert "another owner" in refused["ResponseMetadata"]["HTTPHeaders"]["x-dskit-reason"]
    assert s3.get(s3.alice) == b"hers"


def test_an_acl_is_not_put_on_what_has_replaced_the_object(s3: Parties, monkeypatch: pytest.MonkeyPatch) -> None:
    s3.alice.put_bucket_acl(Bucket=BUCKET, ACL="public-read-write")
    s3.put(by=s3.bob)
    store: Any = s3.service.store
    put_access = store.put_access

    def late(*args: Any, **options: Any) -> None:
        s3.put(body=b"hers")
        put_access(*args, **options)

    monkeypatch.setattr(store, "put_access", late)
    assert failed(s3.bob.put_object_acl, Key="k", ACL="public-read") == "OperationAborted"
    assert failed(s3.nobody.get_object, Key="k") == "AccessDenied"
    assert rows(s3.alice.get_object_acl(Bucket=BUCKET, Key="k")) == [("alice", FULL)]


@pytest.mark.parametrize(
    ("operation", "verb", "code"), [("get_object", "get", "AccessDenied"), ("head_object", "head", "403")]
)
def test_a_read_is_checked_for_the_version_that_is_read(
    s3: Parties, operation: str, verb: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the decision and the opening somebody may have put a private object in place of a public one."""
    s3.put(ACL="public-read")
    store = s3.service.store
    opened = getattr(store, verb)
    looks = 0

    def replaced(*args: Any) -> Any:
        nonlocal looks
        looks += 1
        if verb == "get" or looks == 2:  # the decision has its own look, by a head
            s3.put(body=b"secret")
        return opened(*args)

    monkeypatch.setattr(store, verb, replaced)
    assert failed(getattr(s3.nobody, operation), Key="k") == code
