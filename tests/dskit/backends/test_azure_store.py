"""`AzureStore`: conditional puts, parts, attributes, signing, credentials; on a real Azurite."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import dskit
from dskit.errors import (
    BucketNotFoundError,
    ConfigurationError,
    InvalidKeyError,
    PermissionDeniedError,
    UnsupportedError,
)
from tests.dskit.backends.asked import Asked
from tests.dskit.backends.conftest import cloud_store


@pytest.fixture
def azure_server(cloud_servers: Callable[[str], Any]) -> Any:
    return cloud_servers("azure")


@pytest.fixture
def azure(azure_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[dskit.Store]:
    with cloud_store(azure_server, monkeypatch) as store:
        yield store


def endpoint(server: Any) -> str:
    return str(parse_qs(urlsplit(server.url).query)["endpoint"][0])


@pytest.mark.clouds
def test_attributes_come_back(azure_server: Any, azure: dskit.Store) -> None:
    azure.put("plain", b"x")
    assert azure.head("plain").content_type == "binary/octet-stream"
    with pytest.raises(UnsupportedError):
        azure.put("k", b"x", metadata={"colour": "red"})
    names = {"supports": {"put_metadata": True}}  # for who keeps to names that Azure has
    with dskit.AzureStore(
        "data", prefix=azure.prefix, account="dskit", endpoint=endpoint(azure_server), capabilities=names
    ) as store:
        store.put("k", b"x", content_type="text/plain", metadata={"colour": "deep red"})
        store.copy("k", "copy")
        for key in ("k", "copy"):
            assert store.head(key).content_type == "text/plain"
            assert store.head(key).metadata == {"colour": "deep red"}


@pytest.mark.clouds
def test_a_large_put_goes_in_parts_and_appears_whole_or_not_at_all(azure_server: Any, azure: dskit.Store) -> None:
    with dskit.AzureStore(
        "data", prefix=azure.prefix, account="dskit", endpoint=endpoint(azure_server), part_bytes=64 * 1024
    ) as store:
        data = bytes(range(256)) * 1000
        store.put("known", data)
        store.put("unknown", iter([data[:100], data[100:]]))
        assert store.get("known").read() == store.get("unknown").read() == data

        def broken() -> Iterator[bytes]:
            yield data
            raise RuntimeError("source")

        for key in ("known", "new"):
            with pytest.raises(RuntimeError, match="source"):
                store.put(key, broken())
        assert [row.key for row in store.list()] == ["known", "unknown"]
        assert store.get("known").read() == data


@pytest.mark.clouds
def test_a_signed_url_does_one_thing(azure: dskit.Store) -> None:
    key = "k+~!$&'()*,;=:@-_.[]^|"
    azure.put(key, b"signed")
    with urllib.request.urlopen(azure.sign(key, expires_in=60), timeout=60) as answer:
        assert answer.read() == b"signed"
    put = urllib.request.Request(azure.sign(key), b"x", {"x-ms-blob-type": "BlockBlob"}, method="PUT")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(put, timeout=60)
    assert caught.value.code == 403
    assert azure.get(key).read() == b"signed"
    allowed = urllib.request.Request(azure.sign("new", "PUT"), b"x", {"x-ms-blob-type": "BlockBlob"}, method="PUT")
    urllib.request.urlopen(allowed, timeout=60).close()
    assert azure.get("new").read() == b"x"


@pytest.mark.clouds
def test_what_obstore_signs_wrongly_is_refused(azure: dskit.Store) -> None:
    with pytest.raises(UnsupportedError):
        azure.sign("k", "HEAD")
    for key in ("a b", "é", "50%", "a?b"):
        with pytest.raises(InvalidKeyError):
            azure.sign(key)


@pytest.mark.clouds
def test_a_backslash_would_be_a_slash(azure: dskit.Store) -> None:
    azure.put("a/b", b"x")
    with pytest.raises(InvalidKeyError, match="backslash"):
        azure.put("a\\b", b"y")
    assert azure.get("a/b").read() == b"x"


@pytest.mark.clouds
def test_a_container_that_is_not_there(azure_server: Any, azure: dskit.Store) -> None:
    with dskit.AzureStore("missing", account="dskit", endpoint=endpoint(azure_server)) as store:
        for verb in (lambda: store.get("k"), lambda: list(store.list()), lambda: store.put("k", b"")):
            with pytest.raises(BucketNotFoundError):
                verb()


@pytest.mark.clouds
def test_a_wrong_key_is_refused_and_shown_nowhere(azure_server: Any, azure: dskit.Store) -> None:
    wrong = "c2VjcmV0LXRoYXQtaXMtd3Jvbmc="
    with dskit.AzureStore("data", account="dskit", access_key=wrong, endpoint=endpoint(azure_server)) as store:
        with pytest.raises(PermissionDeniedError) as caught:
            store.put("k", b"")
        assert wrong not in f"{store!r} {store.service!r} {caught.value} {caught.value.__cause__!r}"
    key = os.environ["AZURE_STORAGE_ACCOUNT_KEY"]
    assert key not in f"{azure!r} {azure.service!r} {azure.name}"


SETTINGS = {
    "AZURE_STORAGE_TOKEN": "of-the-environment",
    "AZURE_STORAGE_ACCOUNT_KEY": "b2YgdGhlIGVudmlyb25tZW50",
    "AZURE_STORAGE_SAS_KEY": "sv=1&sig=x",
    "AZURE_SKIP_SIGNATURE": "true",
    "AZURE_STORAGE_USE_EMULATOR": "true",
    "AZURE_CREDENTIAL_TYPE": "sas_token",
    "AZURE_MSI_ENDPOINT": "OTHER",
    "AZURE_STORAGE_ENDPOINT": "OTHER",
}


@pytest.mark.parametrize("name", SETTINGS)
def test_what_is_given_counts_whatever_obstore_reads_from_the_environment(
    asked: Asked, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, asked.other if SETTINGS[name] == "OTHER" else SETTINGS[name])
    kinds: dict[str, tuple[dict[str, Any], str]] = {
        "key": ({"access_key": "a2V5"}, "SharedKey account:"),
        "token": ({"token": "given"}, "Bearer given"),
        "nobody": ({"anonymous": True}, ""),
    }
    for options, beginning in kinds.values():
        asked.requests.clear()
        with dskit.AzureStore("data", account="account", endpoint=asked.url, **options) as store:
            store.put("k", b"")
            store.get("k").read()
        said = [(asking.port, (asking.authorization or "").startswith(beginning)) for asking in asked.requests]
        assert said == [(urlsplit(asked.url).port, True)] * 2
        assert bool(beginning) == all(asking.authorization for asking in asked.requests)


def test_credentials_are_asked_for_and_never_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("AZURE_"):
            monkeypatch.delenv(name)
    with pytest.raises(ConfigurationError, match="account"):
        dskit.open_store("az://data")
    with pytest.raises(ConfigurationError, match="access_key"):
        dskit.open_store("az://data?account=dskit")
    with dskit.open_store("az://data?account=dskit", anonymous=True) as store:
        assert not store.capabilities.supports.sign
        with pytest.raises(UnsupportedError):
            store.sign("k")
