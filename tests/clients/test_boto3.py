"""boto3 with default settings: checksums on, Expect on, its own retries and pools."""

from __future__ import annotations

import base64
import hashlib
import io
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

MIB = 1024 * 1024


def connect(site: Any, *, secret: str = "", access: str = "", endpoint: str | None = "", **config: Any) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=site.url if endpoint == "" else endpoint,
        region_name="us-east-1",
        aws_access_key_id=access or site.access_key,
        aws_secret_access_key=secret or site.secret_key,
        config=Config(**config) if config else None,
    )


@pytest.fixture
def client(site: Any) -> Any:
    return connect(site)


def code_of(call: Callable[[], object]) -> tuple[str, int]:
    with pytest.raises(ClientError) as refused:
        call()
    answer = refused.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_what_is_put_is_got(site: Any, client: Any) -> None:
    put = client.put_object(
        Bucket=site.bucket, Key="k", Body=b"hello", ContentType="text/plain", Metadata={"colour": "blue"}
    )
    assert put["ETag"] == f'"{hashlib.md5(b"hello").hexdigest()}"'
    assert put["ChecksumCRC32"] == base64.b64encode(zlib.crc32(b"hello").to_bytes(4, "big")).decode()
    got = client.get_object(Bucket=site.bucket, Key="k")
    assert got["Body"].read() == b"hello"
    assert (got["ContentType"], got["Metadata"], got["ContentLength"]) == ("text/plain", {"colour": "blue"}, 5)
    assert got["ETag"] == put["ETag"]
    assert "aws-chunked" not in got.get("ContentEncoding", "")
    assert abs(datetime.now(UTC) - got["LastModified"]) < timedelta(minutes=5)
    assert client.head_object(Bucket=site.bucket, Key="k")["ContentLength"] == 5


def test_streams(site: Any, client: Any) -> None:
    data = bytes(range(256)) * 12_000
    client.put_object(Bucket=site.bucket, Key="k", Body=io.BytesIO(data), ContentEncoding="gzip")
    got = client.get_object(Bucket=site.bucket, Key="k")
    assert got["Body"].read() == data
    assert got["ContentEncoding"] == "gzip"


def test_the_empty_object(site: Any, client: Any) -> None:
    client.put_object(Bucket=site.bucket, Key="empty")
    assert client.get_object(Bucket=site.bucket, Key="empty")["Body"].read() == b""


def test_ranges(site: Any, client: Any) -> None:
    client.put_object(Bucket=site.bucket, Key="k", Body=b"0123456789")
    got = client.get_object(Bucket=site.bucket, Key="k", Range="bytes=2-4")
    assert (got["Body"].read(), got["ContentRange"]) == (b"234", "bytes 2-4/10")
    assert client.get_object(Bucket=site.bucket, Key="k", Range="bytes=-3")["Body"].read() == b"789"
    beyond = partial(client.get_object, Bucket=site.bucket, Key="k", Range="bytes=10-")
    assert code_of(beyond) == ("InvalidRange", 416)


def check_key(site: Any, client: Any, key: str) -> None:
    client.put_object(Bucket=site.bucket, Key=key, Body=key.encode())
    assert client.get_object(Bucket=site.bucket, Key=key)["Body"].read() == key.encode()
    assert client.head_object(Bucket=site.bucket, Key=key)["ContentLength"] == len(key.encode())
    assert [row["Key"] for row in client.list_objects_v2(Bucket=site.bucket)["Contents"]] == [key]
    assert [row["Key"] for row in client.list_objects_v2(Bucket=site.bucket, Prefix=key)["Contents"]] == [key]
    assert [row["Key"] for row in client.list_objects(Bucket=site.bucket, Prefix=key)["Contents"]] == [key]
    source = {"Bucket": site.bucket, "Key": key}
    client.copy_object(Bucket=site.bucket, Key=key + ".copy", CopySource=source)
    assert client.get_object(Bucket=site.bucket, Key=key + ".copy")["Body"].read() == key.encode()
    batch = {"Objects": [{"Key": key}, {"Key": key + ".copy"}]}
    deleted = client.delete_objects(Bucket=site.bucket, Delete=batch)
    assert {row["Key"] for row in deleted["Deleted"]} == {key, key + ".copy"}
    assert "Contents" not in client.list_objects_v2(Bucket=site.bucket)


def test_odd_keys_stay_what_they_are(site: Any, client: Any, odd_key: str) -> None:
    check_key(site, client, odd_key)


def test_dot_segments_stay_what_they_are(site: Any, client: Any, dot_key: str) -> None:
    check_key(site, client, dot_key)


def test_threads_share_a_client(site: Any) -> None:
    client = connect(site, max_pool_connections=8)

    def work(number: int) -> bytes:
        key, body = f"k{number % 10}", f"{number % 10}".encode() * 1000
        client.put_object(Bucket=site.bucket, Key=key, Body=body)
        read: bytes = client.get_object(Bucket=site.bucket, Key=key)["Body"].read()
        return read

    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(work, range(100)))
    assert bodies == [f"{number % 10}".encode() * 1000 for number in range(100)]
    assert client.list_objects_v2(Bucket=site.bucket)["KeyCount"] == 10


