"""Who owns an object, whether ACLs count, what is public: ownership controls, the public access block, the defaults."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dskit.backends.local_service import LocalService
from dskit.reference import disk_service, memory_service
from dskit.types import BucketInfo
from dskit_emulator.ops.bucket_settings import BLOCKS
from tests.emulator.transport import call

from .acl_parties import ALICE, BOB, BUCKET, FULL, Parties, failed, rows

BOBS = f'id="{BOB.canonical_id}"'


@pytest.fixture
def s3() -> Parties:
    parties = Parties(memory_service())
    parties.alice.create_bucket(Bucket=BUCKET)
    return parties


@pytest.fixture
def shared(s3: Parties) -> Parties:
    """A bucket that takes ACLs, into which bob may write."""
    s3.own("ObjectWriter")
    s3.alice.put_bucket_acl(Bucket=BUCKET, GrantWrite=BOBS, GrantFullControl=f'id="{ALICE.canonical_id}"')
    return s3


def test_a_new_bucket_owns_its_objects_and_blocks_public_access(s3: Parties) -> None:
    rules = s3.alice.get_bucket_ownership_controls(Bucket=BUCKET)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert s3.alice.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"] == dict.fromkeys(
        BLOCKS, True
    )


def test_under_the_classic_rule_a_new_bucket_has_neither() -> None:
    s3 = Parties(memory_service(), "classic-acl")
    s3.alice.create_bucket(Bucket=BUCKET)
    assert failed(s3.alice.get_bucket_ownership_controls) == "OwnershipControlsNotFoundError"
    assert failed(s3.alice.get_public_access_block) == "NoSuchPublicAccessBlockConfiguration"
    s3.put(ACL="public-read")
    assert s3.get(s3.nobody) == b"data"
    s3.own("BucketOwnerEnforced")
    assert failed(s3.nobody.get_object, Key="k") == "AccessDenied", "what is set counts, whatever the rule"


REFUSED = [
    ("put_object", {"ACL": "public-read"}),
    ("put_object", {"ACL": "authenticated-read"}),
    ("put_object", {"ACL": "bucket-owner-read"}),
    ("put_object", {"GrantRead": BOBS}),
    ("put_object", {"GrantFullControl": f"{BOBS}, id={ALICE.canonical_id}"}),
    ("create_multipart_upload", {"ACL": "public-read"}),
    ("copy_object", {"ACL": "public-read", "CopySource": f"{BUCKET}/k"}),
    ("put_object_acl", {"ACL": "private"}),
    ("put_object_acl", {"ACL": "public-read"}),
    ("put_bucket_acl", {"ACL": "private"}),
    ("put_bucket_acl", {"GrantRead": BOBS}),
]


@pytest.mark.parametrize(("operation", "params"), REFUSED)
def test_a_bucket_that_owns_its_objects_takes_no_acls(s3: Parties, operation: str, params: dict[str, Any]) -> None:
    s3.put()
    where = {} if operation == "put_bucket_acl" else {"Key": "k" if operation == "put_object_acl" else "new"}
    assert failed(getattr(s3.alice, operation), **where, **params) == "AccessControlListNotSupported"
    assert [row["Key"] for row in s3.alice.list_objects_v2(Bucket=BUCKET)["Contents"]] == ["k"]


def test_what_is_true_anyway_may_be_said(s3: Parties) -> None:
    hers = f'id="{ALICE.canonical_id}"'
    said: list[dict[str, Any]] = [{"ACL": "private"}, {"ACL": "bucket-owner-full-control"}, {"GrantFullControl": hers}]
    for params in said:
        s3.put(**params)
        s3.alice.create_multipart_upload(Bucket=BUCKET, Key="k", **params)
    s3.alice.put_object_acl(Bucket=BUCKET, Key="k", ACL="bucket-owner-full-control")
    policy = {key: s3.alice.get_object_acl(Bucket=BUCKET, Key="k")[key] for key in ("Owner", "Grants")}
    s3.alice.put_object_acl(Bucket=BUCKET, Key="k", AccessControlPolicy=policy)
    assert rows(s3.alice.get_object_acl(Bucket=BUCKET, Key="k")) == [("alice", FULL)]


def test_enforcing_ownership_takes_acls_out_of_force_and_keeps_them(shared: Parties) -> None:
    s3 = shared
    s3.put("his", by=s3.bob)
    s3.put("hers", GrantRead=BOBS)
    s3.alice.put_bucket_acl(Bucket=BUCKET, ACL="private")
    assert failed(s3.alice.get_object, Key="his") == "AccessDenied"
    s3.own("BucketOwnerEnforced")
    assert s3.get(s3.alice, "his") == b"data"
    assert failed(s3.bob.get_object, Key="his") == failed(s3.bob.get_object, Key="hers") == "AccessDenied"
    owners = [row["Owner"]["ID"] for row in s3.alice.list_objects(Bucket=BUCKET)["Contents"]]
    assert owners == [ALICE.canonical_id] * 2
    for key in ("his", "hers"):
        answer = s3.alice.get_object_acl(Bucket=BUCKET, Key=key)
        assert (answer["Owner"]["ID"], rows(answer)) == (ALICE.canonical_id, [("alice", FULL)])
    s3.own("BucketOwnerPreferred")
    assert failed(s3.alice.get_object, Key="his") == "AccessDenied"
    assert s3.get(s3.bob, "his") == s3.get(s3.bob, "hers") == b"data"
    assert rows(s3.alice.get_object_acl(Bucket=BUCKET, Key="hers")) == [("bob", "READ")]


def test_ownership_is_not_enforced_over_a_bucket_that_grants_something_to_others(shared: Parties) -> None:
    s3 = shared
    rules = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    code = failed(s3.alice.put_bucket_ownership_controls, OwnershipControls=rules)
    assert code == "InvalidBucketAclWithObjectOwnership"
    s3.put("his", by=s3.bob)
    s3.alice.put_bucket_acl(Bucket=BUCKET, ACL="private")
    s3.own("BucketOwnerEnforced")


OWNERS = [
    ("ObjectWriter", {}, "bob"),
    ("ObjectWriter", {"ACL": "bucket-owner-full-control"}, "bob"),
    ("BucketOwnerPreferred", {}, "bob"),
    ("BucketOwnerPreferred", {"ACL": "public-read"}, "bob"),
    ("BucketOwnerPreferred", {"ACL": "bucket-owner-full-control"}, "alice"),
    (None, {"ACL": "bucket-owner-full-control"}, "bob"),
]


@pytest.mark.parametrize(("ownership", "params", "owner"), OWNERS)
def test_an_object_is_its_writers_unless_given_to_a_bucket_that_prefers_that(
    shared: Parties, ownership: str | None, params: dict[str, Any], owner: str
) -> None:
    s3 = shared
    s3.block()
    if ownership is None:
        s3.alice.delete_bucket_ownership_controls(Bucket=BUCKET)
    else:
        s3.own(ownership)
    s3.put("k", by=s3.bob, **params)
    upload = {"Bucket": BUCKET, "Key": "u"}
    upload["UploadId"] = s3.bob.create_multipart_upload(**upload, **params)["UploadId"]
    names = {ALICE.canonical_id: "alice", BOB.canonical_id: "bob"}
    (listed,) = s3.alice.list_objects_v2(Bucket=BUCKET, FetchOwner=True)["Contents"]
    (begun,) = s3.alice.list_multipart_uploads(Bucket=BUCKET)["Uploads"]
    assert names[listed["Owner"]["ID"]] == names[begun["Owner"]["ID"]] == owner
    assert names[begun["Initiator"]["ID"]] == "bob"
    if params:
        assert s3.get(s3.alice) == b"data"
    else:
        assert failed(s3.alice.get_object, Key="k") == "AccessDenied"


def test_a_new_bucket_cannot_be_public_and_says_which_of_the_two_is_in_the_way(s3: Parties) -> None:
    create = s3.alice.create_bucket
    assert failed(create, Bucket="new", ACL="public-read") == "InvalidBucketAclWithObjectOwnership"
    assert failed(create, Bucket="new", GrantWrite=BOBS) == "InvalidBucketAclWithObjectOwnership"
    assert failed(create, Bucket="new", ACL="public-read", ObjectOwnership="ObjectWriter") == "AccessDenied"
    assert failed(s3.alice.head_bucket, Bucket="new") == "404"
    create(Bucket="new", ACL="private")
    create(Bucket="granting", GrantWrite=BOBS, ObjectOwnership="BucketOwnerPreferred")
    assert rows(s3.alice.get_bucket_acl(Bucket="granting")) == [("bob", "WRITE")]


def test_public_acls_are_blocked_and_others_are_not(shared: Parties) -> None:
    s3 = shared
    s3.put()
    s3.block(BlockPublicAcls=True)
    for acl in ("public-read", "public-read-write", "authenticated-read"):
        assert failed(s3.alice.put_bucket_acl, ACL=acl) == "AccessDenied"
        assert failed(s3.alice.put_object_acl, Key="k", ACL=acl) == "AccessDenied"
        assert failed(s3.alice.put_object, Key="new", ACL=acl) == "AccessDenied"
        assert failed(s3.alice.create_multipart_upload, Key="new", ACL=acl) == "AccessDenied"
        assert failed(s3.alice.copy_object, Key="new", ACL=acl, CopySource=f"{BUCKET}/k") == "AccessDenied"
    everybody = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'
    assert failed(s3.alice.put_object, Key="new", GrantReadACP=everybody) == "AccessDenied"
    assert s3.alice.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 1
    s3.put("new", GrantRead=BOBS)
    assert s3.get(s3.bob, "new") == b"data"
    s3.alice.put_bucket_acl(Bucket=BUCKET, GrantRead='uri="http://acs.amazonaws.com/groups/s3/LogDelivery"')


def test_blocking_new_public_acls_leaves_those_that_are_there(shared: Parties) -> None:
    s3 = shared
    s3.block()
    s3.put(ACL="public-read")
    s3.block(BlockPublicAcls=True)
    assert s3.get(s3.nobody) == b"data"


CHANGES: list[tuple[str, Callable[[Parties], object]]] = [
    ("ownership", lambda s3: s3.own("BucketOwnerPreferred")),
    ("public-access-block", lambda s3: s3.block(BlockPublicAcls=True)),
    ("acl", lambda s3: s3.alice.put_bucket_acl(Bucket=BUCKET, ACL="private")),
]


@pytest.mark.parametrize(("name", "change"), CHANGES)
@pytest.mark.parametrize("verb", ["begin_put", "copy"])
@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_write_is_not_published_under_other_settings_than_it_was_admitted_under(
    shared: Parties,
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
    who: str,
    name: str,
    change: Callable[[Parties], object],
) -> None:
    """A body may take minutes. Both writes here hang on the settings: bob's, and one with an ACL."""
    shared.block(BlockPublicAcls=False)
    shared.put("source", ACL="public-read")
    client, store = getattr(shared, who), shared.service.store
    method = getattr(store, verb)
    params = {"ACL": "public-read"} if who == "alice" else {}

    def write() -> Any:
        if verb == "copy":
            return client.copy_object(Bucket=BUCKET, Key="k", CopySource=f"{BUCKET}/source", **params)
        return client.put_object(Bucket=BUCKET, Key="k", Body=b"new", **params)

    def late(*args: Any) -> Any:
        staging = method(*args) if verb == "begin_put" else None
        monkeypatch.undo()
        change(shared)
        return staging or method(*args)

    monkeypatch.setattr(store, verb, late)
    with pytest.raises(ClientError) as caught:
        write()
    refused = caught.value.response
    assert refused["Error"]["Code"] == "OperationAborted"
    assert f"'{name}'" in refused["ResponseMetadata"]["HTTPHeaders"]["x-dskit-reason"]
    assert failed(shared.alice.head_object, Key="k") == "404"


