"""Every place where S3 on the wire differs from the service model, as data with its reason.

`check` runs when the model is loaded: a row about something that the model does not have, or that it says right by
now, is an error, so that a new model cannot silently make a row stale.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "CONTENT_TYPES",
    "FORCED",
    "INTEGERS",
    "LENIENT_DATES",
    "MALFORMED",
    "OPERATIONS",
    "ORDER",
    "OUTPUT_HEADERS_LEFT_TO_FRONT",
    "ROOTS",
    "SHAPES",
    "STATUS",
    "UNCHECKED",
    "UNROUTED",
    "UNWRAPPED",
]

# Operations of S3 that are HTTP mechanisms and therefore in no model.
OPERATIONS: dict[str, dict[str, Any]] = {
    # S3 API reference, "POST Object": a form upload to a bucket.
    "PostObject": {"method": "POST", "uri": "/{Bucket}"},
    # Fetch standard, "CORS-preflight request"; aws-recorded:test_cors_http_options_no_config.
    "PreflightBucket": {"method": "OPTIONS", "uri": "/{Bucket}"},
    "PreflightObject": {"method": "OPTIONS", "uri": "/{Bucket}/{Key+}"},
}

# Operations that no request is routed to, with the reason.
UNROUTED: dict[str, str] = {
    "GetBucketLifecycle": "same request as GetBucketLifecycleConfiguration, which replaced it",
    "PutBucketLifecycle": "same request as PutBucketLifecycleConfiguration, which replaced it",
    "GetBucketNotification": "same request as GetBucketNotificationConfiguration, which replaced it",
    "PutBucketNotification": "same request as PutBucketNotificationConfiguration, which replaced it",
    "ListDirectoryBuckets": "same request as ListBuckets; it has a host of its own (s3express-control)",
    "WriteGetObjectResponse": "has a host of its own (s3-object-lambda)",
}

# Corrections to shapes.
SHAPES: dict[str, dict[str, Any]] = {
    # S3 sends the override back as it came, a date or not (aws-recorded:test_s3_get_object_header_overrides).
    "ResponseExpires": {"type": "string"},
}

# Status of success where the model has none and it is not 200.
STATUS: dict[str, int] = {
    "PutBucketAnalyticsConfiguration": 204,  # aws-recorded:test_s3_analytics_configurations
    "PutBucketIntelligentTieringConfiguration": 204,  # aws-recorded:test_s3_intelligent_tier_config
    "PutBucketInventoryConfiguration": 204,  # aws-recorded:test_s3_inventory_report_crud
    "PutBucketMetricsConfiguration": 204,  # aws-recorded:test_put_bucket_metrics_configuration
    "PutBucketPolicy": 204,  # aws-recorded:test_bucket_policy_crud
    "PutBucketTagging": 204,  # aws-recorded:test_bucket_tagging_crud
    "RestoreObject": 202,  # aws-recorded:test_s3_get_deep_archive_object_restore; 200 for one that is restored already
}

# Operations that S3 serves without Content-MD5 and without a checksum, whatever the model's trait says.
UNCHECKED: dict[str, str] = {
    "PutBucketAcl": "a canned ACL has no body, and boto 2 has always sent documents without either",
    "PutObjectAcl": "as PutBucketAcl",
}

# Code of a document that cannot be read, where it is not MalformedXML.
MALFORMED: dict[str, str] = {
    "PutBucketAcl": "MalformedACLError",  # aws-recorded:test_s3_bucket_acl_exceptions
    "PutObjectAcl": "MalformedACLError",  # aws-recorded:test_s3_object_acl_exceptions
}

# Root element of a body. The model names none; a root equal to the shape's name needs no row.
ROOTS: dict[str, str] = {
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "CreateSession": "CreateSessionResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycle": "LifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLocation": "LocationConstraint",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotification": "NotificationConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetObjectAcl": "AccessControlPolicy",
    "GetObjectAttributes": "GetObjectAttributesResponse",  # aws-recorded:test_get_object_attributes_with_space
    "GetObjectLegalHold": "LegalHold",
    "GetObjectRetention": "Retention",
    "GetObjectTagging": "Tagging",
    "ListBucketAnalyticsConfigurations": "ListBucketAnalyticsConfigurationResult",
    "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult",
    "ListBucketMetricsConfigurations": "ListMetricsConfigurationsResult",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListDirectoryBuckets": "ListAllMyDirectoryBucketsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",  # aws-recorded:test_list_multiparts_with_prefix_and_delimiter
    "ListObjectAnnotations": "ListObjectAnnotationsResult",
    "ListObjectVersions": "ListVersionsResult",  # aws-recorded:test_list_objects_versions_with_prefix
    "ListObjects": "ListBucketResult",  # aws-recorded:test_list_objects_with_prefix
    "ListObjectsV2": "ListBucketResult",
    "ListParts": "ListPartsResult",
    "PutObjectAnnotation": "PutObjectAnnotationResult",
}

# The body is one value under a root that takes its place: "cannot be modelled", says the client library.
UNWRAPPED: dict[str, str] = {"GetBucketLocation": "LocationConstraint"}

# Order of elements, by structure. Streaming readers of SDKs rely on it (Name before Contents, Key before the rest).
# Members that are not named follow in the model's order. Source: example answers of the S3 API reference.
ORDER: dict[str, tuple[str, ...]] = {
    "ListBucketsOutput": ("Owner", "Buckets", "Prefix", "ContinuationToken"),
    "Owner": ("ID", "DisplayName"),
    "ListObjectsOutput": (
        "Name",
        "Prefix",
        "Marker",
        "NextMarker",
        "MaxKeys",
        "Delimiter",
        "EncodingType",
        "IsTruncated",
        "Contents",
        "CommonPrefixes",
    ),
    "ListObjectsV2Output": (
        "Name",
        "Prefix",
        "StartAfter",
        "ContinuationToken",
        "NextContinuationToken",
        "KeyCount",
        "MaxKeys",
        "Delimiter",
        "EncodingType",
        "IsTruncated",
        "Contents",
        "CommonPrefixes",
    ),
    "ListObjectVersionsOutput": (
        "Name",
        "Prefix",
        "KeyMarker",
        "VersionIdMarker",
        "NextKeyMarker",
        "NextVersionIdMarker",
        "MaxKeys",
        "Delimiter",
        "EncodingType",
        "IsTruncated",
        "Versions",
        "DeleteMarkers",
        "CommonPrefixes",
    ),
    "Object": (
        "Key",
        "LastModified",
        "ETag",
        "ChecksumAlgorithm",
        "ChecksumType",
        "Size",
        "Owner",
        "StorageClass",
        "RestoreStatus",
    ),
    "ObjectVersion": (
        "Key",
        "VersionId",
        "IsLatest",
        "LastModified",
        "ETag",
        "ChecksumAlgorithm",
        "ChecksumType",
        "Size",
        "Owner",
        "StorageClass",
        "RestoreStatus",
    ),
    "DeleteMarkerEntry": ("Key", "VersionId", "IsLatest", "LastModified", "Owner"),
    "ListMultipartUploadsOutput": (
        "Bucket",
        "KeyMarker",
        "UploadIdMarker",
        "NextKeyMarker",
        "NextUploadIdMarker",
        "Delimiter",
        "Prefix",
        "EncodingType",
        "MaxUploads",
        "IsTruncated",
        "Uploads",
        "CommonPrefixes",
    ),
    "MultipartUpload": ("Key", "UploadId", "Initiator", "Owner", "StorageClass", "Initiated"),
    "ListPartsOutput": (
        "Bucket",
        "Key",
        "UploadId",
        "Initiator",
        "Owner",
        "StorageClass",
        "PartNumberMarker",
        "NextPartNumberMarker",
        "MaxParts",
        "IsTruncated",
        "ChecksumAlgorithm",
        "ChecksumType",
        "Parts",
    ),
    "CopyObjectResult": ("LastModified", "ETag", "ChecksumType"),
    "CopyPartResult": ("LastModified", "ETag"),
}

# Body members that S3 always sends, with the text that stands for "nothing".
FORCED: dict[str, dict[str, str]] = {
    # aws-recorded:test_list_objects_with_prefix, test_s3_list_objects_empty_marker
    "ListObjectsOutput": {"Prefix": "", "Marker": ""},
    # aws-recorded:test_list_objects_v2_with_prefix
    "ListObjectsV2Output": {"Prefix": ""},
    # aws-recorded:test_get_bucket_versioning_order
    "ListObjectVersionsOutput": {"Prefix": "", "KeyMarker": "", "VersionIdMarker": ""},
    # aws-recorded:test_list_multiparts_next_marker
    "ListMultipartUploadsOutput": {
        "KeyMarker": "",
        "UploadIdMarker": "",
        "NextKeyMarker": "",
        "NextUploadIdMarker": "",
    },
}

# Output members that become headers which the HTTP front writes itself.
OUTPUT_HEADERS_LEFT_TO_FRONT: frozenset[str] = frozenset({"Content-Length"})

# Content type of a body that is neither XML nor an object.
CONTENT_TYPES: dict[str, str] = {"GetBucketPolicy": "application/json"}

# Header dates that are ignored where they cannot be read (RFC 9110 sections 13.1.3 and 13.1.4).
LENIENT_DATES: frozenset[str] = frozenset({"If-Modified-Since", "If-Unmodified-Since"})

# Integers with a range: parameter -> (least, greatest, name in the error, message of the error).
_PART = (
    "Part number must be an integer between 1 and 10000, inclusive"  # aws-recorded:test_complete_multipart_parts_order
)
_COUNT = "Argument {} must be an integer between 0 and 2147483647"
INTEGERS: dict[str, tuple[int, int, str, str]] = {
    "partNumber": (1, 10_000, "partNumber", _PART),
    "max-keys": (0, 2**31 - 1, "maxKeys", _COUNT.format("maxKeys")),
    "max-parts": (0, 2**31 - 1, "max-parts", _COUNT.format("max-parts")),
    "max-uploads": (0, 2**31 - 1, "max-uploads", _COUNT.format("max-uploads")),
    "part-number-marker": (0, 2**31 - 1, "part-number-marker", _COUNT.format("part-number-marker")),
    "max-buckets": (1, 10_000, "max-buckets", "Argument max-buckets must be an integer between 1 and 10000"),
}
