"""Bad requests get a precise 4xx, whatever they are, and change nothing."""

from __future__ import annotations

import gc
import tracemalloc
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from dskit_emulator.messages import RequestHead, Response
from dskit_emulator.service import S3Service
from tests.emulator.ops.kept import keep, md5, send, sign, untouched
from tests.emulator.transport import call


@pytest.fixture
def service(service: S3Service) -> S3Service:
    """With an object that nothing here may touch."""
    return keep(service)


DOCUMENTS = [
    b"",
    b"not xml",
    b"<",
    b"<Delete>",
    b"<Delete></Delete>",
    b"<Wrong><Object><Key>kept</Key></Object></Wrong>",
    b"<Delete><Object></Object></Delete>",
    b"<Delete><Object><Key></Key></Object><Object><Key>kept</Key></Object></Delete>",
    b"<Delete><Object><Key>kept</Key><Unknown/></Object></Delete>",
    b"<Delete><Quiet>perhaps</Quiet><Object><Key>kept</Key></Object></Delete>",
    b"<Delete>text<Object><Key>kept</Key></Object></Delete>",
    b"<Delete><Object><Key>kept</Key></Object></Delete><Delete/>",
    b'<!DOCTYPE d [<!ENTITY e "kept">]><Delete><Object><Key>&e;</Key></Object></Delete>',
    b"<Delete>" + b"<Object><Key>kept</Key></Object>" * 1001 + b"</Delete>",
    b"\xff\xfe<Delete>",
    b"<Delete><Object><Key>kept</Key><Size>many</Size></Object></Delete>",
]


@pytest.mark.parametrize("body", DOCUMENTS)
def test_malformed_batch_deletes_delete_nothing(service: S3Service, body: bytes) -> None:
    answered = send(service, "POST", "/test-bucket?delete", md5(body), body)
    assert 400 <= answered.status < 500
    assert untouched(service)


def test_a_batch_delete_needs_a_digest_of_its_document(service: S3Service) -> None:
    body = b"<Delete><Object><Key>kept</Key></Object></Delete>"
    for headers in ({}, md5(b"other"), {"Content-MD5": "MTIz"}, {"x-amz-checksum-crc32": "AAAAAA=="}):
        assert send(service, "POST", "/test-bucket?delete", headers, body).status == 400
        assert untouched(service)
    assert send(service, "POST", "/test-bucket?delete", md5(body), body).status == 200


def test_a_document_is_bounded(service: S3Service) -> None:
    body = b"<Delete>" + b" " * (9 * 2**20) + b"</Delete>"
    answered = send(service, "POST", "/test-bucket?delete", md5(body), body)
    assert (answered.status, b"MaxMessageLengthExceeded" in answered.body) == (400, True)
    assert untouched(service)


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [("POST", "?delete", {}), ("PUT", "/copy", {"x-amz-copy-source": "test-bucket/kept"})],
)
def test_a_body_of_no_announced_length_is_not_collected_for_ever(
    service: S3Service, method: str, target: str, headers: dict[str, str]
) -> None:
    open_to_all = S3Service(service.store, rules=["anonymous"])
    head = RequestHead(
        method, f"/test-bucket{target}", [("host", "h"), ("transfer-encoding", "chunked"), *headers.items()]
    )
    exchange = open_to_all.open(head)
    assert not isinstance(exchange, Response)
    fed = 0
    while (answer := exchange.feed(b" " * 2**20)) is None and fed < 20:
        fed += 1
    assert answer is not None
    assert (answer.status, fed) == (400, 8)
    assert untouched(service)


def test_a_long_document_is_not_read_on_an_event_loop(service: S3Service) -> None:
    """Megabytes of XML take seconds, in which no other connection would be answered."""
    head = RequestHead("POST", "/test-bucket?delete", [("host", "h"), ("content-length", "200000")])
    exchange = S3Service(service.store, rules=["anonymous"]).open(head)
    assert not isinstance(exchange, Response)
    assert exchange.feed(b" " * 60_000) is None
    assert not exchange.blocking
    assert exchange.feed(b" " * 60_000) is None
    assert exchange.blocking


@pytest.mark.parametrize(
    "body",
    [
        b"nonsense",
        b"<CompleteMultipartUpload><Part/></CompleteMultipartUpload>",
        b"<CompleteMultipartUpload><Part><PartNumber>one</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>",
        b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>",
        b"<CompleteMultipartUpload/>",
        b"",
    ],
)
def test_malformed_completions_leave_the_upload(service: S3Service, body: bytes) -> None:
    from dskit.types import UploadOptions

    upload = service.store.create_upload("test-bucket", "new", UploadOptions()).upload_id
    answered = send(service, "POST", f"/test-bucket/new?uploadId={upload}", body=body)
    assert answered.status == 400
    assert untouched(service)
    service.store.list_parts("test-bucket", "new", upload)