def test_a_write_that_hangs_on_no_setting_is_published_whatever_changes(
    shared: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, begin = shared.service.store, shared.service.store.begin_put

    def late(*args: Any) -> Any:
        monkeypatch.undo()
        staging = begin(*args)
        shared.own("BucketOwnerPreferred")
        return staging

    monkeypatch.setattr(store, "begin_put", late)
    shared.put()
    assert shared.get(shared.alice) == b"data"


def test_public_acls_are_ignored_and_stay(shared: Parties) -> None:
    s3 = shared
    s3.block()
    s3.put(ACL="public-read")
    s3.alice.put_bucket_acl(Bucket=BUCKET, ACL="public-read-write")
    s3.block(IgnorePublicAcls=True)
    for who in (s3.nobody, s3.bob):
        assert failed(who.get_object, Key="k") == failed(who.list_objects_v2) == "AccessDenied"
        assert failed(who.put_object, Key="new") == "AccessDenied"
    assert rows(s3.alice.get_object_acl(Bucket=BUCKET, Key="k")) == [("alice", FULL), ("AllUsers", "READ")]
    s3.put("also", ACL="public-read")
    s3.alice.delete_public_access_block(Bucket=BUCKET)
    assert s3.get(s3.nobody) == s3.get(s3.nobody, "also") == b"data"


def test_what_a_block_does_not_name_is_off_and_what_is_about_policies_is_kept(s3: Parties) -> None:
    s3.block(RestrictPublicBuckets=True)
    found = s3.alice.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    assert found == {**dict.fromkeys(BLOCKS, False), "RestrictPublicBuckets": True}


def test_the_settings_survive_a_restart(tmp_path: Path) -> None:
    def opened() -> Parties:
        return Parties(disk_service(tmp_path / "store", durability="process"))

    s3 = opened()
    s3.alice.create_bucket(Bucket=BUCKET, ObjectOwnership="ObjectWriter")
    s3.block(BlockPublicPolicy=True)
    s3.alice.put_bucket_acl(Bucket=BUCKET, ACL="public-read-write")
    s3.put(by=s3.bob, ACL="public-read")
    upload = s3.bob.create_multipart_upload(Bucket=BUCKET, Key="u")["UploadId"]
    s3.service.store.close()
    s3 = opened()
    assert s3.get(s3.nobody) == b"data"
    assert rows(s3.bob.get_object_acl(Bucket=BUCKET, Key="k")) == [("bob", FULL), ("AllUsers", "READ")]
    assert s3.alice.list_parts(Bucket=BUCKET, Key="u", UploadId=upload)["Initiator"]["ID"] == BOB.canonical_id
    assert s3.alice.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]["BlockPublicPolicy"]
    s3.service.store.close()


