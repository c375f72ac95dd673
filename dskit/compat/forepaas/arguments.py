"""Arguments of minio-py's client, checked: names, headers, and what only a server could honour."""

from __future__ import annotations

from typing import Any, NoReturn

from ...errors import UnsupportedError
from ...types import Attributes
from ..object_headers import attributes_of_headers, get_options
from .answers import s3_error, translated

__all__ = ["attributes_of", "read_options", "refuse", "refuse_given"]

OVERRIDES = {
    f"response-{name.lower()}": name
    for name in (
        "Cache-Control",
        "Content-Disposition",
        "Content-Encoding",
        "Content-Language",
        "Content-Type",
        "Expires",
    )
}


def refuse(what: str, operation: str, bucket: str, key: str | None = None) -> NoReturn:
    error = UnsupportedError(
        f"{operation} cannot honour {what} without a server; leave it out, or connect to a MinIO",
        bucket=bucket,
        key=key,
    )
    raise s3_error(error) from error


def refuse_given(operation: str, bucket: str, key: str, **options: Any) -> None:
    for name, value in options.items():
        if value is not None and value is not False:
            refuse(name, operation, bucket, key)


def attributes_of(headers: dict[str, Any], operation: str) -> Attributes:
    """Raises `S3Error` for a header that is no attribute of an object."""
    attributes, rest = attributes_of_headers({name: told(value) for name, value in headers.items()})
    if rest:
        raise s3_error(UnsupportedError(f"{operation} cannot honour the header {next(iter(rest))}"))
    return attributes


@translated
def read_options(
    bucket: str, key: str, headers: dict[str, str], query: dict[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The arguments of `Store.get` for the headers and the query of a GET, and the headers to be answered instead.

    Raises `S3Error` for what cannot be honoured.
    """
    options, rest = get_options(headers)
    overrides: dict[str, str] = {}
    if rest:
        raise UnsupportedError(f"get_object cannot honour the header {next(iter(rest))}", bucket=bucket, key=key)
    for name, value in query.items():
        if name in OVERRIDES:
            overrides[OVERRIDES[name]] = value
        elif name == "versionId":
            options["version_id"] = value
        elif name == "partNumber":
            options["part_number"] = int(value)
        else:
            raise UnsupportedError(f"get_object cannot honour the parameter {name}", bucket=bucket, key=key)
    return options, overrides


def told(value: Any) -> str:
    """A header's value; minio-py holds those of metadata as lists, which travel joined by commas."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
