"""`ObstoreS3Store`: what S3 gives through obstore, credentials, addresses, batches; on an endpoint."""

from __future__ import annotations

import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import dskit
import dskit_emulator
from dskit.errors import (
    AlreadyExistsError,
    AuthenticationError,
    BucketNotFoundError,
    ConfigurationError,
    ConflictError,
    InvalidKeyError,
    InvalidRequestError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    PreconditionFailedError,
    ThrottledError,
    TimedOutError,
    TooLargeError,
    UnsupportedError,
)
from dskit.retry import RetryOptions
from tests.dskit.backends.faulty_proxy import LOSE_ANSWER, STALL, FaultyProxy, answer, cut

KEYS: dict[str, Any] = {"access_key": "dskit", "secret_key": "dskit-secret"}
URL = "s3://data?endpoint=http://127.0.0.1:1&client=obstore"


@pytest.fixture
def proxied(proxy: FaultyProxy) -> Iterator[dskit.Store]:
    """The store over an endpoint behind a proxy that notes each request."""
    pytest.importorskip("obstore")
    with dskit.ObstoreS3Store("data", endpoint=proxy.url, sleep=lambda seconds: None, **KEYS) as store:
        yield store


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of AWS in the environment."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)


def test_only_replace_what_was_read(obstore_s3: dskit.Store) -> None:
    with pytest.raises(NotFoundError):
        obstore_s3.put("k", b"x", if_match='"any"')
    old = obstore_s3.put("k", b"one").etag
    obstore_s3.put("k", b"two", if_match=old.strip('"'))
    with pytest.raises(PreconditionFailedError) as caught:
        obstore_s3.put("k", b"three", if_match=old)
    assert not isinstance(caught.value, AlreadyExistsError)
    with pytest.raises(UnsupportedError):
        obstore_s3.put("k", b"four", if_match="*")  # as S3 answers
    assert obstore_s3.get("k").read() == b"two"


def test_a_replacement_is_one_request(proxy: FaultyProxy, proxied: dskit.Store) -> None:
    old = proxied.put("k", b"one").etag
    proxied.put("k", b"two", if_match=old)
    assert [request.method for request in proxy.requests] == ["PUT", "PUT"]
    assert proxy.requests[1].headers["if-match"] == old


def test_a_lost_answer_of_a_conditional_put_is_said(proxy: FaultyProxy, proxied: dskit.Store) -> None:
    """Sent again it would meet its own success."""
    proxy.plan = [LOSE_ANSWER]
    with pytest.raises(OutcomeUnknownError):
        proxied.put("k", b"x", if_none_match="*")
    assert len(proxy.requests) == 1
    assert proxied.get("k").read() == b"x"


def test_our_retries_and_not_those_of_obstore(proxy: FaultyProxy, proxied: dskit.Store) -> None:
    proxy.plan = [answer(503, "SlowDown"), LOSE_ANSWER]
    proxied.put("k", b"x")
    assert [request.method for request in proxy.requests] == ["PUT"] * 3
    proxy.plan = [answer(503, "SlowDown")] * 3
    with pytest.raises(ThrottledError):
        proxied.get("k")
    assert len(proxy.requests) == 6


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (409, "ConditionalRequestConflict", ConflictError),
        (403, "AccessDenied", PermissionDeniedError),
        (400, "ExpiredToken", AuthenticationError),
        (404, "NoSuchBucket", BucketNotFoundError),
        (400, "EntityTooLarge", TooLargeError),
        (400, "NotOneThatWeKnow", InvalidRequestError),
        (500, "InternalError", OutcomeUnknownError),
    ],
)
def test_what_the_server_says_has_its_class(
    proxy: FaultyProxy, proxied: dskit.Store, status: int, code: str, kind: type[dskit.StoreError]
) -> None:
    proxy.plan = [answer(status, code)]
    with pytest.raises(kind) as caught:
        proxied.put("k", b"x", if_none_match="*")
    assert (caught.value.key, caught.value.bucket, caught.value.operation) == ("k", "data", "put")
    assert len(proxy.requests) == 1


