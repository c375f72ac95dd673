"""Options of `GCSStore` in the terms of dskit's store; `_options` says how they are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._base import Traits
from ._options import Options, flag
from .exceptions import GenericError

__all__ = ["GCS_OPTIONS", "gcs_arguments", "gcs_traits"]

_ALIASES = {"bucket_name": "bucket", "service_account_path": "service_account"}
_CREDENTIALS = {
    "bearer_token": "token",
    "service_account_key": "service_account_key",
    "service_account": "service_account",
    "application_credentials": "service_account",
}
"""In obstore's order; an application's credentials are a file of the same form, or of one that dskit refuses."""

GCS_OPTIONS = Options(
    "GCS", "GOOGLE_", frozenset({"base_url", "bucket", "skip_signature", *_CREDENTIALS}), frozenset(), _ALIASES
)


def gcs_arguments(config: Mapping[str, str]) -> dict[str, Any]:
    """Arguments of dskit's GCS store. Credentials of the environment count where `config` has none."""
    whole = GCS_OPTIONS.with_environment(config)
    if not whole.get("bucket"):
        raise GenericError("Generic GCS error: Missing bucket name")
    arguments: dict[str, Any] = {"bucket": whole["bucket"], "endpoint": whole.get("base_url")}
    if flag(whole, "skip_signature"):
        return {**arguments, "anonymous": True}
    if "service_account" in config and "service_account_key" in config:
        raise GenericError("Generic GCS error: One of service account path or service account key may be provided.")
    for given in (config, whole):
        for ours, theirs in _CREDENTIALS.items():
            if ours in given:
                return {**arguments, theirs: given[ours]}
    return arguments


def gcs_traits(config: Mapping[str, str]) -> Traits:
    return Traits(label="GCS", delete_missing=False, content_type="application/octet-stream", null_version=True)
