"""Checks of single members: what is honoured, what changes nothing, and how the rest is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from .bucket_settings import OWNERSHIPS
from .checksums import ALGORITHMS, UNBUILT_ALGORITHMS
from .refusals import invalid_argument, invalid_request, malformed_xml, not_built, not_implemented

__all__ = [
    "HEADERS",
    "Check",
    "bucket_configuration",
    "bypass",
    "deletes",
    "encryption",
    "no_effect",
    "no_lock",
    "only",
    "optional_attributes",
    "ownership",
    "payer",
    "read_customer_key",
    "refused",
    "sdk_algorithm",
    "used",
]

Check = Callable[[Any], None]
"""Raises `S3Error` for a value that is not honoured."""
_KNOWN_ALGORITHMS = UNBUILT_ALGORITHMS.union(ALGORITHMS)


def used(value: Any) -> None:
    """The operation itself looks at the member."""


def no_effect(value: Any) -> None:
    """Any value is right: S3 ignores the member for buckets without the feature that it is about."""


# Header, or element, of each member that is refused, for messages. A test compares them with the model.
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "AnnotationDirective": "x-amz-object-annotation-directive",
        "BucketKeyEnabled": "x-amz-server-side-encryption-bucket-key-enabled",
        "BucketNamespace": "x-amz-bucket-namespace",
        "BypassGovernanceRetention": "x-amz-bypass-governance-retention",
        "ChecksumMD5": "x-amz-checksum-md5",
        "ChecksumSHA512": "x-amz-checksum-sha512",
        "ChecksumXXHASH128": "x-amz-checksum-xxhash128",
        "ChecksumXXHASH3": "x-amz-checksum-xxhash3",
        "ChecksumXXHASH64": "x-amz-checksum-xxhash64",
        "CopySourceSSECustomerAlgorithm": "x-amz-copy-source-server-side-encryption-customer-algorithm",
        "CopySourceSSECustomerKey": "x-amz-copy-source-server-side-encryption-customer-key",
        "CopySourceSSECustomerKeyMD5": "x-amz-copy-source-server-side-encryption-customer-key-MD5",
        "IfMatchInitiatedTime": "x-amz-if-match-initiated-time",
        "IfMatchLastModifiedTime": "x-amz-if-match-last-modified-time",
        "IfMatchSize": "x-amz-if-match-size",
        "ObjectLockEnabledForBucket": "x-amz-bucket-object-lock-enabled",
        "ObjectLockEventHold": "x-amz-object-lock-event-hold",
        "ObjectLockEventHoldDurationDays": "x-amz-object-lock-event-hold-duration-days",
        "ObjectLockEventHoldDurationYears": "x-amz-object-lock-event-hold-duration-years",
        "ObjectLockLegalHoldStatus": "x-amz-object-lock-legal-hold",
        "ObjectLockMode": "x-amz-object-lock-mode",
        "ObjectLockRetainUntilDate": "x-amz-object-lock-retain-until-date",
        "ObjectOwnership": "x-amz-object-ownership",
        "OptionalObjectAttributes": "x-amz-optional-object-attributes",
        "RequestPayer": "x-amz-request-payer",
        "SSECustomerAlgorithm": "x-amz-server-side-encryption-customer-algorithm",
        "SSECustomerKey": "x-amz-server-side-encryption-customer-key",
        "SSECustomerKeyMD5": "x-amz-server-side-encryption-customer-key-MD5",
        "SSEKMSEncryptionContext": "x-amz-server-side-encryption-context",
        "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id",
        "ServerSideEncryption": "x-amz-server-side-encryption",
        "Tagging": "x-amz-tagging",
        "TaggingDirective": "x-amz-tagging-directive",
        "WriteOffsetBytes": "x-amz-write-offset-bytes",
    }
)


def refused(member: str) -> Check:
    """501, whatever the value."""

    def check(value: Any) -> None:
        raise not_built(HEADERS[member])

    return check


def of_directory_buckets(member: str) -> Check:
    """501 from AWS too (aws-recorded:TestS3DeletePrecondition)."""

    def check(value: Any) -> None:
        raise not_implemented(HEADERS[member])

    return check


def only(member: str, *allowed: Any) -> Check:
    """501 for every value but those that change nothing."""

    def check(value: Any) -> None:
        if value not in allowed:
            raise not_built(HEADERS[member])

    return check


def no_lock(member: str) -> Check:
    """aws-recorded:test_s3_object_retention_exc: no bucket here has Object Lock."""

    def check(value: Any) -> None:
        raise invalid_request(
            "Bucket is missing Object Lock Configuration",
            reason=f"{HEADERS[member]} needs Object Lock, which is not built",
        )

    return check


def bypass(value: Any) -> None:
    """aws-recorded:test_delete_object_with_no_locking: even the value false is refused."""
    name = "x-amz-bypass-governance-retention"
    raise invalid_argument(name, None, f"{name} is only applicable to Object Lock enabled buckets.")


def encryption(value: str) -> None:
    if value == "AES256":
        return
    if value in ("aws:kms", "aws:kms:dsse", "aws:fsx", "aws:backup"):
        raise not_built(HEADERS["ServerSideEncryption"], "only AES256 is built of server-side encryption")
    raise invalid_argument(HEADERS["ServerSideEncryption"], value, "The encryption method specified is not supported")


def read_customer_key(value: str) -> None:
    """No object here is stored under a customer's key, so S3 would refuse the parameters too."""
    raise invalid_request(
        "The encryption parameters are not applicable to this object.",
        reason="x-amz-server-side-encryption-customer-*: encryption with customer keys is not built",
    )


def ownership(value: str) -> None:
    """aws-recorded:test_bucket_ownership_controls_exc."""
    if value in OWNERSHIPS:
        return
    name = HEADERS["ObjectOwnership"]
    raise invalid_argument(name, None, f"Invalid {name} header: {value}")


def payer(value: str) -> None:
    if value != "requester":
        raise invalid_argument(HEADERS["RequestPayer"], value, "Invalid x-amz-request-payer value")


def sdk_algorithm(value: str) -> None:
    """The header alone selects nothing (aws-recorded:test_s3_checksum_no_automatic_sdk_calculation)."""
    if value.upper() not in _KNOWN_ALGORITHMS:
        raise invalid_request("Value for x-amz-sdk-checksum-algorithm header is invalid.")


def optional_attributes(value: list[str]) -> None:
    """RestoreStatus is shown for restored objects, of which there are none."""
    for name in value:
        if name.strip() != "RestoreStatus":
            raise invalid_argument(HEADERS["OptionalObjectAttributes"], name, "Invalid attribute name specified")


def bucket_configuration(value: dict[str, Any]) -> None:
    for element in ("Location", "Bucket"):
        if value.get(element):
            name = f"CreateBucketConfiguration/{element}"
            raise not_built(name, f"{name} is of directory buckets, which are not built")
    if value.get("Tags"):
        name = "CreateBucketConfiguration/Tags"
        raise not_built(name, f"{name}: tags of buckets are not built")


def deletes(value: dict[str, Any]) -> None:
    for row in value.get("Objects") or ():
        if not row.get("Key"):
            raise malformed_xml("a row of the list has no Key")
