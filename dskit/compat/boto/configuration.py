"""Which storage a connection stands on that was given none."""

from __future__ import annotations

import os

from ...errors import ConfigurationError
from ...service import Service
from ..storage import service_of

__all__ = ["ENVIRONMENT", "configured"]

ENVIRONMENT = "DSKIT_BOTO_STORE"


def configured() -> Service:
    """What ``DSKIT_BOTO_STORE`` says. Raises `ConfigurationError` where it says nothing or ``memory:``."""
    url = os.environ.get(ENVIRONMENT)
    if not url:
        raise ConfigurationError(
            f"this connection does not know its storage: set {ENVIRONMENT} to a URL such as disk:PATH, or use "
            "dskit.compat.boto.connect(storage)"
        )
    if url.startswith("memory:"):
        raise ConfigurationError(
            f"{ENVIRONMENT} is {url}: each connection would see a new, empty memory; use dskit.compat.boto.connect"
        )
    return service_of(url)