def test_a_silent_server_and_an_answer_that_breaks_off(proxy: FaultyProxy) -> None:
    once = RetryOptions(attempts=1)
    with dskit.ObstoreS3Store("data", endpoint=proxy.url, **KEYS) as patient:
        patient.put("k", b"x" * 1000)
    with dskit.ObstoreS3Store("data", endpoint=proxy.url, read_timeout=0.3, retries=once, **KEYS) as store:
        proxy.plan = [STALL]
        with pytest.raises(TimedOutError):
            store.get("k")
    with dskit.ObstoreS3Store("data", endpoint=proxy.url, sleep=lambda seconds: None, **KEYS) as store:
        proxy.plan = [cut(100)]
        assert store.get("k").read() == b"x" * 1000  # the rest is asked for, of the same state of the object


def test_attributes_come_back(obstore_s3: dskit.Store) -> None:
    obstore_s3.put("plain", b"x")
    assert obstore_s3.head("plain").content_type == "binary/octet-stream"
    obstore_s3.put("k", b"x", content_type="text/plain", metadata={"Colour-Name": "deep red"})
    obstore_s3.copy("k", "copy")
    for key in ("k", "copy"):
        assert obstore_s3.head(key).content_type == "text/plain"
        assert obstore_s3.head(key).metadata == {"colour-name": "deep red"}


@pytest.mark.parametrize(
    "metadata", [{"cache-control": "no-store"}, {"Storage-Class": "GLACIER"}, {"colour": "rötlich"}]
)
def test_metadata_that_would_become_something_else_is_refused(
    obstore_s3: dskit.Store, metadata: dict[str, str]
) -> None:
    with pytest.raises(InvalidRequestError):
        obstore_s3.put("k", b"x", metadata=metadata)
    assert not obstore_s3.exists("k")


def test_a_large_put_goes_in_parts_and_appears_whole_or_not_at_all(s3: dskit_emulator.Endpoint) -> None:
    s3.create_bucket("data")
    mib = 1024 * 1024
    with dskit.ObstoreS3Store("data", endpoint=s3.url, part_bytes=5 * mib, **KEYS) as store:
        data = os.urandom(mib) * 11
        assert store.put("known", data).etag.endswith('-3"')
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
    assert s3.direct("data").list_uploads().uploads == []


def test_a_file_goes_up_and_comes_down(obstore_s3: dskit.Store, tmp_path: Path) -> None:
    source, back = tmp_path / "source", tmp_path / "back"
    source.write_bytes(os.urandom(3_000_000))
    obstore_s3.upload(source, "folder/file")
    obstore_s3.download("folder/file", back)
    assert back.read_bytes() == source.read_bytes()


def test_a_batch_is_one_request(proxy: FaultyProxy, proxied: dskit.Store) -> None:
    keys = ["a b&<é", "b%41", "c"]
    for key in keys:
        proxied.put(key, b"")
    proxy.requests.clear()
    assert proxied.delete_many([*keys, "missing"]).deleted == [*keys, "missing"]
    assert [(request.method, request.target) for request in proxy.requests] == [("POST", "/data?delete")]
    assert list(proxied.list()) == []


def test_a_batch_says_which_key_failed(s3: dskit_emulator.Endpoint, obstore_s3: dskit.Store) -> None:
    obstore_s3.put("c", b"")
    result = obstore_s3.delete_many(["c", "a//b"])
    assert (result.deleted, [row.key for row in result.errors]) == (["c"], ["a//b"])
    with dskit.ObstoreS3Store("missing", endpoint=s3.url, **KEYS) as store, pytest.raises(BucketNotFoundError):
        store.delete_many(["a", "b"])


def test_a_key_of_others_that_obstore_cannot_name(s3: dskit_emulator.Endpoint, obstore_s3: dskit.Store) -> None:
    s3.direct("data").put("a//b", b"")
    with pytest.raises(InvalidKeyError, match="obstore cannot name"):
        list(obstore_s3.list())


