"""Recordings about buckets: names, regions, listings of buckets, and configurations that were never made."""

from __future__ import annotations

from typing import Any

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.emulator.recorded.harness import Case, document, scenario


@scenario("test_delete_bucket_no_such_bucket")
def delete_missing(case: Case) -> None:
    case.do("expected_error", "delete_bucket", Bucket="does-not-exist-localstack-test")


@scenario("test_bucket_availability")
def configurations_of_nothing(case: Case) -> None:
    bucket = case.new_name()
    case.do("bucket-lifecycle", "get_bucket_lifecycle_configuration", Bucket=bucket)
    case.do("bucket-replication", "get_bucket_replication", Bucket=bucket)


@scenario("test_get_bucket_notification_configuration_no_such_bucket")
def notification_of_nothing(case: Case) -> None:
    case.do("expected_error", "get_bucket_notification_configuration", Bucket=case.new_name())


@scenario("test_bucket_tagging_exc")
def tagging_of_nothing(case: Case) -> None:
    bucket = case.new_name()
    case.do("get-no-bucket-tags", "get_bucket_tagging", Bucket=bucket)
    case.do("delete-no-bucket-tags", "delete_bucket_tagging", Bucket=bucket)
    tags = {"TagSet": [{"Key": "tag1", "Value": "tag1"}]}
    case.do("put-no-bucket-tags", "put_bucket_tagging", Bucket=bucket, Tagging=tags)


@scenario("test_get_object_lock_configuration_exc")
def no_lock_configuration(case: Case) -> None:
    case.do("get-lock-config-no-enabled", "get_object_lock_configuration", Bucket=case.bucket())
    case.do("get-lock-config-bucket-not-exists", "get_object_lock_configuration", Bucket=case.new_name())


@scenario("test_get_bucket_metrics_configuration_not_exist")
def no_metrics(case: Case) -> None:
    label = "get_bucket_metrics_configuration"
    case.do(label, "get_bucket_metrics_configuration", Bucket=case.bucket(), Id="does-not-exist")


@scenario("test_delete_bucket_with_objects")
def delete_with_objects(case: Case) -> None:
    bucket = case.bucket()
    case.put(bucket, "test-delete", b"test")
    case.do("delete-with-obj", "delete_bucket", Bucket=bucket)
    case.do("delete-obj", "delete_object", Bucket=bucket, Key="test-delete")
    case.do("delete-bucket", "delete_bucket", Bucket=bucket)


@scenario("test_s3_uppercase_bucket_name")
def uppercase(case: Case) -> None:
    case.do("uppercase-bucket", "create_bucket", Bucket="BUCKET-1")


@scenario("test_bucket_does_not_exist")
def does_not_exist(case: Case) -> None:
    bucket = case.new_name()
    case.do("list_object", "list_objects", by=case.client(s3={"addressing_style": "path"}), Bucket=bucket)
    case.do("list_object_vhost", "list_objects", by=case.client(s3={"addressing_style": "virtual"}), Bucket=bucket)


def constrained(region: str | None) -> dict[str, Any]:
    return {"CreateBucketConfiguration": {"LocationConstraint": region}} if region else {}


@scenario("test_create_bucket_with_existing_name")
def existing_name(case: Case) -> None:
    bucket = case.bucket("us-west-1")
    for region in ("us-west-1", "us-east-2"):
        label = f"create-bucket-{region}"
        case.do(label, "create_bucket", by=case.client(region), Bucket=bucket, **constrained(region))


@scenario("test_create_bucket_head_bucket")
def head(case: Case) -> None:
    first, second = case.new_name(), case.new_name()
    case.do("create_bucket", "create_bucket", Bucket=first)
    case.do("create_bucket_location_constraint", "create_bucket", Bucket=second, **constrained("us-west-1"))
    filtered = {"content-type", "x-amz-access-point-alias", "x-amz-bucket-arn", "x-amz-bucket-region"}
    for label, bucket, region in (("head_bucket", first, "us-east-1"), ("head_bucket_2", second, "us-west-1")):
        answer = case.do(label, "head_bucket", by=case.client(region), Bucket=bucket)
        headers = answer["ResponseMetadata"]["HTTPHeaders"]
        identifiers = {"x-amz-id-2", "x-amz-request-id"}
        case.say(f"{label}_filtered_header", {name: headers[name] for name in filtered | identifiers})
    case.do("head_bucket_not_exist", "head_bucket", Bucket=case.new_name())


