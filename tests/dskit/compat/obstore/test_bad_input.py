"""What goes wrong outside: an exception of obstore's tree that says what, no half object, no upload left behind."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import obstore.store
import pytest

import dskit
import dskit.compat.obstore as obs
from tests.dskit.backends.faulty_proxy import FaultyProxy, cut
from tests.dskit.compat.obstore.conftest import s3_options
from tests.dskit.compat.small_disk import small_disk

MIB = 1024 * 1024
S3Store = obs.store.S3Store
GenericError = obs.exceptions.GenericError


def test_a_folder_where_a_file_should_be(tmp_path: Path) -> None:
    store = obs.store.LocalStore(tmp_path)
    obs.put(store, "folder/file", b"x")
    for change in (
        lambda: obs.put(store, "folder", b""),
        lambda: obs.put(store, "folder/file/deeper", b""),
        lambda: obs.copy(store, "folder/file", "folder"),
    ):
        with pytest.raises(GenericError) as caught:
            change()
        assert isinstance(caught.value.__cause__, dskit.KeyConflictError)
    with pytest.raises(FileNotFoundError):
        obs.get(store, "folder")
    assert [row["path"] for row in obs.list(store).collect()] == ["folder/file"]


def test_a_full_disk(tmp_path: Path) -> None:
    """It fills up in the middle: nothing of the new object is seen, and what was there stays."""
    store = obs.store.LocalStore(tmp_path)
    obs.put(store, "k", b"before")
    with small_disk(100_000):
        with pytest.raises(GenericError, match="takes no file of this size"):
            obs.put(store, "k", bytes(MIB))
        with pytest.raises(OSError, match="takes no file of this size"), obs.open_writer(store, "k") as file:
            file.write(bytes(MIB))
    assert obs.get(store, "k").bytes() == b"before"
    assert [row["path"] for row in obs.list(store).collect()] == ["k"]


def failing() -> Iterator[bytes]:
    yield bytes(6 * MIB)
    raise OSError("the source is gone")


def test_data_that_ends_in_an_error(store: obs.store.ObjectStoreMethods) -> None:
    obs.put(store, "k", b"before")
    with pytest.raises(OSError, match="the source is gone"):
        obs.put(store, "k", failing(), chunk_size=5 * MIB)
    assert obs.get(store, "k").bytes() == b"before"
    assert store.native.list_uploads().uploads == []


def test_a_server_that_dies_in_the_middle_of_a_read(s3: Any) -> None:
    s3.create_bucket("data")
    with FaultyProxy(s3.url) as proxy:
        store = S3Store("data", **{**s3_options(s3), "endpoint": proxy.url})
        obs.put(store, "k", bytes(MIB))
        proxy.plan.append(cut(1000))
        with pytest.raises(GenericError, match=r"broke|ended after"):
            obs.get(store, "k").bytes()


def test_a_server_that_is_not_there(s3: Any) -> None:
    store = S3Store("data", **{**s3_options(s3), "endpoint": "http://127.0.0.1:1"})
    with pytest.raises(GenericError, match="S3"):
        obs.put(store, "k", b"x")
    with pytest.raises(GenericError, match="S3"):
        obs.list(store).collect()
    with pytest.raises(OSError, match="S3"), obs.open_writer(store, "k") as file:
        file.write(b"x")


def test_a_bucket_that_is_not_there(s3: Any) -> None:
    store = S3Store("nowhere", **s3_options(s3))
    for call in (lambda: obs.put(store, "k", b"x"), lambda: obs.get(store, "k"), lambda: obs.delete(store, "k")):
        with pytest.raises(FileNotFoundError, match="NoSuchBucket"):
            call()
    with pytest.raises(GenericError, match="NoSuchBucket"):
        obs.list_with_delimiter(store)


def test_credentials_that_are_wrong(s3: Any) -> None:
    s3.create_bucket("data")
    store = S3Store("data", **s3_options(s3, secret_access_key="wrong"))
    with pytest.raises(obs.exceptions.PermissionDeniedError, match="SignatureDoesNotMatch") as caught:
        obs.put(store, "k", b"x")
    assert "wrong" not in str(caught.value)
    with pytest.raises(GenericError):
        obs.list(store).collect()


def test_credentials_that_expire_are_asked_for_again(s3: Any) -> None:
    s3.create_bucket("data")
    asked: list[int] = []

    def provider() -> dict[str, Any]:
        asked.append(1)
        expires = datetime.now(UTC) + (timedelta(seconds=1) if len(asked) == 1 else timedelta(hours=1))
        return {"access_key_id": "dskit", "secret_access_key": "dskit-secret", "expires_at": expires}

    options = s3_options(s3)
    del options["access_key_id"], options["secret_access_key"]
    store = S3Store("data", credential_provider=provider, **options)
    obs.put(store, "k", b"x")
    assert obs.get(store, "k").bytes() == b"x"
    assert len(asked) == 2  # the first were about to expire


def test_an_async_credential_provider_is_refused(s3: Any) -> None:
    async def provider() -> dict[str, Any]:
        return {}

    options = s3_options(s3)
    del options["access_key_id"], options["secret_access_key"]
    with pytest.raises(GenericError, match="async credential provider"):
        S3Store("data", credential_provider=provider, **options).head("k")


def test_a_key_that_others_wrote_and_obstore_cannot_name(s3: Any) -> None:
    """The whole listing fails, as in obstore; the store of dskit underneath reads on."""
    s3.create_bucket("data")
    store = S3Store("data", **s3_options(s3))
    for key in ("a//b", "good"):
        store.native.put(key, b"")
    with pytest.raises(obs.exceptions.InvalidPathError, match="empty segment"):
        obs.list(store).collect()
    assert [row.key for row in store.native.list()] == ["a//b", "good"]


REFUSED: dict[str, tuple[dict[str, Any], type[Exception]]] = {
    "no bucket": ({"bucket": None}, GenericError),
    "an unknown option": ({"foo": "1"}, obs.exceptions.UnknownConfigurationKeyError),
    "an unknown option of the config": ({"config": {"foo": "1"}}, obs.exceptions.UnknownConfigurationKeyError),
    "an option twice": ({"config": {"AWS_REGION": "x"}, "region": "y"}, GenericError),
    "no boolean": ({"skip_signature": "perhaps"}, GenericError),
    "no str": ({"session_token": None}, TypeError),
    "no checksum": ({"checksum_algorithm": "md4"}, GenericError),
    "no condition": ({"conditional_put": "sometimes"}, GenericError),
    "no copy": ({"copy_if_not_exists": "sometimes"}, GenericError),
    "what dskit cannot honour": ({"server_side_encryption": "AES256"}, NotImplementedError),
    "an unknown option of the client": ({"client_options": {"foo": "1"}}, ValueError),
    "no duration": ({"client_options": {"allow_http": True, "timeout": "long"}}, GenericError),
    "http without leave": ({"client_options": {}}, GenericError),
    "a prefix that is no path": ({"prefix": "a//b"}, ValueError),
}


@pytest.mark.parametrize("name", REFUSED)
def test_configurations(s3: Any, name: str) -> None:
    changes, expected = REFUSED[name]
    options = s3_options(s3) | changes
    if "config" in changes and "region" not in changes:
        options.pop("region")
    with pytest.raises(expected):
        S3Store(options.pop("bucket", "data"), **options)


AZURE = {"account_name": "account", "account_key": "a2V5"}
GCS = {"bearer_token": "token"}
LEAVE = {"allow_http": True}
REFUSED_ELSEWHERE: dict[str, tuple[Any, dict[str, Any], type[Exception], str]] = {
    "Azure, no container": (obs.store.AzureStore, {**AZURE, "container_name": None}, GenericError, "Container"),
    "Azure, no account": (obs.store.AzureStore, {"account_key": "a2V5"}, GenericError, "account"),
    "Azure, no credentials": (obs.store.AzureStore, {"account_name": "account"}, GenericError, "credentials"),
    "Azure, a SAS": (obs.store.AzureStore, {**AZURE, "sas_token": "x"}, NotImplementedError, "'sas_key'"),
    "Azure, another cloud": (obs.store.AzureStore, {**AZURE, "use_emulator": True}, NotImplementedError, "emulator"),
    "Azure, a provider": (
        obs.store.AzureStore,
        {**AZURE, "credential_provider": dict},
        NotImplementedError,
        "credential_provider",
    ),
    "Azure, an unknown option": (
        obs.store.AzureStore,
        {**AZURE, "bucket": "x"},
        obs.exceptions.UnknownConfigurationKeyError,
        "'bucket'",
    ),
    "GCS, no credentials": (obs.store.GCSStore, {}, GenericError, "needs credentials"),
    "GCS, no file": (obs.store.GCSStore, {"service_account": "/nowhere/key.json"}, GenericError, "nowhere"),
    "GCS, two accounts": (
        obs.store.GCSStore,
        {"service_account": "/nowhere", "service_account_key": "{}"},
        GenericError,
        "One of",
    ),
    "GCS, a provider": (
        obs.store.GCSStore,
        {**GCS, "credential_provider": dict},
        NotImplementedError,
        "credential_provider",
    ),
    "GCS, an option twice": (obs.store.GCSStore, {**GCS, "config": {"GOOGLE_BEARER_TOKEN": "x"}}, GenericError, "Dupl"),
    "GCS, http without leave": (obs.store.GCSStore, {**GCS, "base_url": "http://127.0.0.1:9"}, GenericError, "http"),
    "GCS, an option of the client": (
        obs.store.GCSStore,
        {**GCS, "client_options": {"proxy_url": "http://127.0.0.1:9"}},
        NotImplementedError,
        "'proxy_url'",
    ),
    "HTTP, without leave": (obs.store.HTTPStore, {"url": "http://127.0.0.1:9/a"}, GenericError, "allow_http"),
    "HTTP, another scheme": (obs.store.HTTPStore, {"url": "s3://data/a"}, GenericError, "no address"),
    "HTTP, a header": (
        obs.store.HTTPStore,
        {"url": "https://host/a", "client_options": {"default_headers": {"X-Own": "1"}}},
        NotImplementedError,
        "'x-own'",
    ),
    "HTTP, another authorization": (
        obs.store.HTTPStore,
        {"url": "https://host/a", "client_options": {"default_headers": {"Authorization": "Digest x"}}},
        NotImplementedError,
        "Basic and Bearer",
    ),
}


@pytest.mark.parametrize("name", REFUSED_ELSEWHERE)
def test_configurations_of_other_clouds(name: str) -> None:
    kind, options, expected, said = REFUSED_ELSEWHERE[name]
    first = [] if {"url", "container_name"} & options.keys() else ["data"]
    with pytest.raises(expected, match=said) as caught:
        kind(*first, **{option: value for option, value in options.items() if value is not None})
    assert "a2V5" not in str(caught.value)


URLS: dict[str, dict[str, Any]] = {
    "az://data/a/b": AZURE,
    "adl://data": AZURE,
    "azure://data/a%20b": AZURE,
    "abfs://data/a": AZURE,
    "abfss://data@account.dfs.core.windows.net/a/b": {"account_key": "a2V5"},
    "https://account.blob.core.windows.net/data/a/b": {"account_key": "a2V5"},
    "https://account.dfs.core.windows.net/data": {"account_key": "a2V5"},
    "https://account.blob.core.windows.net": {"account_key": "a2V5", "container_name": "data"},
    "abfss://data@account.example.org/a": {"account_key": "a2V5"},
    "az://data/a": {**AZURE, "container_name": "other"},
    "gs://data/a/b": GCS,
    "gs://data": GCS,
    "gs://data/a": {**GCS, "bucket": "other"},
    "https://host/a/b": {},
}


@pytest.mark.parametrize("url", URLS)
def test_urls_of_other_clouds_mean_what_they_mean_to_obstore(url: str) -> None:
    def meant(module: Any) -> Any:
        try:
            store = module.from_url(url, **URLS[url])
        except Exception as error:
            return type(error).__name__
        return repr(store), getattr(store, "config", None), getattr(store, "prefix", None)

    assert meant(obs.store) == meant(obstore.store)


def test_stores_of_urls(tmp_path: Path) -> None:
    assert isinstance(obs.store.from_url("memory:///"), obs.store.MemoryStore)
    assert obs.store.from_url(f"file://{tmp_path}") == obs.store.LocalStore(tmp_path)
    store = obs.store.from_url("s3://bucket/a/b", region="eu-west-1")
    assert repr(store) == 'S3Store(bucket="bucket", prefix="a/b")'
    assert store == S3Store("bucket", prefix="/a/b/", region="eu-west-1")
    for url in ("https://bucket.s3.eu-west-1.amazonaws.com/a", "https://s3.eu-west-1.amazonaws.com/bucket/a"):
        made = obs.store.from_url(url)
        assert isinstance(made, S3Store)
        assert (made.config["bucket"], made.config["region"], made.prefix) == ("bucket", "eu-west-1", "a")
    for address in ("memory:///", "http://host/"):
        with pytest.raises(obs.exceptions.BaseError):
            obs.store.from_url(address, foo=1)


def test_pickles(s3: Any, tmp_path: Path) -> None:
    s3.create_bucket("data")
    for store in (S3Store("data", prefix="a", **s3_options(s3)), obs.store.LocalStore(tmp_path)):
        copied = pickle.loads(pickle.dumps(store))
        assert copied == store
        copied.put("k", b"1")
        assert store.get("k").bytes() == b"1"
    with pytest.raises(TypeError, match="cannot pickle"):
        pickle.dumps(obs.store.MemoryStore())
