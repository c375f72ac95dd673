"""`ObstoreS3Store`: a bucket of S3, or of anything that speaks it, through obstore instead of boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Unpack

from ..errors import ConfigurationError
from ..store import Store
from .obstore_client import ObstoreOptions

if TYPE_CHECKING:
    from .obstore_s3_service import ObstoreS3Service

__all__ = ["ObstoreS3Options", "ObstoreS3Store", "obstore_s3_service"]


class ObstoreS3Options(ObstoreOptions, total=False):
    """Options of `ObstoreS3Store` beside those of all stores through obstore; named as those of `S3Store`."""

    endpoint: str | None
    region: str | None
    addressing: Literal["path", "virtual"] | None
    access_key: str | None
    secret_key: str | None
    session_token: str | None
    session: Any
    """A `boto3.session.Session`: all places where boto3 finds credentials."""
    anonymous: bool
    """Send no credentials, whatever the environment says."""


def obstore_s3_service(**options: Unpack[ObstoreS3Options]) -> ObstoreS3Service:
    """The buckets of an endpoint. Raises `ConfigurationError` where obstore is missing or refuses an option."""
    try:
        from .obstore_s3_service import ObstoreS3Service
    except ModuleNotFoundError as error:
        raise ConfigurationError('S3 through obstore needs obstore: pip install "dskit[obstore]"') from error
    return ObstoreS3Service(**options)


class ObstoreS3Store(Store):
    """One bucket, which must exist; no request is sent before the first verb. Options: `ObstoreS3Service`.

    A request costs a fifth of boto3's CPU, so many small ones at once go several times faster; what obstore cannot say
    is refused (`capabilities`), and `S3Store` has all of it.
    """

    service: ObstoreS3Service

    def __init__(self, bucket: str, *, prefix: str = "", **options: Unpack[ObstoreS3Options]) -> None:
        super().__init__(obstore_s3_service(**options), bucket, prefix=prefix, owns_service=True)