def test_a_signed_url_does_one_thing(obstore_s3: dskit.Store) -> None:
    key = "a b+~!$&'()*,;=:@-_.[]^|%41?#é"
    obstore_s3.put(key, b"signed")
    with urllib.request.urlopen(obstore_s3.sign(key, expires_in=60), timeout=60) as answer:
        assert answer.read() == b"signed"
    head = urllib.request.Request(obstore_s3.sign(key, "HEAD"), method="HEAD")
    urllib.request.urlopen(head, timeout=60).close()
    put = urllib.request.Request(obstore_s3.sign(key), b"x", method="PUT")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(put, timeout=60)
    assert caught.value.code == 403
    urllib.request.urlopen(
        urllib.request.Request(obstore_s3.sign("new", "PUT"), b"x", method="PUT"), timeout=60
    ).close()
    assert obstore_s3.get("new").read() == b"x"


def test_a_bucket_that_is_not_there(s3: dskit_emulator.Endpoint) -> None:
    with dskit.ObstoreS3Store("missing", endpoint=s3.url, **KEYS) as store:
        for verb in (lambda: store.get("k"), lambda: list(store.list()), lambda: store.put("k", b"")):
            with pytest.raises(BucketNotFoundError):
                verb()


def test_a_wrong_key_is_refused_and_shown_nowhere(s3: dskit_emulator.Endpoint, obstore_s3: dskit.Store) -> None:
    wrong = "a-secret-that-is-wrong"
    with dskit.ObstoreS3Store("data", endpoint=s3.url, access_key="dskit", secret_key=wrong) as store:
        with pytest.raises(AuthenticationError) as caught:
            store.put("k", b"")
        assert wrong not in f"{store!r} {store.service!r} {caught.value} {caught.value.__cause__!r}"
        assert wrong not in repr(store.service.store("data"))
    assert "dskit-secret" not in f"{obstore_s3!r} {obstore_s3.service!r} {obstore_s3.name}"


def test_credentials_come_from_the_environment_of_s3store(
    s3: dskit_emulator.Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.create_bucket("data")
    for name, value in s3.env().items():
        monkeypatch.setenv(name, value)
    with dskit.open_store("s3://data?client=obstore") as store:
        store.put("k", b"x")
        assert s3.url in store.name
    assert s3.direct("data").exists("k")


def test_credentials_of_a_boto3_session(
    s3: dskit_emulator.Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boto3 = pytest.importorskip("boto3.session")
    s3.create_bucket("data")
    session = boto3.Session(aws_access_key_id="dskit", aws_secret_access_key="dskit-secret", region_name="eu-west-1")
    with dskit.ObstoreS3Store("data", endpoint=s3.url, region="us-east-1", session=session) as store:
        store.put("k", b"x")
        assert "dskit-secret" not in f"{store!r} {store.service!r} {store.service.store('data')!r}"
    with dskit.ObstoreS3Store("data", endpoint="http://127.0.0.1:1", session=session) as store:
        assert "%2Feu-west-1%2Fs3%2F" in store.sign("k")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(ConfigurationError, match="session has no credentials"):
        dskit.ObstoreS3Store("data", endpoint=s3.url, session=boto3.Session())


def test_the_environment_of_obstore_changes_nothing(proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above all: keys of ours are never mixed with a token of somebody else, and bodies stay signed."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of somebody else")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_UNSIGNED_PAYLOAD", "true")
    monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")
    monkeypatch.setenv("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "true")
    with dskit.ObstoreS3Store("data", endpoint=proxy.url, **KEYS) as store:
        store.put("k", b"x")
    (request,) = proxy.requests
    assert "x-amz-security-token" not in request.headers
    assert request.headers["x-amz-content-sha256"] == hashlib.sha256(b"x").hexdigest()


def test_credentials_are_asked_for_and_never_searched(s3: dskit_emulator.Endpoint) -> None:
    with pytest.raises(ConfigurationError, match="AWS_ACCESS_KEY_ID"):
        dskit.open_store(URL)
    with pytest.raises(ConfigurationError, match="together"):
        dskit.open_store(URL, access_key="dskit")
    s3.create_bucket("data")
    with dskit.ObstoreS3Store("data", endpoint=s3.url, anonymous=True) as store:
        assert not store.capabilities.supports.sign
        with pytest.raises(UnsupportedError):
            store.sign("k")
        with pytest.raises(PermissionDeniedError):
            store.put("k", b"")


@pytest.mark.parametrize(
    ("options", "address"),
    [
        ({"endpoint": "http://127.0.0.1:9000"}, "http://127.0.0.1:9000/data/k?"),
        ({"endpoint": "http://127.0.0.1:9000/", "addressing": "path"}, "http://127.0.0.1:9000/data/k?"),
        ({"endpoint": "http://s3.example.org:9000", "addressing": "virtual"}, "http://data.s3.example.org:9000/k?"),
        ({"region": "eu-west-1"}, "https://data.s3.eu-west-1.amazonaws.com/k?"),
        ({"region": "eu-west-1", "addressing": "path"}, "https://s3.eu-west-1.amazonaws.com/data/k?"),
        ({"region": "eu-west-1", "bucket": "da.ta"}, "https://s3.eu-west-1.amazonaws.com/da.ta/k?"),
    ],
)
def test_addresses(options: dict[str, str], address: str) -> None:
    with dskit.open_store("s3:?client=obstore", **{"bucket": "data", **KEYS, **options}) as store:
        url = store.sign("k")
    assert url.startswith(address)
    assert f"%2F{options.get('region', 'us-east-1')}%2Fs3%2F" in url


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"addressing": "sideways"}, "addressing"),
        ({"endpoint": "http://user:hush@127.0.0.1:1"}, "endpoint"),
        ({"endpoint": "127.0.0.1:1"}, "http://HOST"),
        ({"max_connections": 3}, "max_connections"),
        ({"client": "curl"}, "boto3 or obstore"),
    ],
)
def test_wrong_options_are_configuration_errors(options: dict[str, object], hint: str) -> None:
    with pytest.raises(ConfigurationError, match=hint) as caught:
        dskit.open_store(URL, **{**KEYS, **options})
    assert "hush" not in str(caught.value)


