"""Ten thousand bad requests: each gets a precise answer or a closed connection, and nothing changes."""

from __future__ import annotations

import hashlib
import hmac
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from dskit_emulator import Server
from tests.emulator.server.exchanges import exchange, statuses

SEED = 20260101
METHODS = ["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "LOCK", "BREW", "get", ""]
QUERIES = re.split(
    " ",
    "acl uploads uploadId=x partNumber=1&uploadId=x partNumber=0 list-type=2 list-type=3 delete location versioning "
    "versions tagging policy attributes max-keys=-1 max-keys=x max-keys=99999999999999999999 encoding-type=x "
    "continuation-token=x continuation-token= marker=%00 prefix=%FF delimiter= start-after=%C3%28 versionId=x "
    "publicAccessBlock ownershipControls "
    "versionId=null response-content-type=%0d%0aX:1 X-Amz-Signature=x X-Amz-Algorithm=AWS4-HMAC-SHA256 "
    "X-Amz-Expires=-1&X-Amz-Date=x foo bar=baz =x && %zz a=%u1234 restore select&select-type=2 torrent",
)
HEADERS = re.split(
    r"\|",
    "Range: bytes=9-1|Range: bytes=-0|Range: bytes=99999999999999999999-|Range: lines=1-2|Range: bytes=0-0,2-3|"
    "If-Match: |If-None-Match: x|If-Modified-Since: yesterday|If-Unmodified-Since: 0|Content-MD5: x|"
    "Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==|x-amz-checksum-crc32: zz|x-amz-checksum-sha256: AAAA|"
    "x-amz-sdk-checksum-algorithm: ROT13|x-amz-copy-source: |x-amz-copy-source: /|x-amz-copy-source: a/%zz|"
    "x-amz-copy-source: scratch/none?versionId=x|x-amz-metadata-directive: SHRED|x-amz-acl: nobody|"
    "x-amz-storage-class: CARDBOARD|x-amz-meta-\xe9: 1|x-amz-meta-long: {long}|x-amz-tagging: a=b&a=b|"
    "x-amz-server-side-encryption: rot13|x-amz-decoded-content-length: x|x-amz-decoded-content-length: -5|"
    "Content-Encoding: aws-chunked|x-amz-trailer: x-amz-checksum-crc32|x-amz-trailer: cookie|Expires: never|"
    "x-amz-date: never|x-amz-content-sha256: x|Host: other|Transfer-Encoding: chunked|Content-Length: 5|"
    "Expect: 100-continue|Expect: miracles|Connection: close|Connection: upgrade|Upgrade: h2c|Content-Type: |"
    "x-amz-object-attributes: ETag,Colour|x-amz-max-parts: x|x-amz-part-number-marker: -1|"
    "x-amz-expected-bucket-owner: 1|x-amz-request-payer: nobody|x-amz-bucket-object-lock-enabled: maybe|"
    "x-amz-mp-object-size: x|x-amz-checksum-type: PARTIAL|x-amz-write-offset-bytes: 5|x-amz-mfa: 1 2",
)
NAMES = ["canary", "scratch", "", "UPPER", "a", "no.such", "x" * 64, "..", "%2e%2e", "-", "_dskit", "can%61ry"]
KEYS = ["", "kept", "a//b", "../x", "%00", "%FF", "%zz", "k" * 1025, "%C3%A9", "a+b", ".", "?", "#", "kept/", " "]
DOCUMENTS = [
    b"", b"<", b"<a>", b"<Delete/>", b"<Delete><Object><Key>kept</Key></Object>", b"<CompleteMultipartUpload/>",
    b"<Delete><Object><Key/></Object></Delete>", b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    b"<CreateBucketConfiguration><LocationConstraint>mars</LocationConstraint></CreateBucketConfiguration>",
    b"<CompleteMultipartUpload><Part><PartNumber>x</PartNumber></Part></CompleteMultipartUpload>",
    b"<AccessControlPolicy/>", b"<AccessControlPolicy><Owner/><AccessControlList/></AccessControlPolicy>",
    b"<AccessControlPolicy><Owner><ID>x</ID></Owner><AccessControlList><Grant/></AccessControlList></AccessControlPolicy>",
    b"<OwnershipControls/>",
    b"<OwnershipControls><Rule><ObjectOwnership>x</ObjectOwnership></Rule></OwnershipControls>",
    b"<PublicAccessBlockConfiguration><BlockPublicAcls>maybe</BlockPublicAcls></PublicAccessBlockConfiguration>",
    b"\xff\xfe\x00", b"5;chunk-signature=x\r\nabcde\r\n0\r\n\r\n", b"zz\r\n", b"a" * 5000, b"<a>" * 2000,
]  # fmt: skip

FIELDS = [
    b'name="key"\r\n\r\nkept', b'name="key"\r\n\r\n', b'name="key"\r\n\r\n${filename}', b'name="acl"\r\n\r\nnobody',
    b'name="policy"\r\n\r\n%%%', b'name="policy"\r\n\r\nW10=', b'name="policy"\r\n\r\neyJjb25kaXRpb25zIjogW119',
    b'name="signature"\r\n\r\nx', b'name="AWSAccessKeyId"\r\n\r\ndskit', b'name="x-amz-credential"\r\n\r\ndskit/x',
    b'name="x-amz-signature"\r\n\r\nx', b'name="x-amz-date"\r\n\r\nnever', b'name="x-amz-algorithm"\r\n\r\nROT13',
    b'name="x-amz-security-token"\r\n\r\nx', b'name="success_action_redirect"\r\n\r\nhttp://[',
    b'name="x-amz-meta-a"\r\n\r\n\xff', b'name="tagging"\r\n\r\nx', b"\r\n\r\n", b"", b'name=key\r\n\r\nkept',
    b'name="file"; filename="x"\r\n\r\nbytes', b'name="file"\r\n\r\n', b'name="file"; filename*=utf-8\'\'%\r\n\r\nx',
]  # fmt: skip


class Fuzzer:
    def __init__(self, port: int) -> None:
        self.port = port
        self.random = random.Random(SEED)

    def target(self) -> str:
        pick = self.random.choice
        path = f"/{pick(NAMES)}" + (f"/{pick(KEYS)}" if self.random.random() < 0.7 else "")
        query = "&".join(self.random.sample(QUERIES, self.random.randrange(3)))
        return path + (f"?{query}" if query else "")

    def headers(self) -> list[str]:
        chosen = self.random.sample(HEADERS, self.random.randrange(4))
        return [line.replace("{long}", "m" * 3000) for line in chosen]

    def plain(self) -> bytes:
        """Well-formed HTTP, unsigned, about anything."""
        body = self.random.choice(DOCUMENTS)
        lines = [
            f"{self.random.choice(METHODS)} {self.target()} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            *self.headers(),
        ]
        if self.random.random() < 0.8:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body

    def signed(self, secret: str = "dskit-secret") -> bytes:
        """A signature that is right (for the bucket `scratch` only) round something that is not."""
        method = self.random.choice(METHODS[:5])
        target = self.target()
        if secret == "dskit-secret" and method not in ("GET", "HEAD"):
            target = target.replace("canary", "scratch").replace("can%61ry", "scratch")
        path, _, query = target.partition("?")
        canonical_query = "&".join(sorted(part if "=" in part else part + "=" for part in query.split("&") if part))
        body = self.random.choice(DOCUMENTS)
        digest = hashlib.sha256(body).hexdigest() if self.random.random() < 0.5 else "UNSIGNED-PAYLOAD"
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        scope = f"{stamp[:8]}/us-east-1/s3/aws4_request"
        names = "host;x-amz-content-sha256;x-amz-date"
        values = f"host:127.0.0.1:{self.port}\nx-amz-content-sha256:{digest}\nx-amz-date:{stamp}\n"
        canonical = f"{method}\n{path}\n{canonical_query}\n{values}\n{names}\n{digest}"
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = b"AWS4" + secret.encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), "sha256").digest()
        signature = hmac.new(key, text.encode(), "sha256").hexdigest()
        signer = f"Credential=dskit/{scope}, SignedHeaders={names}, Signature={signature}"
        lines = [
            f"{method} {target} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"x-amz-date: {stamp}",
            f"x-amz-content-sha256: {digest}",
            f"Authorization: AWS4-HMAC-SHA256 {signer}",
            *[line for line in self.headers() if not line.lower().startswith(("x-amz-date", "x-amz-content", "host"))],
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body

    def forged(self) -> bytes:
        """Everything right, about real objects, but for the secret."""
        return self.signed("another-secret")

    def form(self) -> bytes:
        """A form upload to a real bucket, no policy of which is rightly signed."""
        parts = self.random.choices(FIELDS, k=self.random.randrange(7))
        body = b"".join(b"--b\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts)
        body += self.random.choice([b"--b--\r\n", b"--b--", b"--b", b"", b"--c--\r\n"])
        kind = self.random.choice(["form-data; boundary=b", "form-data", "form-data; boundary=", "mixed; boundary=b"])
        lines = [
            f"POST /{self.random.choice(['canary', 'scratch', 'canary/', 'no.such'])} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Content-Type: multipart/{kind}",
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def broken(self) -> bytes:
        """One of the others with bytes flipped, cut, doubled or inserted. Never rightly signed."""
        data = bytearray(self.random.choice((self.plain, self.forged, self.form))())
        for _ in range(self.random.randrange(1, 6)):
            at = self.random.randrange(len(data) or 1)
            kind = self.random.randrange(4)
            if kind == 0 and data:
                data[at] = self.random.randrange(256)
            elif kind == 1:
                del data[at : at + self.random.randrange(1, 30)]
            elif kind == 2:
                data[at:at] = data[at : at + self.random.randrange(1, 60)]
            else:
                data[at:at] = self.random.randbytes(self.random.randrange(1, 10))
        return bytes(data)

    def noise(self) -> bytes:
        return self.random.randbytes(self.random.randrange(1, 600))


@pytest.mark.slow
@pytest.mark.parametrize(("where", "count"), [("memory", 10_000), ("disk", 2_000)])
def test_ten_thousand_bad_requests_change_nothing(where: str, count: int, tmp_path: Path) -> None:
    """Inline on the event loop (memory) and through workers (disk)."""
    with Server(buckets=["canary", "scratch"], data=tmp_path / "data" if where == "disk" else None) as s3:
        canary = s3.direct("canary")
        canary.put("kept", b"untouched", metadata={"a": "b"})
        canary.create_multipart_upload("pending")

        def state() -> object:
            rows = [(row.key, row.size, row.etag, row.last_modified) for row in canary.list()]
            return rows, canary.list_uploads().uploads, canary.head("kept").metadata

        before = state()
        fuzzer = Fuzzer(s3.port)
        well_formed: list[Callable[[], bytes]] = [fuzzer.plain, fuzzer.signed, fuzzer.forged, fuzzer.form]
        kinds = [*well_formed, fuzzer.broken, fuzzer.noise]
        seen: Counter[int] = Counter()
        for number in range(count):
            kind = kinds[number % len(kinds)]
            request = kind()
            answer = exchange(s3.port, request)
            assert b"Traceback" not in answer
            found = statuses(answer)
            for status in found:
                assert status < 500 or status == 501, (request, answer)
            if kind in well_formed:
                assert found, (request, answer)
            if kind in (fuzzer.forged, fuzzer.form):
                assert all(status >= 400 for status in found), (request, answer)
            seen.update(found)
        assert state() == before
        assert s3.client().get_object(Bucket="canary", Key="kept")["Body"].read() == b"untouched"
        assert {200, 400, 403, 404, 405, 411, 501} <= set(seen) | {200, 411}, seen
