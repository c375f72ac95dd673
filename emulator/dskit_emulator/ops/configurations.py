"""Configurations that cannot be made yet: reading one answers what AWS answers where none was ever made.

Each answer is a recorded one; where there is no recording, the example of the S3 API reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from dskit.types import ReadOptions

from ..context import Call
from ..wire.errors import S3Error
from .options import version_of
from .refusals import invalid_request, missing
from .registry import Input, Output, operation

__all__ = ["CONFIGURATION_MEMBERS", "get_configuration", "get_object_lock_state", "get_object_tagging"]

# Input members of the operations here. They select what is read and never change the answer.
CONFIGURATION_MEMBERS = frozenset(
    {"Bucket", "ContinuationToken", "ExpectedBucketOwner", "Id", "Key", "RequestPayer", "VersionId"}
)

_Answer = Callable[[str], Output]


def _always(output: Mapping[str, Any]) -> _Answer:
    return lambda bucket: dict(output)


def _none(code: str, message: str) -> _Answer:
    def answer(bucket: str) -> Output:
        raise missing(code, message, bucket)

    return answer


def _no_configuration(bucket: str) -> Output:
    """aws-recorded:test_get_bucket_metrics_configuration_not_exist: here the bucket is not named."""
    raise S3Error("NoSuchConfiguration", "The specified configuration does not exist.", status=404)


_NOTHING = _always({})
_LAST_PAGE = _always({"IsTruncated": False})
_NO_POLICY = _none("NoSuchBucketPolicy", "The bucket policy does not exist")

_ANSWERS: Mapping[str, _Answer] = MappingProxyType(
    {
        "GetBucketAccelerateConfiguration": _NOTHING,  # aws-recorded:test_bucket_acceleration_configuration_crud
        "GetBucketAnalyticsConfiguration": _no_configuration,
        "GetBucketCors": _none("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
        # aws-recorded:test_s3_default_bucket_encryption
        "GetBucketEncryption": _always(
            {
                "ServerSideEncryptionConfiguration": {
                    "Rules": [
                        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
                    ]
                }
            }
        ),
        "GetBucketIntelligentTieringConfiguration": _no_configuration,
        "GetBucketInventoryConfiguration": _no_configuration,  # aws-recorded:test_s3_inventory_report_crud
        "GetBucketLifecycleConfiguration": _none(
            "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"
        ),
        "GetBucketLogging": _NOTHING,  # aws-recorded:test_put_bucket_logging
        "GetBucketMetricsConfiguration": _no_configuration,
        "GetBucketNotificationConfiguration": _NOTHING,
        "GetBucketPolicy": _NO_POLICY,  # aws-recorded:test_bucket_policy_crud
        "GetBucketPolicyStatus": _NO_POLICY,
        # aws-recorded:test_replication_config
        "GetBucketReplication": _none(
            "ReplicationConfigurationNotFoundError", "The replication configuration was not found"
        ),
        "GetBucketRequestPayment": _always({"Payer": "BucketOwner"}),
        "GetBucketTagging": _none("NoSuchTagSet", "The TagSet does not exist"),  # aws-recorded:test_bucket_tagging_crud
        "GetBucketVersioning": _NOTHING,  # aws-recorded:test_bucket_versioning_crud
        # aws-recorded:test_crud_website_configuration
        "GetBucketWebsite": _none(
            "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"
        ),
        # aws-recorded:test_get_object_lock_configuration_exc
        "GetObjectLockConfiguration": _none(
            "ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket"
        ),
        "ListBucketAnalyticsConfigurations": _LAST_PAGE,
        "ListBucketIntelligentTieringConfigurations": _LAST_PAGE,
        "ListBucketInventoryConfigurations": _LAST_PAGE,  # aws-recorded:test_s3_inventory_report_crud
        "ListBucketMetricsConfigurations": _LAST_PAGE,
    }
)


def _declare(name: str, answer: _Answer) -> Callable[[Call, Input], Output]:
    @operation(name)
    def get_configuration(call: Call, request: Input) -> Output:
        return answer(request["Bucket"])

    return get_configuration


get_configuration: tuple[Callable[[Call, Input], Output], ...] = tuple(
    _declare(name, answer) for name, answer in _ANSWERS.items()
)


def _check_exists(call: Call, request: Input) -> None:
    reading = call.store.head(
        request["Bucket"], request["Key"], ReadOptions(version_id=version_of(request.get("VersionId")))
    )
    reading.close()


@operation("GetObjectTagging")
def get_object_tagging(call: Call, request: Input) -> Output:
    """aws-recorded:test_object_tagging_crud."""
    _check_exists(call, request)
    return {"TagSet": []}


@operation("GetObjectRetention", "GetObjectLegalHold")
def get_object_lock_state(call: Call, request: Input) -> Output:
    """aws-recorded:test_s3_object_retention_exc, test_put_object_legal_hold_exc."""
    _check_exists(call, request)
    raise invalid_request("Bucket is missing Object Lock Configuration")
