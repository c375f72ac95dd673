"""`MinIOStore`: a bucket of a MinIO server, or of anything that speaks S3, through minio-py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ..errors import ConfigurationError
from ..retry import RetryOptions
from ..store import Store
from .remote_common import RemoteOptions

if TYPE_CHECKING:
    from .minio_service import MinIOService

__all__ = ["MinIOOptions", "MinIOStore", "RetryOptions", "minio_service"]


class MinIOOptions(RemoteOptions, total=False):
    """Options of `MinIOStore` beside those that both S3 clients take."""

    secure: bool
    """TLS, where the endpoint is not a URL with its own scheme. True unless said."""


def minio_service(endpoint: str, **options: Unpack[MinIOOptions]) -> MinIOService:
    """The buckets of a server. Raises `ConfigurationError` where minio-py is missing or refuses an option."""
    try:
        from .minio_service import MinIOService
    except ModuleNotFoundError as error:
        raise ConfigurationError('MinIO needs minio-py: pip install "dskit[minio]"') from error
    return MinIOService(endpoint, **options)


class MinIOStore(Store):
    """One bucket over minio-py; no request is sent before the first verb. Options: `MinIOService`.

    >>> store = MinIOStore("127.0.0.1:9000", "data", secure=False, access_key="dskit", secret_key="dskit-secret")
    """

    service: MinIOService

    def __init__(self, endpoint: str, bucket: str, *, prefix: str = "", **options: Unpack[MinIOOptions]) -> None:
        super().__init__(minio_service(endpoint, **options), bucket, prefix=prefix, owns_service=True)
