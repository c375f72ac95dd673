"""Signatures and bodies over a socket: what is refused is told in full, and leaves nothing behind."""

from __future__ import annotations

import http.client
import re
import socket
from collections.abc import Iterator
from hashlib import sha256
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from dskit_emulator import Endpoint
from dskit_emulator.wire.signatures import EMPTY_SHA256, SigningKeys, chunk_string_to_sign, sign

BUCKET = "signed-bucket"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read().decode()
        found = re.search("<Code>(.*)</Code>", self.body)
        self.code = found[1] if found else ""


class Signer(S3SigV4Auth):
    """botocore's, with the payload hash that the test wants."""

    def __init__(self, secret: str, content_sha256: str) -> None:
        super().__init__(Credentials("dskit", secret), "s3", "us-east-1")
        self._content_sha256 = content_sha256

    def payload(self, request: object) -> str:
        return self._content_sha256


class Wire:
    """One connection a request, bytes as given."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.host = f"127.0.0.1:{endpoint.port}"
        self._address = ("127.0.0.1", endpoint.port)

    def head(
        self, method: str, target: str, headers: dict[str, str] | None = None, *, secret: str = "dskit-secret"
    ) -> list[tuple[str, str]]:
        """The headers of a request signed by botocore for exactly these; an empty body unless they say otherwise."""
        request = AWSRequest(method=method, url=f"http://{self.host}{target}", headers=headers or {})
        Signer(secret, (headers or {}).get("x-amz-content-sha256", EMPTY_SHA256)).add_auth(request)
        assert urlsplit(str(request.url)).netloc == self.host
        return [("Host", self.host), *((name, str(value)) for name, value in request.headers.items())]

    def send(
        self,
        method: str,
        target: str,
        headers: list[tuple[str, str]],
        body: bytes = b"",
        *,
        stop: bool = False,
    ) -> Answer:
        """`stop` closes our half after the body, however much of it was announced."""
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
        with socket.create_connection(self._address, timeout=60) as connection:
            connection.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
            if stop:
                connection.shutdown(socket.SHUT_WR)
            response = http.client.HTTPResponse(connection, method=method)
            response.begin()
            return Answer(response)

    def put(self, key: str, framed: bytes, mode: str, length: int, **more: str) -> Answer:
        target = f"/{BUCKET}/{key}"
        headers = {
            "x-amz-content-sha256": mode,
            "x-amz-decoded-content-length": str(length),
            "content-encoding": "aws-chunked",
            **{name.replace("_", "-"): value for name, value in more.items()},
        }
        return self.send(
            "PUT", target, [*self.head("PUT", target, headers), ("Content-Length", str(len(framed)))], framed
        )


@pytest.fixture
def wire(s3: Endpoint) -> Iterator[Wire]:
    """When the test is over only what it meant to store may be there."""
    s3.create_bucket(BUCKET)
    yield Wire(s3)
    listing = s3.client().list_objects_v2(Bucket=BUCKET)
    assert {row["Key"] for row in listing.get("Contents", [])} <= {"good"}
    assert "Uploads" not in s3.client().list_multipart_uploads(Bucket=BUCKET)


def test_a_wrong_secret_is_told_in_full(wire: Wire) -> None:
    answer = wire.send("GET", "/", wire.head("GET", "/", secret="wrong-secret"))
    assert (answer.status, answer.headers["content-type"]) == (403, "application/xml")
    assert re.findall(r"<(\w+)>[^<]", answer.body) == [
        "Code",
        "Message",
        "AWSAccessKeyId",
        "StringToSign",
        "SignatureProvided",
        "StringToSignBytes",
        "CanonicalRequest",
        "CanonicalRequestBytes",
        "RequestId",
        "HostId",
    ]
    assert answer.headers["x-amz-request-id"] in answer.body
    assert answer.headers["x-dskit-reason"]


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ([], 403, "AccessDenied"),
        ([("Authorization", "Bearer x")], 400, "InvalidArgument"),
        ([("Authorization", "AWS dskit:x")], 403, "AccessDenied"),
        ([("Authorization", "AWS dskit")], 400, "InvalidArgument"),
        ([("Authorization", "AWS4-HMAC-SHA256 x")], 400, "AuthorizationHeaderMalformed"),
    ],
)
def test_other_refusals(wire: Wire, headers: list[tuple[str, str]], status: int, code: str) -> None:
    answer = wire.send("GET", f"/{BUCKET}", [("Host", wire.host), *headers])
    assert (answer.status, answer.code) == (status, code)
    head = wire.send("HEAD", f"/{BUCKET}", [("Host", wire.host), *headers])
    assert (head.status, head.body) == (status, "")


@pytest.mark.parametrize("target", ["/signed-bucket/a//b", "/signed-bucket/../x", "/signed-bucket/%2e%2E/", "/%2e/x"])
def test_targets_reach_the_signature_unaltered(wire: Wire, target: str) -> None:
    """Nothing on the way resolves dot segments or joins slashes, else the signature would not match."""
    headers = [(name, value) for name, value in wire.head("GET", target.replace("%2e", ".").replace("%2E", "."))]
    assert wire.send("GET", target, headers).code in {"NoSuchKey", "NoSuchBucket", "InvalidBucketName"}


def test_nobody_is_told_to_continue_before_who_it_is(wire: Wire) -> None:
    target = f"/{BUCKET}/k"
    headers = [*wire.head("PUT", target, secret="wrong-secret"), ("Content-Length", "5"), ("Expect", "100-continue")]
    assert wire.send("PUT", target, headers).status == 403


def test_the_hash_of_the_body_is_checked(wire: Wire) -> None:
    target = f"/{BUCKET}/k"
    headers = {"x-amz-content-sha256": sha256(b"hello").hexdigest()}
    for body in (b"hullo", b"", b"hello!"):
        signed = [*wire.head("PUT", target, headers), ("Content-Length", str(len(body)))]
        answer = wire.send("PUT", target, signed, body)
        assert (answer.status, answer.code) == (400, "XAmzContentSHA256Mismatch")
        assert f"<S3ComputedContentSHA256>{sha256(body).hexdigest()}<" in answer.body
    target = f"/{BUCKET}/good"
    signed = [*wire.head("PUT", target, headers), ("Content-Length", "5")]
    assert wire.send("PUT", target, signed, b"hello").status == 200


@pytest.mark.parametrize(("method", "query"), [("GET", ""), ("DELETE", ""), ("POST", "?uploads")])
def test_where_no_body_is_read_the_hash_is_that_of_none(wire: Wire, method: str, query: str) -> None:
    target = f"/{BUCKET}/good"
    length = [("Content-Length", "0")]
    assert wire.send("PUT", target, [*wire.head("PUT", target), *length]).status == 200
    headers = {"x-amz-content-sha256": sha256(b"hello").hexdigest()}
    answer = wire.send(method, target + query, [*wire.head(method, target + query, headers), *length])
    assert (answer.status, answer.code) == (400, "XAmzContentSHA256Mismatch")
    assert wire.send("HEAD", target, wire.head("HEAD", target)).status == 200


def test_a_body_that_ends_early_is_not_stored(wire: Wire) -> None:
    target = f"/{BUCKET}/k"
    headers = [*wire.head("PUT", target, {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}), ("Content-Length", "10")]
    answer = wire.send("PUT", target, headers, b"hello", stop=True)
    assert 400 <= answer.status < 500


CRC = b"x-amz-checksum-crc32:NhCmhg==\r\n"  # of b"hello"


def test_a_chunked_body(wire: Wire) -> None:
    framed = b"5\r\nhello\r\n0\r\n" + CRC + b"\r\n"
    answer = wire.put("good", framed, UNSIGNED_TRAILER, 5, x_amz_trailer="x-amz-checksum-crc32")
    assert answer.status == 200
    assert answer.headers["x-amz-checksum-crc32"] == "NhCmhg=="


@pytest.mark.parametrize(
    ("framed", "length", "code"),
    [
        (b"5\r\nhello\r\n", 5, "IncompleteBody"),
        (b"5\r\nhello\r\n0\r\n" + CRC, 5, "IncompleteBody"),
        (b"hello", 5, "IncompleteBody"),
        (b"5\r\nhello\r\n0\r\n" + CRC + b"\r\n", 4, "IncompleteBody"),
        (b"5\r\nhello\r\n0\r\n" + CRC + b"\r\n", 6, "IncompleteBody"),
        (b"3\r\nhel\r\n2\r\nlo\r\n0\r\n" + CRC + b"\r\n", 5, "InvalidChunkSizeError"),
        (b"5\r\nhello\r\n0\r\n\r\n", 5, "MalformedTrailerError"),
        (b"5\r\nhello\r\n0\r\nx-amz-meta-a:b\r\n\r\n", 5, "MalformedTrailerError"),
        (b"5\r\nhullo\r\n0\r\n" + CRC + b"\r\n", 5, "BadDigest"),
        (b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:zz\r\n\r\n", 5, "InvalidRequest"),
    ],
)
def test_a_bad_chunked_body_is_not_stored(wire: Wire, framed: bytes, length: int, code: str) -> None:
    answer = wire.put("k", framed, UNSIGNED_TRAILER, length, x_amz_trailer="x-amz-checksum-crc32")
    assert (answer.code, answer.status < 500) == (code, True)


@pytest.mark.parametrize(
    ("names", "status", "message"),
    [
        ("x-foo", 400, "The value specified in the x-amz-trailer header is not supported"),
        ("x-amz-checksum-crc32, x-amz-checksum-sha1", 400, "Expecting a single x-amz-checksum- header. Multiple"),
        ("x-amz-checksum-xxhash64", 501, "<Message>dskit: the given value of x-amz-checksum-xxhash64 is not built<"),
    ],
)
def test_trailers_that_cannot_be_are_refused_by_name(wire: Wire, names: str, status: int, message: str) -> None:
    answer = wire.put("k", b"5\r\nhello\r\n0\r\n" + CRC + b"\r\n", UNSIGNED_TRAILER, 5, x_amz_trailer=names)
    assert (answer.status, message in answer.body) == (status, True)


def test_a_chunked_body_needs_its_length(wire: Wire) -> None:
    target = f"/{BUCKET}/k"
    headers = wire.head("PUT", target, {"x-amz-content-sha256": UNSIGNED_TRAILER})
    answer = wire.send("PUT", target, [*headers, ("Content-Length", "5")], b"0\r\n\r\n")
    assert (answer.status, answer.code) == (411, "MissingContentLength")


@pytest.mark.parametrize("target", [f"/{BUCKET}/k", f"/{BUCKET}/k?partNumber=1&uploadId=x"])
@pytest.mark.parametrize("mode", [EMPTY_SHA256, "UNSIGNED-PAYLOAD", UNSIGNED_TRAILER])
def test_the_bytes_of_an_object_need_a_length(wire: Wire, target: str, mode: str) -> None:
    """S3 API reference, list of error codes: MissingContentLength. The signature comes first."""
    headers = {"x-amz-content-sha256": mode, "x-amz-decoded-content-length": "0"}
    answer = wire.send("PUT", target, wire.head("PUT", target, headers))
    assert (answer.status, answer.code) == (411, "MissingContentLength")
    assert answer.headers["x-dskit-reason"]
    answer = wire.send("PUT", target, wire.head("PUT", target, headers, secret="wrong"))
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")


@pytest.mark.parametrize("framing", [("Content-Length", "0"), ("Transfer-Encoding", "chunked")])
def test_a_length_may_be_nought_or_told_by_chunks(wire: Wire, framing: tuple[str, str]) -> None:
    target = f"/{BUCKET}/good"
    body = b"0\r\n\r\n" if framing[1] == "chunked" else b""
    assert wire.send("PUT", target, [*wire.head("PUT", target), framing], body).status == 200


@pytest.mark.parametrize(("spoil", "status"), [(b"", 200), (b"hullo", 403)])
def test_chunks_are_signed_one_by_one(wire: Wire, spoil: bytes, status: int) -> None:
    key = "good" if status == 200 else "k"
    target = f"/{BUCKET}/{key}"
    headers = {"x-amz-content-sha256": SIGNED_CHUNKS, "x-amz-decoded-content-length": "5"}
    head = wire.head("PUT", target, headers)
    named = {name.lower(): value for name, value in head}
    date = named["x-amz-date"]
    scope = f"{date[:8]}/us-east-1/s3/aws4_request"
    signing = SigningKeys().get("dskit-secret", date[:8], "us-east-1")
    previous = named["authorization"].rpartition("=")[2]
    framed = b""
    for chunk in (b"hello", b""):
        previous = sign(signing, chunk_string_to_sign(date, scope, previous, sha256(chunk).hexdigest()))
        framed += b"%x;chunk-signature=%s\r\n%s\r\n" % (len(chunk), previous.encode(), chunk)
    if spoil:
        framed = framed.replace(b"hello", spoil)
    answer = wire.send("PUT", target, [*head, ("Content-Length", str(len(framed)))], framed)
    assert (answer.status, answer.code) == (status, "" if status == 200 else "SignatureDoesNotMatch")


@pytest.mark.parametrize(
    ("target", "headers", "status", "code", "more"),
    [
        (f"/{BUCKET}", {}, 400, "BadRequest", "Insufficient information. Origin request header needed."),
        (f"/{BUCKET}", {"Origin": "http://a"}, 403, "AccessForbidden", "<Method>OPTIONS</Method>"),
        (f"/{BUCKET}", {"Origin": "http://a"}, 403, "AccessForbidden", "CORS is not enabled for this bucket."),
        ("/no-such-bucket", {"Origin": "http://a"}, 403, "AccessForbidden", "CORSResponse: Bucket not found"),
        (
            f"/{BUCKET}/k",
            {"Origin": "http://a", "Access-Control-Request-Method": "PUT"},
            403,
            "AccessForbidden",
            "<Method>PUT</Method><ResourceType>OBJECT</ResourceType>",
        ),
    ],
)
def test_preflights_need_no_signature(
    wire: Wire, target: str, headers: dict[str, str], status: int, code: str, more: str
) -> None:
    """aws-recorded:test_cors_http_options_no_config, test_cors_http_options_non_existent_bucket."""
    answer = wire.send("OPTIONS", target, [("Host", wire.host), *headers.items()])
    assert (answer.status, answer.code) == (status, code)
    assert more in answer.body


@pytest.mark.parametrize(
    ("content_type", "status", "code"),
    [
        ("multipart/form-data; boundary=b", 400, "MalformedPOSTRequest"),
        ("application/x-www-form-urlencoded", 412, "PreconditionFailed"),
    ],
)
def test_a_post_to_a_bucket_is_a_form(wire: Wire, content_type: str, status: int, code: str) -> None:
    form = [("Host", wire.host), ("Content-Type", content_type), ("Content-Length", "0")]
    answer = wire.send("POST", f"/{BUCKET}", form)
    assert (answer.status, answer.code) == (status, code)
