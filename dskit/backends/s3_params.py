"""Options of a call → parameters of the boto3 client, by the member names of the S3 model."""

from __future__ import annotations

import email.utils
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..errors import InvalidRequestError, UnsupportedError
from ..ranges import range_header
from ..signers import SignOptions
from ..types import (
    Attributes,
    CompletedPart,
    Conditions,
    CopyOptions,
    DeleteRequest,
    PutOptions,
    ReadOptions,
    UploadOptions,
)

__all__ = [
    "attribute_params",
    "complete_params",
    "copy_params",
    "delete_row",
    "put_params",
    "read_params",
    "sign_params",
    "upload_params",
]

Params = dict[str, Any]

_ATTRIBUTES = {
    "content_type": "ContentType",
    "cache_control": "CacheControl",
    "content_disposition": "ContentDisposition",
    "content_encoding": "ContentEncoding",
    "content_language": "ContentLanguage",
    "storage_class": "StorageClass",
    "website_redirect_location": "WebsiteRedirectLocation",
}


def attribute_params(attributes: Attributes) -> Params:
    params: Params = {
        member: value for name, member in _ATTRIBUTES.items() if (value := getattr(attributes, name)) is not None
    }
    if attributes.metadata:
        for name, text in attributes.metadata.items():
            if not (name.isascii() and text.isascii()):
                raise InvalidRequestError(f"metadata travels in HTTP headers and must be ASCII: {name!r}")
        params["Metadata"] = dict(attributes.metadata)
    if attributes.expires is not None:
        params["Expires"] = _expires(attributes.expires)
    return params


def _expires(text: str) -> datetime:
    """boto3 takes a date and writes it as an HTTP date; a text that this would alter is refused."""
    try:
        moment = email.utils.parsedate_to_datetime(text)
        if email.utils.format_datetime(moment, usegmt=True) == text:
            return moment
    except ValueError:
        pass
    raise UnsupportedError(f"boto3 sends Expires as an HTTP date only, not as {text!r}")


def sign_params(options: SignOptions) -> tuple[str, Params]:
    """Method of the client, and parameters, for a URL."""
    response = options.response
    send = _present(
        ContentType=options.content_type,
        VersionId=options.version_id,
        ResponseCacheControl=response.cache_control,
        ResponseContentDisposition=response.content_disposition,
        ResponseContentEncoding=response.content_encoding,
        ResponseContentLanguage=response.content_language,
        ResponseContentType=response.content_type,
        ResponseExpires=None if response.expires is None else _expires(response.expires),
    )
    return f"{options.method.lower()}_object", send


def write_conditions(conditions: Conditions) -> Params:
    return _present(IfMatch=conditions.if_match, IfNoneMatch=conditions.if_none_match)


def checksum_params(options: PutOptions) -> Params:
    """The digests of a put or part: a value that the caller knows, else an algorithm that botocore computes."""
    if options.checksum is not None:
        params = {f"Checksum{options.checksum_algorithm}": options.checksum}
    else:
        params = _present(ChecksumAlgorithm=options.checksum_algorithm)
    return params | _present(ContentMD5=options.content_md5)


def put_params(options: PutOptions) -> Params:
    """All but the digests, which depend on the bytes."""
    return attribute_params(options.attributes) | write_conditions(options.conditions)


def upload_params(options: UploadOptions) -> Params:
    return attribute_params(options.attributes) | _present(
        ChecksumAlgorithm=options.checksum_algorithm, ChecksumType=options.checksum_type
    )


def read_params(options: ReadOptions) -> Params:
    conditions = options.conditions
    return _present(
        Range=range_header(options.range) if options.range else None,
        PartNumber=options.part_number,
        IfMatch=conditions.if_match,
        IfNoneMatch=conditions.if_none_match,
        IfModifiedSince=conditions.if_modified_since,
        IfUnmodifiedSince=conditions.if_unmodified_since,
        VersionId=options.version_id,
        ChecksumMode="ENABLED" if options.checksum_mode else None,
    )


def copy_params(source_bucket: str, source_key: str, options: CopyOptions) -> Params:
    """What CopyObject and UploadPartCopy have in common: the source and its conditions."""
    source = {"Bucket": source_bucket, "Key": source_key}
    if options.source_version_id is not None:
        source["VersionId"] = options.source_version_id
    conditions = options.source_conditions
    return {"CopySource": source} | _present(
        CopySourceIfMatch=conditions.if_match,
        CopySourceIfNoneMatch=conditions.if_none_match,
        CopySourceIfModifiedSince=conditions.if_modified_since,
        CopySourceIfUnmodifiedSince=conditions.if_unmodified_since,
    )


def complete_params(
    conditions: Conditions, checksums: Mapping[str, str] | None, checksum_type: str | None, size: int | None
) -> Params:
    digests = {f"Checksum{name}": value for name, value in (checksums or {}).items()}
    return write_conditions(conditions) | digests | _present(ChecksumType=checksum_type, MpuObjectSize=size)


def completed_row(part: CompletedPart) -> Params:
    digests = {f"Checksum{name}": value for name, value in part.checksums.items()}
    return {"PartNumber": part.number} | _present(ETag=part.etag) | digests


def delete_row(request: DeleteRequest) -> Params:
    """A row of DeleteObjects."""
    return {"Key": request.key} | _present(
        VersionId=request.version_id,
        ETag=request.if_match,
        Size=request.if_match_size,
        LastModifiedTime=request.if_match_last_modified,
    )


def delete_params(request: DeleteRequest) -> Params:
    return _present(
        VersionId=request.version_id,
        IfMatch=request.if_match,
        IfMatchSize=request.if_match_size,
        IfMatchLastModifiedTime=request.if_match_last_modified,
    )


def _present(**values: object) -> Params:
    return {name: value for name, value in values.items() if value is not None}
