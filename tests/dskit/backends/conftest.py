"""The two S3 clients over the emulator and, where there is one, over a real MinIO server."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3.session
import pytest

import dskit
import dskit_emulator
from dskit import DeleteRequest
from dskit.backend import ObjectService
from dskit.backends.minio import minio_service
from dskit.backends.s3 import s3_service
from dskit.ids import RandomIds
from tests.dskit.backends.asked import Asked
from tests.dskit.backends.faulty_proxy import FaultyProxy

CLIENTS: dict[str, Callable[..., ObjectService]] = {"s3": s3_service, "minio": minio_service}

Maker = Callable[..., ObjectService]


@pytest.fixture(params=["s3", "minio"])
def client(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def connect(client: str, boto_session: boto3.session.Session) -> Iterator[Maker]:
    """Makes services of `client` for a URL; with the emulator's keys unless told otherwise."""
    made: list[ObjectService] = []

    def make(url: str, **options: Any) -> ObjectService:
        settings = {"access_key": "dskit", "secret_key": "dskit-secret", "region": "us-east-1", **options}
        if client == "s3":
            settings.setdefault("session", boto_session)
        made.append(CLIENTS[client](endpoint=url, **settings))
        return made[-1]

    yield make
    for service in made:
        service.close()


@pytest.fixture(params=["emulator", pytest.param("real", marks=pytest.mark.minio)])
def service(request: pytest.FixtureRequest, connect: Maker) -> Iterator[ObjectService]:
    """`client` connected to an endpoint that has an empty bucket ``data``, which is emptied and removed afterwards."""
    if request.param == "emulator":
        endpoint: dskit_emulator.Endpoint = request.getfixturevalue("s3")
        made = connect(endpoint.url)
    else:
        server = request.getfixturevalue("real_minio")
        made = connect(server.url, access_key=server.access_key, secret_key=server.secret_key)
    made.create_bucket("data")
    yield made
    for row in made.list_page("data").objects:
        made.delete("data", DeleteRequest(key=row.key))
    made.delete_bucket("data")


@pytest.fixture
def proxy(s3: dskit_emulator.Endpoint) -> Iterator[FaultyProxy]:
    """A faulty proxy before an endpoint whose bucket ``data`` is there."""
    s3.create_bucket("data")
    with FaultyProxy(s3.url) as running:
        yield running


@pytest.fixture
def asked() -> Iterator[Asked]:
    with Asked() as servers:
        yield servers


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where a `LocalStore` is going to be; not there yet."""
    return tmp_path / "root"


@pytest.fixture
def local(root: Path) -> dskit.LocalStore:
    return dskit.LocalStore(root, durability="process")


@contextlib.contextmanager
def cloud_store(server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[dskit.Store]:
    """An empty store of a server's bucket, its credentials in the environment.

    Each has a place of its own: a WebDAV server keeps the folders of keys that are gone.
    """
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    place = RandomIds().token(6).hex()
    with contextlib.ExitStack() as stack:
        if server.kind == "webdav":
            yield stack.enter_context(dskit.open_store(f"{server.url}/{place}"))
        else:
            yield stack.enter_context(dskit.open_store(server.url, prefix=f"{place}/"))


@pytest.fixture
def obstore_s3(s3: dskit_emulator.Endpoint) -> Iterator[dskit.ObstoreS3Store]:
    """S3 through obstore, over an endpoint with an empty bucket ``data``."""
    pytest.importorskip("obstore")
    s3.create_bucket("data")
    keys = {"access_key": "dskit", "secret_key": "dskit-secret"}
    with dskit.open_store(f"s3://data?endpoint={s3.url}&client=obstore", **keys) as store:
        assert isinstance(store, dskit.ObstoreS3Store)
        yield store


@pytest.fixture(params=["s3", *(pytest.param(kind, marks=pytest.mark.clouds) for kind in ("webdav", "azure", "gcs"))])
def cloud(
    request: pytest.FixtureRequest, cloud_servers: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[dskit.Store]:
    """Every store through obstore."""
    if request.param == "s3":
        yield request.getfixturevalue("obstore_s3")
        return
    with cloud_store(cloud_servers(request.param), monkeypatch) as store:
        yield store


@pytest.fixture
def webdav_cloud(cloud_servers: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[dskit.Store]:
    with cloud_store(cloud_servers("webdav"), monkeypatch) as store:
        yield store
