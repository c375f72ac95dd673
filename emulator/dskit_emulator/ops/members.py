"""What each built operation does with each member of its input: nothing that a client sends is dropped silently.

A member is used (honoured, or stored and returned), accepted where its value changes nothing, or refused by name. The
tables below say which; a test compares them with the service model, so that a new member of the model cannot slip by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from .checksums import ALGORITHMS, UNBUILT_ALGORITHMS
from .policies import (
    Check,
    bucket_configuration,
    bypass,
    deletes,
    encryption,
    no_effect,
    no_lock,
    of_directory_buckets,
    only,
    optional_attributes,
    ownership,
    payer,
    read_customer_key,
    refused,
    sdk_algorithm,
    used,
)

__all__ = ["POLICIES", "check_members"]


def _all(names: Iterable[str], check: Check) -> dict[str, Check]:
    return dict.fromkeys(names, check)


_OWNER: dict[str, Check] = {"ExpectedBucketOwner": used, "RequestPayer": payer}
_BUCKET: dict[str, Check] = {"Bucket": used, "ExpectedBucketOwner": used}
_DOCUMENT: dict[str, Check] = {**_BUCKET, "ContentMD5": used, "ChecksumAlgorithm": sdk_algorithm}
_KEY: dict[str, Check] = {"Bucket": used, "Key": used, **_OWNER}
_CUSTOMER_KEY = ("SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5")
_READ_KEYS = _all(_CUSTOMER_KEY, read_customer_key)
_WRITE_KEYS = {name: refused(name) for name in _CUSTOMER_KEY}
_SOURCE_KEYS = {"CopySource" + name: refused("CopySource" + name) for name in _CUSTOMER_KEY}
_READ_IF = _all(("IfMatch", "IfNoneMatch", "IfModifiedSince", "IfUnmodifiedSince"), used)
_WRITE_IF = _all(("IfMatch", "IfNoneMatch"), used)
_SOURCE_IF = {"CopySource" + name: used for name in _READ_IF}
_STORED = _all(
    (
        "CacheControl",
        "ContentDisposition",
        "ContentEncoding",
        "ContentLanguage",
        "ContentType",
        "Expires",
        "Metadata",
        "StorageClass",
        "WebsiteRedirectLocation",
    ),
    used,
)
_ACL = _all(("ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWriteACP"), used)
_PUT_ACL = {
    **_ACL,
    "GrantWrite": used,
    "AccessControlPolicy": used,
    "ContentMD5": used,
    "ChecksumAlgorithm": sdk_algorithm,
}
_LOCKS = {name: no_lock(name) for name in ("ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus")}
_HOLDS = {
    name: refused(name)
    for name in ("ObjectLockEventHold", "ObjectLockEventHoldDurationDays", "ObjectLockEventHoldDurationYears")
}
_ENCRYPTION = {
    "ServerSideEncryption": encryption,
    "BucketKeyEnabled": only("BucketKeyEnabled", False),
    "SSEKMSKeyId": refused("SSEKMSKeyId"),
    "SSEKMSEncryptionContext": refused("SSEKMSEncryptionContext"),
}
_NEW_OBJECT = {
    **_KEY,
    **_STORED,
    **_ACL,
    **_ENCRYPTION,
    **_WRITE_KEYS,
    "Tagging": only("Tagging", ""),
    **_LOCKS,
    **_HOLDS,
}
_CHECKSUMS = {
    **_all((f"Checksum{name}" for name in ALGORITHMS), used),
    **{f"Checksum{name}": refused(f"Checksum{name}") for name in sorted(UNBUILT_ALGORITHMS)},
}
_BODY = {
    "Body": used,
    "ContentLength": used,
    "ContentMD5": used,
    "ChecksumAlgorithm": sdk_algorithm,
    **_CHECKSUMS,
}
_READ = {
    **_KEY,
    **_READ_IF,
    **_READ_KEYS,
    **_all(
        (
            "Range",
            "PartNumber",
            "VersionId",
            "ChecksumMode",
            "ResponseCacheControl",
            "ResponseContentDisposition",
            "ResponseContentEncoding",
            "ResponseContentLanguage",
            "ResponseContentType",
            "ResponseExpires",
        ),
        used,
    ),
}
_LIST: dict[str, Check] = {
    **_BUCKET,
    "RequestPayer": payer,
    **_all(("Delimiter", "EncodingType", "MaxKeys", "Prefix"), used),
    "OptionalObjectAttributes": optional_attributes,
}

_POLICIES: dict[str, dict[str, Check]] = {
    "ListBuckets": _all(("MaxBuckets", "ContinuationToken", "Prefix", "BucketRegion"), used),
    "CreateBucket": {
        "Bucket": used,
        "CreateBucketConfiguration": bucket_configuration,
        **_ACL,
        "GrantWrite": used,
        "ObjectLockEnabledForBucket": only("ObjectLockEnabledForBucket", False),
        "ObjectOwnership": ownership,
        "BucketNamespace": only("BucketNamespace", "global"),
    },
    "HeadBucket": _BUCKET,
    "DeleteBucket": _BUCKET,
    "GetBucketLocation": _BUCKET,
    "GetBucketAcl": _BUCKET,
    "PutBucketAcl": {**_BUCKET, **_PUT_ACL},
    "GetObjectAcl": {**_KEY, "VersionId": used},
    "PutObjectAcl": {**_KEY, **_PUT_ACL, "VersionId": used},
    "GetBucketOwnershipControls": _BUCKET,
    "PutBucketOwnershipControls": {**_DOCUMENT, "OwnershipControls": used},
    "DeleteBucketOwnershipControls": _BUCKET,
    "GetPublicAccessBlock": _BUCKET,
    "PutPublicAccessBlock": {**_DOCUMENT, "PublicAccessBlockConfiguration": used},
    "DeletePublicAccessBlock": _BUCKET,
    "PutObject": {**_NEW_OBJECT, **_BODY, **_WRITE_IF, "WriteOffsetBytes": refused("WriteOffsetBytes")},
    "GetObject": _READ,
    "HeadObject": _READ,
    "DeleteObject": {
        **_KEY,
        "MFA": no_effect,
        "VersionId": used,
        "BypassGovernanceRetention": bypass,
        "IfMatch": used,
        "IfMatchLastModifiedTime": of_directory_buckets("IfMatchLastModifiedTime"),
        "IfMatchSize": of_directory_buckets("IfMatchSize"),
    },
    "CopyObject": {
        **_NEW_OBJECT,
        **_WRITE_IF,
        **_SOURCE_IF,
        **_SOURCE_KEYS,
        "CopySource": used,
        "ChecksumAlgorithm": used,
        "MetadataDirective": used,
        "TaggingDirective": only("TaggingDirective", "COPY", "REPLACE"),
        "AnnotationDirective": only("AnnotationDirective", "COPY", "EXCLUDE"),
        "ExpectedSourceBucketOwner": used,
    },
    "DeleteObjects": {
        **_BUCKET,
        "RequestPayer": payer,
        "Delete": deletes,
        "MFA": no_effect,
        "BypassGovernanceRetention": bypass,
        "ChecksumAlgorithm": sdk_algorithm,
    },
    "ListObjects": {**_LIST, "Marker": used},
    "ListObjectsV2": {**_LIST, **_all(("ContinuationToken", "FetchOwner", "StartAfter"), used)},
    "ListObjectVersions": {**_LIST, **_all(("KeyMarker", "VersionIdMarker"), used)},
    "GetObjectAttributes": {
        **_KEY,
        **_READ_KEYS,
        **_all(("VersionId", "MaxParts", "PartNumberMarker", "ObjectAttributes"), used),
    },
    "CreateMultipartUpload": {**_NEW_OBJECT, "ChecksumAlgorithm": used, "ChecksumType": used},
    "UploadPart": {**_KEY, **_BODY, **_WRITE_KEYS, "PartNumber": used, "UploadId": used},
    "UploadPartCopy": {
        **_KEY,
        **_WRITE_KEYS,
        **_SOURCE_IF,
        **_SOURCE_KEYS,
        **_all(("CopySource", "CopySourceRange", "PartNumber", "UploadId"), used),
        "ExpectedSourceBucketOwner": used,
    },
    "CompleteMultipartUpload": {
        **_KEY,
        **_CHECKSUMS,
        **_WRITE_IF,
        **_WRITE_KEYS,
        **_all(("MultipartUpload", "UploadId", "ChecksumType", "MpuObjectSize"), used),
    },
    "AbortMultipartUpload": {**_KEY, "UploadId": used, "IfMatchInitiatedTime": refused("IfMatchInitiatedTime")},
    "ListParts": {**_KEY, **_WRITE_KEYS, **_all(("MaxParts", "PartNumberMarker", "UploadId"), used)},
    "ListMultipartUploads": {
        **_BUCKET,
        "RequestPayer": payer,
        **_all(("Delimiter", "EncodingType", "KeyMarker", "MaxUploads", "Prefix", "UploadIdMarker"), used),
    },
}
POLICIES: Mapping[str, Mapping[str, Check]] = MappingProxyType(_POLICIES)

# What is left to look at once the members that are simply used are taken out: nothing, for most requests.
_CHECKS: Mapping[str, tuple[tuple[str, Check], ...]] = MappingProxyType(
    {
        name: tuple((member, check) for member, check in policy.items() if check not in (used, no_effect))
        for name, policy in _POLICIES.items()
    }
)
_CHECKED: Mapping[str, frozenset[str]] = MappingProxyType(
    {name: frozenset(member for member, _ in checks) for name, checks in _CHECKS.items()}
)


def check_members(operation: str, request: dict[str, Any]) -> None:
    """Raise `S3Error` for the first member whose value is not honoured; the order is that of the tables."""
    checked = _CHECKED.get(operation)
    if checked is None or checked.isdisjoint(request):
        return
    for member, check in _CHECKS[operation]:
        value = request.get(member)
        if value is not None:
            check(value)
