"""The regions of AWS and what a location constraint means at an endpoint."""

from __future__ import annotations

import re

from ..wire.errors import S3Error
from .refusals import invalid_argument

__all__ = ["DEFAULT_REGION", "REGIONS", "check_region", "location_of", "place_bucket", "region_of"]

DEFAULT_REGION = "us-east-1"

# Regions of all partitions (botocore's endpoints list); us-east-1 is the one that no constraint may name.
REGIONS = frozenset(
    (
        "af-south-1",
        "ap-east-1",
        "ap-east-2",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-south-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-central-1",
        "ca-west-1",
        "cn-north-1",
        "cn-northwest-1",
        "eu-central-1",
        "eu-central-2",
        "eu-north-1",
        "eu-south-1",
        "eu-south-2",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "mx-central-1",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-gov-east-1",
        "us-gov-west-1",
        "us-west-1",
        "us-west-2",
    )
)
_NAME = r"[A-Za-z0-9-]{1,64}"
_OLD_NAMES = {"EU": "eu-west-1", "US": "us-east-1"}


def _invalid(constraint: str) -> S3Error:
    return S3Error(
        "InvalidLocationConstraint",
        "The specified location-constraint is not valid",
        fields={"LocationConstraint": constraint},
        reason="name a region other than us-east-1, or send no constraint for us-east-1",
    )


def region_of(location: str | None) -> str:
    """The region in which a bucket with that stored location is: ``EU`` is an old name of eu-west-1."""
    if not location:
        return DEFAULT_REGION
    return _OLD_NAMES.get(location, location)


def location_of(location: str | None) -> str | None:
    """What GetBucketLocation shows: nothing for us-east-1, the constraint as given for the others."""
    return None if not location or location == DEFAULT_REGION else location


def check_region(name: str) -> None:
    """aws-recorded:test_list_buckets_region_validation."""
    if name not in REGIONS:
        raise invalid_argument("bucket-region", None, f"Argument value {name} is not a valid AWS Region")


def place_bucket(constraint: str | None, endpoint: str, *, any_region: bool, default_location: bool) -> str:
    """The location to store for a new bucket that was asked for at the endpoint of region `endpoint`.

    aws-recorded:test_different_location_constraint, test_create_bucket_with_invalid_location_constraint,
    test_create_bucket_with_eu_location_constraint: us-east-1 places buckets anywhere but takes no constraint of its own
    name; the other endpoints place buckets in their own region and want it named.
    """
    if any_region:
        if constraint is not None and not re.fullmatch(_NAME, constraint):
            raise _invalid(constraint)
        return constraint or endpoint
    if constraint == DEFAULT_REGION and endpoint == DEFAULT_REGION and default_location:
        return DEFAULT_REGION
    if endpoint == DEFAULT_REGION:
        if constraint is None:
            return DEFAULT_REGION
        if constraint == DEFAULT_REGION or (constraint not in REGIONS and constraint not in _OLD_NAMES):
            raise _invalid(constraint)
        return constraint
    if constraint is None or region_of(constraint) != endpoint:
        raise S3Error(
            "IllegalLocationConstraintException",
            f"The {constraint or 'unspecified'} location constraint is incompatible for the region specific endpoint "
            "this request was sent to.",
            reason=f"this is the endpoint of {endpoint}: only LocationConstraint {endpoint} is accepted here",
        )
    return constraint
