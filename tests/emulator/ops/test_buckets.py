"""Buckets: names, owners, regions, listings."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from dskit.reference import memory_service
from dskit_emulator.accounts import make_account
from dskit_emulator.service import S3Service
from tests.emulator.transport import call, make_client

ALICE = make_account("alice", "alicekey", "alice-secret")
BOB = make_account("bob", "bobkey", "bob-secret")


@pytest.fixture
def shared() -> S3Service:
    return S3Service(memory_service(), accounts=[ALICE, BOB])


def failed(function: Any, **params: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        function(**params)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def code(function: Any, **params: Any) -> str:
    return failed(function, **params)[0]


# owners


def test_a_bucket_of_another_account_is_denied_to_every_operation(shared: S3Service) -> None:
    alice, bob = make_client(shared, account=ALICE), make_client(shared, account=BOB)
    alice.create_bucket(Bucket="hers")
    alice.put_object(Bucket="hers", Key="k", Body=b"x")
    for operation, params in (
        ("get_object", {"Key": "k"}),
        ("put_object", {"Key": "k", "Body": b"y"}),
        ("delete_object", {"Key": "k"}),
        ("list_objects_v2", {}),
        ("list_multipart_uploads", {}),
        ("get_bucket_location", {}),
        ("get_bucket_policy", {}),
        ("delete_bucket", {}),
    ):
        assert failed(getattr(bob, operation), Bucket="hers", **params) == ("AccessDenied", 403)
    assert failed(bob.head_bucket, Bucket="hers") == ("403", 403)
    assert alice.get_object(Bucket="hers", Key="k")["Body"].read() == b"x"


def test_a_name_that_another_account_has_is_taken(shared: S3Service) -> None:
    make_client(shared, account=ALICE).create_bucket(Bucket="hers")
    bob = make_client(shared, account=BOB)
    assert failed(bob.create_bucket, Bucket="hers") == ("BucketAlreadyExists", 409)


def test_everybody_lists_their_own_buckets(shared: S3Service) -> None:
    make_client(shared, account=ALICE).create_bucket(Bucket="hers")
    bob = make_client(shared, account=BOB)
    bob.create_bucket(Bucket="his")
    listed = bob.list_buckets()
    assert [row["Name"] for row in listed["Buckets"]] == ["his"]
    assert listed["Owner"] == {"ID": BOB.canonical_id}


def test_a_copy_from_a_bucket_of_another_account_is_denied(shared: S3Service) -> None:
    alice, bob = make_client(shared, account=ALICE), make_client(shared, account=BOB)
    alice.create_bucket(Bucket="hers")
    alice.put_object(Bucket="hers", Key="k", Body=b"x")
    bob.create_bucket(Bucket="his")
    copy = {"Bucket": "his", "Key": "c", "CopySource": "hers/k"}
    assert code(bob.copy_object, **copy) == "AccessDenied"
    upload = bob.create_multipart_upload(Bucket="his", Key="c")["UploadId"]
    assert code(bob.upload_part_copy, **copy, UploadId=upload, PartNumber=1) == "AccessDenied"


# names


@pytest.mark.parametrize(
    "name", ["ab", "Upper", "under_score", "-dash", "dash-", "a..b", "192.168.0.1", "xn--abc", "x" * 64]
)
def test_a_bad_name_is_refused_by_creation_and_by_every_use(service: S3Service, name: str) -> None:
    account = service.accounts.default
    for method, target in (("PUT", f"/{name}"), ("GET", f"/{name}"), ("GET", f"/{name}/key"), ("PUT", f"/{name}/key")):
        answered = signed(service, account, method, target)
        assert (answered.status, b"<Code>InvalidBucketName</Code>" in answered.body) == (400, True)


def signed(service: S3Service, account: Any, method: str, target: str) -> Any:
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest(method, f"http://localhost:9000{target}")
    S3SigV4Auth(Credentials(account.access_key, account.secret_key), "s3", "us-east-1").add_auth(request)
    headers = {"host": "localhost:9000", **{k.lower(): str(v) for k, v in request.headers.items()}}
    return call(service, method, target, headers)


def test_creating_ones_own_bucket_again_succeeds_in_us_east_1_only(service: S3Service) -> None:
    first, other = make_client(service), make_client(service, region="eu-west-1")
    first.create_bucket(Bucket="home")
    first.create_bucket(Bucket="home")
    there = {"Bucket": "there", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
    other.create_bucket(**there)
    assert failed(other.create_bucket, **there) == ("BucketAlreadyOwnedByYou", 409)
    assert code(first.create_bucket, **there) == "BucketAlreadyOwnedByYou"


# regions


@pytest.mark.parametrize(
    ("region", "constraint", "expected"),
    [
        ("us-east-1", None, "us-east-1"),
        ("us-east-1", "eu-west-1", "eu-west-1"),
        ("us-east-1", "EU", "eu-west-1"),
        ("us-east-1", "us-east-1", "InvalidLocationConstraint"),
        ("us-east-1", "nowhere-1", "InvalidLocationConstraint"),
        ("eu-west-1", "eu-west-1", "eu-west-1"),
        ("eu-west-1", "EU", "eu-west-1"),
        ("eu-west-1", None, "IllegalLocationConstraintException"),
        ("eu-west-1", "us-west-2", "IllegalLocationConstraintException"),
        ("eu-west-1", "us-east-1", "IllegalLocationConstraintException"),
    ],
)
def test_location_constraints(service: S3Service, region: str, constraint: str | None, expected: str) -> None:
    client = make_client(service, region=region)
    config = {"CreateBucketConfiguration": {"LocationConstraint": constraint}} if constraint else {}
    if expected.islower():
        client.create_bucket(Bucket="placed", **config)
        info = service.store.head_bucket("placed")
        there = make_client(service, region=expected)
        assert there.head_bucket(Bucket="placed")["BucketRegion"] == expected
        assert there.get_bucket_location(Bucket="placed")["LocationConstraint"] == constraint
        assert info.owner == service.accounts.default.canonical_id
    else:
        assert failed(client.create_bucket, Bucket="placed", **config) == (expected, 400)


def test_rule_default_location_takes_the_name_of_the_default_region() -> None:
    service = S3Service(memory_service(), rules=["default-location"])
    client = make_client(service)
    client.create_bucket(Bucket="placed", CreateBucketConfiguration={"LocationConstraint": "us-east-1"})
    assert client.get_bucket_location(Bucket="placed")["LocationConstraint"] is None


def test_rule_any_region_takes_every_region() -> None:
    service = S3Service(memory_service(), rules=["any-region"])
    client = make_client(service, region="nowhere-7", endpoint="http://localhost:9000")
    client.create_bucket(Bucket="one")
    client.create_bucket(Bucket="two", CreateBucketConfiguration={"LocationConstraint": "elsewhere-9"})
    client.put_object(Bucket="two", Key="k", Body=b"x")
    other = make_client(service, region="us-east-1", endpoint="http://localhost:9000")
    assert other.get_object(Bucket="two", Key="k")["Body"].read() == b"x"


@pytest.mark.parametrize("constraint", ["no where", "é", "x" * 65, "<a>"])
def test_even_then_a_region_is_a_name(constraint: str) -> None:
    service = S3Service(memory_service(), rules=["any-region"])
    client = make_client(service, endpoint="http://localhost:9000")
    config = {"CreateBucketConfiguration": {"LocationConstraint": constraint}}
    assert code(client.create_bucket, Bucket="one", **config) == "InvalidLocationConstraint"


def test_a_bucket_of_another_region_is_told_by_a_redirect_that_boto3_follows(service: S3Service) -> None:
    endpoint = "http://localhost:9000"
    home = make_client(service, endpoint=endpoint)
    home.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    home.put_object(Bucket="far", Key="k", Body=b"x")
    answered = signed(service, service.accounts.default, "GET", "/far/k")
    assert answered.status == 301
    assert answered.headers["x-amz-bucket-region"] == "eu-west-1"
    assert b"<Code>PermanentRedirect</Code>" in answered.body
    assert b"<Endpoint>far.s3.eu-west-1.amazonaws.com</Endpoint>" in answered.body
    direct = make_client(service, region="eu-west-1", endpoint=endpoint)
    assert direct.get_object(Bucket="far", Key="k")["Body"].read() == b"x"
    forger = make_account("forger", service.accounts.default.access_key, "another-secret")
    assert signed(service, forger, "GET", "/far/k").status == 403, "only who can sign is told where it is"


def test_a_region_that_is_neither_the_endpoints_nor_the_buckets_is_refused(service: S3Service) -> None:
    client = make_client(service, region="ap-south-1", endpoint="http://localhost:9000")
    assert failed(client.list_buckets) == ("AuthorizationHeaderMalformed", 400)


# listings


def test_buckets_are_listed_by_name_in_pages(service: S3Service, s3: Any) -> None:
    for name in ("ccc", "aaa", "bbb"):
        s3.create_bucket(Bucket=name)
    names: list[str] = []
    token: dict[str, str] = {}
    for _ in range(10):
        page = s3.list_buckets(MaxBuckets=1, **token)
        names += [row["Name"] for row in page["Buckets"]]
        if "ContinuationToken" not in page:
            break
        token = {"ContinuationToken": page["ContinuationToken"]}
    assert names == ["aaa", "bbb", "ccc", "test-bucket"]


@pytest.mark.parametrize(
    ("params", "argument"),
    [
        ({"MaxBuckets": 10_001}, "max-buckets"),
        ({"ContinuationToken": "garbage"}, "continuation-token"),
        ({"BucketRegion": "eu-east-1"}, "bucket-region"),
    ],
)
def test_bad_parameters_of_a_bucket_listing(refused: Any, params: dict[str, Any], argument: str) -> None:
    error = refused("list_buckets", **params)
    assert (error["Code"], error["ArgumentName"]) == ("InvalidArgument", argument)


def test_regions_are_listed_for_requests_with_a_parameter(s3: Any) -> None:
    assert "BucketRegion" not in s3.list_buckets()["Buckets"][0]
    assert s3.list_buckets(Prefix="test")["Buckets"][0]["BucketRegion"] == "us-east-1"
    assert s3.list_buckets(Prefix="TEST")["Buckets"] == []


def test_only_an_empty_bucket_is_deleted(s3: Any, bucket: str, refused: Any) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    error = refused("delete_bucket", Bucket=bucket)
    assert (error["Code"], error["Status"], error["BucketName"]) == ("BucketNotEmpty", 409, bucket)
    s3.delete_object(Bucket=bucket, Key="k")
    s3.delete_bucket(Bucket=bucket)
    assert refused("delete_bucket", Bucket=bucket)["Code"] == "NoSuchBucket"
