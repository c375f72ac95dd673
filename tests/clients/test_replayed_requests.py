"""Requests of clients of other languages, byte for byte as they were sent, at the time when they were signed.

Each was once refused or answered so that its client failed. No toolchain is needed: only the bytes are here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from dskit.clock import ManualClock
from tests.emulator.server.exchanges import exchange

Replay = Callable[[str, str], tuple[int, str]]


@pytest.fixture
def endpoint(s3_server: Any) -> Iterator[Any]:
    with s3_server.endpoint(clock=ManualClock()) as endpoint:
        yield endpoint


@pytest.fixture
def replay(endpoint: Any) -> Replay:
    """Send bytes when it is the time that they name; the status and everything that came back.

    The ends of lines are put in, and the end of the connection.
    """

    def send(when: str, text: str) -> tuple[int, str]:
        head, _, body = text.partition("\n\n")
        moment = datetime.strptime(when, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        endpoint.clock.advance(moment - endpoint.clock.now())
        lines = [line for line in head.split("\n") if not line.lower().startswith("connection:")]
        request = "\r\n".join([*lines, "Connection: close"]) + "\r\n\r\n" + body
        answer = exchange(endpoint.port, request.encode()).decode()
        return int(answer[9:12]), answer

    return send


def test_version_2_signs_no_equals_sign_of_an_empty_value(endpoint: Any, replay: Replay) -> None:
    """minio-go 7.4.1 with ``NewStaticV2``, RemoveObjects: it sends ``?delete=`` and signs ``?delete``."""
    endpoint.create_bucket("mgo-v2")
    endpoint.direct("mgo-v2").put("copied", b"x")
    status, answer = replay(
        "20261128T154504Z",
        """\
POST /mgo-v2/?delete= HTTP/1.1
Host: 127.0.0.1:19001
User-Agent: MinIO (linux; amd64) minio-go/v7.4.1
Content-Length: 109
Authorization: AWS dskit:KJlUK3pwx6tdIxpw83jDKJERLvo=
Content-Md5: WLPzhSRSfbEaE2a4xfr4pg==
Date: Sat, 28 Nov 2026 15:45:04 GMT

<Delete><Quiet>false</Quiet><Object><Key>with space</Key></Object><Object><Key>copied</Key></Object></Delete>""",
    )
    assert status == 200, answer
    assert endpoint.direct("mgo-v2").list_page().objects == []


ASKED_WITHOUT_A_SIGNATURE = """\
HEAD /go-path-eu HTTP/1.1
Host: 127.0.0.1:19001
User-Agent: aws-sdk-go-v2/1.48.0 ua/2.1 os/linux lang/go#1.26.8 md/GOOS#linux md/GOARCH#amd64 api/s3#1.114.10 m/E
Accept-Encoding: identity
Amz-Sdk-Invocation-Id: 4cd313e9-9047-4a07-94aa-d42e3f4a01d9
Amz-Sdk-Request: attempt=1; max=3
X-Amz-Content-Sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855

"""


def test_a_refused_head_of_a_bucket_tells_the_region(endpoint: Any, replay: Replay) -> None:
    """aws-sdk-go-v2, ``manager.GetBucketRegion``: it asks unsigned and reads the region from the headers of the 403."""
    assert "x-amz-bucket-region" not in replay("20261128T153654Z", ASKED_WITHOUT_A_SIGNATURE)[1]
    endpoint.backend.create_bucket("go-path-eu", region="eu-west-1", owner=endpoint.accounts.default.canonical_id)
    status, answer = replay("20261128T153654Z", ASKED_WITHOUT_A_SIGNATURE)
    assert status == 403
    assert answer.count("\r\nx-amz-bucket-region: eu-west-1\r\n") == 1


def test_a_checksum_in_a_signed_url_says_nothing_of_the_body(endpoint: Any, replay: Replay) -> None:
    """@aws-sdk/s3-request-presigner 3.1162.0, ``getSignedUrl(client, new PutObjectCommand(...))`` with its defaults.

    It has no body when it signs, and signs the CRC-32 of an empty one.
    """
    endpoint.create_bucket("js-path")
    status, answer = replay(
        "20261128T155549Z",
        """\
