"""Options of obstore's HTTP client, and the options that all stores through obstore take."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypedDict, cast

from ..errors import ConfigurationError
from ..ids import Ids
from ..retry import RetryOptions
from .remote_common import Overrides

__all__ = ["ConnectionOptions", "ObstoreOptions", "ServiceOptions", "client_options", "parted"]


class ConnectionOptions(TypedDict, total=False):
    """Seconds; `verify` is False, or a file of certificates (PEM) to trust."""

    connect_timeout: float
    read_timeout: float
    verify: bool | str


class ServiceOptions(TypedDict, total=False):
    """`part_bytes` is the size from which a put goes in parts, and that of a part. `capabilities` overrides what is
    declared."""

    retries: RetryOptions | None
    part_bytes: int
    capabilities: Overrides
    ids: Ids | None
    sleep: Callable[[float], None]


class ObstoreOptions(ConnectionOptions, ServiceOptions, total=False):
    """Options that every store through obstore takes."""


def parted(options: ObstoreOptions) -> tuple[ConnectionOptions, ServiceOptions]:
    """Those of the HTTP client and those of the service. Raises TypeError for any other, as a call does."""
    if unknown := sorted(options.keys() - ObstoreOptions.__annotations__.keys()):
        raise TypeError(f"a store through obstore has no option {', '.join(unknown)}")
    connection = {name: value for name, value in options.items() if name in ConnectionOptions.__annotations__}
    service = {name: value for name, value in options.items() if name in ServiceOptions.__annotations__}
    return cast("ConnectionOptions", connection), cast("ServiceOptions", service)


def client_options(
    url: str,
    *,
    connect_timeout: float = 5.0,
    read_timeout: float = 60.0,
    verify: bool | str = True,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Raises `ConfigurationError` for a file of certificates that cannot be read."""
    options: dict[str, Any] = {
        "allow_http": url.startswith("http://"),
        "connect_timeout": timedelta(seconds=connect_timeout),
        "read_timeout": timedelta(seconds=read_timeout),
        "timeout": timedelta(days=1),  # of a whole request with its body; 30 s by default, which large objects exceed
    }
    if headers:
        options["default_headers"] = headers
    if verify is False:
        options["allow_invalid_certificates"] = True
    elif isinstance(verify, str):
        try:
            options["root_certificate"] = Path(verify).read_bytes()
        except OSError as error:
            raise ConfigurationError(f"verify: {verify}: {error.strerror}") from error
    return options
