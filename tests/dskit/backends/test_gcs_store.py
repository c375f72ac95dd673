"""`GCSStore`: conditional puts, parts, attributes, credentials, signing; on a real fake-gcs-server."""

from __future__ import annotations

import gzip
import json
import os
import threading
import urllib.request
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit

import pytest

import dskit
from dskit.errors import (
    BucketNotFoundError,
    ConfigurationError,
    InvalidKeyError,
    PreconditionFailedError,
    UnsupportedError,
)
from dskit.retry import RetryOptions
from tests.dskit.backends.asked import Asked
from tests.dskit.backends.conftest import cloud_store

ENVIRONMENT = ("GOOGLE_", "SERVICE_ACCOUNT", "GCE_METADATA_")


@pytest.fixture
def gcs_server(cloud_servers: Callable[[str], Any]) -> Any:
    return cloud_servers("gcs")


@pytest.fixture
def gcs(gcs_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[dskit.Store]:
    with cloud_store(gcs_server, monkeypatch) as store:
        yield store


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without anything of Google."""
    for name in list(os.environ):
        if name.startswith(ENVIRONMENT):
            monkeypatch.delenv(name)
    return monkeypatch


@pytest.fixture(scope="module")
def rsa_key() -> Any:
    rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def account(rsa_key: Any) -> dict[str, Any]:
    """The key of a service account, as Google's console writes it."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = rsa_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    names = {"client_email": "tests@project.iam.example", "private_key_id": "0123456789abcdef"}
    return {"type": "service_account", "private_key": pem, **names}


def endpoint(server: Any) -> str:
    return str(parse_qs(urlsplit(server.url).query)["endpoint"][0])


@pytest.mark.clouds
def test_of_writers_that_have_read_the_same_one_wins(gcs: dskit.Store) -> None:
    """The generation is what is replaced: equal bytes in between have the same tag and are another generation."""
    old = gcs.put("k", b"one").etag
    ready = threading.Barrier(4)
    won: list[int] = []

    def write(number: int) -> None:
        ready.wait()
        try:
            gcs.put("k", f"by {number}".encode(), if_match=old)
        except PreconditionFailedError:
            return
        won.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert gcs.get("k").read() == f"by {won[0]}".encode()


@pytest.mark.clouds
def test_attributes_come_back_also_from_a_copy(gcs: dskit.Store) -> None:
    gcs.put("plain", b"x")
    assert gcs.head("plain").content_type == "binary/octet-stream"
    gcs.put("k", b"x", content_type="text/plain", metadata={"colour": "deep red", "a-b": "1"})
    gcs.copy("k", "copy")
    for key in ("k", "copy"):
        assert gcs.head(key).content_type == "text/plain"
        assert gcs.head(key).metadata == {"colour": "deep red", "a-b": "1"}


def unfinished(server: Any) -> list[str]:
    """What the front keeps of uploads that are neither completed nor aborted."""
    with dskit.GCSStore("unfinished-uploads", endpoint=endpoint(server)) as left:
        return [row.key for row in left.list()]


@pytest.mark.clouds
def test_a_large_put_goes_in_parts_and_appears_whole_or_not_at_all(gcs_server: Any, gcs: dskit.Store) -> None:
    before = unfinished(gcs_server)
    with dskit.GCSStore("data", prefix=gcs.prefix, endpoint=endpoint(gcs_server), part_bytes=64 * 1024) as store:
        data = bytes(range(256)) * 1000
        store.put("known", data, content_type="text/x", metadata={"a": "b"})
        store.put("unknown", iter([data[:100], data[100:]]))
        assert store.get("known").read() == store.get("unknown").read() == data
        assert (store.head("known").content_type, store.head("known").metadata) == ("text/x", {"a": "b"})

        def broken() -> Iterator[bytes]:
            yield data
            raise RuntimeError("source")

        for key in ("known", "new"):
            with pytest.raises(RuntimeError, match="source"):
                store.put(key, broken())
        assert [row.key for row in store.list()] == ["known", "unknown"]
        assert store.get("known").read() == data
    assert unfinished(gcs_server) == before


@pytest.mark.clouds
def test_packed_bytes_are_not_unpacked_on_the_way(gcs_server: Any, gcs: dskit.Store) -> None:
    """Google unpacks an object with Content-Encoding: gzip for a reader that does not accept gzip ("Transcoding")."""
    packed = gzip.compress(b"text" * 100, mtime=0)
    address = f"{endpoint(gcs_server)}/data/{quote(gcs.prefix + 'k', safe='')}"
    request = urllib.request.Request(address, packed, {"Content-Encoding": "gzip"}, method="PUT")
    urllib.request.urlopen(request, timeout=60).close()
    with urllib.request.urlopen(address, timeout=60) as answer:
        assert answer.read() == b"text" * 100  # so this server does it as well
    found = gcs.get("k")
    assert found.read() == packed
    assert (found.meta.size, found.meta.attributes.content_encoding) == (len(packed), "gzip")
    assert gcs.get("k", range=(0, 2)).read() == packed[:2]


@pytest.mark.clouds
def test_a_bucket_with_a_name_that_only_google_allows(gcs_server: Any, gcs: dskit.Store) -> None:
    body, headers = json.dumps({"name": "data_1.of-tests"}).encode(), {"Content-Type": "application/json"}
    urllib.request.urlopen(
        urllib.request.Request(f"{endpoint(gcs_server)}/storage/v1/b", body, headers), timeout=60
    ).close()
    with dskit.open_store(f"gs://data_1.of-tests/folder?endpoint={endpoint(gcs_server)}") as store:
        store.put("k", b"x")
        store.copy("k", "copy")
        assert [row.key for row in store.list()] == ["copy", "k"]
        assert store.get("copy").read() == b"x"
        store.delete_many(["k", "copy"])


@pytest.mark.clouds
def test_a_bucket_that_is_not_there(gcs_server: Any, gcs: dskit.Store) -> None:
    with dskit.GCSStore("missing", endpoint=endpoint(gcs_server)) as store:
        for verb in (
            lambda: store.get("k"),
            lambda: list(store.list()),
            lambda: store.put("k", b""),
            lambda: store.delete("k"),
            lambda: store.copy("k", "l"),
        ):
            with pytest.raises(BucketNotFoundError):
                verb()


@pytest.mark.clouds
def test_a_key_of_a_service_account_works_from_file_text_and_environment(
    gcs_server: Any, gcs: dskit.Store, bare: pytest.MonkeyPatch, account: dict[str, Any], tmp_path: Path
) -> None:
    gcs.put("k", b"x")
    text = json.dumps({**account, "gcs_base_url": endpoint(gcs_server)})
    file = tmp_path / "key.json"
    file.write_text(text)

    def read(**options: Any) -> bytes:
        with dskit.open_store(f"gs://data/{gcs.prefix}", **options) as store:
            return store.get("k").read()

    assert read(service_account=str(file)) == read(service_account_key=text) == b"x"
    for name, value in (
        ("GOOGLE_APPLICATION_CREDENTIALS", str(file)),
        ("GOOGLE_SERVICE_ACCOUNT", str(file)),
        ("GOOGLE_SERVICE_ACCOUNT_KEY", text),
    ):
        with bare.context() as environment:
            environment.setenv(name, value)
            assert read() == b"x"


@pytest.mark.parametrize("kind", ["anonymous", "token", "key"])
def test_the_metadata_service_of_a_machine_is_never_asked(
    asked: Asked, bare: pytest.MonkeyPatch, account: dict[str, Any], kind: str
) -> None:
    url, metadata, requests = asked.url, asked.other.removeprefix("http://"), asked.requests
    for name in ("GCE_METADATA_HOST", "GCE_METADATA_IP"):
        bare.setenv(name, metadata)
    kinds: dict[str, dict[str, Any]] = {
        "anonymous": {"anonymous": True},
        "token": {"token": "a-token"},
        "key": {"service_account_key": json.dumps(account)},
    }
    with dskit.GCSStore("data", endpoint=url, retries=RetryOptions(attempts=1), **kinds[kind]) as store:
        store.put("k", b"")
        store.get("k").read()
        store.delete("k")
    assert {asking.port for asking in requests} == {urlsplit(url).port}
    said = {(asking.method, asking.authorization) for asking in requests}
    if kind == "anonymous":  # obstore writes an empty token into writes
        assert said == {("PUT", "Bearer "), ("GET", None), ("DELETE", "Bearer ")}
    else:
        tokens = [asking.authorization or "" for asking in requests]
        assert all(token.startswith("Bearer ") for token in tokens)
        assert all((token == "Bearer a-token") is (kind == "token") for token in tokens)


def test_packed_answers_are_asked_for_objects_only(asked: Asked, bare: pytest.MonkeyPatch) -> None:
    """obstore unpacks nothing, so that a listing or an error that came packed could not be read."""
    with dskit.GCSStore("data", endpoint=asked.url, token="t", retries=RetryOptions(attempts=1)) as store:
        store.put("k", b"")
        store.head("k")
        store.get("k").read()
        store.delete("k")
    assert [(asking.method, asking.encoding) for asking in asked.requests] == [
        ("PUT", None),
        ("HEAD", "gzip"),
        ("GET", "gzip"),
        ("DELETE", None),
    ]


def test_credentials_are_asked_for_and_never_searched(bare: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="needs credentials"):
        dskit.open_store("gs://data")
    with pytest.raises(ConfigurationError, match="give one of"):
        dskit.open_store("gs://data", token="t", anonymous=True)
    with dskit.open_store("gs://data", anonymous=True) as store:
        assert not store.capabilities.supports.sign
        with pytest.raises(UnsupportedError):
            store.sign("k")


def test_what_obstore_would_take_from_the_environment_instead_is_refused(
    bare: pytest.MonkeyPatch, account: dict[str, Any]
) -> None:
    key = json.dumps(account)
    for name in ("GOOGLE_BEARER_TOKEN", "GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_PATH", "SERVICE_ACCOUNT"):
        with bare.context() as environment:
            environment.setenv(name, "/other")
            with pytest.raises(ConfigurationError, match=f"{name} .*unset"):
                dskit.GCSStore("data", service_account_key=key)


@pytest.mark.parametrize(
    ("text", "said"),
    [("secret{", "not JSON"), ("[]", "has client_email"), ('{"type": "authorized_user"}', "other kinds")],
)
def test_a_key_that_is_none_is_refused_without_repeating_it(
    bare: pytest.MonkeyPatch, tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "key.json"
    file.write_text(text)
    for options in ({"service_account": str(file)}, {"service_account_key": text}):
        with pytest.raises(ConfigurationError, match=said) as caught:
            dskit.GCSStore("data", **options)  # type: ignore[arg-type]
        assert "secret" not in str(caught.value)
    with pytest.raises(ConfigurationError, match="nowhere"):
        dskit.GCSStore("data", service_account=str(tmp_path / "nowhere"))


def test_a_private_key_that_is_none_is_refused(bare: pytest.MonkeyPatch, account: dict[str, Any]) -> None:
    wrong = json.dumps({**account, "private_key": "a secret"})
    with dskit.GCSStore("data", service_account_key=wrong) as store:
        with pytest.raises(ConfigurationError) as caught:
            store.get("k")
        assert "a secret" not in f"{caught.value} {caught.value.__cause__}"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_signed_url_has_googles_signature(
    bare: pytest.MonkeyPatch, account: dict[str, Any], rsa_key: Any, method: Any
) -> None:
    """Google Cloud Storage, "Canonical requests" and "Signatures" (version 4)."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    with dskit.GCSStore("data", service_account_key=json.dumps(account)) as store:
        url = urlsplit(store.sign("folder/a-b_c.d~e", method, expires_in=60))
    assert (url.scheme, url.netloc, url.path) == ("https", "storage.googleapis.com", "/data/folder/a-b_c.d~e")
    query = dict(parse_qsl(url.query))
    signature = bytes.fromhex(query.pop("X-Goog-Signature"))
    assert (query["X-Goog-Algorithm"], query["X-Goog-Expires"]) == ("GOOG4-RSA-SHA256", "60")
    email, scope = query["X-Goog-Credential"].split("/", 1)
    assert email == account["client_email"]
    named = "&".join(f"{name}={quote(value, safe='')}" for name, value in sorted(query.items()))
    request = f"{method}\n{url.path}\n{named}\nhost:storage.googleapis.com\n\nhost\nUNSIGNED-PAYLOAD"
    text = f"GOOG4-RSA-SHA256\n{query['X-Goog-Date']}\n{scope}\n{sha256(request.encode()).hexdigest()}"
    rsa_key.public_key().verify(signature, text.encode(), PKCS1v15(), SHA256())


def test_what_obstore_signs_wrongly_is_refused(bare: pytest.MonkeyPatch, account: dict[str, Any]) -> None:
    with dskit.GCSStore("data", service_account_key=json.dumps(account)) as store:
        for key in ("a b", "é", "50%", "a?b", "a+b", "%41"):
            with pytest.raises(InvalidKeyError):
                store.sign(key)
    elsewhere = {**account, "gcs_base_url": "https://storage.example.org"}  # obstore signs for Google's host
    for account_key, url in ((elsewhere, None), (account, "http://127.0.0.1:9")):
        with dskit.GCSStore("data", service_account_key=json.dumps(account_key), endpoint=url) as store:
            assert not store.capabilities.supports.sign


def test_secrets_are_shown_nowhere(bare: pytest.MonkeyPatch, account: dict[str, Any]) -> None:
    for options in ({"service_account_key": json.dumps(account)}, {"token": "a-secret-token"}):
        with dskit.GCSStore("data", **options) as store:  # type: ignore[arg-type]
            shown = f"{store!r} {store.service!r} {store.name}"
        assert "PRIVATE" not in shown
        assert "a-secret-token" not in shown
    with pytest.warns(UserWarning, match="secret") as caught:
        dskit.open_store("gs://data?token=a-secret-token").close()
    assert "a-secret-token" not in str(caught[0].message)
