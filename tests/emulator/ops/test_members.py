"""Nothing that a client sends is dropped: every input member of every built operation has a decided treatment."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from dskit.checksums import ALGORITHMS
from dskit_emulator.ops import OPERATIONS, check_members
from dskit_emulator.ops.checksums import UNBUILT_ALGORITHMS
from dskit_emulator.ops.configurations import CONFIGURATION_MEMBERS
from dskit_emulator.ops.members import POLICIES
from dskit_emulator.ops.policies import HEADERS, no_effect, used
from dskit_emulator.wire.errors import S3Error
from dskit_emulator.wire.spec import Spec

SPEC = Spec.load()
GETTERS = sorted(set(OPERATIONS) - set(POLICIES))


def members(operation: str) -> set[str]:
    shape = SPEC.operations[operation].input
    return set(shape.members) if shape is not None else set()


@pytest.mark.parametrize("operation", sorted(POLICIES))
def test_every_member_has_a_policy_and_no_policy_is_about_nothing(operation: str) -> None:
    assert set(POLICIES[operation]) == members(operation)


@pytest.mark.parametrize("operation", GETTERS)
def test_getters_of_configurations_have_members_that_only_select(operation: str) -> None:
    assert members(operation) <= CONFIGURATION_MEMBERS


# Elements of the documents in requests, each known to the operation that reads it (`ops/objects.py`, `multipart.py`,
# `acl_documents.py`, `controls.py`, `policies.bucket_configuration`): used, or refused by name. A DisplayName is no
# wish: S3 shows it and has never read it.
ELEMENTS = {
    "Delete": {"Objects", "Quiet"},
    "ObjectIdentifier": {"Key", "VersionId", "ETag", "LastModifiedTime", "Size"},
    "CompletedMultipartUpload": {"Parts"},
    "CompletedPart": {"PartNumber", "ETag"}
    | {f"Checksum{name}" for name in ALGORITHMS}
    | {f"Checksum{name}" for name in UNBUILT_ALGORITHMS},
    "CreateBucketConfiguration": {"LocationConstraint", "Location", "Bucket", "Tags"},
    "AccessControlPolicy": {"Owner", "Grants"},
    "Owner": {"ID", "DisplayName"},
    "Grant": {"Grantee", "Permission"},
    "Grantee": {"Type", "ID", "URI", "EmailAddress", "DisplayName"},
    "OwnershipControls": {"Rules"},
    "OwnershipControlsRule": {"ObjectOwnership"},
    "PublicAccessBlockConfiguration": {
        "BlockPublicAcls",
        "IgnorePublicAcls",
        "BlockPublicPolicy",
        "RestrictPublicBuckets",
    },
}


def documents(operation: str) -> set[str]:
    """The structures in the body of a request of the operation, at any depth."""
    found: set[str] = set()

    def visit(shape: Any) -> None:
        if shape.kind == "list":
            visit(shape.item.shape)
        elif shape.kind == "structure" and shape.name not in found:
            found.add(shape.name)
            for member in shape.members.values():
                visit(member.shape)

    shape = SPEC.operations[operation].input
    for member in shape.members.values() if shape is not None else ():
        if member.shape.kind == "structure":
            visit(member.shape)
    return found


# Inside elements that are refused whole.
REFUSED_WHOLE = {"Tag", "LocationInfo", "BucketInfo"}


def test_every_document_of_a_built_operation_is_known() -> None:
    found = {name for operation in POLICIES for name in documents(operation)}
    assert found - REFUSED_WHOLE == set(ELEMENTS)


@pytest.mark.parametrize("shape", sorted(ELEMENTS))
def test_documents_have_no_element_that_nobody_looks_at(shape: str) -> None:
    assert set(SPEC.shape(shape).members) == ELEMENTS[shape]


@pytest.mark.parametrize(
    "config",
    [
        {"Tags": [{"Key": "a", "Value": "b"}]},
        {"Location": {"Type": "AvailabilityZone", "Name": "x"}},
        {"Bucket": {"Type": "Directory", "DataRedundancy": "SingleAvailabilityZone"}},
    ],
)
def test_elements_of_a_new_bucket_that_are_not_built_are_refused(refused: Any, config: dict[str, Any]) -> None:
    error = refused("create_bucket", Bucket="new-bucket", CreateBucketConfiguration=config)
    assert (error["Code"], error["Status"]) == ("NotImplemented", 501)
    assert refused("head_bucket", Bucket="new-bucket")["Status"] == 404


def test_elements_of_rows_that_are_not_built_are_refused(s3: Any, bucket: str, refused: Any) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    row = {"Key": "k", "Size": 1}
    assert refused("delete_objects", Bucket=bucket, Delete={"Objects": [row]})["Code"] == "NotImplemented"
    upload = {"Bucket": bucket, "Key": "k", "UploadId": s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]}
    part = {"PartNumber": 1, "ETag": '"x"', "ChecksumSHA512": "abcd"}
    error = refused("complete_multipart_upload", **upload, MultipartUpload={"Parts": [part]})
    assert (error["Code"], error["Header"]) == ("NotImplemented", "ChecksumSHA512")
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == 1


def test_built_operations_are_operations_of_the_model() -> None:
    assert set(OPERATIONS) <= set(SPEC.operations)
    assert set(POLICIES) <= set(OPERATIONS)


@pytest.mark.parametrize("operation", sorted(POLICIES))
def test_refusals_name_the_header_as_the_model_does(operation: str) -> None:
    shape = SPEC.operations[operation].input
    assert shape is not None
    for name, member in shape.members.items():
        if name in HEADERS and member.location == "header":
            assert HEADERS[name] == member.wire_name


# A value for each kind of member that no operation honours, so that a policy that lets all pass is found out.
STRANGE: dict[str, Any] = {
    "boolean": True,
    "integer": 987654321,
    "long": 987654321,
    "string": "dskit-has-never-heard-of-this",
    "list": ["dskit-has-never-heard-of-this"],
    "timestamp": "2020-01-01",
}


@pytest.mark.parametrize("operation", sorted(POLICIES))
def test_members_that_are_not_used_are_refused_by_name_at_strange_values(operation: str) -> None:
    shape = SPEC.operations[operation].input
    assert shape is not None
    for name, policy in POLICIES[operation].items():
        kind = shape.members[name].shape.kind
        if policy in (used, no_effect) or kind == "structure":
            continue
        with pytest.raises(S3Error) as caught:
            check_members(operation, {name: STRANGE[kind]})
        told = " ".join((*caught.value.fields.values(), str(caught.value.reason), caught.value.message))
        header = shape.members[name].wire_name.lower()
        assert header in told.lower() or "x-amz-server-side-encryption-customer-*" in told, (name, told)
        assert caught.value.status in (400, 501)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("ACL", "private"),
        ("ACL", "bucket-owner-full-control"),
        ("ServerSideEncryption", "AES256"),
        ("BucketKeyEnabled", False),
        ("Tagging", ""),
        ("RequestPayer", "requester"),
        ("ChecksumAlgorithm", "SHA256"),
    ],
)
def test_values_that_change_nothing_are_accepted(member: str, value: Any) -> None:
    check_members("PutObject", {"Bucket": "b", "Key": "k", member: value})


@pytest.mark.parametrize(
    ("params", "code", "status", "named"),
    [
        ({"ACL": "public-read"}, "AccessControlListNotSupported", 400, None),
        ({"ACL": "fake-acl"}, "InvalidArgument", 400, "x-amz-acl"),
        ({"GrantRead": "id=abc"}, "AccessControlListNotSupported", 400, None),
        ({"Tagging": "a=b"}, "NotImplemented", 501, "x-amz-tagging"),
        ({"ServerSideEncryption": "aws:kms"}, "NotImplemented", 501, "x-amz-server-side-encryption"),
        ({"ServerSideEncryption": "rot13"}, "InvalidArgument", 400, "x-amz-server-side-encryption"),
        ({"SSEKMSKeyId": "k"}, "NotImplemented", 501, "x-amz-server-side-encryption-aws-kms-key-id"),
        ({"SSECustomerAlgorithm": "AES256"}, "NotImplemented", 501, "x-amz-server-side-encryption-customer-algorithm"),
        ({"ObjectLockLegalHoldStatus": "ON"}, "InvalidRequest", 400, None),
        ({"ObjectLockMode": "GOVERNANCE"}, "InvalidRequest", 400, None),
        ({"ChecksumSHA512": "abcd"}, "NotImplemented", 501, "x-amz-checksum-sha512"),
        ({"WriteOffsetBytes": 0}, "NotImplemented", 501, "x-amz-write-offset-bytes"),
        ({"StorageClass": "OUTPOSTS"}, "InvalidStorageClass", 400, None),
    ],
)
def test_what_is_not_built_is_refused_and_nothing_is_stored(
    s3: Any, bucket: str, refused: Any, params: dict[str, Any], code: str, status: int, named: str | None
) -> None:
    error = refused("put_object", Bucket=bucket, Key="k", Body=b"data", **params)
    assert (error["Code"], error["Status"]) == (code, status)
    if named is not None:
        assert named in (error.get("Header"), error.get("ArgumentName"))
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_the_expected_owner_is_checked_on_every_operation(s3: Any, bucket: str, service: Any, refused: Any) -> None:
    mine = service.accounts.default.account_id
    s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=mine)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ExpectedBucketOwner=mine)
    for operation, params in (
        ("put_object", {"Key": "k", "Body": b"y"}),
        ("get_object", {"Key": "k"}),
        ("list_objects_v2", {}),
        ("delete_object", {"Key": "k"}),
        ("delete_bucket", {}),
        ("get_bucket_versioning", {}),
    ):
        error = refused(operation, Bucket=bucket, ExpectedBucketOwner="000000000000", **params)
        assert (error["Code"], error["Status"]) == ("AccessDenied", 403)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_the_expected_owner_of_a_copy_source_is_checked(s3: Any, bucket: str, service: Any, refused: Any) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    copy = {"Bucket": bucket, "Key": "c", "CopySource": f"{bucket}/k"}
    assert refused("copy_object", **copy, ExpectedSourceBucketOwner="000000000000")["Code"] == "AccessDenied"
    s3.copy_object(**copy, ExpectedSourceBucketOwner=service.accounts.default.account_id)


def test_the_message_of_what_is_not_built_names_it(s3: Any, bucket: str) -> None:
    """Most SDKs show the code and the message of an error and nothing else of it."""
    with pytest.raises(ClientError, match=r"NotImplemented.*x-amz-tagging"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging="a=b")
    with pytest.raises(ClientError, match=r"NotImplemented.*PutObjectTagging"):
        s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": []})
