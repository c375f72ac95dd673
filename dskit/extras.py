"""Which extra installs a library: the words for one that is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from .errors import ConfigurationError

__all__ = ["EXTRAS", "explained"]

EXTRAS: Mapping[str, str] = MappingProxyType(
    {
        "boto3": "s3",
        "botocore": "s3",
        "minio": "minio",
        "obstore": "obstore",
        "httptools": "emulator",
        "hypothesis": "conformance",
        "jinja2": "conformance",
        "jsonschema": "conformance",
        "click": "cli",
        "rich": "cli",
        "fsspec": "fsspec",
        "testcontainers": "containers",
        "docker": "containers",
    }
)


@contextmanager
def explained() -> Iterator[None]:
    """Around imports: a library that is not installed becomes a `ConfigurationError` that names its extra."""
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in EXTRAS:
            raise
        raise ConfigurationError(f'{library} is not installed: pip install "dskit[{EXTRAS[library]}]"') from error
