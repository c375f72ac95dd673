"""`S3Store`: construction, what it refuses, `raw`, and boto3's own traps."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3.session
import pytest
import urllib3.exceptions
from botocore.loaders import JSONFileLoader

import dskit_emulator
from dskit.backends import s3_client
from dskit.backends.s3 import S3Store, s3_service
from dskit.backends.s3_reading import S3Body
from dskit.errors import (
    AuthenticationError,
    ConfigurationError,
    InvalidRequestError,
    NotFoundError,
    UnavailableError,
    UnsupportedError,
)
from tests.dskit.backends.faulty_proxy import FaultyProxy

SECRET = "a-very-secret-key"


def test_it_is_a_store(s3: dskit_emulator.Endpoint) -> None:
    s3.create_bucket("data")
    with S3Store("data", prefix="p/", endpoint=s3.url, access_key="dskit", secret_key="dskit-secret") as store:
        store.put("k", b"hello", content_type="text/plain", if_none_match="*")
        assert store.get("k").read() == b"hello"
        assert [row.key for row in store.list()] == ["k"]
    assert s3.direct("data").get("p/k").read() == b"hello"


def test_credentials_come_from_the_environment(s3: dskit_emulator.Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in s3.env().items():
        monkeypatch.setenv(name, value)
    s3.create_bucket("data")
    S3Store("data").put("k", b"hello")  # AWS_ENDPOINT_URL_S3 names the endpoint
    assert s3.direct("data").get("k").read() == b"hello"


def test_no_credentials_are_a_configuration_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError, match="AWS_ACCESS_KEY_ID"):
        S3Store("data", endpoint="http://127.0.0.1:9").put("k", b"")


def test_wrong_credentials_are_told_apart_and_never_repeated(s3: dskit_emulator.Endpoint) -> None:
    s3.create_bucket("data")
    for access_key in ("dskit", "stranger"):
        store = S3Store("data", endpoint=s3.url, access_key=access_key, secret_key=SECRET)
        with pytest.raises(AuthenticationError) as raised:
            store.put("k", b"hello")
        assert SECRET not in f"{raised.value} {raised.value.details} {store!r} {store.service!r}"


@pytest.mark.parametrize(
    "options",
    [
        {"addressing": "sideways"},
        {"access_key": "alone"},
        {"endpoint": "127.0.0.1:9000"},
        {"endpoint": f"http://user:{SECRET}@host:port"},
        {"capabilities": {"supports": {"flying": True}}},
        {"part_bytes": 0},
        {"max_connections": -1},
        {"connect_timeout": 0},
        {"read_timeout": -1.0},
    ],
)
def test_options_that_cannot_be_are_refused_at_once(options: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError) as raised:
        S3Store("data", **options)  # type: ignore[arg-type]
    assert SECRET not in str(raised.value)


def test_a_missing_boto3_names_what_to_install() -> None:
    code = (
        "import sys; sys.modules['boto3'] = None\n"
        "import dskit\n"
        "try: dskit.S3Store('data')\n"
        "except dskit.ConfigurationError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 'pip install "dskit[s3]"' in done.stdout


def test_a_body_that_breaks_in_any_way_is_a_broken_connection() -> None:
    """botocore lets what urllib3 says of TLS out of a body as it is."""

    class Body:
        def read(self, size: int) -> bytes:
            raise urllib3.exceptions.SSLError("bad record")

    with pytest.raises(UnavailableError):
        S3Body(Body()).read(10)


def test_virtual_hosts(s3: dskit_emulator.Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo

    def resolve_localhost(host: str, *more: Any, **named: Any) -> Any:  # not every machine knows *.localhost
        return resolve("127.0.0.1" if host.endswith(".localhost") else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_localhost)
    s3.create_bucket("data")
    url = s3.url.replace("127.0.0.1", "s3.localhost")
    store = S3Store("data", endpoint=url, addressing="virtual", access_key="dskit", secret_key="dskit-secret")
    store.put("a//b", b"1")
    assert s3.direct("data").get("a//b").read() == b"1"


def test_raw_sends_any_operation(s3: dskit_emulator.Endpoint) -> None:
    with s3.store("data") as store:
        store.put("k", b"hello")
        assert store.raw("HeadObject", Key="k")["ContentLength"] == 5
        assert [bucket["Name"] for bucket in store.raw("ListBuckets")["Buckets"]] == ["data"]
        with pytest.raises(NotFoundError) as raised:
            store.raw("GetObject", Key="none")
        assert raised.value.operation == "GetObject"
        with pytest.raises(InvalidRequestError):
            store.raw("FlyToTheMoon")
        with pytest.raises(InvalidRequestError):
            store.raw("HeadObject", Kee="k")


def test_an_expires_that_boto3_would_alter_is_refused(s3: dskit_emulator.Endpoint) -> None:
    with s3.store("data") as store:
        store.put("k", b"", expires="Wed, 21 Oct 2026 07:28:00 GMT")
        assert store.head("k").attributes.expires == "Wed, 21 Oct 2026 07:28:00 GMT"
        with pytest.raises(UnsupportedError):
            store.put("k", b"", expires="tomorrow")


def test_keys_that_break_botocores_parser(s3: dskit_emulator.Endpoint) -> None:
    """S3 echoes a control character as a reference that XML 1.0 forbids; botocore takes that for a broken answer."""
    with s3.store("data") as store:
        upload = store.create_multipart_upload("a\x02")
        part = store.upload_part("a\x02", upload.upload_id, 1, b"x")
        assert [row.number for row in store.list_parts("a\x02", upload.upload_id).parts] == [1]
        store.complete_multipart_upload("a\x02", upload.upload_id, [part])
        with pytest.raises(NotFoundError) as raised:
            store.get("b\x02")
        assert raised.value.code == "NoSuchKey"
        assert store.delete_many(["a\x02", "plain"]).errors == []
        assert list(store.list()) == []


def test_a_session_is_the_callers(s3: dskit_emulator.Endpoint) -> None:
    session = boto3.session.Session("dskit", "dskit-secret", region_name="us-east-1")
    service = s3_service(endpoint=s3.url, session=session)
    service.create_bucket("data")
    assert [bucket.name for bucket in service.list_buckets()] == ["data"]


def test_the_pool_is_as_large_as_asked_and_botocore_never_retries() -> None:
    config: Any = s3_service(endpoint="http://127.0.0.1:9", max_connections=7).client.meta.config
    assert config.max_pool_connections == 7
    assert config.retries["total_max_attempts"] == 1


def test_models_are_read_once_for_all_stores(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the folders they are looked for in do not grow, though every session of boto3 appends one."""
    monkeypatch.delenv("AWS_DATA_PATH", raising=False)
    read: list[str] = []

    def noted(loader: JSONFileLoader, path: str) -> Any:
        read.append(path)
        return load(loader, path)

    load = JSONFileLoader.load_file
    monkeypatch.setattr(JSONFileLoader, "load_file", noted)
    s3_client._models.cache_clear()
    for _ in range(2):
        S3Store("bucket", endpoint="http://127.0.0.1:1", access_key="access", secret_key="secret").close()
        assert len(read) == len(set(read))
    assert any("service-2" in path for path in read)
    folders = s3_client._models(None).search_paths
    assert len(folders) == len(set(folders))


def test_models_of_the_users_own_folder_are_looked_for_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    S3Store("bucket", endpoint="http://127.0.0.1:1", access_key="access", secret_key="secret").close()
    assert s3_client._models(str(tmp_path)).search_paths[0] == str(tmp_path)


@pytest.mark.parametrize(("size", "waits"), [(0, False), (256 * 1024, False), (256 * 1024 + 1, True)])
def test_a_small_body_waits_for_no_100_continue(proxy: FaultyProxy, size: int, waits: bool) -> None:
    """It would be a round trip; for a large one the server may want to refuse first."""
    with S3Store("data", endpoint=proxy.url, access_key="dskit", secret_key="dskit-secret") as store:
        store.put("k", b"x" * size)
        assert store.get("k").read() == b"x" * size
    assert ("expect" in proxy.requests[0].headers) is waits
