"""Options of `S3Store` in the terms of dskit's store; `_options` says how they are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._base import Traits
from ._options import Options, flag
from .exceptions import GenericError

__all__ = ["S3_OPTIONS", "s3_arguments", "s3_traits"]

_ALIASES = {
    "endpoint_url": "endpoint",
    "endpoint_url_s3": "endpoint",
    "bucket_name": "bucket",
    "token": "session_token",
    "requester_pays": "request_payer",
}
_HONOURED = frozenset(
    (
        "access_key_id",
        "bucket",
        "checksum_algorithm",
        "conditional_put",
        "copy_if_not_exists",
        "default_region",
        "disable_bulk_delete",
        "disable_tagging",
        "endpoint",
        "region",
        "secret_access_key",
        "session_token",
        "skip_signature",
        "virtual_hosted_style_request",
    )
)
_REFUSED = frozenset(
    (
        "container_authorization_token_file",
        "container_credentials_full_uri",
        "container_credentials_relative_uri",
        "imdsv1_fallback",
        "metadata_endpoint",
        "request_payer",
        "role_arn",
        "role_session_name",
        "s3_express",
        "server_side_encryption",
        "sse_bucket_key_enabled",
        "sse_customer_key_base64",
        "sse_kms_key_id",
        "sts_endpoint",
        "unsigned_payload",
        "web_identity_token_file",
    )
)
S3_OPTIONS = Options("S3", "AWS_", _HONOURED, _REFUSED, _ALIASES)


def s3_arguments(config: Mapping[str, str]) -> dict[str, Any]:
    """Arguments of dskit's S3 store, the bucket as ``bucket``. The environment fills in what `config` lacks."""
    config = S3_OPTIONS.with_environment(config)
    S3_OPTIONS.refuse(config)
    if not config.get("bucket"):
        raise GenericError("Generic S3 error: Missing bucket name")
    arguments: dict[str, Any] = {
        "bucket": config["bucket"],
        "endpoint": config.get("endpoint"),
        "region": config.get("region") or config.get("default_region") or "us-east-1",
        "addressing": "virtual" if flag(config, "virtual_hosted_style_request") else "path",
    }
    if flag(config, "skip_signature"):
        return {**arguments, "anonymous": True}
    names = {"access_key": "access_key_id", "secret_key": "secret_access_key", "session_token": "session_token"}
    return arguments | {theirs: config[ours] for theirs, ours in names.items() if ours in config}


def s3_traits(config: Mapping[str, str]) -> Traits:
    """How the store behaves by its options. Raises `GenericError` for a value that an option does not have."""
    config = S3_OPTIONS.with_environment(config)
    create_copy, condition = config.get("copy_if_not_exists"), config.get("conditional_put", "etag").lower()
    checksum = config.get("checksum_algorithm")
    if create_copy is not None and create_copy.startswith(("header:", "header-with-status:")):
        raise NotImplementedError("the S3 store of this facade knows copy_if_not_exists='multipart', not a header")
    if create_copy not in (None, "multipart"):
        raise GenericError(f"Generic Config error: Failed to parse {create_copy!r} as S3CopyIfNotExists")
    if condition not in ("etag", "disabled"):
        raise GenericError(f"Generic Config error: Failed to parse {condition!r} as S3PutConditional")
    if checksum is not None and checksum.lower() not in ("sha256", "crc64nvme"):
        raise GenericError(f"Generic Config error: {checksum!r} is not a valid checksum algorithm")
    return Traits(
        label="S3",
        create=condition == "etag",
        update=condition == "etag",
        copy_onto_itself=False,
        create_copy="multipart" if create_copy else "none",
        bulk_delete=not flag(config, "disable_bulk_delete"),
        checksum=checksum.upper() if checksum else None,
    )
