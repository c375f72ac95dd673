"""`MinIOStore`: construction, the seam, what minio-py refuses, and its own traps."""

from __future__ import annotations

import inspect
import subprocess
import sys

import minio
import pytest

import dskit_emulator
from dskit.backends import minio_seam
from dskit.backends.minio import MinIOStore, minio_service
from dskit.backends.minio_xml import complete_body, delete_body, parse
from dskit.errors import AuthenticationError, ConfigurationError, InvalidBucketNameError, InvalidKeyError
from dskit.types import CompletedPart, DeleteRequest

SECRET = "a-very-secret-key"


def host(s3: dskit_emulator.Endpoint) -> str:
    return s3.url.removeprefix("http://")


def test_it_is_a_store(s3: dskit_emulator.Endpoint) -> None:
    s3.create_bucket("data")
    keys = {"access_key": "dskit", "secret_key": "dskit-secret"}
    with MinIOStore(host(s3), "data", prefix="p/", secure=False, **keys) as store:  # type: ignore[arg-type]
        store.put("k", b"hello", content_type="text/plain", if_none_match="*")
        assert store.get("k").read() == b"hello"
        assert [row.key for row in store.list()] == ["k"]
    assert s3.direct("data").get("p/k").read() == b"hello"


def test_the_request_method_is_the_one_that_the_seam_was_made_for() -> None:
    """minio-py's `_execute` is private: another version may change it, and then this test says so."""
    assert tuple(inspect.signature(minio.Minio._execute).parameters)[:8] == minio_seam.PARAMETERS
    minio_seam.check_seam()


@pytest.mark.parametrize("version", ["7.2.9", "7.3.0", "8.0.0"])
def test_another_version_is_refused(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minio, "__version__", version)
    with pytest.raises(ConfigurationError, match=version):
        minio_service("127.0.0.1:9", anonymous=True)


def test_another_request_method_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minio.Minio, "_execute", lambda self, method, url: None)
    with pytest.raises(ConfigurationError, match="parameters"):
        minio_service("127.0.0.1:9", anonymous=True)


@pytest.mark.parametrize("key", [".", "..", "./x", "a/./b", "a/../b", "a/.."])
def test_dot_segments_are_declared_and_refused_before_any_request(key: str) -> None:
    store = MinIOStore("127.0.0.1:9", "data", access_key="a", secret_key=SECRET)
    assert store.capabilities.semantics.dot_segments == "refused"
    for verb in (
        lambda: store.put(key, b""),
        lambda: store.get(key),
        lambda: store.delete(key),
        lambda: store.copy(key, "fine"),
        lambda: store.copy("fine", key),
        lambda: store.create_multipart_upload(key),
        lambda: store.upload_part(key, "id", 1, b""),
        lambda: store.upload_part_copy("fine", "id", 1, key),
    ):
        with pytest.raises(InvalidKeyError):
            verb()


def test_dots_within_a_segment_are_none(s3: dskit_emulator.Endpoint) -> None:
    s3.create_bucket("data")
    store = MinIOStore(host(s3), "data", secure=False, access_key="dskit", secret_key="dskit-secret")
    for key in ("...", "a/.b", "a./b", "..a", ".hidden/x"):
        store.put(key, b"1")
        assert store.exists(key)


def test_credentials_come_from_the_environment(s3: dskit_emulator.Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIO_ACCESS_KEY", "dskit")
    monkeypatch.setenv("MINIO_SECRET_KEY", "dskit-secret")
    minio_service(s3.url).create_bucket("data")
    assert [bucket.name for bucket in minio_service(s3.url).list_buckets()] == ["data"]


def test_no_credentials_are_a_configuration_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MINIO_ACCESS_KEY", "MINIO_ROOT_USER", "AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError, match="MINIO_ACCESS_KEY"):
        minio_service("127.0.0.1:9")


def test_wrong_credentials_are_told_apart_and_never_repeated(s3: dskit_emulator.Endpoint) -> None:
    for access_key in ("dskit", "stranger"):
        service = minio_service(s3.url, access_key=access_key, secret_key=SECRET)
        with pytest.raises(AuthenticationError) as raised:
            service.list_buckets()
        assert SECRET not in f"{raised.value} {raised.value.details} {service!r}"


@pytest.mark.parametrize("endpoint", ["", "host:port", "host/path", f"user:{SECRET}@host", "http://"])
def test_endpoints_that_cannot_be_are_refused_at_once(endpoint: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        minio_service(endpoint, anonymous=True)
    assert SECRET not in str(raised.value)


def test_a_missing_minio_names_what_to_install() -> None:
    code = (
        "import sys; sys.modules['minio'] = None\n"
        "import dskit\n"
        "try: dskit.MinIOStore('127.0.0.1:9', 'data')\n"
        "except dskit.ConfigurationError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 'pip install "dskit[minio]"' in done.stdout


def test_a_bucket_name_that_minio_py_refuses(s3: dskit_emulator.Endpoint) -> None:
    service = minio_service(s3.url, access_key="dskit", secret_key="dskit-secret")
    with pytest.raises(InvalidBucketNameError):
        service.create_bucket("UPPER_case")


def test_the_region_of_a_bucket_is_found_where_none_is_given() -> None:
    """minio-py asks for the location with a signature for us-east-1, which a strict endpoint elsewhere refuses."""
    with dskit_emulator.Server(region="eu-west-3", rules=["any-region"], buckets=["data"]) as server:
        service = minio_service(server.url, access_key="dskit", secret_key="dskit-secret")
        assert service.head_bucket("data").region == "eu-west-3"


def test_bodies_in_xml_keep_every_character_of_a_key() -> None:
    """A bare carriage return would be read as a line feed: another key would be deleted."""
    key = "a\r\nb\tc <&>\"'é"
    assert parse(delete_body([DeleteRequest(key=key)])).all("Object")[0].text("Key") == key
    body = complete_body([CompletedPart(number=3, etag='"x"', checksums={"CRC32": "AA=="})])
    row = parse(body).all("Part")[0]
    assert (row.number("PartNumber"), row.text("ETag"), row.text("ChecksumCRC32")) == (3, '"x"', "AA==")


@pytest.mark.parametrize("document", [b"", b"<a>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"hello"])
def test_documents_that_are_not_s3s(document: bytes) -> None:
    with pytest.raises(ValueError):
        parse(document)
