"""Recordings about ACLs, object ownership and the public access block."""

from __future__ import annotations

from typing import Any

from tests.emulator.recorded.harness import Case, scenario

LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"
FAKE_GROUP = "http://acs.amazonaws.com/groups/s3/FakeGroup"


def open_bucket(case: Case) -> str:
    """A bucket that takes ACLs, public ones too."""
    bucket = case.bucket()
    case.s3.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    case.s3.delete_public_access_block(Bucket=bucket)
    return bucket


def policy(owner: Any, grantee: dict[str, str], permission: str) -> dict[str, Any]:
    return {"Owner": owner, "Grants": [{"Grantee": grantee, "Permission": permission}]}


def log_delivery(permission: str = "WRITE") -> dict[str, Any]:
    return {"Grantee": {"URI": LOG_DELIVERY, "Type": "Group"}, "Permission": permission}


@scenario("test_s3_bucket_acl")
def bucket_acl(case: Case) -> None:
    bucket = open_bucket(case)
    case.s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    found = case.do("get-bucket-acl", "get_bucket_acl", Bucket=bucket)
    case.s3.put_bucket_acl(Bucket=bucket, ACL="private")
    case.do("get-bucket-canned-acl", "get_bucket_acl", Bucket=bucket)
    case.s3.put_bucket_acl(Bucket=bucket, GrantRead=f'uri="{LOG_DELIVERY}"')
    case.do("get-bucket-grant-acl", "get_bucket_acl", Bucket=bucket)
    document = {"Owner": found["Owner"], "Grants": [found["Grants"][0], log_delivery()]}
    case.s3.put_bucket_acl(Bucket=bucket, AccessControlPolicy=document)
    case.do("get-bucket-acp-acl", "get_bucket_acl", Bucket=bucket)


@scenario("test_s3_object_acl")
def object_acl(case: Case) -> None:
    at = {"Bucket": open_bucket(case), "Key": "object-key-acl"}
    case.do("put-object-default-acl", "put_object", **at)
    found = case.do("get-object-acl-default", "get_object_acl", **at)
    case.do("put-object-acl", "put_object_acl", **at, ACL="public-read")
    case.do("get-object-acl", "get_object_acl", **at)
    case.s3.put_object_acl(**at, GrantRead=f'uri="{LOG_DELIVERY}"')
    case.do("get-object-grant-acl", "get_object_acl", **at)
    document = {"Owner": found["Owner"], "Grants": [found["Grants"][0], log_delivery()]}
    case.s3.put_object_acl(**at, AccessControlPolicy=document)
    case.do("get-object-acp-acl", "get_object_acl", **at)


def refused_acls(case: Case, kind: str, operation: str, owner: dict[str, str], at: dict[str, str]) -> None:
    """What both recordings of exceptions have in common, under the names of the bucket or of the object."""
    put = f"put-{kind}"
    case.do(f"{put}-grant-acl-fake-uri", operation, **at, GrantWrite=f'uri="{FAKE_GROUP}"')
    case.do(f"{put}-grant-acl-fake-key", operation, **at, GrantWrite='fakekey="1234"')
    case.do(f"{put}-grant-acl-wrong-id", operation, **at, GrantWrite='id="wrong-id"')
    group = {"URI": LOG_DELIVERY, "Type": "Group"}
    wrong = {"ID": "wrong-id", "Type": "CanonicalUser"}
    documents: list[dict[str, Any]] = [
        {"Grants": [log_delivery()]},
        policy(owner, group, "WRONG-PERMISSION"),
        policy({"ID": "wrong-id"}, group, "FULL_CONTROL"),
        policy(owner, {"URI": FAKE_GROUP, "Type": "Group"}, "WRITE"),
        policy(owner, wrong, "FULL_CONTROL"),
        policy(owner, {"ID": owner["ID"], "Type": "BadType"}, "FULL_CONTROL"),
    ]
    for number, document in enumerate(documents, 1):
        case.do(f"{put}-acp-acl-{number}", operation, **at, AccessControlPolicy=document)
    case.do(f"{put}-empty-acp", operation, **at, AccessControlPolicy={})
    grant = f'uri="{LOG_DELIVERY}"'
    case.do(f"{put}-two-type-acl", operation, **at, ACL="private", GrantRead=grant)
    good = policy(owner, group, "WRITE")
    case.do(f"{put}-two-type-acl-acp", operation, **at, ACL="private", AccessControlPolicy=good)


