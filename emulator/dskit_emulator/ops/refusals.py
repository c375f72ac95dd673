"""Errors that several operations raise, with the code, message and extra elements that AWS sends.

Sources are the recordings named beside each; where there is none, the wording is that of S3's public error answers.
"""

from __future__ import annotations

from ..wire.errors import S3Error

__all__ = [
    "archived",
    "denied",
    "illegal_self_copy",
    "invalid_argument",
    "invalid_request",
    "malformed_xml",
    "missing",
    "not_built",
    "not_implemented",
]


def invalid_argument(name: str, value: str | None, message: str, *, reason: str | None = None) -> S3Error:
    """400 InvalidArgument with ArgumentName and, unless None, ArgumentValue."""
    fields = {"ArgumentName": name}
    if value is not None:
        fields["ArgumentValue"] = value[:1024]
    return S3Error("InvalidArgument", message, fields=fields, reason=reason)


def invalid_request(message: str, *, reason: str | None = None) -> S3Error:
    return S3Error("InvalidRequest", message, reason=reason)


def not_implemented(header: str, detail: str | None = None) -> S3Error:
    """501 as AWS gives it, naming a header (aws-recorded:test_put_object_if_none_match_validation)."""
    fields = {"Header": header}
    if detail is not None:
        fields["additionalMessage"] = detail
    return S3Error(
        "NotImplemented",
        "A header you provided implies functionality that is not implemented",
        fields=fields,
        reason=f"S3 does not take the given value of {header} here",
    )


def not_built(what: str, reason: str | None = None) -> S3Error:
    """501 for what AWS does and dskit does not; `what` is a header or an element.

    The message is ours and says which: the SDKs of most languages show the code and the message of an error, not its
    other elements, and no headers.
    """
    reason = reason or f"the given value of {what} is not built"
    return S3Error("NotImplemented", f"dskit: {reason}", fields={"Header": what}, reason=reason)


def malformed_xml(reason: str | None = None) -> S3Error:
    return S3Error(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
        reason=reason,
    )


def denied(reason: str) -> S3Error:
    return S3Error("AccessDenied", "Access Denied", reason=reason)


def missing(code: str, message: str, bucket: str) -> S3Error:
    """404 for a configuration that was never made; S3 names the bucket."""
    return S3Error(code, message, fields={"BucketName": bucket}, status=404)


def archived(storage_class: str) -> S3Error:
    """aws-recorded:test_put_object_storage_class[GLACIER-False]."""
    return S3Error(
        "InvalidObjectState",
        "The operation is not valid for the object's storage class",
        fields={"StorageClass": storage_class},
        status=403,
        reason="objects of an archive class are read after a restore, which is not built",
    )


def illegal_self_copy() -> S3Error:
    """aws-recorded:test_s3_copy_object_in_place."""
    return invalid_request(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's "
        "metadata, storage class, website redirect location or encryption attributes."
    )
