"""`DataSourceClient`, and where it finds the stores that its data sources are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, NoReturn, TypeAlias

from ...errors import BucketNotFoundError, InvalidBucketNameError
from ...keys import check_bucket_name
from ...service import Service
from ...store import Store
from ...urls import open_store
from ..storage import Storage, configured_service, service_of
from .datasource import ObjectStoreDatasource, keys_of, signed_url
from .errors import DominoError, refusal

__all__ = ["ENVIRONMENT", "DataSourceClient", "Sources", "connect"]

ENVIRONMENT = "DSKIT_DOMINO_STORE"
"""The URL of a service: what `DataSourceClient` of this module stands on. Each bucket is a data source."""

Sources: TypeAlias = Mapping[str, Store | str] | Storage


@dataclass(order=True)
class DataSourceClient:
    """The package's client. Its arguments are accepted and not checked: the stores are there already, opened.

    Use `connect` to say which stores; the class itself takes those of the service that ``DSKIT_DOMINO_STORE`` names.
    """

    api_key: str | None = field(default_factory=lambda: os.getenv("DOMINO_USER_API_KEY"))
    token_file: str | None = field(default_factory=lambda: os.getenv("DOMINO_TOKEN_FILE"))
    token_url: str | None = field(default_factory=lambda: os.getenv("DOMINO_API_PROXY"))
    token: str | None = None

    _sources: ClassVar[_Sources | None] = None

    def get_datasource(self, name: str) -> ObjectStoreDatasource:
        """Raises Exception for a name that no data source has."""
        store = self._stores().find(name)
        if store is None:
            raise Exception(f"There is no data source {name!r}. {self._stores().remedy}")
        return ObjectStoreDatasource(
            auth_type="AWSIAMBasic",
            client=self,
            config={"bucket": store.bucket} | ({"subfolder": store.prefix} if store.prefix else {}),
            datasource_type="S3Config",
            identifier=f"ds-{name}",
            name=name,
            owner="dskit",
        )

    def list_keys(
        self, datasource_id: str, prefix: str, page_size: int, config: dict[str, str], credential: dict[str, str]
    ) -> list[str]:
        """At most `page_size` keys, in the store's order. Raises Exception(``code: message``)."""
        return keys_of(self._find_store(datasource_id, config), prefix, page_size)

    def get_key_url(
        self,
        datasource_id: str,
        object_key: str,
        is_read_write: bool,
        config: dict[str, str],
        credential: dict[str, str],
    ) -> str:
        """Raises Exception(``code: message``), for a store that cannot sign too."""
        return signed_url(self._find_store(datasource_id, config), object_key, is_read_write)

    def execute(self, datasource_id: str, query: str, config: dict[str, str], credential: dict[str, str]) -> NoReturn:
        """Raises DominoError: there are no tabular data sources here."""
        raise DominoError(f"data source {datasource_id!r} holds objects; the facade answers no queries")

    def _stores(self) -> _Sources:
        if self._sources is not None:
            return self._sources
        return _Sources(configured_service(ENVIRONMENT, "dskit.compat.domino.connect(…)"))

    def _find_store(self, identifier: str, config: Mapping[str, str]) -> Store:
        """The store of a data source with the overrides of its configuration. Raises Exception for an unknown id."""
        store = self._stores().find(identifier.removeprefix("ds-"))
        if store is None:
            raise Exception(f"NotFound: there is no data source with the id {identifier!r}")
        for name in config:
            if name.startswith("snapshot"):
                raise Exception(f"BadRequest: {name!r} cannot be honoured: a store has no snapshots")
        bucket, prefix = config.get("bucket", store.bucket), store.prefix
        if "subfolder" in config:
            folder = config["subfolder"].strip("/")
            prefix = folder + "/" if folder else ""
        if (bucket, prefix) == (store.bucket, store.prefix):
            return store
        try:
            check_bucket_name(bucket)
        except InvalidBucketNameError as error:
            raise refusal(error) from error
        return Store(store.service, bucket, prefix=prefix)


class _Sources:
    """Names to stores, opened when first asked for."""

    def __init__(self, sources: Sources) -> None:
        self._named: dict[str, Store] | None = None
        self._service: Service | None = None
        if isinstance(sources, Mapping):
            self._named = {name: open_store(each) if isinstance(each, str) else each for name, each in sources.items()}
            known = ", ".join(repr(name) for name in self._named) or "none"
            self.remedy = f"Those that were given to connect(): {known}."
        else:
            self._service = service_of(sources)
            self.remedy = f"Each bucket of {self._service.name} is one: make a bucket of that name."

    def find(self, name: str) -> Store | None:
        if self._named is not None:
            return self._named.get(name)
        assert self._service is not None
        try:
            self._service.head_bucket(name)
        except (BucketNotFoundError, InvalidBucketNameError):
            return None
        return self._service.bucket(name)


def connect(sources: Sources) -> type[DataSourceClient]:
    """The class `DataSourceClient` for these stores; several stand side by side.

    `sources` maps names of data sources to stores or store URLs; or it is a service, a store or the URL of a service,
    whose every bucket is a data source. Raises `ConfigurationError` for anything else.
    """
    bound: type[DataSourceClient] = type("DataSourceClient", (DataSourceClient,), {"_sources": _Sources(sources)})
    return bound