def test_the_url_chooses_the_client() -> None:
    plain = "s3://data?endpoint=http://127.0.0.1:1"
    assert isinstance(dskit.open_store(plain, **KEYS), dskit.S3Store)
    assert isinstance(dskit.open_store(f"{plain}&client=boto3", **KEYS), dskit.S3Store)
    assert isinstance(dskit.open_store(plain, client="obstore", **KEYS), dskit.ObstoreS3Store)
    service = dskit.open_service("s3:?endpoint=http://127.0.0.1:1&client=obstore", **KEYS)
    assert isinstance(service.bucket("data").service, type(dskit.open_store(URL, **KEYS).service))


def test_what_is_refused_is_put_into_words(obstore_s3: dskit.Store) -> None:
    """obstore tells a status and no words of the server's that may be repeated."""
    obstore_s3.put("k", b"1")
    for kind, key, words, call in (
        (
            AlreadyExistsError,
            "k",
            r'if_none_match="\*".*another key',
            lambda: obstore_s3.put("k", b"", if_none_match="*"),
        ),
        (PreconditionFailedError, "k", r"if_match.*read it again", lambda: obstore_s3.put("k", b"", if_match='"x"')),
        (NotFoundError, "gone", "no such object: check the key", lambda: obstore_s3.get("gone")),
        (NotFoundError, "gone", "no such object: check the key", lambda: obstore_s3.copy("gone", "copy")),
    ):
        with pytest.raises(kind, match=words) as caught:
            call()
        assert caught.value.key == key


def test_a_copy_of_more_than_one_request_takes_names_the_remedy(proxied: dskit.Store, proxy: FaultyProxy) -> None:
    message = "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120"
    document = f"<Error><Code>InvalidRequest</Code><Message>{message}</Message></Error>".encode()
    proxy.plan = [answer(400, body=document)]
    with pytest.raises(TooLargeError, match=r"dskit\.transfer\.copy copies it in parts") as caught:
        proxied.copy("k", "copy")
    assert caught.value.code == "InvalidRequest"
