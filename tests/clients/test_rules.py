"""What the named rules open for clients that need them, and nothing else."""

from __future__ import annotations

from typing import Any

import boto3
import httpx
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError


def connect(endpoint: Any, region: str = "us-east-1", **config: Any) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=endpoint.url,
        region_name=region,
        aws_access_key_id="dskit",
        aws_secret_access_key="dskit-secret",
        config=Config(**config),
    )


@pytest.mark.parametrize("region", ["eu-west-1", "auto", "mars-north-1"])
def test_any_region(s3_server: Any, region: str) -> None:
    with s3_server.endpoint(rules=["any-region"]) as endpoint:
        client = connect(endpoint, region)
        constraint = {"LocationConstraint": region}
        client.create_bucket(Bucket="far-bucket", CreateBucketConfiguration=constraint)
        client.put_object(Bucket="far-bucket", Key="k", Body=b"x")
        assert connect(endpoint).get_object(Bucket="far-bucket", Key="k")["Body"].read() == b"x"
        url = connect(endpoint, region, signature_version="s3v4").generate_presigned_url(
            "get_object", Params={"Bucket": "far-bucket", "Key": "k"}
        )
        assert httpx.get(url).content == b"x"


def test_default_location(s3_server: Any) -> None:
    constraint = {"LocationConstraint": "us-east-1"}
    with s3_server.endpoint(rules=["default-location"]) as endpoint:
        connect(endpoint).create_bucket(Bucket="near-bucket", CreateBucketConfiguration=constraint)
    with s3_server.endpoint() as endpoint:
        with pytest.raises(ClientError) as refused:
            connect(endpoint).create_bucket(Bucket="near-bucket", CreateBucketConfiguration=constraint)
        assert refused.value.response["Error"]["Code"] == "InvalidLocationConstraint"


def test_anonymous(s3_server: Any) -> None:
    with s3_server.endpoint(rules=["anonymous"], buckets=["open-bucket"]) as endpoint:
        client = connect(endpoint, signature_version=UNSIGNED)
        client.put_object(Bucket="open-bucket", Key="a//b", Body=b"x" * 100)
        assert httpx.get(f"{endpoint.url}/open-bucket/a//b").content == b"x" * 100
        assert httpx.put(f"{endpoint.url}/open-bucket/k", content=b"y").status_code == 200
        assert connect(endpoint).list_objects_v2(Bucket="open-bucket")["KeyCount"] == 2
    with s3_server.endpoint(buckets=["closed-bucket"]) as endpoint:
        with pytest.raises(ClientError) as refused:
            connect(endpoint, signature_version=UNSIGNED).get_object(Bucket="closed-bucket", Key="k")
        assert refused.value.response["Error"]["Code"] == "AccessDenied"


def test_small_parts(s3_server: Any) -> None:
    def upload(endpoint: Any) -> None:
        client = connect(endpoint)
        where = {"Bucket": "part-bucket", "Key": "k"}
        upload = client.create_multipart_upload(**where)["UploadId"]
        parts = []
        for number, body in enumerate((b"one", b"two"), 1):
            answer = client.upload_part(**where, UploadId=upload, PartNumber=number, Body=body)
            parts.append({"PartNumber": number, "ETag": answer["ETag"]})
        client.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
        assert client.get_object(**where)["Body"].read() == b"onetwo"

    with s3_server.endpoint(rules=["small-parts"], buckets=["part-bucket"]) as endpoint:
        upload(endpoint)
    with s3_server.endpoint(buckets=["part-bucket"]) as endpoint:
        with pytest.raises(ClientError) as refused:
            upload(endpoint)
        assert refused.value.response["Error"]["Code"] == "EntityTooSmall"


def test_accounts(s3_server: Any) -> None:
    """Each account owns what it made; nobody else may touch it."""
    accounts = ["ann:ann-key:ann-secret", "bob:bob-key:bob-secret"]
    with s3_server.endpoint(accounts=accounts) as endpoint:
        ann, bob = (endpoint.client(account=name) for name in ("ann", "bob"))
        ann.create_bucket(Bucket="ann-bucket")
        ann.put_object(Bucket="ann-bucket", Key="k", Body=b"x")
        assert [row["Name"] for row in ann.list_buckets()["Buckets"]] == ["ann-bucket"]
        assert bob.list_buckets()["Buckets"] == []
        for call in (bob.get_object, bob.put_object, bob.delete_object):
            with pytest.raises(ClientError) as refused:
                call(Bucket="ann-bucket", Key="k")
            assert refused.value.response["Error"]["Code"] == "AccessDenied"
        with pytest.raises(ClientError) as refused:
            bob.create_bucket(Bucket="ann-bucket")
        assert refused.value.response["Error"]["Code"] == "BucketAlreadyExists"
