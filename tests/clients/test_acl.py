"""Public objects, shared buckets and uploads without a signature, over the socket, with default settings."""

from __future__ import annotations

from typing import Any

import boto3
import httpx
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

ACCOUNTS = ["ann:ann-key:ann-secret", "bob:bob-key:bob-secret"]


def unsigned(endpoint: Any) -> Any:
    config = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})
    return boto3.client("s3", endpoint_url=endpoint.url, region_name="us-east-1", config=config)


def test_a_public_object_is_a_plain_web_page(s3_server: Any) -> None:
    with s3_server.endpoint(rules=["classic-acl"], buckets=["site"]) as endpoint:
        put = endpoint.client().put_object
        put(Bucket="site", Key="index.html", Body=b"<p>", ContentType="text/html", ACL="public-read")
        put(Bucket="site", Key="draft.html", Body=b"<p>")
        answer = httpx.get(f"{endpoint.url}/site/index.html")
        assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"<p>", "text/html")
        assert httpx.head(f"{endpoint.url}/site/index.html").status_code == 200
        assert httpx.get(f"{endpoint.url}/site/draft.html").status_code == 403
        assert httpx.get(f"{endpoint.url}/site/missing.html").status_code == 403
        assert httpx.get(f"{endpoint.url}/site").status_code == 403
        answer = httpx.put(f"{endpoint.url}/site/index.html", content=b"x" * 300_000)
        assert (answer.status_code, "anonymous" in answer.headers["x-dskit-reason"]) == (403, True)


def test_a_drop_box_takes_what_nobody_signed(s3_server: Any) -> None:
    with s3_server.endpoint(rules=["classic-acl"], buckets=["box"]) as endpoint:
        owner, nobody = endpoint.client(), unsigned(endpoint)
        owner.put_bucket_acl(Bucket="box", ACL="public-read-write")
        body = b"x" * 300_000
        assert httpx.put(f"{endpoint.url}/box/mine", content=body).status_code == 200
        nobody.put_object(Bucket="box", Key="given", Body=body, ACL="bucket-owner-full-control")
        assert nobody.get_object(Bucket="box", Key="mine")["Body"].read() == body
        assert owner.get_object(Bucket="box", Key="given")["Body"].read() == body
        with pytest.raises(ClientError, match="AccessDenied"):
            owner.get_object(Bucket="box", Key="mine")
        owner.delete_object(Bucket="box", Key="mine")
        with pytest.raises(ClientError, match="Anonymous users cannot initiate multipart uploads"):
            nobody.create_multipart_upload(Bucket="box", Key="large")


def test_two_accounts_share_a_bucket_step_by_step_from_the_defaults_of_today(s3_server: Any) -> None:
    with s3_server.endpoint(accounts=ACCOUNTS) as endpoint:
        ann, bob = (endpoint.client(account=name) for name in ("ann", "bob"))
        ann.create_bucket(Bucket="shared")
        with pytest.raises(ClientError, match="AccessControlListNotSupported"):
            ann.put_bucket_acl(Bucket="shared", ACL="public-read")
        controls = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
        ann.put_bucket_ownership_controls(Bucket="shared", OwnershipControls=controls)
        with pytest.raises(ClientError, match="AccessDenied"):
            ann.put_bucket_acl(Bucket="shared", ACL="public-read")
        ann.put_bucket_acl(Bucket="shared", GrantRead='emailAddress="bob@dskit.test"')
        assert bob.list_objects_v2(Bucket="shared")["KeyCount"] == 0
        ann.delete_public_access_block(Bucket="shared")
        ann.put_bucket_acl(Bucket="shared", ACL="public-read-write")
        bob.put_object(Bucket="shared", Key="k", Body=b"his", ACL="bucket-owner-full-control")
        assert ann.get_object(Bucket="shared", Key="k")["Body"].read() == b"his"
        assert unsigned(endpoint).list_objects_v2(Bucket="shared")["KeyCount"] == 1


def test_raw_calls_of_the_client_api_reach_all_of_it(s3_server: Any) -> None:
    with s3_server.endpoint(rules=["classic-acl"]) as endpoint, endpoint.store("raw-bucket") as store:
        store.put("k", b"data")
        store.raw("PutObjectAcl", Key="k", ACL="public-read")
        grants = store.raw("GetObjectAcl", Key="k")["Grants"]
        assert [row["Permission"] for row in grants] == ["FULL_CONTROL", "READ"]
        assert httpx.get(f"{endpoint.url}/raw-bucket/k").content == b"data"