@pytest.mark.parametrize(
    "body", [b"garbage", b"<CreateBucketConfiguration><Nope/></CreateBucketConfiguration>", b"<A/>"]
)
def test_malformed_bucket_configurations_create_nothing(service: S3Service, body: bytes) -> None:
    answered = send(service, "PUT", "/new-bucket", body=body)
    assert (answered.status, b"<Code>MalformedXML</Code>" in answered.body) == (400, True)
    assert [info.name for info in service.store.list_buckets()] == ["test-bucket"]


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("PUT", "/test-bucket/kept?versioning", 405),
        ("PUT", "/test-bucket/kept?uploads", 405),
        ("PUT", "/test-bucket/kept?partNumber=1", 400),
        ("PUT", "/test-bucket/kept?uploadId=abc", 400),
        ("PUT", "/test-bucket/kept?partNumber=abc&uploadId=x", 400),
        ("PUT", "/test-bucket/kept?partNumber=0&uploadId=x", 400),
        ("PUT", "/test-bucket/kept?acl&tagging", 400),
        ("DELETE", "/test-bucket?replication", 501),
        ("DELETE", "/test-bucket/kept?uploads", 405),
        ("DELETE", "/test-bucket/kept?versionId=", 400),
        ("POST", "/test-bucket/kept", 405),
        ("PATCH", "/test-bucket/kept", 405),
        ("DELETE", "/", 405),
        ("GET", "/test-bucket/kept?partNumber=-1", 400),
        ("GET", "/test-bucket/kept?partNumber=99999999999999999999", 400),
        ("GET", "/test-bucket?max-keys=abc", 400),
        ("GET", "/test-bucket?max-keys=99999999999999999999", 400),
        ("GET", "/test-bucket?list-type=2&fetch-owner=perhaps", 400),
        ("GET", "/test-bucket?encoding-type=base64", 400),
        ("GET", "/test-bucket?uploads&max-uploads=-1", 400),
        ("GET", "/test-bucket/kept?uploadId=x&max-parts=-1", 400),
        ("GET", "/?max-buckets=0", 400),
        ("GET", "/test-bucket/%zz", 400),
        ("GET", "/test-bucket/%ff", 400),
    ],
)
def test_strange_targets(service: S3Service, method: str, target: str, status: int) -> None:
    answered = send(service, method, target)
    assert answered.status == status
    assert untouched(service)


@pytest.mark.parametrize("query", ["x-id=GetObject", "cache-buster=1", "list-type=1", "unknown", "a=b&c=d"])
def test_query_parameters_that_s3_does_not_know_change_nothing(service: S3Service, query: str) -> None:
    answered = send(service, "GET", f"/test-bucket/kept?{query}")
    assert (answered.status, answered.body) == (200, b"kept")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x-amz-checksum-crc32": "!!"}, 400),
        ({"x-amz-checksum-crc32": "AAAAAA=="}, 400),
        ({"x-amz-checksum-sha256": "AAAAAA=="}, 400),
        ({"x-amz-checksum-sha512": "AAAA"}, 501),
        ({"x-amz-sdk-checksum-algorithm": "ADLER"}, 400),
        ({"Content-MD5": "!!"}, 400),
        ({"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}, 400),
        ({"x-amz-storage-class": "CHEAP"}, 400),
        ({"x-amz-acl": "everyone"}, 400),
        ({"x-amz-server-side-encryption-bucket-key-enabled": "perhaps"}, 400),
        ({"x-amz-object-lock-mode": "GOVERNANCE"}, 400),
        ({"x-amz-copy-source": "nowhere"}, 400),
        ({"x-amz-copy-source": "/test-bucket/%zz"}, 400),
        ({"x-amz-copy-source": "test-bucket/missing"}, 404),
        ({"x-amz-copy-source": "arn:aws:s3:::x/y"}, 501),
        ({"x-amz-trailer": "x-amz-checksum-crc32"}, 400),
        ({"x-amz-request-payer": "somebody"}, 400),
        ({"x-amz-expected-bucket-owner": "me"}, 400),
        ({"If-Match": '"other"'}, 412),
        ({"If-None-Match": "*"}, 412),
    ],
)
def test_strange_headers_of_a_put(service: S3Service, headers: dict[str, str], status: int) -> None:
    answered = send(service, "PUT", "/test-bucket/kept", headers, b"changed")
    assert answered.status == status, answered.body
    assert untouched(service)
    assert service.store.get("test-bucket", "kept", _read()).meta.size == 4


def _read() -> Any:
    from dskit.types import ReadOptions

    return ReadOptions()