@scenario("test_region_header_exists_outside_us_east_1")
def region_header(case: Case) -> None:
    region = "us-east-2"
    bucket = case.bucket(region)
    client = case.client(region)
    for operation in ("head_bucket", "list_objects_v2"):
        answer = case.do(operation, operation, by=client, Bucket=bucket)
        assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"] == region


@scenario("test_different_location_constraint")
def location_constraints(case: Case) -> None:
    def create(label: str, region: str, bucket: str | None = None, **params: Any) -> str:
        name = bucket or case.new_name()
        case.do(label, "create_bucket", by=case.client(region), Bucket=name, **params)
        return name

    first = case.bucket()
    case.do("get-bucket-location-bucket-us-east-1", "get_bucket_location", Bucket=first)
    create("create-bucket-constraint-us-east-1", "us-east-1", **constrained("us-east-1"))
    empty = {"CreateBucketConfiguration": {"LocationConstraint": None}}
    create("create-bucket-constraint-us-east-1-with-None", "us-east-1")
    second = case.bucket("us-east-2")
    label = "get-bucket-location-bucket-us-east-2"
    case.do(label, "get_bucket_location", by=case.client("us-east-2"), Bucket=second)
    create("create-bucket-us-east-2-no-constraint-exc", "us-east-2")
    create("create-bucket-constraint-us-east-2-with-None", "us-east-2")
    assert empty
    create("create-bucket-us-east-2-constraint-to-us-west-1", "us-east-2", **constrained("us-west-1"))
    create("create-bucket-us-west-1-constraint-to-us-east-2", "us-west-1", **constrained("us-east-2"))
    create("create-bucket-us-west-1-constraint-to-us-east-1", "us-west-1", **constrained("us-east-1"))
    case.do("get-bucket-location-non-existent-bucket", "get_bucket_location", Bucket=case.new_name())


INVALID = (("us-east-1", "us-east-1"), ("us-east-1", "foo"), ("eu-west-1", "bar"))


@scenario(*(f"test_create_bucket_with_invalid_location_constraint[{r}-{c}]" for r, c in INVALID))
def invalid_constraint(case: Case, which: str) -> None:
    region, constraint = next(pair for pair in INVALID if "-".join(pair) == which)
    label = f"{region}-location-constraint-{constraint}-error"
    case.do(label, "create_bucket", by=case.client(region), Bucket=case.new_name(), **constrained(constraint))


@scenario("test_bucket_constraint_aws_global[us-east-1]", "test_bucket_constraint_aws_global[us-west-1]")
def global_constraint(case: Case, region: str) -> None:
    client = case.client(region)
    label = "aws-global-constraint"
    case.do(label, "create_bucket", by=client, Bucket=case.new_name(), **constrained("aws-global"))


@scenario("test_create_bucket_with_eu_location_constraint")
def eu_constraint(case: Case) -> None:
    client, bucket = case.client("eu-west-1"), case.new_name()
    client.create_bucket(Bucket=bucket, **constrained("EU"))
    case.do("get-bucket-location", "get_bucket_location", by=client, Bucket=bucket)
    case.do("list-bucket-response", "list_buckets", by=client, Prefix=bucket)


@scenario("test_create_bucket_with_eu_location_constraint_raises")
def eu_constraint_elsewhere(case: Case) -> None:
    client = case.client("us-west-1")
    label = "eu-location-constraint-error"
    case.do(label, "create_bucket", by=client, Bucket=case.new_name(), **constrained("EU"))


@scenario("test_create_bucket_aws_global")
def aws_global(case: Case) -> None:
    """boto3 signs for us-east-1 when asked for aws-global; a request that is signed for aws-global is refused."""
    bucket = case.new_name()
    url = f"https://{bucket}.s3.amazonaws.com/"
    account = case.service.accounts.default
    request = AWSRequest("PUT", url)
    S3SigV4Auth(Credentials(account.access_key, account.secret_key), "s3", "aws-global").add_auth(request)
    headers = {name.lower(): str(value) for name, value in request.headers.items()}
    answered = case.fetch("PUT", url, headers, anonymous=False)
    case.say("xml-error-create-bucket", document(answered.body))
    client = case.client("aws-global")
    case.do("create-bucket-global", "create_bucket", by=client, Bucket=bucket)
    case.do("head-bucket-global", "head_bucket", by=client, Bucket=bucket)
    case.do("get-location-1", "get_bucket_location", by=client, Bucket=bucket)
    case.do("list-buckets", "list_buckets", by=client, Prefix="recorded-")


