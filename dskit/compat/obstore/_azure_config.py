"""Options of `AzureStore` in the terms of dskit's store; `_options` says how they are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._base import Traits
from ._options import Options, flag
from .exceptions import GenericError

__all__ = ["AZURE_OPTIONS", "azure_arguments", "azure_traits"]

_ALIASES = {
    "storage_account_name": "account_name",
    "storage_account_key": "account_key",
    "storage_access_key": "account_key",
    "storage_master_key": "account_key",
    "access_key": "account_key",
    "master_key": "account_key",
    "storage_token": "token",
    "bearer_token": "token",
    "storage_endpoint": "endpoint",
    "storage_client_id": "client_id",
    "storage_client_secret": "client_secret",
    "storage_tenant_id": "tenant_id",
    "storage_authority_id": "tenant_id",
    "authority_id": "tenant_id",
    "storage_authority_host": "authority_host",
    "storage_sas_key": "sas_key",
    "storage_sas_token": "sas_key",
    "sas_token": "sas_key",
    "storage_use_emulator": "use_emulator",
    "identity_endpoint": "msi_endpoint",
}
_HONOURED = frozenset(
    ("account_key", "account_name", "container_name", "disable_tagging", "endpoint", "skip_signature", "token")
)
_REFUSED = frozenset(
    (
        "authority_host",
        "client_id",
        "client_secret",
        "credential_type",
        "encryption_key",
        "fabric_cluster_identifier",
        "fabric_session_token",
        "fabric_token_service_url",
        "fabric_workload_host",
        "federated_token_file",
        "msi_endpoint",
        "msi_resource_id",
        "object_id",
        "sas_key",
        "tenant_id",
        "use_azure_cli",
        "use_emulator",
        "use_fabric_endpoint",
    )
)
AZURE_OPTIONS = Options("Azure", "AZURE_", _HONOURED, _REFUSED, _ALIASES)


def azure_arguments(config: Mapping[str, str]) -> dict[str, Any]:
    """Arguments of dskit's Azure store, the container as ``bucket``. A key wins over a token, as in obstore."""
    whole = AZURE_OPTIONS.with_environment(config)
    AZURE_OPTIONS.refuse(whole)
    if not whole.get("container_name"):
        raise GenericError("Generic MicrosoftAzure error: Container name must be specified")
    arguments: dict[str, Any] = {
        "bucket": whole["container_name"],
        "account": whole.get("account_name"),
        "endpoint": whole.get("endpoint"),
    }
    if flag(whole, "skip_signature"):
        return {**arguments, "anonymous": True}
    names = {"account_key": "access_key", "token": "token"}
    for given in (config, whole):
        for ours, theirs in names.items():
            if ours in given:
                return {**arguments, theirs: given[ours]}
    return arguments


def azure_traits(config: Mapping[str, str]) -> Traits:
    untagged = flag(AZURE_OPTIONS.with_environment(config), "disable_tagging")
    return Traits(
        label="MicrosoftAzure",
        tags="ignored" if untagged else "refused",
        delete_missing=False,
        content_type="application/octet-stream",
    )