def test_a_large_file_moves_in_parts_both_ways(site: Any, client: Any, tmp_path: Path) -> None:
    data = hashlib.shake_256(b"large").digest(21 * MIB + 7)
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(data)
    transfer = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=8 * MIB, max_concurrency=4)
    client.upload_file(str(source), site.bucket, "large", Config=transfer)
    head = client.head_object(Bucket=site.bucket, Key="large")
    assert head["ContentLength"] == len(data)
    assert head["ETag"].endswith('-3"')
    client.download_file(site.bucket, "large", str(target), Config=transfer)
    assert target.read_bytes() == data
    client.copy({"Bucket": site.bucket, "Key": "large"}, site.bucket, "copy", Config=transfer)
    out = io.BytesIO()
    client.download_fileobj(site.bucket, "copy", out)
    assert out.getvalue() == data
    assert "Uploads" not in client.list_multipart_uploads(Bucket=site.bucket)


def check_presigned(site: Any, client: Any) -> None:
    where = {"Bucket": site.bucket, "Key": "a b+c/é"}
    put = client.generate_presigned_url("put_object", Params={**where, "ContentType": "text/x-note"}, ExpiresIn=60)
    answer = httpx.put(put, content=b"note", headers={"Content-Type": "text/x-note"})
    assert answer.status_code == 200
    assert answer.headers["etag"] == f'"{hashlib.md5(b"note").hexdigest()}"'
    assert httpx.put(put, content=b"note", headers={"Content-Type": "text/html"}).status_code == 403
    get = client.generate_presigned_url("get_object", Params=where, ExpiresIn=60)
    answer = httpx.get(get)
    assert (answer.status_code, answer.content) == (200, b"note")
    assert answer.headers["content-type"] == "text/x-note"
    assert httpx.get(get, headers={"Range": "bytes=1-2"}).content == b"ot"
    assert httpx.head(client.generate_presigned_url("head_object", Params=where)).headers["content-length"] == "4"
    assert httpx.put(get, content=b"x").status_code == 403
    refused = httpx.get(get.replace("%2B", "%2b").replace("a%20b", "a%20c"))
    assert refused.status_code == 403
    assert "<Code>SignatureDoesNotMatch</Code>" in refused.text
    gone = client.generate_presigned_url("get_object", Params={**where, "Key": "absent"})
    assert httpx.get(gone).status_code == 404
    delete = client.generate_presigned_url("delete_object", Params=where)
    assert httpx.delete(delete).status_code == 204


def test_presigned_urls(site: Any, client: Any) -> None:
    """With default settings boto3 signs URLs by version 2. A plain HTTP client needs nothing but the URL."""
    assert "AWSAccessKeyId=" in client.generate_presigned_url("get_object", Params={"Bucket": "bbb", "Key": "k"})
    check_presigned(site, client)


def test_presigned_urls_by_version_four(site: Any) -> None:
    client = connect(site, signature_version="s3v4")
    url = client.generate_presigned_url("get_object", Params={"Bucket": site.bucket, "Key": "k"}, ExpiresIn=60)
    assert "<Code>SignatureDoesNotMatch</Code>" in httpx.get(url.replace("Expires=60", "Expires=6000")).text
    check_presigned(site, client)


def test_presigned_urls_may_override_answer_headers(site: Any, client: Any) -> None:
    client.put_object(Bucket=site.bucket, Key="k", Body=b"x")
    params = {"Bucket": site.bucket, "Key": "k", "ResponseContentDisposition": 'attachment; filename="a b.txt"'}
    answer = httpx.get(client.generate_presigned_url("get_object", Params=params))
    assert answer.headers["content-disposition"] == 'attachment; filename="a b.txt"'
    params = {"Bucket": site.bucket, "Key": "k", "ResponseCacheControl": "not in latin letters: \u2014"}
    answer = httpx.get(client.generate_presigned_url("get_object", Params=params))
    assert answer.status_code == 400  # aws-recorded:test_get_response_overrides_unicode_metadata_with_sig_s3
    assert "<ArgumentName>response-cache-control</ArgumentName>" in answer.text


def test_a_listing_of_many_pages(site: Any, client: Any) -> None:
    keys = [f"{number % 3}/{number:05d}" for number in range(1100)]
    site.fill(keys)
    first = client.list_objects_v2(Bucket=site.bucket)
    assert (first["KeyCount"], first["IsTruncated"]) == (1000, True)
    pages = list(
        client.get_paginator("list_objects_v2").paginate(Bucket=site.bucket, PaginationConfig={"PageSize": 300})
    )
    assert [len(page["Contents"]) for page in pages] == [300, 300, 300, 200]
    assert [row["Key"] for page in pages for row in page["Contents"]] == sorted(keys)
    pages = list(client.get_paginator("list_objects").paginate(Bucket=site.bucket))
    assert [row["Key"] for page in pages for row in page["Contents"]] == sorted(keys)
    top = client.list_objects_v2(Bucket=site.bucket, Delimiter="/")
    assert [row["Prefix"] for row in top["CommonPrefixes"]] == ["0/", "1/", "2/"]
    assert "Contents" not in top


