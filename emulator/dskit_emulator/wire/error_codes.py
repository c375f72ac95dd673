"""The table of S3's error codes: status, message, further elements in S3's order.

Messages and elements are those that AWS sent where a recording shows them (`aws-recorded`), else those of the S3 API
reference, "Error responses". A client may depend on any of them.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CODES", "ErrorCode"]


class ErrorCode(NamedTuple):
    """`many` says that S3 has several messages for the code; `resource` that no recording shows the error without
    a ``Resource`` element, which the API reference has in every error.
    """

    status: int
    message: str
    fields: tuple[str, ...] = ()
    many: bool = False
    resource: bool = False


_ARGUMENT = ("ArgumentName", "ArgumentValue")
_BUCKET = ("BucketName",)
_SIGNATURE = (
    "AWSAccessKeyId",
    "StringToSign",
    "SignatureProvided",
    "StringToSignBytes",
    "CanonicalRequest",
    "CanonicalRequestBytes",
)

_RECORDED: dict[str, ErrorCode] = {
    "AccessDenied": ErrorCode(
        403, "Access Denied", ("HeadersNotSigned", "X-Amz-Expires", "Expires", "ServerTime"), many=True
    ),
    "AccessForbidden": ErrorCode(403, "CORSResponse: Access Forbidden", ("Method", "ResourceType"), many=True),
    "AuthorizationHeaderMalformed": ErrorCode(
        400, "The authorization header you provided is invalid.", ("Region",), many=True
    ),
    "AuthorizationQueryParametersError": ErrorCode(
        400,
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
        "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
        ("Region",),
        many=True,
    ),
    "BadDigest": ErrorCode(
        400,
        "The Content-MD5 you specified did not match what we received.",
        ("ExpectedDigest", "CalculatedDigest"),
        many=True,
    ),
    "BadRequest": ErrorCode(400, "Bad Request", many=True),
    "BucketAlreadyOwnedByYou": ErrorCode(
        409, "Your previous request to create the named bucket succeeded and you already own it.", _BUCKET
    ),
    "BucketNotEmpty": ErrorCode(409, "The bucket you tried to delete is not empty", _BUCKET),
    "ConditionalRequestConflict": ErrorCode(
        409,
        "The conditional request cannot succeed due to a conflicting operation against this resource.",
        ("Condition", "Key"),
    ),
    "CrossLocationLoggingProhibitted": ErrorCode(
        403, "Cross S3 location logging not allowed. ", ("SourceBucketLocation", "TargetBucketLocation")
    ),
    "EntityTooLarge": ErrorCode(
        400, "Your proposed upload exceeds the maximum allowed size", ("ProposedSize", "MaxSizeAllowed")
    ),
    "EntityTooSmall": ErrorCode(
        400,
        "Your proposed upload is smaller than the minimum allowed size",
        ("ProposedSize", "MinSizeAllowed", "PartNumber", "ETag"),
    ),
    "IdMismatch": ErrorCode(400, "Document ID does not match the specified configuration ID."),
    "IllegalLocationConstraintException": ErrorCode(
        400,
        "The unspecified location constraint is incompatible for the region specific endpoint this request was sent "
        "to.",
        many=True,
    ),
    "IllegalVersioningConfigurationException": ErrorCode(400, "The Versioning element must be specified", many=True),
    "InternalError": ErrorCode(500, "We encountered an internal error. Please try again."),
    "InvalidArgument": ErrorCode(400, "Invalid Argument", _ARGUMENT, many=True),
    "InvalidBucketName": ErrorCode(400, "The specified bucket is not valid.", _BUCKET),
    "InvalidBucketOwnerAWSAccountID": ErrorCode(
        400, "The value of the expected bucket owner parameter must be an AWS Account ID...", many=True
    ),
    "InvalidBucketState": ErrorCode(409, "The request is not valid with the current state of the bucket.", many=True),
    "InvalidDigest": ErrorCode(400, "The Content-MD5 you specified was invalid.", ("Content-MD5",)),
    "InvalidEncryptionAlgorithmError": ErrorCode(
        400, "The Encryption request you specified is not valid. Supported value: AES256.", _ARGUMENT
    ),
    "InvalidLocationConstraint": ErrorCode(
        400, "The specified location-constraint is not valid", ("LocationConstraint",)
    ),
    "InvalidObjectState": ErrorCode(
        403, "The operation is not valid for the object's storage class", ("StorageClass", "AccessTier")
    ),
    "InvalidPart": ErrorCode(
        400,
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
        "specified entity tag may not match the part's entity tag.",
        ("UploadId", "PartNumber", "ETag"),
    ),
    "InvalidPartNumber": ErrorCode(
        416, "The requested partnumber is not satisfiable", ("ActualPartCount", "PartNumberRequested")
    ),
    "InvalidPartOrder": ErrorCode(
        400,
        "The list of parts was not in ascending order. Parts must be ordered by part number.",
        ("UploadId",),
    ),
    "InvalidPolicyDocument": ErrorCode(400, "Invalid Policy: Invalid JSON.", many=True),
    "InvalidRange": ErrorCode(416, "The requested range is not satisfiable", ("RangeRequested", "ActualObjectSize")),
    "InvalidRequest": ErrorCode(400, "Invalid Request", many=True),
    "InvalidS3DestinationBucket": ErrorCode(400, "Invalid bucket ARN.", many=True),
    "InvalidStorageClass": ErrorCode(400, "The storage class you specified is not valid", ("StorageClassRequested",)),
    "InvalidTag": ErrorCode(400, "The tag provided was not a valid tag.", ("TagKey", "TagValue"), many=True),
    "InvalidTargetBucketForLogging": ErrorCode(
        400, "The target bucket for logging does not exist", ("TargetBucket",), many=True
    ),
    "KMS.DisabledException": ErrorCode(400, "The key is disabled.", many=True),
    "KMS.KMSInvalidStateException": ErrorCode(400, "The key is pending deletion.", many=True),
    "KMS.NotFoundException": ErrorCode(400, "The key does not exist", many=True),
    "MalformedACLError": ErrorCode(
        400, "The XML you provided was not well-formed or did not validate against our published schema"
    ),
    "MalformedPolicy": ErrorCode(400, "Policies must be valid JSON and the first byte must be '{'", many=True),
    "MalformedXML": ErrorCode(
        400, "The XML you provided was not well-formed or did not validate against our published schema"
    ),
    "MethodNotAllowed": ErrorCode(
        405, "The specified method is not allowed against this resource.", ("Method", "ResourceType")
    ),
    "MissingSecurityHeader": ErrorCode(400, "Your request was missing a required header", ("MissingHeaderName",)),
    "NoSuchBucket": ErrorCode(404, "The specified bucket does not exist", _BUCKET),
    "NoSuchBucketPolicy": ErrorCode(404, "The bucket policy does not exist", _BUCKET),
    "NoSuchCORSConfiguration": ErrorCode(404, "The CORS configuration does not exist", _BUCKET),
    "NoSuchConfiguration": ErrorCode(404, "The specified configuration does not exist."),
    "NoSuchKey": ErrorCode(404, "The specified key does not exist.", ("Key",)),
    "NoSuchLifecycleConfiguration": ErrorCode(404, "The lifecycle configuration does not exist", _BUCKET),
    "NoSuchObjectLockConfiguration": ErrorCode(404, "The specified object does not have a ObjectLock configuration"),
    "NoSuchPublicAccessBlockConfiguration": ErrorCode(
        404, "The public access block configuration was not found", _BUCKET
    ),
    "NoSuchTagSet": ErrorCode(404, "The TagSet does not exist", _BUCKET),
    "NoSuchUpload": ErrorCode(
        404,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
        "completed.",
        ("UploadId",),
    ),
    "NoSuchVersion": ErrorCode(404, "The specified version does not exist.", ("Key", "VersionId")),
    "NoSuchWebsiteConfiguration": ErrorCode(404, "The specified bucket does not have a website configuration", _BUCKET),
    "NotImplemented": ErrorCode(
        501,
        "A header you provided implies functionality that is not implemented",
        ("Header", "additionalMessage"),
    ),
    "ObjectLockConfigurationNotFoundError": ErrorCode(
        404, "Object Lock configuration does not exist for this bucket", _BUCKET
    ),
    "OwnershipControlsNotFoundError": ErrorCode(404, "The bucket ownership controls were not found", _BUCKET),
    "PreconditionFailed": ErrorCode(
        412, "At least one of the pre-conditions you specified did not hold", ("Condition",)
    ),
    "ReplicationConfigurationNotFoundError": ErrorCode(404, "The replication configuration was not found", _BUCKET),
    "SignatureDoesNotMatch": ErrorCode(
        403,
        "The request signature we calculated does not match the signature you provided. Check your key and signing "
        "method.",
        _SIGNATURE,
    ),
    "UnexpectedContent": ErrorCode(400, "This request does not support content"),
}

# Of features that are not built: status from the model, words ours.
_MODELLED: dict[str, ErrorCode] = {
    "AnnotationLimitExceeded": ErrorCode(400, "The object has as many annotations as are allowed"),
    "AnnotationNameTooLong": ErrorCode(400, "Your annotation name is too long"),
    "EncryptionTypeMismatch": ErrorCode(400, "The existing object was created with a different encryption type"),
    "IdempotencyParameterMismatch": ErrorCode(400, "The parameters differ from those of the request repeated"),
    "InvalidAnnotationName": ErrorCode(400, "The specified annotation name is not valid"),
    "InvalidPrefix": ErrorCode(400, "The specified prefix is not valid"),
    "InvalidWriteOffset": ErrorCode(400, "The write offset does not match the current size of the object"),
    "NoSuchAnnotation": ErrorCode(404, "The specified annotation does not exist"),
    "ObjectAlreadyInActiveTierError": ErrorCode(403, "The object is in the active tier already"),
    "ObjectNotInActiveTierError": ErrorCode(403, "The source object is not in the active tier"),
    "UnsupportedMediaType": ErrorCode(415, "The annotation is not UTF-8 text"),
}

_DOCUMENTED: dict[str, ErrorCode] = {
    "AccountProblem": ErrorCode(
        403, "There is a problem with your AWS account that prevents the operation from completing successfully."
    ),
    "AllAccessDisabled": ErrorCode(403, "All access to this object has been disabled"),
    "AmbiguousGrantByEmailAddress": ErrorCode(
        400, "The email address you provided is associated with more than one account."
    ),
    "BucketAlreadyExists": ErrorCode(
        409,
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
        "Please select a different name and try again.",
        _BUCKET,
    ),
    "ContentRangeMalformed": ErrorCode(400, "The Content-Range header is malformed"),
    "CredentialsNotSupported": ErrorCode(400, "This request does not support credentials"),
    "ExpiredToken": ErrorCode(400, "The provided token has expired.", ("Token-0",)),
    "IncompleteBody": ErrorCode(
        400,
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
        ("NumberBytesExpected", "NumberBytesProvided"),
    ),
    "IncorrectEndpoint": ErrorCode(400, "The specified bucket exists in another Region.", ("Endpoint",)),
    "IncorrectNumberOfFilesInPostRequest": ErrorCode(400, "POST requires exactly one file upload per request."),
    "InlineDataTooLarge": ErrorCode(400, "Inline data exceeds the maximum allowed size"),
    "InvalidAccessKeyId": ErrorCode(
        403, "The AWS Access Key Id you provided does not exist in our records.", ("AWSAccessKeyId",)
    ),
    "InvalidAccessPoint": ErrorCode(400, "The specified access point name or account is not valid."),
    "InvalidAddressingHeader": ErrorCode(400, "You must specify the Anonymous role."),
    "InvalidContinuationToken": ErrorCode(400, "The continuation token provided is incorrect"),
    "InvalidHostHeader": ErrorCode(
        400, "The host headers provided in the request used the incorrect style addressing."
    ),
    "InvalidHttpMethod": ErrorCode(400, "The request was made using an unexpected HTTP method."),
    "InvalidPayer": ErrorCode(403, "All access to this object has been disabled"),
    "InvalidSOAPRequest": ErrorCode(400, "The SOAP request body is invalid."),
    "InvalidSecurity": ErrorCode(403, "The provided security credentials are not valid."),
    "InvalidSessionException": ErrorCode(400, "Returned if the session doesn't exist anymore."),
    "InvalidChunkSizeError": ErrorCode(
        403, "Only the last chunk is allowed to have a size less than 8192 bytes", ("Chunk", "BadChunkSize")
    ),
    "InvalidToken": ErrorCode(400, "The provided token is malformed or otherwise invalid.", ("Token-0",)),
    "InvalidURI": ErrorCode(400, "Couldn't parse the specified URI.", ("URI",)),
    "KeyTooLongError": ErrorCode(400, "Your key is too long", ("Size", "MaxSizeAllowed")),
    "MalformedPOSTRequest": ErrorCode(400, "The body of your POST request is not well-formed multipart/form-data."),
    "MalformedTrailerError": ErrorCode(
        400,
        "The request contained trailing data that was not well-formed or did not conform to our published schema.",
    ),
    "MaxMessageLengthExceeded": ErrorCode(400, "Your request was too big.", ("MaxMessageLengthBytes",)),
    "MaxPostPreDataLengthExceededError": ErrorCode(
        400, "Your POST request fields preceeding the upload file was too large.", ("MaxPostPreDataLengthBytes",)
    ),
    "MetadataTooLarge": ErrorCode(
        400, "Your metadata headers exceed the maximum allowed metadata size", ("Size", "MaxSizeAllowed")
    ),
    "MissingAttachment": ErrorCode(400, "A SOAP attachment was expected, but none were found."),
    "MissingAuthenticationToken": ErrorCode(403, "The request was not signed."),
    "MissingContentLength": ErrorCode(411, "You must provide the Content-Length HTTP header."),
    "MissingRequestBodyError": ErrorCode(400, "Request Body is empty"),
    "MissingSecurityElement": ErrorCode(400, "The SOAP 1.1 request is missing a security element."),
    "NoLoggingStatusForKey": ErrorCode(400, "There is no such thing as a logging status sub-resource for a key."),
    "NotDeviceOwnerError": ErrorCode(
        400, "The device that generated the token is not owned by the authenticated user."
    ),
    "NotModified": ErrorCode(304, "Not Modified"),
    "NotSignedUp": ErrorCode(403, "Your account is not signed up for the Amazon S3 service."),
    "OperationAborted": ErrorCode(
        409,
        "A conflicting conditional operation is currently in progress against this resource. Please try again.",
    ),
    "PermanentRedirect": ErrorCode(
        301,
        "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all "
        "future requests to this endpoint.",
        ("Endpoint", "Bucket"),
    ),
    "Redirect": ErrorCode(
        307,
        "Please re-send this request to the specified temporary endpoint. Continue to use the original request "
        "endpoint for future requests.",
        ("Endpoint", "Bucket"),
    ),
    "RequestHeaderSectionTooLarge": ErrorCode(
        400, "Your request header section exceeds the maximum allowed request header section size.", ("MaxSizeAllowed",)
    ),
    "RequestIsNotMultiPartContent": ErrorCode(400, "Bucket POST must be of the enclosure-type multipart/form-data."),
    "RequestTimeTooSkewed": ErrorCode(
        403,
        "The difference between the request time and the current time is too large.",
        ("RequestTime", "ServerTime", "MaxAllowedSkewMilliseconds"),
    ),
    "RequestTimeout": ErrorCode(
        400,
        "Your socket connection to the server was not read from or written to within the timeout period. Idle "
        "connections will be closed.",
    ),
    "RequestTorrentOfBucketError": ErrorCode(400, "Requesting the torrent file of a bucket is not permitted."),
    "RestoreAlreadyInProgress": ErrorCode(409, "Object restore is already in progress"),
    "ServerSideEncryptionConfigurationNotFoundError": ErrorCode(
        404, "The server side encryption configuration was not found", _BUCKET
    ),
    "ServiceUnavailable": ErrorCode(503, "Service is unable to handle request."),
    "SlowDown": ErrorCode(503, "Please reduce your request rate."),
    "TemporaryRedirect": ErrorCode(
        307,
        "Please re-send this request to the specified temporary endpoint. Continue to use the original request "
        "endpoint for future requests.",
        ("Endpoint", "Bucket"),
    ),
    "TokenCodeInvalidError": ErrorCode(400, "The serial number and/or token code you provided is not valid."),
    "TokenRefreshRequired": ErrorCode(400, "The provided token must be refreshed."),
    "TooManyBuckets": ErrorCode(400, "You have attempted to create more buckets than allowed"),
    "TooManyParts": ErrorCode(400, "You have attempted to upload more parts than allowed"),
    "TooManyTags": ErrorCode(400, "Bucket tag count cannot be greater than 50"),
    "UnauthorizedAccess": ErrorCode(403, "You have attempted to access a bucket in another partition."),
    "UnresolvableGrantByEmailAddress": ErrorCode(
        400, "The e-mail address you provided does not match any account on record.", ("ArgumentName",)
    ),
    "UnsupportedArgument": ErrorCode(400, "The request contained an unsupported argument.", _ARGUMENT, many=True),
    "UnsupportedSignature": ErrorCode(400, "The provided request is signed with an unsupported STS Token version."),
    "UserKeyMustBeSpecified": ErrorCode(
        400, "The bucket POST must contain the specified field name. If it is specified, check the order of the fields."
    ),
    "XAmzContentChecksumMismatch": ErrorCode(
        400, "The provided 'x-amz-checksum' header does not match what was computed.", many=True
    ),
    "XAmzContentSHA256Mismatch": ErrorCode(
        400,
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
        ("ClientComputedContentSHA256", "S3ComputedContentSHA256"),
    ),
}

# Seen in full in public reports of answers of S3, without a Resource element.
_WITHOUT_RESOURCE = frozenset(
    (
        "IncompleteBody",
        "InvalidAccessKeyId",
        "InvalidChunkSizeError",
        "InvalidToken",
        "InvalidURI",
        "MalformedTrailerError",
        "MissingContentLength",
        "RequestTimeTooSkewed",
        "XAmzContentSHA256Mismatch",
    )
)

CODES: dict[str, ErrorCode] = _RECORDED | {
    name: row._replace(resource=name not in _WITHOUT_RESOURCE) for name, row in (_DOCUMENTED | _MODELLED).items()
}