@scenario("test_s3_bucket_acl_exceptions")
def bucket_acl_exceptions(case: Case) -> None:
    bucket = open_bucket(case)
    owner = case.s3.get_bucket_acl(Bucket=bucket)["Owner"]
    case.do("put-bucket-canned-acl", "put_bucket_acl", Bucket=bucket, ACL="fake-acl")
    refused_acls(case, "bucket", "put_bucket_acl", owner, {"Bucket": bucket})
    case.do("put-bucket-empty", "put_bucket_acl", Bucket=bucket)


@scenario("test_s3_object_acl_exceptions")
def object_acl_exceptions(case: Case) -> None:
    bucket = open_bucket(case)
    at = {"Bucket": bucket, "Key": "object-key-acl"}
    case.do("put-object-canned-acl", "put_object", **at, ACL="fake-acl")
    case.put(bucket, "object-key-acl")
    owner = case.s3.get_object_acl(**at)["Owner"]
    case.do("put-object-acl-canned-acl", "put_object_acl", **at, ACL="fake-acl")
    refused_acls(case, "object", "put_object_acl", owner, at)
    case.do("put-object-acl-empty", "put_object_acl", **at)


@scenario("test_s3_multipart_upload_acls")
def multipart_acls(case: Case) -> None:
    bucket = open_bucket(case)
    case.s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    case.do("bucket-acl", "get_bucket_acl", Bucket=bucket)
    for key, canned in (("acl-key0", None), ("acl-key1", "private"), ("acl-key2", "public-read-write")):
        at = {"Bucket": bucket, "Key": key}
        upload = case.s3.create_multipart_upload(**at, **({"ACL": canned} if canned else {}))["UploadId"]
        tag = case.s3.upload_part(**at, UploadId=upload, PartNumber=1, Body=b"data")["ETag"]
        parts = {"Parts": [{"PartNumber": 1, "ETag": tag}]}
        case.s3.complete_multipart_upload(**at, UploadId=upload, MultipartUpload=parts)
        case.do(f"permission-{key}", "get_object_acl", **at)


@scenario("test_crud_bucket_ownership_controls")
def ownership(case: Case) -> None:
    bucket = case.bucket()
    case.do("default-ownership", "get_bucket_ownership_controls", Bucket=bucket)
    rules = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    case.do("put-ownership", "put_bucket_ownership_controls", Bucket=bucket, OwnershipControls=rules)
    case.do("get-ownership", "get_bucket_ownership_controls", Bucket=bucket)
    case.do("delete-ownership", "delete_bucket_ownership_controls", Bucket=bucket)
    case.do("get-ownership-after-delete", "get_bucket_ownership_controls", Bucket=bucket)
    case.do("delete-ownership-after-delete", "delete_bucket_ownership_controls", Bucket=bucket)
    made = case.new_name()
    case.s3.create_bucket(Bucket=made, ObjectOwnership="BucketOwnerPreferred")
    case.do("get-ownership-at-creation", "get_bucket_ownership_controls", Bucket=made)


@scenario("test_bucket_ownership_controls_exc")
def ownership_exceptions(case: Case) -> None:
    bucket = case.bucket()
    case.do("default-ownership", "get_bucket_ownership_controls", Bucket=bucket)
    for label, rules in (
        ("multiple-rules", [{"ObjectOwnership": "BucketOwnerPreferred"}, {"ObjectOwnership": "ObjectWriter"}]),
        ("wrong-value", [{"ObjectOwnership": "RandomValue"}]),
        ("empty-rule", []),
    ):
        document = {"Rules": rules}
        case.do(f"put-ownership-{label}", "put_bucket_ownership_controls", Bucket=bucket, OwnershipControls=document)
    for label, value in (("wrong", "RandomValue"), ("non", "")):
        case.do(f"ownership-{label}-value-at-creation", "create_bucket", Bucket=case.new_name(), ObjectOwnership=value)


@scenario("test_crud_public_access_block")
def public_access_block(case: Case) -> None:
    bucket = case.bucket()
    case.do("get-default-public-access-block", "get_public_access_block", Bucket=bucket)
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    document = dict.fromkeys(names, False)
    case.do(
        "put-public-access-block", "put_public_access_block", Bucket=bucket, PublicAccessBlockConfiguration=document
    )
    case.do("get-public-access-block", "get_public_access_block", Bucket=bucket)
    case.do("delete-public-access-block", "delete_public_access_block", Bucket=bucket)
    case.do("get-public-access-block-after-delete", "get_public_access_block", Bucket=bucket)
    case.do("idempotent-delete-public-access-block", "delete_public_access_block", Bucket=bucket)
