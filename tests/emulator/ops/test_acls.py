"""ACLs over the wire: what a grant opens to another account and to requests without a signature, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dskit.reference import disk_service, memory_service
from dskit_emulator.accounts import ANONYMOUS
from tests.emulator.transport import call

from .acl_parties import ALICE, BOB, BUCKET, FULL, Parties, failed, rows


@pytest.fixture(params=["memory", "disk"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    made = memory_service() if request.param == "memory" else disk_service(tmp_path / "store", durability="process")
    yield made
    made.close()


@pytest.fixture
def s3(store: Any) -> Parties:
    """Under the rule that gives the defaults from before April 2023."""
    parties = Parties(store, "classic-acl")
    parties.alice.create_bucket(Bucket=BUCKET)
    return parties


def test_nothing_is_granted_at_first(s3: Parties) -> None:
    s3.put()
    for answer in (s3.alice.get_bucket_acl(Bucket=BUCKET), s3.alice.get_object_acl(Bucket=BUCKET, Key="k")):
        assert (answer["Owner"], rows(answer)) == ({"ID": ALICE.canonical_id}, [("alice", FULL)])
    for who in (s3.bob, s3.nobody):
        for operation, params in (
            ("get_object", {"Key": "k"}),
            ("get_object_attributes", {"Key": "k", "ObjectAttributes": ["ETag"]}),
            ("get_object_acl", {"Key": "k"}),
            ("put_object_acl", {"Key": "k", "ACL": "public-read"}),
            ("get_object_tagging", {"Key": "k"}),
            ("put_object", {"Key": "new", "Body": b""}),
            ("delete_object", {"Key": "k"}),
            ("list_objects", {}),
            ("list_objects_v2", {}),
            ("list_multipart_uploads", {}),
            ("create_multipart_upload", {"Key": "new"}),
            ("get_bucket_acl", {}),
            ("put_bucket_acl", {"ACL": "public-read"}),
            ("get_bucket_location", {}),
            ("get_public_access_block", {}),
            ("delete_public_access_block", {}),
            ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Enabled"}}),
            ("delete_bucket", {}),
        ):
            assert failed(getattr(who, operation), **params) == "AccessDenied", operation
        assert failed(who.head_bucket) == failed(who.head_object, Key="k") == "403"
        assert failed(who.get_object, Key="missing") == "AccessDenied"


def test_a_public_object_is_read_by_everybody_and_the_bucket_stays_closed(s3: Parties) -> None:
    s3.put(ACL="public-read")
    assert s3.get(s3.bob) == s3.get(s3.nobody) == b"data"
    assert s3.nobody.head_object(Bucket=BUCKET, Key="k")["ContentLength"] == 4
    assert call(s3.service, "GET", "/hers/k", {"host": "localhost"}).body == b"data"
    assert failed(s3.nobody.list_objects_v2) == failed(s3.nobody.put_object, Key="k") == "AccessDenied"
    assert failed(s3.nobody.get_object_acl, Key="k") == "AccessDenied"
    s3.alice.put_object_acl(Bucket=BUCKET, Key="k", ACL="private")
    assert failed(s3.nobody.get_object, Key="k") == "AccessDenied"


def test_response_headers_cannot_be_chosen_without_a_signature(s3: Parties) -> None:
    s3.put(ACL="public-read")
    assert failed(s3.nobody.get_object, Key="k", ResponseContentType="text/plain") == "InvalidRequest"
    assert s3.bob.get_object(Bucket=BUCKET, Key="k", ResponseContentType="a/b")["ContentType"] == "a/b"


def test_authenticated_read_wants_an_account(s3: Parties) -> None:
    s3.put(ACL="authenticated-read")
    assert s3.get(s3.bob) == b"data"
    assert failed(s3.nobody.get_object, Key="k") == "AccessDenied"


def test_read_on_the_bucket_is_to_list_it(s3: Parties) -> None:
    s3.put()
    s3.alice.put_bucket_acl(Bucket=BUCKET, ACL="public-read")
    assert rows(s3.alice.get_bucket_acl(Bucket=BUCKET)) == [("alice", FULL), ("AllUsers", "READ")]
    for who in (s3.bob, s3.nobody):
        assert [row["Key"] for row in who.list_objects_v2(Bucket=BUCKET)["Contents"]] == ["k"]
        who.head_bucket(Bucket=BUCKET)
        who.list_multipart_uploads(Bucket=BUCKET)
        assert failed(who.get_object, Key="k") == "AccessDenied"
        assert failed(who.get_object, Key="missing") == "NoSuchKey", "who may list may know"
        assert failed(who.head_object, Key="missing") == "404"
        assert failed(who.put_object, Key="new") == failed(who.get_bucket_acl) == "AccessDenied"


def test_what_is_put_into_a_public_bucket_belongs_to_who_put_it(s3: Parties) -> None:
    s3.put("hers")
    s3.alice.put_bucket_acl(Bucket=BUCKET, ACL="public-read-write")
    s3.put("his", by=s3.bob)
    s3.put("nobodys", by=s3.nobody)
    listed = s3.alice.list_objects_v2(Bucket=BUCKET, FetchOwner=True)["Contents"]
    owners = {row["Key"]: row["Owner"]["ID"] for row in listed}
    everyone = {"hers": ALICE.canonical_id, "his": BOB.canonical_id, "nobodys": ANONYMOUS.canonical_id}
    assert owners == everyone
    assert {row["Key"]: row["Owner"]["ID"] for row in s3.alice.list_objects(Bucket=BUCKET)["Contents"]} == everyone
    assert s3.get(s3.bob, "his") == s3.get(s3.nobody, "nobodys") == b"data"
    for who, key in ((s3.alice, "his"), (s3.alice, "nobodys"), (s3.nobody, "his"), (s3.bob, "hers")):
        assert failed(who.get_object, Key=key) == "AccessDenied"
        assert failed(who.get_object_acl, Key=key) == "AccessDenied"
    assert rows(s3.bob.get_object_acl(Bucket=BUCKET, Key="his")) == [("bob", FULL)]


def test_who_may_write_replaces_and_deletes_what_is_his(s3: Parties) -> None:
    s3.put("hers")
    s3.alice.put_bucket_acl(Bucket=BUCKET, ACL="public-read-write")
    s3.put("his", by=s3.bob)
    s3.put("his", b"again", by=s3.bob)
    assert s3.get(s3.bob, "his") == b"again"
    for who, key in ((s3.bob, "hers"), (s3.nobody, "his")):
        assert failed(who.put_object, Key=key) == failed(who.delete_object, Key=key) == "AccessDenied"
    s3.bob.delete_object(Bucket=BUCKET, Key="his")
    s3.bob.delete_object(Bucket=BUCKET, Key="missing")
    s3.put("his", by=s3.bob)
    s3.alice.delete_object(Bucket=BUCKET, Key="his")
    assert [row["Key"] for row in s3.alice.list_objects_v2(Bucket=BUCKET)["Contents"]] == ["hers"]


def test_each_row_of_a_batch_is_decided_alone(s3: Parties) -> None:
    s3.put("hers")
    s3.alice.put_bucket_acl(Bucket=BUCKET, ACL="public-read-write")
    s3.put("nobodys", by=s3.nobody)
    batch = {"Objects": [{"Key": key} for key in ("hers", "nobodys", "missing")]}
    answer = s3.nobody.delete_objects(Bucket=BUCKET, Delete=batch)
    assert [row["Key"] for row in answer["Deleted"]] == ["nobodys", "missing"]
    assert [(row["Key"], row["Code"]) for row in answer["Errors"]] == [("hers", "AccessDenied")]
    s3.alice.put_bucket_acl(Bucket=BUCKET, ACL="private")
    answer = s3.bob.delete_objects(Bucket=BUCKET, Delete=batch)
    assert "Deleted" not in answer
    assert s3.get(s3.alice, "hers") == b"data"


def test_permissions_on_acls_are_granted_like_others(s3: Parties) -> None:
    bob = f'id="{BOB.canonical_id}"'
    s3.put(GrantReadACP=bob, GrantWriteACP=f'emailAddress="{BOB.email}"')
    s3.alice.put_bucket_acl(Bucket=BUCKET, GrantReadACP=bob)
    assert rows(s3.bob.get_object_acl(Bucket=BUCKET, Key="k")) == [("bob", "READ_ACP"), ("bob", "WRITE_ACP")]
    assert rows(s3.bob.get_bucket_acl(Bucket=BUCKET)) == [("bob", "READ_ACP")]
    assert failed(s3.bob.get_object, Key="k") == failed(s3.bob.put_bucket_acl, ACL="private") == "AccessDenied"
    s3.bob.put_object_acl(Bucket=BUCKET, Key="k", ACL="public-read")
    answer = s3.alice.get_object_acl(Bucket=BUCKET, Key="k")
    assert (answer["Owner"]["ID"], rows(answer)) == (ALICE.canonical_id, [("alice", FULL), ("AllUsers", "READ")])
    s3.alice.put_bucket_acl(Bucket=BUCKET, GrantWriteACP=bob)
    s3.bob.put_bucket_acl(Bucket=BUCKET, GrantFullControl=bob)
    s3.put("his", by=s3.bob)
    assert s3.alice.get_bucket_acl(Bucket=BUCKET)["Owner"] == {"ID": ALICE.canonical_id}
    s3.put("still", b"hers")  # an owner is not locked out by an ACL without him


def test_a_document_is_put_as_it_was_got(s3: Parties) -> None:
    s3.put(ACL="public-read-write")
    for operation, where in (("bucket_acl", {}), ("object_acl", {"Key": "k"})):
        get, put = getattr(s3.alice, f"get_{operation}"), getattr(s3.alice, f"put_{operation}")
        found = get(Bucket=BUCKET, **where)
        grants = [*found["Grants"], {"Grantee": {"Type": "AmazonCustomerByEmail", "EmailAddress": BOB.email}}]
        grants[-1]["Permission"] = "READ"
        put(Bucket=BUCKET, **where, AccessControlPolicy={"Owner": found["Owner"], "Grants": grants})
        assert rows(get(Bucket=BUCKET, **where)) == [*rows(found), ("bob", "READ")]
        put(Bucket=BUCKET, **where, AccessControlPolicy={"Owner": found["Owner"], "Grants": []})
        assert rows(get(Bucket=BUCKET, **where)) == []


def test_a_document_needs_no_digest_as_boto_2_sends_none(s3: Parties) -> None:
    """And an ACL changes neither ETag nor date."""
    s3.put()
    before = s3.alice.head_object(Bucket=BUCKET, Key="k")
    url = s3.alice.generate_presigned_url("put_object_acl", Params={"Bucket": BUCKET, "Key": "k"})
    owner = f"<Owner><ID>{ALICE.canonical_id}</ID><DisplayName>alice</DisplayName></Owner>"
    grantee = (
        '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group">'
        "<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee>"
    )
    grant = f"<Grant>{grantee}<Permission>READ</Permission></Grant>"
    body = f"<AccessControlPolicy>{owner}<AccessControlList>{grant}</AccessControlList></AccessControlPolicy>"
    target = url.removeprefix("http://localhost:9000")
    answered = call(s3.service, "PUT", target, {"host": "localhost:9000"}, body.encode())
    assert (answered.status, answered.body) == (200, b"")
    assert s3.get(s3.nobody) == b"data"
    after = s3.alice.head_object(Bucket=BUCKET, Key="k")
    assert (after["ETag"], after["LastModified"]) == (before["ETag"], before["LastModified"])


def test_acls_of_what_is_missing(s3: Parties) -> None:
    assert failed(s3.alice.get_object_acl, Key="missing") == "NoSuchKey"
    assert failed(s3.alice.put_object_acl, Key="missing", ACL="private") == "NoSuchKey"
    assert failed(s3.alice.get_bucket_acl, Bucket="missing") == "NoSuchBucket"
    assert failed(s3.nobody.get_object, Bucket="missing", Key="k") == "NoSuchBucket"


def test_a_bad_acl_leaves_nothing_behind(s3: Parties) -> None:
    assert failed(s3.alice.put_object, Key="k", ACL="fake") == "InvalidArgument"
    assert failed(s3.alice.put_object, Key="k", GrantRead='id="nobody"') == "InvalidArgument"
    assert failed(s3.alice.create_multipart_upload, Key="k", ACL="log-delivery-write") == "InvalidArgument"
    assert failed(s3.alice.create_bucket, Bucket="other", ACL="fake") == "InvalidArgument"
    assert failed(s3.alice.head_bucket, Bucket="other") == "404"
    assert s3.alice.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
    assert "Uploads" not in s3.alice.list_multipart_uploads(Bucket=BUCKET)


def test_a_copy_has_the_acl_of_its_request_and_needs_both_ends(s3: Parties) -> None:
    s3.put("public", ACL="public-read")
    s3.put("private")
    s3.bob.create_bucket(Bucket="his")
    to_his = {"Bucket": "his", "Key": "c"}
    s3.bob.copy_object(**to_his, CopySource="hers/public")
    assert rows(s3.bob.get_object_acl(**to_his)) == [("bob", FULL)]
    assert failed(s3.bob.copy_object, **to_his, CopySource="hers/private") == "AccessDenied"
    assert failed(s3.bob.copy_object, **to_his, CopySource="hers/missing") == "AccessDenied"
    assert failed(s3.bob.copy_object, Key="c", CopySource="his/c") == "AccessDenied"
    s3.alice.put_bucket_acl(Bucket=BUCKET, ACL="public-read-write")
    assert failed(s3.bob.copy_object, **to_his, CopySource="hers/missing") == "NoSuchKey"
    s3.bob.copy_object(Bucket=BUCKET, Key="c", CopySource="his/c", ACL="bucket-owner-read")
    assert rows(s3.bob.get_object_acl(Bucket=BUCKET, Key="c")) == [("bob", FULL), ("alice", "READ")]
    assert s3.get(s3.alice, "c") == b"data"
    upload = s3.bob.create_multipart_upload(**to_his)["UploadId"]
    part = {**to_his, "UploadId": upload, "PartNumber": 1}
    s3.bob.upload_part_copy(**part, CopySource="hers/public")
    assert failed(s3.bob.upload_part_copy, **part, CopySource="hers/private") == "AccessDenied"
    assert failed(s3.nobody.copy_object, Key="d", CopySource="hers/public") == "AccessDenied"


def test_an_upload_is_its_initiators_and_its_acl_waits(s3: Parties) -> None:
    s3.put("hers")
    s3.alice.put_bucket_acl(Bucket=BUCKET, ACL="public-read-write")
    assert failed(s3.nobody.create_multipart_upload, Key="u") == "AccessDenied"
    assert failed(s3.bob.create_multipart_upload, Key="hers") == "AccessDenied"
    at = {"Bucket": BUCKET, "Key": "u"}
    upload = {**at, "UploadId": s3.bob.create_multipart_upload(**at, ACL="public-read")["UploadId"]}
    (shown,) = s3.alice.list_multipart_uploads(Bucket=BUCKET)["Uploads"]
    initiator = {"ID": BOB.canonical_id, "DisplayName": "bob"}
    assert (shown["Owner"], shown["Initiator"]) == ({"ID": BOB.canonical_id}, initiator)
    assert s3.alice.list_parts(**upload)["Initiator"] == initiator
    for who in (s3.alice, s3.nobody):
        assert failed(who.upload_part, **upload, PartNumber=1, Body=b"x") == "AccessDenied"
    assert failed(s3.nobody.list_parts, **upload) == failed(s3.nobody.abort_multipart_upload, **upload)
    tag = s3.bob.upload_part(**upload, PartNumber=1, Body=b"whole")["ETag"]
    parts = {"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": tag}]}}
    assert failed(s3.alice.complete_multipart_upload, **upload, **parts) == "AccessDenied"
    s3.bob.complete_multipart_upload(**upload, **parts)
    assert s3.get(s3.nobody, "u") == b"whole"
    assert s3.bob.get_object_acl(**at)["Owner"]["ID"] == BOB.canonical_id
    again = {**at, "UploadId": s3.bob.create_multipart_upload(**at)["UploadId"]}
    s3.alice.abort_multipart_upload(**again)
    assert failed(s3.bob.list_parts, **again) == "NoSuchUpload"


def test_an_upload_does_not_replace_what_came_to_belong_to_somebody_else(s3: Parties) -> None:
    s3.alice.put_bucket_acl(Bucket=BUCKET, ACL="public-read-write")
    upload = {"Bucket": BUCKET, "Key": "k"}
    upload["UploadId"] = s3.bob.create_multipart_upload(**upload)["UploadId"]
    tag = s3.bob.upload_part(**upload, PartNumber=1, Body=b"x")["ETag"]
    s3.put()
    parts = {"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": tag}]}}
    assert failed(s3.bob.complete_multipart_upload, **upload, **parts) == "AccessDenied"
    assert s3.get(s3.alice) == b"data"


def test_a_bucket_is_made_with_an_acl_and_making_it_again_resets_that(s3: Parties) -> None:
    s3.alice.create_bucket(Bucket="open", ACL="public-read")
    assert s3.nobody.list_objects_v2(Bucket="open")["KeyCount"] == 0
    assert failed(s3.bob.create_bucket, Bucket="open", ACL="private") == "BucketAlreadyExists"
    s3.nobody.head_bucket(Bucket="open")
    s3.alice.create_bucket(Bucket="open")
    assert failed(s3.nobody.list_objects_v2, Bucket="open") == "AccessDenied"
    s3.alice.create_bucket(Bucket="open", GrantWrite=f'id="{BOB.canonical_id}"')
    assert rows(s3.alice.get_bucket_acl(Bucket="open")) == [("bob", "WRITE")]
    s3.alice.create_bucket(Bucket="logs", ACL="log-delivery-write")
    delivery = [("LogDelivery", "WRITE"), ("LogDelivery", "READ_ACP")]
    assert rows(s3.alice.get_bucket_acl(Bucket="logs")) == [("alice", FULL), *delivery]


def test_nobody_has_no_buckets(s3: Parties) -> None:
    assert failed(lambda Bucket: s3.nobody.list_buckets()) == "AccessDenied"  # noqa: N803
    assert failed(s3.nobody.create_bucket, Bucket="mine") == "AccessDenied"


def test_an_expected_owner_is_still_expected(s3: Parties) -> None:
    s3.put(ACL="public-read")
    assert s3.bob.get_object(Bucket=BUCKET, Key="k", ExpectedBucketOwner=ALICE.account_id)
    assert failed(s3.bob.get_object, Key="k", ExpectedBucketOwner=BOB.account_id) == "AccessDenied"


def test_access_is_decided_before_conditions(s3: Parties) -> None:
    """A refused request must not tell by 304, 412 or 416 what is there."""
    s3.put()
    tag = s3.alice.head_object(Bucket=BUCKET, Key="k")["ETag"]
    for params in ({"IfNoneMatch": tag}, {"IfMatch": '"other"'}, {"Range": "bytes=9-"}, {"PartNumber": 7}):
        assert failed(s3.bob.get_object, Key="k", **params) == "AccessDenied"
        assert failed(s3.bob.head_object, Key="k", **params) == "403"
