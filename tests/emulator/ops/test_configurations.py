"""Configurations that cannot be made are read as on AWS where none was ever made; making one is refused with 501."""

from __future__ import annotations

from typing import Any

import pytest

NOT_FOUND = {
    "get_bucket_tagging": "NoSuchTagSet",
    "get_bucket_policy": "NoSuchBucketPolicy",
    "get_bucket_policy_status": "NoSuchBucketPolicy",
    "get_bucket_cors": "NoSuchCORSConfiguration",
    "get_bucket_lifecycle_configuration": "NoSuchLifecycleConfiguration",
    "get_bucket_website": "NoSuchWebsiteConfiguration",
    "get_bucket_replication": "ReplicationConfigurationNotFoundError",
    "get_object_lock_configuration": "ObjectLockConfigurationNotFoundError",
}

EMPTY: dict[str, dict[str, Any]] = {
    "get_bucket_versioning": {},
    "get_bucket_accelerate_configuration": {},
    "get_bucket_logging": {},
    "get_bucket_notification_configuration": {},
    "get_bucket_request_payment": {"Payer": "BucketOwner"},
    "list_bucket_analytics_configurations": {"IsTruncated": False},
    "list_bucket_metrics_configurations": {"IsTruncated": False},
    "list_bucket_inventory_configurations": {"IsTruncated": False},
    "list_bucket_intelligent_tiering_configurations": {"IsTruncated": False},
    "get_bucket_ownership_controls": {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
    "get_public_access_block": {
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        }
    },
    "get_bucket_encryption": {
        "ServerSideEncryptionConfiguration": {
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]
        }
    },
}

BY_ID = (
    "get_bucket_analytics_configuration",
    "get_bucket_metrics_configuration",
    "get_bucket_inventory_configuration",
    "get_bucket_intelligent_tiering_configuration",
)


@pytest.mark.parametrize("operation", sorted(NOT_FOUND))
def test_what_was_never_made_is_not_found(refused: Any, bucket: str, operation: str) -> None:
    error = refused(operation, Bucket=bucket)
    assert (error["Code"], error["Status"], error["BucketName"]) == (NOT_FOUND[operation], 404, bucket)


@pytest.mark.parametrize("operation", sorted(EMPTY))
def test_what_has_a_default_is_that(s3: Any, bucket: str, operation: str) -> None:
    answer = getattr(s3, operation)(Bucket=bucket)
    answer.pop("ResponseMetadata")
    assert answer == EMPTY[operation]


@pytest.mark.parametrize("operation", BY_ID)
def test_configurations_by_id_are_not_found(refused: Any, bucket: str, operation: str) -> None:
    error = refused(operation, Bucket=bucket, Id="any")
    assert (error["Code"], error["Status"]) == ("NoSuchConfiguration", 404)


@pytest.mark.parametrize("operation", [*sorted(NOT_FOUND), *sorted(EMPTY), "get_bucket_acl", "put_bucket_versioning"])
def test_without_a_bucket_that_is_what_is_missing(refused: Any, operation: str) -> None:
    params = {"VersioningConfiguration": {"Status": "Enabled"}} if operation.startswith("put") else {}
    assert refused(operation, Bucket="no-such-bucket", **params)["Code"] == "NoSuchBucket"


@pytest.mark.parametrize(
    "operation", ["get_object_acl", "get_object_tagging", "get_object_retention", "get_object_legal_hold"]
)
def test_getters_of_objects_need_the_object(refused: Any, bucket: str, operation: str) -> None:
    assert refused(operation, Bucket=bucket, Key="missing")["Code"] == "NoSuchKey"


def test_an_object_has_its_owners_acl_and_no_tags(s3: Any, bucket: str, service: Any, refused: Any) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    owner = service.accounts.default.canonical_id
    full = [{"Grantee": {"ID": owner, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}]
    for answer in (s3.get_object_acl(Bucket=bucket, Key="k"), s3.get_bucket_acl(Bucket=bucket)):
        assert (answer["Grants"], answer["Owner"]) == (full, {"ID": owner})
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []
    for operation in ("get_object_retention", "get_object_legal_hold"):
        error = refused(operation, Bucket=bucket, Key="k")
        assert (error["Code"], error["Status"]) == ("InvalidRequest", 400)


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Enabled"}}),
        ("put_bucket_request_payment", {"RequestPaymentConfiguration": {"Payer": "Requester"}}),
        ("put_bucket_policy", {"Policy": "{}"}),
        ("delete_bucket_cors", {}),
        ("put_object_tagging", {"Key": "k", "Tagging": {"TagSet": []}}),
        ("restore_object", {"Key": "k"}),
    ],
)
def test_what_is_known_and_not_built_is_501_and_says_so(
    refused: Any, bucket: str, operation: str, params: dict[str, Any]
) -> None:
    error = refused(operation, Bucket=bucket, **params)
    assert (error["Code"], error["Status"]) == ("NotImplemented", 501)