# listings of buckets


@scenario("test_list_buckets_with_max_buckets")
def max_buckets(case: Case) -> None:
    case.bucket(), case.bucket()
    case.do("list-objects-with-max-buckets", "list_buckets", MaxBuckets=1)


@scenario("test_list_buckets_with_continuation_token")
def bucket_token(case: Case) -> None:
    for _ in range(3):
        case.bucket()
    token = case.s3.list_buckets(MaxBuckets=1)["ContinuationToken"]
    case.do("list-objects-with-continuation", "list_buckets", MaxBuckets=1, ContinuationToken=token)


@scenario("test_list_buckets_when_continuation_token_is_empty")
def bucket_empty_token(case: Case) -> None:
    case.bucket(), case.bucket()
    case.do("list-objects-with-empty-continuation-token", "list_buckets", MaxBuckets=1, ContinuationToken="")


@scenario("test_list_buckets_by_prefix_with_case_sensitivity")
def bucket_prefix(case: Case) -> None:
    bucket = case.bucket()
    case.do("list-objects-by-prefix-empty", "list_buckets", Prefix=bucket.upper())
    case.do("list-objects-by-prefix-not-empty", "list_buckets", Prefix=bucket)


@scenario("test_list_buckets_by_bucket_region")
def bucket_region(case: Case) -> None:
    bucket = case.bucket("us-west-2")
    case.do("list-objects-by-bucket-region-empty", "list_buckets", BucketRegion="eu-central-1", Prefix=bucket)
    case.do("list-objects-by-bucket-region-not-empty", "list_buckets", BucketRegion="us-west-2", Prefix=bucket)


@scenario("test_list_buckets_region_validation")
def bucket_bad_region(case: Case) -> None:
    case.do("bad-region", "list_buckets", BucketRegion="eu-east-1")


IDS = ("0000", "0000000000020", "abcd", "aa000000000$")


@scenario(*(f"test_get_bucket_policy_invalid_account_id[{name}]" for name in IDS))
def bad_owner(case: Case, account: str) -> None:
    label = "get-bucket-policy-invalid-bucket-owner"
    case.do(label, "get_bucket_policy", Bucket=case.bucket(), ExpectedBucketOwner=account)


@scenario(*(f"test_put_bucket_policy_invalid_account_id[{name}]" for name in IDS))
def bad_owner_of_unbuilt(case: Case, account: str) -> None:
    label = "put-bucket-policy-invalid-bucket-owner"
    case.do(label, "put_bucket_policy", Bucket=case.bucket(), Policy="{}", ExpectedBucketOwner=account)


# CORS without a configuration


@scenario("test_cors_http_options_no_config")
def preflight(case: Case) -> None:
    bucket = case.bucket()
    url = f"https://{bucket}.s3.amazonaws.com/key"
    url = f"https://{bucket}.s3.amazonaws.com/"
    origin = {"origin": "whatever"}
    for label, headers in (
        ("options-no-origin", {}),
        ("options-with-origin-and-method", {**origin, "access-control-request-method": "PUT"}),
        ("options-with-origin-no-method", origin),
    ):
        case.say(label, document(case.fetch("OPTIONS", url, headers, anonymous=False).body))


@scenario("test_cors_http_options_non_existent_bucket")
def preflight_of_nothing(case: Case) -> None:
    url = f"https://{case.new_name()}.s3.amazonaws.com/"
    for label, headers in (("options-no-origin", {}), ("options-with-origin", {"origin": "http://localhost:4200"})):
        case.say(label, document(case.fetch("OPTIONS", url, headers, anonymous=False).body))


@scenario("test_create_bucket_with_empty_tags")
def empty_tags(case: Case) -> None:
    bucket = case.new_name()
    case.do("create-bucket-with-empty-tags", "create_bucket", Bucket=bucket, CreateBucketConfiguration={"Tags": []})
    case.do("get-bucket-tags", "get_bucket_tagging", Bucket=bucket)
    case.do("create-bucket-with-none-tags", "create_bucket", Bucket=bucket, CreateBucketConfiguration={})
