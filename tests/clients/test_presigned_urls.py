"""boto3's generate_presigned_url for every kind of request, by both versions, used by httpx over a socket."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from botocore.config import Config

import dskit_emulator

KEY = "dir/é ~+&=?#%41"
Params = dict[str, Any]


@pytest.fixture(params=["s3", "s3v4"])
def boto(request: pytest.FixtureRequest, s3: dskit_emulator.Endpoint) -> Any:
    s3.create_bucket("data")
    return s3.client(config=Config(signature_version=request.param))


def url(boto: Any, operation: str, **params: Any) -> str:
    made: str = boto.generate_presigned_url(operation, {"Bucket": "data", **params})
    return made


def text(answer: httpx.Response, tag: str) -> str:
    """The first element of that name."""
    return next((node.text or "" for node in ElementTree.fromstring(answer.text).iter() if _local(node) == tag), "")


def _local(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]


def test_objects(boto: Any) -> None:
    assert httpx.put(url(boto, "put_object", Key=KEY), content=b"bytes").status_code == 200
    assert httpx.get(url(boto, "get_object", Key=KEY)).content == b"bytes"
    assert httpx.get(url(boto, "get_object", Key=KEY), headers={"Range": "bytes=1-2"}).content == b"yt"
    assert httpx.head(url(boto, "head_object", Key=KEY)).headers["content-length"] == "5"
    attributes = httpx.get(
        url(boto, "get_object_attributes", Key=KEY, ObjectAttributes=["ObjectSize"]),
        headers={"x-amz-object-attributes": "ObjectSize"},
    )
    assert text(attributes, "ObjectSize") == "5"
    assert "FULL_CONTROL" in httpx.get(url(boto, "get_object_acl", Key=KEY)).text
    assert httpx.delete(url(boto, "delete_object", Key=KEY)).status_code == 204
    assert httpx.get(url(boto, "get_object", Key=KEY)).status_code == 404


def test_a_copy(boto: Any) -> None:
    boto.put_object(Bucket="data", Key="a", Body=b"bytes")
    made = url(boto, "copy_object", Key="b", CopySource="data/a")
    assert httpx.put(made, headers={"x-amz-copy-source": "data/a"}).status_code == 200
    assert boto.get_object(Bucket="data", Key="b")["Body"].read() == b"bytes"
    refused = httpx.put(made, headers={"x-amz-copy-source": "data/b"})
    assert (refused.status_code, text(refused, "Code")) == (403, "SignatureDoesNotMatch")


def test_parts(boto: Any) -> None:
    created = httpx.post(url(boto, "create_multipart_upload", Key=KEY))
    upload = text(created, "UploadId")
    parts = {"Key": KEY, "UploadId": upload}
    etags = []
    for number, content in ((1, b"x" * 5 * 1024**2), (2, b"end")):
        sent = httpx.put(url(boto, "upload_part", PartNumber=number, **parts), content=content)
        etags.append(sent.headers["etag"])
    other = url(boto, "upload_part", PartNumber=2, **parts).replace("partNumber=2", "partNumber=3")
    assert httpx.put(other, content=b"x").status_code == 403
    listed = httpx.get(url(boto, "list_parts", **parts))
    assert listed.text.count("<PartNumber>") == 2
    uploads = httpx.get(url(boto, "list_multipart_uploads"))
    assert text(uploads, "UploadId") == upload
    rows = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>" for number, etag in enumerate(etags, 1)
    )
    document = f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>"
    completed = httpx.post(url(boto, "complete_multipart_upload", **parts), content=document)
    assert text(completed, "Key") == KEY
    assert boto.head_object(Bucket="data", Key=KEY)["ContentLength"] == 5 * 1024**2 + 3


def test_an_upload_is_aborted(boto: Any) -> None:
    upload = boto.create_multipart_upload(Bucket="data", Key="k")["UploadId"]
    assert httpx.delete(url(boto, "abort_multipart_upload", Key="k", UploadId=upload)).status_code == 204
    assert "Uploads" not in boto.list_multipart_uploads(Bucket="data")


def test_a_part_is_copied(boto: Any) -> None:
    boto.put_object(Bucket="data", Key="a", Body=b"bytes")
    upload = boto.create_multipart_upload(Bucket="data", Key="k")["UploadId"]
    made = url(boto, "upload_part_copy", Key="k", UploadId=upload, PartNumber=1, CopySource="data/a")
    assert text(httpx.put(made, headers={"x-amz-copy-source": "data/a"}), "ETag")


def test_listings(boto: Any) -> None:
    for key in ("a", "c/d", "c/e", "f"):
        boto.put_object(Bucket="data", Key=key)
    for operation in ("list_objects", "list_objects_v2"):
        answer = httpx.get(url(boto, operation, Delimiter="/", MaxKeys=2))
        assert (text(answer, "Key"), text(answer, "IsTruncated")) == ("a", "true")
        assert answer.text.count("<CommonPrefixes>") == 1
    page = httpx.get(url(boto, "list_objects_v2", MaxKeys=1))
    after = httpx.get(url(boto, "list_objects_v2", ContinuationToken=text(page, "NextContinuationToken"), Prefix="c"))
    assert text(after, "Key") == "c/d"


def test_buckets(boto: Any) -> None:
    assert httpx.put(url(boto, "create_bucket", Bucket="other")).status_code == 200
    assert httpx.head(url(boto, "head_bucket", Bucket="other")).status_code == 200
    assert "LocationConstraint" in httpx.get(url(boto, "get_bucket_location", Bucket="other")).text
    buckets = httpx.get(boto.generate_presigned_url("list_buckets"))
    assert buckets.text.count("<Bucket>") == 2
    assert httpx.delete(url(boto, "delete_bucket", Bucket="other")).status_code == 204
    assert httpx.head(url(boto, "head_bucket", Bucket="other")).status_code == 404


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_headers_of_the_answer(boto: Any, s3: dskit_emulator.Endpoint, method: str) -> None:
    boto.put_object(Bucket="data", Key="k", Body=b"bytes", ContentType="text/plain")
    operation = f"{method.lower()}_object"
    made = url(
        boto,
        operation,
        Key="k",
        ResponseContentType="text/html",
        ResponseContentDisposition='attachment; filename="a b"',
        ResponseCacheControl="no-store",
    )
    answer = httpx.request(method, made)
    assert answer.status_code == 200
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("text/html", "no-store")
    assert answer.headers["content-disposition"] == 'attachment; filename="a b"'
    changed = httpx.request(method, made.replace("no-store", "no-cache"))
    assert changed.status_code == 403


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_nobody_may_choose_headers_of_the_answer(s3_server: dskit_emulator.Server, method: str) -> None:
    """S3 API reference, GetObject: "You must sign the request … when using these parameters"."""
    with s3_server.endpoint(buckets=["data"], rules=["classic-acl"]) as endpoint:
        endpoint.client().put_object(Bucket="data", Key="k", Body=b"bytes", ACL="public-read")
        assert httpx.request(method, f"{endpoint.url}/data/k").status_code == 200
        answer = httpx.request(method, f"{endpoint.url}/data/k?response-content-type=text/html")
        assert answer.status_code == 400
        if method == "GET":
            assert text(answer, "Code") == "InvalidRequest"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_range_beyond_the_end_tells_the_length(boto: Any, method: str) -> None:
    """RFC 9110 section 15.5.17."""
    boto.put_object(Bucket="data", Key="k", Body=b"bytes")
    made = url(boto, f"{method.lower()}_object", Key="k")
    answer = httpx.request(method, made, headers={"Range": "bytes=5-"})
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */5")
    boto.put_object(Bucket="data", Key="k", Body=b"")
    answer = httpx.request(method, made, headers={"Range": "bytes=0-0"})
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */0")
