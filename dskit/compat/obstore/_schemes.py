"""Which kind of store a URL is for."""

from __future__ import annotations

from typing import Literal, TypeAlias
from urllib.parse import SplitResult, unquote, urlsplit

from .exceptions import GenericError

__all__ = ["Scheme", "azure_address", "bucket_address", "gcs_address", "parse_scheme", "s3_address", "split"]

Scheme: TypeAlias = Literal["s3", "gcs", "http", "local", "memory", "azure"]

_SCHEMES: dict[str, Scheme] = {
    "file": "local",
    "memory": "memory",
    "s3": "s3",
    "s3a": "s3",
    "gs": "gcs",
    "az": "azure",
    "adl": "azure",
    "azure": "azure",
    "abfs": "azure",
    "abfss": "azure",
    "http": "http",
    "https": "http",
}
_HOSTS: dict[str, Scheme] = {
    "dfs.core.windows.net": "azure",
    "blob.core.windows.net": "azure",
    "dfs.fabric.microsoft.com": "azure",
    "blob.fabric.microsoft.com": "azure",
    "amazonaws.com": "s3",
    "r2.cloudflarestorage.com": "s3",
}


def parse_scheme(url: str) -> Scheme:
    """The kind of store. Raises `GenericError` for a URL of no kind, `ValueError` for what is no URL."""
    parts = split(url)
    scheme = _SCHEMES.get(parts.scheme)
    if scheme is None or (scheme == "local" and parts.netloc not in ("", "localhost")):
        raise GenericError(f"Generic URL error: Unable to recognise URL {url!r}")
    if parts.scheme == "https":
        host = parts.hostname or ""
        return next((kind for tail, kind in _HOSTS.items() if host.endswith(tail)), scheme)
    return scheme


def split(url: str) -> SplitResult:
    if not isinstance(url, str):
        raise TypeError(f"'{type(url).__name__}' object is not an instance of 'str'")
    parts = urlsplit(url)
    if not parts.scheme:
        raise ValueError("relative URL without a base")
    return parts


def s3_address(url: str) -> tuple[dict[str, str], str]:
    """Options and prefix of an S3 URL: ``s3://bucket/prefix`` or one of Amazon's or Cloudflare's https addresses."""
    parts = split(url)
    if parse_scheme(url) != "s3":
        raise GenericError(
            f"Generic S3 error: Unknown url scheme cannot be parsed into storage location: {parts.scheme}"
        )
    host, path = parts.hostname or "", unquote(parts.path).removeprefix("/")
    if parts.scheme in ("s3", "s3a"):
        return {"bucket": parts.netloc}, path
    bucket, _, prefix = path.partition("/")
    if host.endswith("r2.cloudflarestorage.com"):
        return {"bucket": bucket, "endpoint": f"https://{parts.netloc}", "region": "auto"}, prefix
    labels = host.removesuffix(".amazonaws.com").split(".")
    region = {"region": labels[-1]} if labels[-1] != "s3" else {}
    if labels[0] == "s3":
        return {"bucket": bucket, **region}, prefix
    return {"bucket": labels[0], "virtual_hosted_style_request": "true", **region}, path


def gcs_address(url: str) -> tuple[dict[str, str], str]:
    """Options and prefix of ``gs://bucket/prefix``."""
    parts = split(url)
    if parse_scheme(url) != "gcs":
        raise GenericError(
            f"Generic GCS error: Unknown url scheme cannot be parsed into storage location: {parts.scheme}"
        )
    return {"bucket": parts.netloc}, unquote(parts.path).removeprefix("/")


def azure_address(url: str) -> tuple[dict[str, str], str]:
    """Options and prefix of an Azure URL: ``az://container/prefix``, ``abfs://container@account.HOST/prefix``, or an
    https address of an account with the container first in its path."""
    parts = split(url)
    if parse_scheme(url) != "azure":
        raise GenericError(
            f"Generic MicrosoftAzure error: Unknown url scheme cannot be parsed into storage location: {parts.scheme}"
        )
    path = unquote(parts.path).removeprefix("/")
    container, at, host = parts.netloc.rpartition("@")
    account = host.partition(".")[0]
    if parts.scheme == "https":
        container, _, path = path.partition("/")
    elif not at:
        return {"container_name": host}, path
    if not host.endswith((".core.windows.net", ".fabric.microsoft.com")):
        raise GenericError(f"Generic MicrosoftAzure error: {host!r} is no address of an Azure account")
    fabric = {"use_fabric_endpoint": "true"} if host.endswith(".fabric.microsoft.com") else {}
    return {"account_name": account, **fabric, **({"container_name": container} if container else {})}, path


def bucket_address(url: str) -> tuple[str, str]:
    """Bucket and prefix of a URL of any kind that names a bucket."""
    kind = parse_scheme(url)
    if kind == "s3":
        options, prefix = s3_address(url)
        return options["bucket"], prefix
    if kind == "gcs":
        options, prefix = gcs_address(url)
        return options["bucket"], prefix.strip("/")
    if kind == "azure":
        options, prefix = azure_address(url)
        return options.get("container_name", ""), prefix.strip("/")
    raise GenericError(f"Generic URL error: {url!r} names no bucket")
