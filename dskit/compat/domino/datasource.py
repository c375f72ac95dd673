"""Data sources and their objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from ...errors import ConfigurationError, StoreError
from ...store import Store
from .configuration import Config, DatasourceConfig
from .errors import failure, refusal
from .transfers import MAX_WORKERS, download_file, download_parallel, write_to

if TYPE_CHECKING:
    import httpx
    import urllib3

    from .client import DataSourceClient

__all__ = ["Datasource", "ObjectStoreDatasource", "keys_of", "signed_url"]


@dataclass(order=True)
class _Object:
    """One key of a data source; the object need not be there.

    All that moves bytes raises ``httpx.HTTPStatusError`` with S3's status where the store refuses, and OSError for
    local files. `include_auth_headers` is the package's and has no meaning here.
    """

    datasource: ObjectStoreDatasource = field(repr=False)
    key: str
    include_auth_headers: bool = field(default=False, repr=False)

    def http(self) -> httpx.Client:
        return self.datasource.http()

    def pool_manager(self) -> urllib3.PoolManager:
        return self.datasource.pool_manager()

    def get(self) -> bytes:
        store = self.datasource._store()
        try:
            return store.get(self.key).read()
        except StoreError as error:
            raise failure("GET", store, self.key, error) from error

    def download_file(self, filename: str) -> None:
        """The file appears whole, or stays what it was."""
        with self._reading() as store:
            download_file(store, self.key, filename)

    def download(self, filename: str, max_workers: int = MAX_WORKERS) -> None:
        """As `download_file`, in parts of 16 MiB, `max_workers` of them at a time."""
        with self._reading() as store:
            download_parallel(store, self.key, filename, max_workers)

    def download_fileobj(self, fileobj: Any) -> None:
        """Calls `fileobj.write` with pieces of the object; its position stays at the end."""
        with self._reading() as store:
            write_to(store, self.key, fileobj.write)

    def put(self, content: bytes) -> None:
        """`content` may also be text, stored as UTF-8. Raises TypeError for anything else, before anything is sent."""
        if isinstance(content, str):
            content = content.encode()
        if not isinstance(content, bytes):
            raise TypeError(f"Unexpected type for 'content', {type(content)!r}")
        store = self.datasource._store()
        try:
            store.put(self.key, content)
        except StoreError as error:
            raise failure("PUT", store, self.key, error) from error

    def upload_file(self, filename: str) -> None:
        with open(filename, "rb") as file:
            self._upload(file)

    def upload_fileobj(self, fileobj: Any) -> None:
        """From a binary file, from where it stands, or from bytes, text or an iterable of bytes."""
        if isinstance(fileobj, str):
            fileobj = fileobj.encode()
        readable = hasattr(fileobj, "read") or isinstance(fileobj, bytes)
        if not readable and (not isinstance(fileobj, Iterable) or isinstance(fileobj, dict | bytearray | memoryview)):
            raise TypeError(f"Unexpected type for 'content', {type(fileobj)!r}")
        self._upload(fileobj)

    def _upload(self, data: Any) -> None:
        store = self.datasource._store()
        try:
            store.put(self.key, data)
        except StoreError as error:
            raise failure("PUT", store, self.key, error) from error

    @contextmanager
    def _reading(self) -> Iterator[Store]:
        store = self.datasource._store()
        try:
            yield store
        except StoreError as error:
            raise failure("GET", store, self.key, error) from error


@dataclass(order=True)
class Datasource:
    """What `DataSourceClient.get_datasource` gives. Made by it."""

    auth_type: str
    client: DataSourceClient = field(repr=False)
    config: dict[str, Any]
    datasource_type: str
    identifier: str
    name: str
    owner: str
    _config_override: DatasourceConfig = field(default_factory=Config, init=False, repr=False)
    _overridden: Store | None = field(default=None, init=False, repr=False, compare=False)

    def http(self) -> httpx.Client:
        """A client for the package's users who send requests of their own; nothing here does."""
        try:
            import httpx
        except ImportError:
            raise ConfigurationError("http() needs httpx: pip install httpx") from None
        return httpx.Client()

    def pool_manager(self) -> urllib3.PoolManager:
        try:
            import urllib3
        except ImportError:
            raise ConfigurationError("pool_manager() needs urllib3: pip install urllib3") from None
        return urllib3.PoolManager()

    def update(self, config: DatasourceConfig) -> None:
        """Use another bucket or folder from now on. Credentials, region and host say how to get there: not needed."""
        self._config_override = config
        self._overridden = None

    def reset_config(self) -> None:
        self.update(Config())

    def _store(self) -> Store:
        if self._overridden is None:
            self._overridden = self.client._find_store(self.identifier, self._config_override.config())
        return self._overridden


@dataclass(order=True)
class ObjectStoreDatasource(Datasource):
    """A data source that holds objects: the only kind that the facade has."""

    def Object(self, key: str, include_auth_headers: bool = False) -> _Object:  # noqa: N802 - the package's name
        return _Object(self, key, include_auth_headers)

    def list_objects(self, prefix: str = "", page_size: int = 1000) -> list[_Object]:
        """At most `page_size` objects whose keys begin with `prefix`. Raises Exception(``code: message``)."""
        return [_Object(self, key) for key in keys_of(self._store(), prefix, page_size)]

    def get_key_url(self, object_key: str, is_read_write: bool = False) -> str:
        """A signed URL for GET or, with `is_read_write`, PUT. Raises Exception where the store cannot sign."""
        return signed_url(self._store(), object_key, is_read_write)

    def get(self, object_key: str) -> bytes:
        return _Object(self, object_key).get()

    def download_file(self, object_key: str, filename: str) -> None:
        _Object(self, object_key).download_file(filename)

    def download(self, object_key: str, filename: str, max_workers: int = MAX_WORKERS) -> None:
        _Object(self, object_key).download(filename, max_workers)

    def download_fileobj(self, object_key: str, fileobj: Any) -> None:
        _Object(self, object_key).download_fileobj(fileobj)

    def put(self, object_key: str, content: bytes) -> None:
        _Object(self, object_key).put(content)

    def upload_file(self, object_key: str, filename: str) -> None:
        _Object(self, object_key).upload_file(filename)

    def upload_fileobj(self, object_key: str, fileobj: Any) -> None:
        _Object(self, object_key).upload_fileobj(fileobj)


def keys_of(store: Store, prefix: str, page_size: int) -> list[str]:
    """At most `page_size` keys, in the store's order. Raises Exception(``code: message``)."""
    if type(page_size) is not int or page_size < 0:
        raise Exception(f"BadRequest: page_size is a number, 0 or more; not {page_size!r}")
    try:
        return [found.key for found in islice(store.list(prefix, page_size=page_size or 1), page_size)]
    except StoreError as error:
        raise refusal(error) from error


def signed_url(store: Store, key: str, writes: bool) -> str:
    """Raises Exception(``code: message``), for a store that cannot sign too."""
    try:
        return store.sign(key, "PUT" if writes else "GET")
    except StoreError as error:
        raise refusal(error) from error
