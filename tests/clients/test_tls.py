"""Over TLS: there the SDKs trust the channel, so bodies are not hashed but framed, with a trailing checksum."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import obstore
import pytest
import urllib3
from minio import Minio
from obstore.store import S3Store

MIB = 1024 * 1024
DATA = hashlib.shake_256(b"tls").digest(3 * MIB + 1)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A self-signed certificate for 127.0.0.1 and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("no `openssl` to make a certificate with")
    folder: Path = tmp_path_factory.mktemp("tls")
    names = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    make = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    subprocess.run(
        [*make, "-keyout", str(folder / "key"), "-out", str(folder / "cert"), *names], check=True, capture_output=True
    )
    return str(folder / "cert"), str(folder / "key")


@pytest.fixture
def endpoint(s3_server: Any, certificate: tuple[str, str]) -> Iterator[Any]:
    with s3_server.endpoint(tls=certificate, buckets=["tls-bucket"]) as opened:
        assert opened.url.startswith("https://")
        yield opened


class Iterate(io.RawIOBase):
    """A body of which nobody knows the length, nor can go back in it."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def readinto(self, buffer: Any) -> int:
        return self._data.readinto(buffer)


def test_boto3_frames_its_bodies(endpoint: Any, certificate: tuple[str, str]) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=endpoint.url,
        region_name="us-east-1",
        aws_access_key_id="dskit",
        aws_secret_access_key="dskit-secret",
        verify=certificate[0],
    )
    seen: list[str] = []
    client.meta.events.register("before-send.s3.PutObject", lambda request, **_: seen.append(str(request.headers)))
    for name, body in (("bytes", DATA), ("file", io.BytesIO(DATA)), ("empty", b""), ("a//b +é", b"x")):
        client.put_object(Bucket="tls-bucket", Key=name, Body=body)
        expected = DATA if name in ("bytes", "file") else body
        got = client.get_object(Bucket="tls-bucket", Key=name, ChecksumMode="ENABLED")
        assert got["Body"].read() == expected
        assert "ContentEncoding" not in got
        assert got["ChecksumCRC32"]
    assert any("STREAMING-UNSIGNED-PAYLOAD-TRAILER" in headers for headers in seen)
    endless: Any = Iterate(DATA * 5)
    client.upload_fileobj(endless, "tls-bucket", "unknown length")
    assert client.get_object(Bucket="tls-bucket", Key="unknown length")["Body"].read() == DATA * 5


def test_minio_py_does_not_sign_its_bodies(endpoint: Any, certificate: tuple[str, str]) -> None:
    pool = urllib3.PoolManager(ca_certs=certificate[0])
    client = Minio(f"127.0.0.1:{endpoint.port}", access_key="dskit", secret_key="dskit-secret", http_client=pool)
    client.put_object("tls-bucket", "k", io.BytesIO(DATA), len(DATA))
    answer = client.get_object("tls-bucket", "k")
    assert answer.read() == DATA
    answer.release_conn()


def test_obstore(endpoint: Any) -> None:
    store = S3Store(
        "tls-bucket",
        endpoint=endpoint.url,
        region="us-east-1",
        access_key_id="dskit",
        secret_access_key="dskit-secret",
        client_options={"allow_invalid_certificates": True},
    )
    obstore.put(store, "k", DATA)
    assert bytes(obstore.get(store, "k").bytes()) == DATA
