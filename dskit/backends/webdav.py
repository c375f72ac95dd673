"""`WebDAVStore`: a folder of a WebDAV server through obstore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ..errors import ConfigurationError
from ..keys import check_bucket_name
from ..store import Store
from .obstore_client import ObstoreOptions

if TYPE_CHECKING:
    from .webdav_service import WebDAVService

__all__ = ["WebDAVOptions", "WebDAVStore", "webdav_service"]


class WebDAVOptions(ObstoreOptions, total=False):
    """Options of `WebDAVStore` beside those of all stores through obstore."""

    username: str | None
    password: str | None
    token: str | None
    anonymous: bool
    """Send no credentials, whatever the environment says."""


def webdav_service(url: str, *, bucket: str = "default", **options: Unpack[WebDAVOptions]) -> WebDAVService:
    """The folder as the one bucket of a service. Raises `ConfigurationError` where obstore is missing."""
    try:
        from .webdav_service import WebDAVService
    except ModuleNotFoundError as error:
        raise ConfigurationError('WebDAV needs obstore: pip install "dskit[obstore]"') from error
    return WebDAVService(url, bucket=bucket, **options)


class WebDAVStore(Store):
    """The folder `url` (``https://HOST/PATH``), which must exist; no request is sent before the first verb.

    Keys are paths, as for `LocalStore`, and what an object holds beside its bytes the server decides. Options:
    `WebDAVService`. Some servers answer a GET of a folder with a page of their own; such a folder looks like an
    object to `get` and `head`, though not to a listing.
    """

    service: WebDAVService

    def __init__(
        self, url: str, bucket: str = "default", *, prefix: str = "", **options: Unpack[WebDAVOptions]
    ) -> None:
        check_bucket_name(bucket)
        super().__init__(webdav_service(url, bucket=bucket, **options), bucket, prefix=prefix, owns_service=True)
