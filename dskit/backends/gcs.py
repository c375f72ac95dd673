"""`GCSStore`: a bucket of Google Cloud Storage through obstore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ..errors import ConfigurationError
from ..store import Store
from .obstore_client import ObstoreOptions

if TYPE_CHECKING:
    from .gcs_service import GCSService

__all__ = ["GCSOptions", "GCSStore", "gcs_service"]


class GCSOptions(ObstoreOptions, total=False):
    """Options of `GCSStore` beside those of all stores through obstore."""

    service_account: str | None
    """Path of a service account's key file (JSON)."""
    service_account_key: str | None
    """Its text."""
    token: str | None
    """OAuth bearer token, which is never renewed."""
    endpoint: str | None
    """``https://storage.googleapis.com`` unless said, here or by the key's ``gcs_base_url``."""
    anonymous: bool
    """Send no credentials, whatever the environment says."""


def gcs_service(**options: Unpack[GCSOptions]) -> GCSService:
    """The buckets that credentials reach. Raises `ConfigurationError` where obstore is missing."""
    try:
        from .gcs_service import GCSService
    except ModuleNotFoundError as error:
        raise ConfigurationError('Google Cloud Storage needs obstore: pip install "dskit[obstore]"') from error
    return GCSService(**options)


class GCSStore(Store):
    """One bucket, which must exist; no request is sent before the first verb. Options: `GCSService`."""

    service: GCSService

    def __init__(self, bucket: str, *, prefix: str = "", **options: Unpack[GCSOptions]) -> None:
        super().__init__(gcs_service(**options), bucket, prefix=prefix, owns_service=True)
