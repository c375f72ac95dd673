"""Options of `S3Store`, by obstore's names, in the terms of dskit's store.

Names may have the prefix ``AWS_`` in any case. What the URL, `config` and keywords give wins over the environment; an
option that two of them give is refused. What dskit's store cannot honour is `NotImplementedError`,
by name, and never ignored.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ...retry import RetryOptions
from ._base import Traits
from ._numbers import unsigned
from .exceptions import GenericError, UnknownConfigurationKeyError

__all__ = ["client_arguments", "retry_arguments", "s3_arguments", "s3_config", "s3_traits"]

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
_CLIENT = frozenset(
    (
        "allow_http",
        "allow_invalid_certificates",
        "connect_timeout",
        "http1_only",
        "pool_max_idle_per_host",
        "read_timeout",
        "timeout",
    )
)
_CLIENT_REFUSED = frozenset(
    (
        "default_content_type",
        "default_headers",
        "http2_keep_alive_interval",
        "http2_keep_alive_timeout",
        "http2_keep_alive_while_idle",
        "http2_only",
        "pool_idle_timeout",
        "proxy_ca_certificate",
        "proxy_excludes",
        "proxy_url",
        "randomize_addresses",
        "root_certificate",
        "user_agent",
    )
)
_TRUE = frozenset({"1", "true", "on", "yes", "y", "t"})
_FALSE = frozenset({"0", "false", "off", "no", "n", "f"})
_DURATION = re.compile(r"(\d+(?:\.\d+)?) *(ms|s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


def s3_config(*sources: Mapping[str, Any] | None) -> dict[str, str]:
    """One dict of all, canonical names to strings. Raises `UnknownConfigurationKeyError`, `GenericError` for an
    option that is given twice, `TypeError` for a value that is neither a str nor a bool."""
    config: dict[str, str] = {}
    for source in sources:
        for given, value in (source or {}).items():
            name = _canonical(given)
            if name is None:
                raise UnknownConfigurationKeyError(f"Configuration key: {given!r} is not valid for store 'S3'.")
            if name in config:
                raise GenericError(f"Duplicate key aws_{name} provided")
            config[name] = _string(value)
    return config


def s3_arguments(config: Mapping[str, str]) -> dict[str, Any]:
    """Arguments of dskit's S3 store, the bucket as ``bucket``. The environment fills in what `config` lacks."""
    config = {**_environment(), **config}
    for name in sorted(_REFUSED & config.keys()):
        if config[name].lower() not in _FALSE:
            raise NotImplementedError(f"the S3 store of this facade cannot honour {name!r}: leave it out")
    if not config.get("bucket"):
        raise GenericError("Generic S3 error: Missing bucket name")
    arguments: dict[str, Any] = {
        "bucket": config["bucket"],
        "endpoint": config.get("endpoint"),
        "region": config.get("region") or config.get("default_region") or "us-east-1",
        "addressing": "virtual" if _flag(config, "virtual_hosted_style_request") else "path",
    }
    if _flag(config, "skip_signature"):
        return {**arguments, "anonymous": True}
    names = {"access_key": "access_key_id", "secret_key": "secret_access_key", "session_token": "session_token"}
    return arguments | {theirs: config[ours] for theirs, ours in names.items() if ours in config}


def s3_traits(config: Mapping[str, str]) -> Traits:
    """How the store behaves by its options. Raises `GenericError` for a value that an option does not have."""
    config = {**_environment(), **config}
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
        bulk_delete=not _flag(config, "disable_bulk_delete"),
        checksum=checksum.upper() if checksum else None,
    )


def client_arguments(options: Mapping[str, Any] | None, endpoint: str | None) -> dict[str, Any]:
    """What the options of the HTTP client mean to dskit's store. Raises `ValueError` for an unknown one."""
    given = {name: _string(value, duration=True) for name, value in (options or {}).items()}
    for name in given:
        if name in _CLIENT_REFUSED:
            raise NotImplementedError(
                f"the S3 store of this facade cannot honour the client option {name!r}: leave it out"
            )
        if name not in _CLIENT:
            raise ValueError(f"Invalid key: {name}.")
    if "allow_http" not in given and "AWS_ALLOW_HTTP" in os.environ:
        given["allow_http"] = os.environ["AWS_ALLOW_HTTP"]
    if endpoint is not None and endpoint.startswith("http://") and not _flag(given, "allow_http"):
        raise GenericError("Generic S3 error: the endpoint is http://, which needs client_options={'allow_http': True}")
    arguments: dict[str, Any] = {}
    if _flag(given, "allow_invalid_certificates"):
        arguments["verify"] = False
    for name in ("connect_timeout", "read_timeout"):
        if (text := given.get(name, given.get("timeout"))) is not None:
            arguments[name] = _seconds(text)
    if "pool_max_idle_per_host" in given:
        arguments["max_connections"] = int(given["pool_max_idle_per_host"])
    return arguments


def retry_arguments(config: Mapping[str, Any] | None) -> dict[str, Any]:
    """Retries in dskit's terms: pauses of full jitter that double up to a limit, and a number of attempts."""
    if not config:
        return {}
    backoff = config.get("backoff") or {}
    if config.get("retry_timeout") is not None or backoff.get("base", 2) != 2:
        raise NotImplementedError(
            "retries of this facade end by max_retries and their pauses double: leave retry_timeout and base out"
        )
    first = backoff.get("init_backoff", timedelta(milliseconds=100))
    most = backoff.get("max_backoff", timedelta(seconds=15))
    attempts = 1 + unsigned(config.get("max_retries", 10))
    return {"retries": RetryOptions(attempts=attempts, base=first.total_seconds(), cap=most.total_seconds())}


def _canonical(name: str) -> str | None:
    bare = name.lower().removeprefix("aws_")
    bare = _ALIASES.get(bare, bare)
    return bare if bare in _HONOURED or bare in _REFUSED else None


def _environment() -> dict[str, str]:
    """Options from variables ``AWS_…``; those that boto3 itself understands and the facade does not stay with it."""
    found = {}
    for variable, value in os.environ.items():
        if variable.startswith("AWS_") and (name := _canonical(variable)) in _HONOURED:
            found[str(name)] = value
    return found


def _string(value: Any, *, duration: bool = False) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if duration and isinstance(value, timedelta):
        return f"{value.total_seconds():g}s"
    if not isinstance(value, str):
        name = "None" if value is None else type(value).__name__
        raise TypeError(f"'{name}' object is not an instance of 'str'")
    return value


def _flag(config: Mapping[str, str], name: str) -> bool:
    text = config.get(name, "false").lower()
    if text not in _TRUE and text not in _FALSE:
        raise GenericError(f"Generic Config error: failed to parse {text!r} as boolean")
    return text in _TRUE


def _seconds(text: str) -> float:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise GenericError(f"Generic Config error: failed to parse {text!r} as Duration")
    unit = match[2] if match[2] == "ms" else match[2][0]
    return float(match[1]) * _SECONDS[unit]