@pytest.mark.parametrize(
    "carried",
    [
        {"x-amz-meta-foo": "a\r\nx-evil: 1"},
        {"x-amz-meta-foo\r\nx-evil": "1"},
        {"x-amz-meta-": "nameless"},
        {"x-amz-meta-a b": "1"},
        {"x-amz-website-redirect-location": "/a\r\nx-evil: 1"},
    ],
)
@pytest.mark.parametrize("operation", ["put", "create"])
def test_a_presigned_query_carries_no_header_that_could_not_be_sent(
    service: S3Service, carried: dict[str, str], operation: str
) -> None:
    account = service.accounts.default
    params = carried if operation == "put" else {**carried, "uploads": ""}
    method = "PUT" if operation == "put" else "POST"
    request = AWSRequest(method, "http://localhost:9000/test-bucket/new", params=params)
    signer = S3SigV4QueryAuth(Credentials(account.access_key, account.secret_key), "s3", "us-east-1", 60)
    signer.add_auth(request)
    target = str(request.url).removeprefix("http://localhost:9000")
    answered = call(service, method, target, {"host": "localhost:9000"}, b"x" if method == "PUT" else b"")
    assert (answered.status, b"<Code>InvalidArgument</Code>" in answered.body) == (400, True)
    assert untouched(service)


def test_a_body_of_another_length_than_announced_is_not_stored(service: S3Service) -> None:
    for announced in ("3", "5", "99"):
        answered = send(service, "PUT", "/test-bucket/new", {"content-length": announced}, b"data")
        assert (answered.status, answered.operation) == (400, "PutObject")
        assert untouched(service)


def test_a_body_above_the_limit_is_refused_before_it_is_sent(service: S3Service) -> None:
    size = 5 * 1024**3 + 1
    answered = send(service, "PUT", "/test-bucket/new", {"content-length": str(size)})
    assert answered.status == 400
    assert b"<Code>EntityTooLarge</Code>" in answered.body
    assert f"<ProposedSize>{size}</ProposedSize>".encode() in answered.body


def test_an_upload_that_is_given_up_leaves_nothing(service: S3Service) -> None:
    from dskit_emulator.messages import RequestHead, Response

    request = AWSRequest("PUT", "http://localhost:9000/test-bucket/new", data=b"data")
    account = service.accounts.default
    S3SigV4Auth(Credentials(account.access_key, account.secret_key), "s3", "us-east-1").add_auth(request)
    lines = [(name.lower(), str(value)) for name, value in request.headers.items()]
    head = RequestHead("PUT", "/test-bucket/new", [*lines, ("host", "localhost:9000"), ("content-length", "4")])
    exchange = service.open(head)
    assert not isinstance(exchange, Response)
    assert exchange.feed(b"da") is None
    exchange.abort()
    exchange.abort()
    assert untouched(service)


def test_what_nobody_sends_twice_is_not_remembered(service: S3Service) -> None:
    """Names of headers and hosts are looked up once for many requests, which must not fill the memory."""

    signed = sign(service, "GET", "/test-bucket/kept")

    def send_all(first: int) -> None:
        for number in range(first, first + 40):
            headers = {f"x-{number}-{index}": "" for index in range(500)}
            host = f"{number}.{'h' * 50_000}"
            assert call(service, "GET", "/test-bucket/kept", {**headers, "host": host}).status == 403
            assert call(service, "GET", "/test-bucket/kept", {**headers, **signed}).status == 200

    send_all(0)
    tracemalloc.start()
    try:
        send_all(40)
        gc.collect()
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown < 250_000


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/test-bucket/none", {}, 404),
        ("/none-such/key", {}, 404),
        ("/test-bucket/kept?partNumber=2", {}, 416),
        ("/test-bucket/kept", {"Range": "bytes=99-"}, 416),
        ("/test-bucket/kept", {"If-Match": "other"}, 412),
        ("/test-bucket/kept?versionId=other", {}, 400),
    ],
)
def test_a_refused_head_has_the_headers_of_a_refused_get(
    service: S3Service, target: str, headers: dict[str, str], status: int
) -> None:
    """RFC 9110 section 9.3.2; a Content-Length of 0 would say that GET has no document."""
    got, head = (send(service, method, target, headers) for method in ("GET", "HEAD"))
    assert got.status == head.status == status
    assert head.headers.keys() == got.headers.keys() >= {"content-type", "x-dskit-reason"}
    assert (head.headers["content-type"], head.body, head.length) == ("application/xml", b"", len(got.body))


def test_every_answer_is_identified(service: S3Service) -> None:
    seen = set()
    for method, target in (("GET", "/"), ("GET", "/test-bucket/kept"), ("HEAD", "/test-bucket"), ("GET", "/none-such")):
        answered = send(service, method, target)
        assert len(answered.request_id) == 16
        assert answered.request_id == answered.request_id.upper() == answered.headers["x-amz-request-id"]
        assert answered.headers["x-amz-id-2"]
        seen.add(answered.request_id)
    assert len(seen) == 4


def test_refusals_say_why(service: S3Service) -> None:
    answered = call(service, "GET", "/test-bucket/kept", {"host": "localhost:9000"})
    assert (answered.status, "anonymous" in answered.headers["x-dskit-reason"]) == (403, True)
    answered = send(service, "PUT", "/test-bucket/kept?tagging", body=b"<Tagging><TagSet/></Tagging>")
    assert (answered.status, "PutObjectTagging" in answered.headers["x-dskit-reason"]) == (501, True)
