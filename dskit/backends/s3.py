"""`S3Store`: a bucket of S3, or of anything that speaks it, through boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from ..errors import ConfigurationError
from ..retry import RetryOptions
from ..store import Store
from .remote_common import RemoteOptions

if TYPE_CHECKING:
    from .s3_service import S3Service

__all__ = ["RetryOptions", "S3Options", "S3Store", "s3_service"]


class S3Options(RemoteOptions, total=False):
    """Options of `S3Store` beside those that both S3 clients take."""

    endpoint: str | None
    addressing: Any
    """``"path"``, ``"virtual"``, or None: path with an endpoint, boto3's choice without."""
    session: Any
    """A `boto3.session.Session`."""


def s3_service(**options: Unpack[S3Options]) -> S3Service:
    """The buckets of an endpoint. Raises `ConfigurationError` where boto3 is missing or refuses an option."""
    try:
        from .s3_service import S3Service
    except ModuleNotFoundError as error:
        raise ConfigurationError('S3 needs boto3: pip install "dskit[s3]"') from error
    return S3Service(**options)


class S3Store(Store):
    """One bucket over boto3; no request is sent before the first verb. Options: `S3Service`.

    >>> store = S3Store("data", endpoint="http://127.0.0.1:9000", access_key="dskit", secret_key="dskit-secret")

    `raw(operation, **params)` sends any operation of the S3 model.
    """

    service: S3Service

    def __init__(self, bucket: str, *, prefix: str = "", **options: Unpack[S3Options]) -> None:
        super().__init__(s3_service(**options), bucket, prefix=prefix, owns_service=True)
