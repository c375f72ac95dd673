"""The pipeline: who may be asked, by which name, over which store."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.exceptions import ClientError

from dskit.backend import PushService
from dskit.backends.local_service import LocalService
from dskit.clock import ManualClock
from dskit.errors import ConfigurationError
from dskit.ids import SeededIds
from dskit.reference import disk_service, memory_service
from dskit_emulator.service import S3Service
from dskit_emulator.wire.signatures import EMPTY_SHA256
from tests.emulator.ops.test_buckets import signed
from tests.emulator.transport import call, make_client

ENDPOINT = "http://localhost:9000"


@pytest.fixture(params=["memory", "disk", "local"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    store: PushService
    if request.param == "memory":
        store = memory_service()
    elif request.param == "disk":
        store = disk_service(tmp_path / "data")
    else:
        store = LocalService(tmp_path / "files")
    yield store
    store.close()


def test_any_push_service_can_be_served(store: PushService) -> None:
    service = S3Service(store)
    assert service.blocking == store.blocking
    client = make_client(service, endpoint=ENDPOINT)
    client.create_bucket(Bucket="gate")
    named = {"Bucket": "gate", "Key": "folder/k"}
    body = bytes(range(256)) * 1000
    put = client.put_object(**named, Body=body, Metadata={"a": "1"}, IfNoneMatch="*")
    got = client.get_object(**named)
    assert (got["Body"].read(), got["ETag"], got["Metadata"]) == (body, put["ETag"], {"a": "1"})
    assert client.get_object(**named, Range="bytes=1000-1999")["Body"].read() == body[1000:2000]
    with pytest.raises(ClientError, match="PreconditionFailed"):
        client.put_object(**named, Body=b"other", IfNoneMatch="*")
    client.copy_object(Bucket="gate", Key="copy", CopySource="gate/folder/k")
    upload = client.create_multipart_upload(Bucket="gate", Key="joined")["UploadId"]
    part = client.upload_part(Bucket="gate", Key="joined", UploadId=upload, PartNumber=1, Body=body)["ETag"]
    client.complete_multipart_upload(
        Bucket="gate",
        Key="joined",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]},
    )
    listed = client.list_objects_v2(Bucket="gate", Delimiter="/")
    assert [row["Key"] for row in listed["Contents"]] == ["copy", "joined"]
    assert [row["Prefix"] for row in listed["CommonPrefixes"]] == ["folder/"]
    for key in ("folder/k", "copy", "joined"):
        client.delete_object(Bucket="gate", Key=key)
    client.delete_bucket(Bucket="gate")


DATA = b"0123456789" * 10
DATA_SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/bucket/new", {}, 200),
        ("/bucket/new", {"x-amz-content-sha256": DATA_SHA256}, 200),
        ("/bucket/new", {"x-amz-content-sha256": EMPTY_SHA256}, 400),
        ("/bucket/new", {"content-md5": base64.b64encode(bytes(16)).decode()}, 400),
        ("/bucket/new", {"content-md5": "short"}, 400),
        ("/bucket/new", {"x-amz-checksum-crc32": "AAAAAA=="}, 400),
        ("/bucket/new", {"x-amz-checksum-sha1": base64.b64encode(hashlib.sha1(DATA).digest()).decode()}, 200),
        ("/bucket/old", {"if-none-match": "*"}, 412),
        ("/bucket/old", {"if-match": '"0"'}, 412),
        ("/bucket/" + "k" * 1025, {}, 400),
        ("/none/new", {}, 404),
        ("/bucket/new?partNumber=1&uploadId=none", {}, 404),
        ("/bucket/new", {"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}, 411),
    ],
)
def test_a_body_that_is_there_with_its_head_is_answered_as_one_in_pieces(
    target: str, headers: dict[str, str], status: int
) -> None:
    """The shorter way through the pipeline says and keeps the same."""
    seen = []
    for whole in (True, False):
        clock, ids = ManualClock(), SeededIds("whole")
        store = memory_service(clock=clock, ids=ids)
        service = S3Service(store, clock=clock, ids=ids, rules=["anonymous"])
        store.create_bucket("bucket", owner=service.accounts.default.canonical_id)
        call(service, "PUT", "/bucket/old", {"host": "localhost"}, b"old")
        answered = call(service, "PUT", target, {"host": "localhost", **headers}, DATA, whole=whole)
        kept = call(service, "GET", target.partition("?")[0], {"host": "localhost"})
        seen.append((answered.status, answered.headers, answered.body, kept.status, kept.headers, kept.body))
        assert len(store.blobs._blobs) == (2 if status == 200 else 1)  # type: ignore[attr-defined]
    assert seen[0] == seen[1]
    assert seen[0][0] == status


def test_a_key_that_the_store_cannot_hold_is_a_4xx(tmp_path: Path) -> None:
    client = make_client(S3Service(LocalService(tmp_path)), endpoint=ENDPOINT)
    client.create_bucket(Bucket="gate")
    for key in ("a//b", "../up"):
        with pytest.raises(ClientError) as caught:
            client.put_object(Bucket="gate", Key=key, Body=b"x")
        assert 400 <= caught.value.response["ResponseMetadata"]["HTTPStatusCode"] < 500


def test_a_service_that_pulls_its_bytes_cannot_be_served() -> None:
    class Pulling:
        name = "pulling"
        blocking = False

    wrong: Any = Pulling()
    with pytest.raises(ConfigurationError, match="push service"):
        S3Service(wrong)


@pytest.mark.parametrize(
    ("host", "target"),
    [
        ("localhost:9000", "/names/k"),
        ("127.0.0.1:9000", "/names/k"),
        ("names.s3.localhost:9000", "/k"),
        ("names.localhost:9000", "/k"),
        ("names.s3.example.test", "/k"),
        ("names.s3.amazonaws.com", "/k"),
        ("names.s3.us-east-1.amazonaws.com", "/k"),
        ("s3.us-east-1.amazonaws.com", "/names/k"),
    ],
)
def test_buckets_are_found_in_paths_and_in_host_names(host: str, target: str) -> None:
    service = S3Service(memory_service(), rules=["anonymous"], domains=["s3.example.test"])
    make_client(service).create_bucket(Bucket="names")
    make_client(service).put_object(Bucket="names", Key="k", Body=b"data")
    answered = call(service, "GET", target, {"host": host})
    assert (answered.status, answered.body, answered.operation) == (200, b"data", "GetObject")


def test_without_the_rule_nobody_is_anonymous() -> None:
    store = memory_service()
    strict, relaxed = S3Service(store), S3Service(store, rules=["anonymous"])
    make_client(strict).create_bucket(Bucket="names")
    make_client(strict).put_object(Bucket="names", Key="k", Body=b"data")
    config = {"signature_version": UNSIGNED}
    with pytest.raises(ClientError, match="AccessDenied"):
        make_client(strict, config=config).get_object(Bucket="names", Key="k")
    client = make_client(relaxed, config=config)
    assert client.get_object(Bucket="names", Key="k")["Body"].read() == b"data"
    with pytest.raises(ClientError, match="cannot be used for anonymous"):
        client.get_object(Bucket="names", Key="k", ResponseContentType="text/plain")
    assert "Owner" not in client.list_objects(Bucket="names")["Contents"][0]


def test_a_failure_inside_is_logged_and_answered(caplog: pytest.LogCaptureFixture) -> None:
    """There is none that we know of: one is made."""
    service = S3Service(memory_service())

    def broken() -> None:
        raise RuntimeError("on purpose")

    service.store.list_buckets = broken  # type: ignore[method-assign, assignment]
    answered = signed(service, service.accounts.default, "GET", "/")
    assert (answered.status, b"<Code>InternalError</Code>" in answered.body) == (500, True)
    assert "on purpose" in caplog.text
    assert b"on purpose" not in answered.body


def test_one_codec_serves_all_endpoints() -> None:
    assert S3Service(memory_service())._codec is S3Service(memory_service())._codec
