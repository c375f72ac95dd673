"""minio-py with default settings: signed payloads, path style, its own region look-up."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from minio import Minio
from minio.commonconfig import ComposeSource, CopySource
from minio.deleteobjects import DeleteObject
from minio.error import S3Error

MIB = 1024 * 1024


@pytest.fixture
def client(site: Any) -> Minio:
    return Minio(site.host, access_key=site.access_key, secret_key=site.secret_key, secure=False)


def read(client: Minio, bucket: str, key: str, **options: Any) -> bytes:
    answer = client.get_object(bucket, key, **options)
    try:
        return bytes(answer.read())
    finally:
        answer.close()
        answer.release_conn()


def put(client: Minio, bucket: str, key: str, data: bytes, **options: Any) -> Any:
    return client.put_object(bucket, key, io.BytesIO(data), len(data), **options)


def code_of(call: Any) -> str:
    with pytest.raises(S3Error) as refused:
        call()
    return str(refused.value.code)


def test_buckets(client: Minio) -> None:
    assert not client.bucket_exists("fresh-bucket")
    client.make_bucket("fresh-bucket")
    assert client.bucket_exists("fresh-bucket")
    assert "fresh-bucket" in {bucket.name for bucket in client.list_buckets()}
    client.remove_bucket("fresh-bucket")
    assert not client.bucket_exists("fresh-bucket")


def test_what_is_put_is_got(site: Any, client: Minio) -> None:
    result = put(client, site.bucket, "k", b"hello", content_type="text/plain", metadata={"colour": "blue"})
    assert result.etag == hashlib.md5(b"hello").hexdigest()
    assert read(client, site.bucket, "k") == b"hello"
    assert read(client, site.bucket, "k", offset=1, length=3) == b"ell"
    stat = client.stat_object(site.bucket, "k")
    assert (stat.size, stat.content_type, stat.etag) == (5, "text/plain", result.etag)
    assert stat.metadata is not None
    assert stat.metadata["x-amz-meta-colour"] == "blue"


def test_odd_keys_stay_what_they_are(site: Any, client: Minio, odd_key: str) -> None:
    put(client, site.bucket, odd_key, b"x")
    assert read(client, site.bucket, odd_key) == b"x"
    assert [row.object_name for row in client.list_objects(site.bucket, recursive=True)] == [odd_key]
    client.copy_object(site.bucket, "copy", CopySource(site.bucket, odd_key))
    assert read(client, site.bucket, "copy") == b"x"
    assert not list(client.remove_objects(site.bucket, [DeleteObject(odd_key), DeleteObject("copy")]))
    assert not list(client.list_objects(site.bucket, recursive=True))


def test_a_large_object_moves_in_parts(site: Any, client: Minio, tmp_path: Path) -> None:
    data = hashlib.shake_256(b"minio").digest(21 * MIB + 3)
    result = client.put_object(site.bucket, "large", io.BytesIO(data), -1, part_size=8 * MIB)
    assert (result.etag or "").endswith("-3")
    assert read(client, site.bucket, "large") == data
    client.fget_object(site.bucket, "large", str(tmp_path / "large"))
    assert (tmp_path / "large").read_bytes() == data
    client.fput_object(site.bucket, "again", str(tmp_path / "large"), part_size=10 * MIB)
    assert client.stat_object(site.bucket, "again").size == len(data)


def test_objects_are_composed(site: Any, client: Minio) -> None:
    put(client, site.bucket, "one", b"1" * (5 * MIB))
    put(client, site.bucket, "two", b"2" * 10)
    client.compose_object(site.bucket, "both", [ComposeSource(site.bucket, "one"), ComposeSource(site.bucket, "two")])
    assert read(client, site.bucket, "both") == b"1" * (5 * MIB) + b"2" * 10


def test_listings(site: Any, client: Minio) -> None:
    keys = [f"{number % 2}/{number:04d}" for number in range(1010)]
    site.fill(keys)
    assert [row.object_name for row in client.list_objects(site.bucket, recursive=True)] == sorted(keys)
    assert [row.object_name for row in client.list_objects(site.bucket)] == ["0/", "1/"]
    old = client.list_objects(site.bucket, recursive=True, use_api_v1=True)
    assert [row.object_name for row in old] == sorted(keys)
    after = client.list_objects(site.bucket, prefix="1/", recursive=True, start_after="1/1000")
    assert [row.object_name for row in after] == [key for key in sorted(keys) if key > "1/1000"]


def test_presigned_urls(site: Any, client: Minio) -> None:
    url = client.presigned_put_object(site.bucket, "a b+é", expires=timedelta(minutes=1))
    assert httpx.put(url, content=b"note").status_code == 200
    url = client.presigned_get_object(site.bucket, "a b+é", response_headers={"response-content-type": "text/x-note"})
    answer = httpx.get(url)
    assert (answer.content, answer.headers["content-type"]) == (b"note", "text/x-note")


def test_errors_are_those_of_s3(site: Any, client: Minio) -> None:
    assert code_of(lambda: client.get_object(site.bucket, "absent")) == "NoSuchKey"
    assert code_of(lambda: client.stat_object(site.bucket, "absent")) == "NoSuchKey"
    assert code_of(lambda: list(client.list_objects("absent-bucket"))) == "NoSuchBucket"
    wrong = Minio(site.host, access_key=site.access_key, secret_key="not-the-secret", secure=False)
    assert code_of(wrong.list_buckets) == "SignatureDoesNotMatch"
