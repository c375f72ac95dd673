"""The schemes of store URLs: how each looks, what its parameters are, and who is constructed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

__all__ = ["COMMON", "S3_CLIENTS", "SCHEMES", "Scheme"]


def _flag(text: str) -> bool:
    value = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
    try:
        return value[text.lower()]
    except KeyError:
        raise ValueError("it is true or false") from None


def _choice(*values: str) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if text not in values:
            raise ValueError(f"it is {' or '.join(values)}")
        return text

    return convert


_CREDENTIALS: Mapping[str, Callable[[str], Any]] = {"access_key": str, "secret_key": str, "session_token": str}
COMMON: Mapping[str, Callable[[str], Any]] = {"bucket": str, "prefix": str}


class Scheme(NamedTuple):
    """How the URLs of a scheme look, what their parameters are, and who is constructed."""

    name: str
    form: str
    module: str
    store: str
    service_module: str
    service: str
    parameters: Mapping[str, Callable[[str], Any]]
    extra: str | None = None
    remote: bool = False


SCHEMES: Mapping[str, Scheme] = {
    scheme.name: scheme
    for scheme in (
        Scheme("memory", "memory:", "backends.memory", "MemoryStore", "reference", "memory_service", {}),
        Scheme(
            "disk",
            "disk:PATH",
            "backends.disk",
            "DiskStore",
            "backends.disk",
            "open_disk",
            {"durability": _choice("power", "process")},
        ),
        Scheme(
            "file",
            "file:PATH",
            "backends.local",
            "LocalStore",
            "backends.local",
            "open_local",
            {"durability": _choice("power", "process")},
        ),
        Scheme(
            "s3",
            "s3://BUCKET/FOLDER?endpoint=URL&region=REGION&addressing=path",
            "backends.s3",
            "S3Store",
            "backends.s3_service",
            "S3Service",
            {
                "endpoint": str,
                "region": str,
                "addressing": _choice("path", "virtual"),
                "client": str,
                "anonymous": _flag,
                "verify": _flag,
                "max_connections": int,
                "part_bytes": int,
                **_CREDENTIALS,
            },
            extra="s3",
            remote=True,
        ),
        Scheme(
            "minio",
            "minio://HOST:PORT/BUCKET/FOLDER?secure=false",
            "backends.minio",
            "MinIOStore",
            "backends.minio_service",
            "MinIOService",
            {
                "secure": _flag,
                "region": str,
                "anonymous": _flag,
                "verify": _flag,
                "max_connections": int,
                "part_bytes": int,
                **_CREDENTIALS,
            },
            extra="minio",
            remote=True,
        ),
        Scheme(
            "az",
            "az://CONTAINER/FOLDER?account=ACCOUNT&endpoint=URL",
            "backends.azure",
            "AzureStore",
            "backends.azure_service",
            "AzureService",
            {
                "account": str,
                "endpoint": str,
                "access_key": str,
                "token": str,
                "anonymous": _flag,
                "verify": _flag,
                "part_bytes": int,
            },
            extra="obstore",
            remote=True,
        ),
        Scheme(
            "gs",
            "gs://BUCKET/FOLDER?endpoint=URL",
            "backends.gcs",
            "GCSStore",
            "backends.gcs_service",
            "GCSService",
            {
                "service_account": str,
                "token": str,
                "endpoint": str,
                "anonymous": _flag,
                "verify": _flag,
                "part_bytes": int,
            },
            extra="obstore",
            remote=True,
        ),
        *(
            Scheme(
                f"dav+{web}",
                f"dav+{web}://HOST/PATH",
                "backends.webdav",
                "WebDAVStore",
                "backends.webdav_service",
                "WebDAVService",
                {"username": str, "password": str, "token": str, "anonymous": _flag, "verify": _flag},
                extra="obstore",
            )
            for web in ("https", "http")
        ),
    )
}

S3_CLIENTS: Mapping[str, Scheme] = {
    "boto3": SCHEMES["s3"],
    "obstore": SCHEMES["s3"]._replace(
        module="backends.obstore_s3",
        store="ObstoreS3Store",
        service_module="backends.obstore_s3_service",
        service="ObstoreS3Service",
        extra="obstore",
    ),
}
"""Who is constructed for an ``s3:`` URL, by its parameter ``client``."""
