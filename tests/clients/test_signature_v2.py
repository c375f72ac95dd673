"""boto3 told to sign everything by version 2, as old clients do: every kind of request, on a socket."""

from __future__ import annotations

import io
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import dskit_emulator


@pytest.fixture(params=["path", "virtual"])
def client(request: pytest.FixtureRequest, s3: dskit_emulator.Endpoint) -> Any:
    """``virtual`` has the bucket in the Host header only; it needs no name server, since no socket is used."""
    if request.param == "path":
        return s3.client(config=Config(signature_version="s3", s3={"addressing_style": "path"}))
    return s3.client(
        config=Config(signature_version="s3", s3={"addressing_style": "virtual"}),
        endpoint_url="http://s3.localhost",
        in_process=True,
    )


def test_objects_and_sub_resources(client: Any) -> None:
    client.create_bucket(Bucket="old")
    client.put_object(Bucket="old", Key="a b/é+&=", Body=b"bytes", ContentType="text/x", Metadata={"b": "2", "a": "1"})
    answer = client.get_object(Bucket="old", Key="a b/é+&=", ResponseContentType="text/y; q=1", Range="bytes=1-2")
    assert (answer["Body"].read(), answer["ContentType"], answer["Metadata"]) == (
        b"yt",
        "text/y; q=1",
        {"a": "1", "b": "2"},
    )
    client.copy_object(Bucket="old", Key="copy", CopySource={"Bucket": "old", "Key": "a b/é+&="})
    assert [row["Key"] for row in client.list_objects_v2(Bucket="old", MaxKeys=5)["Contents"]] == ["a b/é+&=", "copy"]
    assert client.get_bucket_location(Bucket="old")["LocationConstraint"] is None
    assert [found["Name"] for found in client.list_buckets()["Buckets"]] == ["old"]
    rows = [{"Key": "a b/é+&="}, {"Key": "copy", "VersionId": "null"}]
    assert len(client.delete_objects(Bucket="old", Delete={"Objects": rows})["Deleted"]) == 2
    client.delete_bucket(Bucket="old")


def test_multipart(client: Any) -> None:
    client.create_bucket(Bucket="old")
    upload = client.create_multipart_upload(Bucket="old", Key="k")["UploadId"]
    body = io.BytesIO(b"x" * 100_000)
    part = client.upload_part(Bucket="old", Key="k", UploadId=upload, PartNumber=1, Body=body)
    assert client.list_parts(Bucket="old", Key="k", UploadId=upload)["Parts"][0]["Size"] == 100_000
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    client.complete_multipart_upload(Bucket="old", Key="k", UploadId=upload, MultipartUpload=parts)
    assert client.head_object(Bucket="old", Key="k")["ContentLength"] == 100_000


def test_a_wrong_secret_changes_nothing(s3: dskit_emulator.Endpoint) -> None:
    s3.create_bucket("old")
    wrong = s3.client(config=Config(signature_version="s3"), aws_secret_access_key="wrong-secret")
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        wrong.put_object(Bucket="old", Key="k", Body=b"x")
    assert s3.direct("old").list_page().objects == []