PUT /js-path/pre%20signed%2B%C3%A9?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD\
&X-Amz-Credential=dskit%2F20261128%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20261128T155549Z&X-Amz-Expires=900\
&X-Amz-Signature=1864d26d63c94a8d84901e7b7b78fe5b3fe3cff5029716e57fca100fae27b89a&X-Amz-SignedHeaders=host\
&x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-meta-a=b&x-amz-sdk-checksum-algorithm=CRC32&x-id=PutObject HTTP/1.1
content-length: 5
content-type: text/q
Host: 127.0.0.1:19001
Connection: keep-alive

hello""",
    )
    assert status == 200, answer
    stored = endpoint.direct("js-path").get("pre signed+é")
    assert (stored.read(), stored.meta.metadata) == (b"hello", {"a": "b"})


def test_a_signed_header_may_be_in_the_query_alone(endpoint: Any, replay: Replay) -> None:
    """aws-sdk 2.1693.0 for JavaScript with ``signatureVersion: "v4"``, ``getSignedUrl("putObject")`` with metadata."""
    endpoint.create_bucket("jsv2-path-v4")
    status, answer = replay(
        "20261128T163659Z",
        """\
PUT /jsv2-path-v4/p%20%C3%A9?Content-Type=text%2Fq&X-Amz-Algorithm=AWS4-HMAC-SHA256\
&X-Amz-Credential=dskit%2F20261128%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20261128T163659Z&X-Amz-Expires=900\
&X-Amz-Signature=0e1c195eb5f2b93a75beee91e669f5c7e86c6e7b8eaf70ec2918b45ab922fee9\
&X-Amz-SignedHeaders=host%3Bx-amz-meta-a&x-amz-meta-a=b HTTP/1.1
content-type: text/q
content-length: 5
Host: 127.0.0.1:19001
Connection: keep-alive

hello""",
    )
    assert status == 200, answer
    stored = endpoint.direct("jsv2-path-v4").get("p é")
    assert (stored.read(), stored.meta.metadata) == (b"hello", {"a": "b"})


def test_a_name_alone_selects_no_checksum(endpoint: Any, replay: Replay) -> None:
    """@aws-sdk/client-s3 3.1169.0 with ``ChecksumAlgorithm: "MD5"``: the checksum that it sends is Content-MD5.

    That names nothing that is stored (aws-recorded:test_s3_checksum_no_automatic_sdk_calculation).
    """
    endpoint.create_bucket("js-path")
    status, answer = replay(
        "20261128T155542Z",
        """\
PUT /js-path/sum?x-id=PutObject HTTP/1.1
x-amz-sdk-checksum-algorithm: MD5
content-type: application/octet-stream
content-length: 5
content-md5: XUFAKrxLKna5cZ2REBfFkg==
x-amz-user-agent: aws-sdk-js/3.1168.0
user-agent: aws-sdk-js/3.1168.0 ua/2.1 os/linux lang/js md/nodejs#20.20.2 api/s3#3.1168.0 m/N,Z,b,E,e
host: 127.0.0.1:19001
amz-sdk-invocation-id: 5a8578a7-620a-4c93-8fcb-98f71daadd95
amz-sdk-request: attempt=1; max=3
x-amz-date: 20261128T155542Z
x-amz-content-sha256: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
authorization: AWS4-HMAC-SHA256 Credential=dskit/20261128/us-east-1/s3/aws4_request, \
SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-length;content-md5;content-type;host;\
x-amz-content-sha256;x-amz-date;x-amz-sdk-checksum-algorithm;x-amz-user-agent, \
Signature=7f699f0031972f7c3b4b2a98ed4578b7d7c4d7defe43b481ebf56e8298de1b9e
Connection: keep-alive

hello""",
    )
    assert status == 200, answer
    stored = endpoint.direct("js-path").head("sum")
    assert (stored.size, "MD5" in stored.checksums) == (5, False)