def test_conditions(site: Any, client: Any) -> None:
    etag = client.put_object(Bucket=site.bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]

    def put(**options: str) -> Any:
        return client.put_object(Bucket=site.bucket, Key="k", Body=b"2", **options)

    def get(**options: str) -> Any:
        return client.get_object(Bucket=site.bucket, Key="k", **options)

    assert code_of(lambda: put(IfNoneMatch="*")) == ("PreconditionFailed", 412)
    assert code_of(lambda: put(IfMatch='"0"')) == ("PreconditionFailed", 412)
    assert code_of(lambda: get(IfMatch='"0"')) == ("PreconditionFailed", 412)
    assert code_of(lambda: get(IfNoneMatch=etag)) == ("304", 304)
    assert get(IfMatch=etag)["Body"].read() == b"1"
    put(IfMatch=etag)
    assert get()["Body"].read() == b"2"


def test_errors_are_those_of_s3(site: Any, client: Any) -> None:
    assert code_of(lambda: client.get_object(Bucket=site.bucket, Key="absent")) == ("NoSuchKey", 404)
    assert code_of(lambda: client.head_object(Bucket=site.bucket, Key="absent")) == ("404", 404)
    assert code_of(lambda: client.get_object(Bucket="absent-bucket", Key="k")) == ("NoSuchBucket", 404)
    with pytest.raises(client.exceptions.NoSuchKey):
        client.get_object(Bucket=site.bucket, Key="absent")
    with pytest.raises(client.exceptions.NoSuchBucket):
        client.list_objects_v2(Bucket="absent-bucket")
    client.put_object(Bucket=site.bucket, Key="k")
    assert code_of(lambda: client.delete_bucket(Bucket=site.bucket)) == ("BucketNotEmpty", 409)


def test_wrong_credentials(site: Any) -> None:
    wrong = connect(site, secret="not-the-secret")
    assert code_of(wrong.list_buckets) == ("SignatureDoesNotMatch", 403)
    assert code_of(lambda: wrong.put_object(Bucket=site.bucket, Key="k", Body=b"x")) == ("SignatureDoesNotMatch", 403)
    stranger = connect(site, access="stranger")
    assert code_of(stranger.list_buckets) == ("InvalidAccessKeyId", 403)


def test_a_foreign_region_is_refused(site: Any) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=site.url,
        region_name="eu-west-1",
        aws_access_key_id=site.access_key,
        aws_secret_access_key=site.secret_key,
    )
    assert code_of(client.list_buckets) == ("AuthorizationHeaderMalformed", 400)


@pytest.mark.parametrize("style", ["virtual", "path"])
@pytest.mark.parametrize("endpoint", [None, "http://s3.localhost"])
def test_host_names(site: Any, style: str, endpoint: str | None) -> None:
    """Names of AWS and of virtual hosts reach the endpoint through a proxy setting, in absolute-form targets."""
    client = connect(
        site,
        endpoint=endpoint or "http://s3.us-east-1.amazonaws.com",
        s3={"addressing_style": style},
        proxies={"http": site.url},
    )
    client.create_bucket(Bucket="dotless-bucket")
    client.put_object(Bucket="dotless-bucket", Key="a//b c", Body=b"x")
    assert client.get_object(Bucket="dotless-bucket", Key="a//b c")["Body"].read() == b"x"
    assert [row["Key"] for row in client.list_objects_v2(Bucket="dotless-bucket")["Contents"]] == ["a//b c"]
    assert {row["Name"] for row in client.list_buckets()["Buckets"]} == {site.bucket, "dotless-bucket"}


def test_signed_payloads(site: Any) -> None:
    client = connect(site, s3={"payload_signing_enabled": True})
    client.put_object(Bucket=site.bucket, Key="k", Body=io.BytesIO(b"x" * 100_000))
    assert client.head_object(Bucket=site.bucket, Key="k")["ContentLength"] == 100_000


def test_every_checksum_of_the_client(site: Any, client: Any) -> None:
    for algorithm in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"):
        put = client.put_object(Bucket=site.bucket, Key=algorithm, Body=b"hello", ChecksumAlgorithm=algorithm)
        got = client.get_object(Bucket=site.bucket, Key=algorithm, ChecksumMode="ENABLED")
        assert got["Body"].read() == b"hello"
        assert got[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"]
    wrong = partial(client.put_object, Bucket=site.bucket, Key="k", Body=b"hello", ChecksumCRC32="AAAAAA==")
    assert code_of(wrong) == ("BadDigest", 400)
