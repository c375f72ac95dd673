"""Operations whose body is the object: PutObject and UploadPart. Bytes are staged as they come, then published."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

from dskit.backend import Source
from dskit.errors import ChecksumMismatchError
from dskit.streams import Staging
from dskit.types import (
    NO_ATTRIBUTES,
    NO_CONDITIONS,
    Access,
    Attributes,
    Conditions,
    PutOptions,
    PutResult,
)

from ..context import Call
from ..wire.errors import S3Error
from .admission import as_configured, owner_of_replaced
from .checksums import MEMBER_OF, MEMBERS, check_content_md5, check_value, chosen, outputs
from .options import WRITE_CONDITIONS, attributes, check_part_number, write_conditions
from .ownership import access_of_new
from .registry import Input, Output, Sink, operation

__all__ = ["BodySink", "put_object", "upload_part"]

MAX_BODY = 5 * 1024**3  # of one PUT, S3 user guide, "Amazon S3 multipart upload limits"


class BodySink:
    """A staged write that knows how its result is told."""

    __slots__ = ("_describe", "_expected_md5", "_staging", "abort", "write")

    def __init__(self, staging: Staging, describe: Callable[[PutResult], Output], expected_md5: str | None) -> None:
        self._staging = staging
        self._describe = describe
        self._expected_md5 = expected_md5
        self.write = staging.write
        self.abort = staging.abort

    def finish(self, checksums: Mapping[str, str]) -> Output:
        if checksums:
            for name, value in checksums.items():
                check_value(name, value, place="trailing header")
        try:
            result = self._staging.commit(checksums=checksums) if checksums else self._staging.commit()
        except ChecksumMismatchError as error:
            _name_digest(error, self._expected_md5)
            raise
        return self._describe(result)


def _name_digest(error: ChecksumMismatchError, expected_md5: str | None) -> None:
    """How S3 writes the digest that it was given differs between the two operations."""
    if expected_md5 is not None and "ExpectedDigest" in error.details:
        error.details["ExpectedDigest"] = expected_md5


def _put_whole_object(call: Call, request: Input, body: Source) -> Output:
    options = _object_options(call, request)
    try:
        return _describe_object(call.store.put(request["Bucket"], request["Key"], body, options))
    except ChecksumMismatchError as error:
        _name_digest(error, _as_hexadecimal(options.content_md5))
        raise


@operation("PutObject", put=_put_whole_object)
def put_object(call: Call, request: Input) -> Sink:
    options = _object_options(call, request)
    staging = call.store.begin_put(request["Bucket"], request["Key"], options)
    return BodySink(staging, _describe_object, _as_hexadecimal(options.content_md5))


def _object_options(call: Call, request: Input) -> PutOptions:
    # Most requests have no conditions and no ACL, and this runs for every put.
    owned_by = owner_of_replaced(call)
    plain = owned_by is None and WRITE_CONDITIONS.isdisjoint(request)
    conditions = NO_CONDITIONS if plain else write_conditions(request, owned_by)
    stored, access = attributes(request), access_of_new(call, request)
    if access is not None or owned_by is not None:
        conditions = as_configured(call, conditions, access)
    return _options(call, request, stored, conditions, access)


def _as_hexadecimal(content_md5: str | None) -> str | None:
    """aws-recorded:test_s3_invalid_content_md5: hexadecimal for an object, base64 for a part."""
    return None if content_md5 is None else base64.b64decode(content_md5).hex()


def _describe_object(result: PutResult) -> Output:
    output = {"ETag": result.etag, "ServerSideEncryption": "AES256"}
    for name, value in result.checksums.items():
        output[MEMBER_OF[name]] = value
        output["ChecksumType"] = result.checksum_type or "FULL_OBJECT"
    return output


@operation("UploadPart")
def upload_part(call: Call, request: Input) -> Sink:
    number = check_part_number(request["PartNumber"])
    options = _options(call, request, NO_ATTRIBUTES, NO_CONDITIONS, None)
    staging = call.store.begin_part(request["Bucket"], request["Key"], request["UploadId"], number, options)
    return BodySink(staging, _describe_part, request.get("ContentMD5"))


def _describe_part(result: PutResult) -> Output:
    return {"ETag": result.etag, "ServerSideEncryption": "AES256", **outputs(result.checksums)}


def _options(
    call: Call, request: Input, stored: Attributes, conditions: Conditions, access: Access | None
) -> PutOptions:
    """With the length, MD5 and checksum that the bytes must have. Raises `S3Error` for values that cannot be such."""
    length = request.get("ContentLength")
    if length is not None and length > MAX_BODY:
        raise S3Error(
            "EntityTooLarge",
            "Your proposed upload exceeds the maximum allowed size",
            fields={"ProposedSize": str(length), "MaxSizeAllowed": str(MAX_BODY)},
            status=400,
        )
    content_md5 = request.get("ContentMD5")
    if content_md5 is not None:
        check_content_md5(content_md5)
    algorithm, checksum = (call.trailer, None) if MEMBERS.isdisjoint(request) else chosen(request, call.trailer)
    if algorithm is None and content_md5 is None and access is None and conditions is NO_CONDITIONS:
        return PutOptions(attributes=stored, length=length)  # most puts; each further value costs
    return PutOptions(
        attributes=stored,
        conditions=conditions,
        checksum_algorithm=algorithm,
        checksum=checksum,
        content_md5=content_md5,
        length=length,
        access=access,
    )
