"""The configuration classes that `datasource.update` takes: where to look instead, and with which credentials."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

__all__ = [
    "ADLSConfig",
    "AzureBlobStorageConfig",
    "Config",
    "DatasetConfig",
    "DatasourceConfig",
    "GCSConfig",
    "GenericS3Config",
    "NetAppVolumeConfig",
    "S3Config",
]


def _setting(name: str) -> Any:
    """A field that is called `name` on the wire."""
    return field(default=None, metadata={"setting": name})


def _secret(name: str) -> Any:
    return field(default=None, metadata={"secret": name})


@dataclass(order=True)
class Config:
    """Nothing is overridden. Fields of the subclasses are keyword-only; None leaves the data source's own value."""

    def config(self) -> dict[str, str]:
        return self._given("setting")

    def credential(self) -> dict[str, str]:
        return self._given("secret")

    def _given(self, kind: str) -> dict[str, str]:
        values = {each.metadata[kind]: getattr(self, each.name) for each in fields(self) if kind in each.metadata}
        return {name: value for name, value in values.items() if value is not None}


@dataclass(order=True, kw_only=True)
class ADLSConfig(Config):
    container: str | None = _setting("bucket")
    access_key: str | None = _secret("accessKey")


@dataclass(order=True, kw_only=True)
class AzureBlobStorageConfig(Config):
    container: str | None = _setting("bucket")
    access_key: str | None = _secret("accessKey")


@dataclass(order=True, kw_only=True)
class DatasetConfig(Config):
    snapshot_id: str | None = _setting("snapshotID")
    subfolder: str | None = _setting("subfolder")


@dataclass(order=True, kw_only=True)
class GCSConfig(Config):
    bucket: str | None = _setting("bucket")
    private_key_json: str | None = _secret("privateKey")


@dataclass(order=True, kw_only=True)
class GenericS3Config(Config):
    bucket: str | None = _setting("bucket")
    subfolder: str | None = _setting("subfolder")
    host: str | None = _setting("host")
    region: str | None = _setting("region")
    aws_access_key_id: str | None = _secret("accessKeyID")
    aws_secret_access_key: str | None = _secret("secretAccessKey")


@dataclass(order=True, kw_only=True)
class NetAppVolumeConfig(Config):
    snapshot_version: str | None = _setting("snapshotVersion")
    subfolder: str | None = _setting("subfolder")


@dataclass(order=True, kw_only=True)
class S3Config(Config):
    bucket: str | None = _setting("bucket")
    subfolder: str | None = _setting("subfolder")
    region: str | None = _setting("region")
    aws_access_key_id: str | None = _secret("accessKeyID")
    aws_secret_access_key: str | None = _secret("secretAccessKey")
    aws_session_token: str | None = _secret("sessionToken")


DatasourceConfig: TypeAlias = (
    ADLSConfig
    | AzureBlobStorageConfig
    | DatasetConfig
    | GCSConfig
    | GenericS3Config
    | NetAppVolumeConfig
    | S3Config
    | Config
)