def test_a_store_without_owners_is_every_accounts_and_not_everybodys(tmp_path: Path) -> None:
    """And an ACL that it could not keep is refused, not dropped."""
    s3 = Parties(LocalService(tmp_path), "classic-acl")
    s3.alice.create_bucket(Bucket=BUCKET)
    s3.put()
    assert s3.get(s3.bob) == b"data"
    assert failed(s3.nobody.get_object, Key="k") == "AccessDenied"
    assert failed(s3.alice.put_object, Key="new", ACL="public-read") == "NotImplemented"
    assert failed(s3.alice.put_bucket_acl, ACL="public-read") == "NotImplemented"
    assert failed(s3.alice.create_bucket, Bucket="new", ObjectOwnership="ObjectWriter") == "NotImplemented"
    assert s3.alice.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 1


def test_a_bucket_without_an_owner_is_closed_to_requests_without_a_signature(s3: Parties) -> None:
    assert isinstance(s3.service.store.create_bucket("ownerless"), BucketInfo)
    s3.bob.put_object(Bucket="ownerless", Key="k", Body=b"x")
    assert s3.alice.get_object(Bucket="ownerless", Key="k")["Body"].read() == b"x"
    assert call(s3.service, "GET", "/ownerless/k", {"host": "localhost"}).status == 403
