"""`AzureStore`: a container of Azure Blob Storage through obstore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ..errors import ConfigurationError
from ..store import Store
from .obstore_client import ObstoreOptions

if TYPE_CHECKING:
    from .azure_service import AzureService

__all__ = ["AzureOptions", "AzureStore", "azure_service"]


class AzureOptions(ObstoreOptions, total=False):
    """Options of `AzureStore` beside those of all stores through obstore."""

    account: str | None
    access_key: str | None
    token: str | None
    endpoint: str | None
    """The account's address, ``https://ACCOUNT.blob.core.windows.net`` unless said."""
    anonymous: bool
    """Send no credentials, whatever the environment says."""


def azure_service(**options: Unpack[AzureOptions]) -> AzureService:
    """The containers of an account. Raises `ConfigurationError` where obstore is missing."""
    try:
        from .azure_service import AzureService
    except ModuleNotFoundError as error:
        raise ConfigurationError('Azure needs obstore: pip install "dskit[obstore]"') from error
    return AzureService(**options)


class AzureStore(Store):
    """One container, which must exist; no request is sent before the first verb. Options: `AzureService`."""

    service: AzureService

    def __init__(self, bucket: str, *, prefix: str = "", **options: Unpack[AzureOptions]) -> None:
        super().__init__(azure_service(**options), bucket, prefix=prefix, owns_service=True)
