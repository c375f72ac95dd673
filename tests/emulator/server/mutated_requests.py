"""Requests that were valid: changed in what they say and then signed, or signed and then changed byte by byte.

All are signed for AWS's example account on AWS's example day, so that a seed gives the same bytes whenever it is run.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import md5, sha256
from urllib.parse import quote
from zlib import crc32

from dskit_emulator.wire.signatures import canonical_headers, canonical_query, sign, string_to_sign
from tests.emulator.server.wrong_values import (
    CHUNKS,
    CODINGS,
    DIGESTS,
    DOCUMENTS,
    HEADERS,
    KEYS,
    LENGTHS,
    NAMES,
    PARAMETERS,
    TARGETS,
    TEXTS,
    VALUES,
    VERSIONS,
)
from tests.emulator.wire.chunked_bodies import (
    AWS_EXAMPLE,
    CRC,
    DATE,
    KEY,
    SCOPE,
    SIGNED,
    UNSIGNED,
    signed_body,
    unsigned_body,
)

__all__ = ["Mutations"]

BODY = b"hello world"
BATCH = b"<Delete><Object><Key>gone</Key></Object></Delete>"
PARTS = b'<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"x"</ETag></Part></CompleteMultipartUpload>'
REGION = b"<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>"

Lines = list[tuple[str, str]]


@dataclass
class Request:
    """`target` as it goes on the wire; `lines` are headers besides those of the signature."""

    method: str
    target: str
    lines: Lines = field(default_factory=list)
    body: bytes = b""
    digest: str | None = None

    def signed(self, host: str) -> tuple[Lines, str]:
        """All headers but those that frame the body, and the signature."""
        digest = sha256(self.body).hexdigest() if self.digest is None else self.digest
        own: Lines = [("host", host), ("x-amz-date", DATE), ("x-amz-content-sha256", digest)]
        given = {name.lower() for name, _ in self.lines}
        lines = [line for line in own if line[0] not in given] + self.lines
        values: dict[str, str] = {}
        for name, value in [(name.lower(), value.strip(" \t")) for name, value in lines]:
            if name.startswith("x-amz-") or name in ("host", "content-md5"):
                values[name] = f"{values[name]},{value}" if name in values else value
        names = sorted(values)
        path, _, query = self.target.partition("?")
        canonical = (
            f"{self.method}\n{path}\n{canonical_query(query)}\n{canonical_headers(names, values)}\n{';'.join(names)}\n"
            f"{values.get('x-amz-content-sha256', '')}"
        )
        signature = sign(KEY, string_to_sign(DATE, SCOPE, canonical))
        claim = f"Credential={AWS_EXAMPLE.access_key}/{SCOPE}, SignedHeaders={';'.join(names)}, Signature={signature}"
        return [*lines, ("Authorization", f"AWS4-HMAC-SHA256 {claim}")], signature

    def wire(self, host: str) -> bytes:
        lines, _ = self.signed(host)
        if self.body or self.method in ("PUT", "POST"):
            lines.append(("Content-Length", str(len(self.body))))
        return head(self.method, self.target, lines) + self.body


def head(method: str, target: str, lines: Lines) -> bytes:
    text = "\r\n".join([f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in lines)])
    return text.encode("latin-1") + b"\r\n\r\n"


def digest_of(body: bytes) -> Lines:
    return [("Content-MD5", base64.b64encode(md5(body).digest()).decode())]


def crc_of(body: bytes) -> str:
    return base64.b64encode(crc32(body).to_bytes(4, "big")).decode()


def valid(upload: str) -> list[Request]:
    """One of every kind that writes or reads in the bucket ``scratch``."""
    source = ("x-amz-copy-source", "/scratch/kept")
    return [
        Request("GET", "/"),
        Request("PUT", "/made", [], REGION),
        Request("DELETE", "/nowhere"),
        Request("HEAD", "/scratch"),
        Request("GET", "/scratch?location"),
        Request("PUT", "/scratch/a", [("Content-Type", "text/plain"), ("x-amz-meta-a", "b")], BODY),
        Request("PUT", "/scratch/b", [*digest_of(BODY), (f"{CRC}", crc_of(BODY))], BODY),
        Request("PUT", "/scratch/kept", [("If-Match", '"other"')], BODY),
        Request("PUT", "/scratch/kept", [("If-None-Match", "*")], BODY),
        Request("GET", "/scratch/kept", [("Range", "bytes=0-3")]),
        Request("HEAD", "/scratch/kept", [("x-amz-checksum-mode", "ENABLED")]),
        Request("GET", "/scratch/kept?partNumber=1&response-content-type=text%2Fplain"),
        Request("DELETE", "/scratch/none"),
        Request("PUT", "/scratch/copy", [source]),
        Request("PUT", "/scratch/kept", [source, ("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-a", "c")]),
        Request("POST", "/scratch?delete", digest_of(BATCH), BATCH),
        Request("GET", "/scratch?max-keys=2&prefix=k&delimiter=%2F&marker=a&encoding-type=url"),
        Request("GET", "/scratch?list-type=2&max-keys=2&start-after=a&fetch-owner=true"),
        Request("GET", "/scratch?versions&max-keys=1&key-marker=a"),
        Request("GET", "/scratch/kept?attributes", [("x-amz-object-attributes", "ETag,Checksum,ObjectParts")]),
        Request("POST", "/scratch/up?uploads", [("x-amz-checksum-algorithm", "CRC32")]),
        Request("PUT", f"/scratch/up?partNumber=1&uploadId={upload}", [], BODY),
        Request(
            "PUT",
            f"/scratch/up?partNumber=2&uploadId={upload}",
            [source, ("x-amz-copy-source-range", "bytes=0-3")],
        ),
        Request("POST", f"/scratch/up?uploadId={upload}", [], PARTS),
        Request("GET", f"/scratch/up?uploadId={upload}&max-parts=1&part-number-marker=0"),
        Request("GET", "/scratch?uploads&max-uploads=1&prefix=u"),
        Request("DELETE", "/scratch/up?uploadId=none"),
    ]


class Mutations:
    """An endless supply, the same for a seed. `upload` is the id of an upload in progress of the key ``up``."""

    def __init__(self, port: int, seed: int, upload: str) -> None:
        self.random = random.Random(seed)
        self.upload = upload
        self._host = f"127.0.0.1:{port}"

    def of_meaning(self) -> bytes:
        """Well-formed HTTP with a right signature over something that is not right any more."""
        pick = self.random.choice
        request = self._valid()
        for _ in range(self.random.randrange(1, 4)):
            path, mark, query = request.target.partition("?")
            name, value = quote(pick(PARAMETERS), safe="~"), quote(pick(VALUES), safe="~")
            lines = request.lines
            match self.random.randrange(8):
                case 0:
                    bucket, slash, key = path[1:].partition("/")
                    changed = f"/{bucket}/{pick(KEYS)}" if key else f"/{pick(NAMES)}{slash}"
                    request = replace(request, target=changed + mark + query)
                case 1:
                    request = replace(request, target=f"{request.target}{'&' if mark else '?'}{name}={value}")
                case 2 if query:
                    pairs = query.split("&")
                    at = self.random.randrange(len(pairs))
                    pairs[at] = f"{pairs[at].partition('=')[0]}={value}"
                    request = replace(request, target=f"{path}?{'&'.join(pairs)}")
                case 3:
                    request = replace(request, lines=[*lines, (pick(HEADERS), pick(TEXTS))])
                case 4 if lines:
                    at = self.random.randrange(len(lines))
                    request = replace(request, lines=[*lines[:at], (lines[at][0], pick(TEXTS)), *lines[at + 1 :]])
                case 5 if request.body.startswith(b"<"):
                    body = pick(DOCUMENTS)(request.body)
                    request = replace(
                        request, body=body, lines=digest_of(body) if "delete" in request.target else lines
                    )
                case 6:
                    request = replace(request, method=pick(["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS"]))
                case 7 if self.random.random() < 0.3:
                    request = replace(request, digest=pick(DIGESTS))
        return request.wire(self._host)

    def of_bytes(self) -> bytes:
        """What is not HTTP any more, or not what was signed, or of another length than it says."""
        pick, at_random = self.random.choice, self.random.randrange
        start, _, body = self._valid().wire(self._host).partition(b"\r\n\r\n")
        lines = start.split(b"\r\n")
        for _ in range(at_random(1, 3)):
            self._change(lines)
        match at_random(6):
            case 0:
                body = body[: len(body) // 2]
            case 1:
                body += b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
            case 2:
                lines = [line for line in lines if not line.startswith(b"Content-Length")]
                lines.append(b"Transfer-Encoding: chunked")
                body = pick(CHUNKS)
        data = bytearray(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        for _ in range(pick([0, 0, 0, 3])):
            data[at_random(len(data))] = at_random(256)
        return bytes(data)

    def _change(self, lines: list[bytes]) -> None:
        """One thing that is wrong with a head, or may be."""
        pick = self.random.choice
        at = self.random.randrange(1, len(lines))
        changes: list[Callable[[], object]] = [
            lambda: lines.insert(at, lines[at]),
            lambda: lines.append(b"Content-Length: " + pick(LENGTHS)),
            lambda: lines.append(b"Transfer-Encoding: " + pick(CODINGS)),
            lambda: lines.append(b"Expect: " + pick([b"100-continue", b"200-ok", b""])),
            lambda: lines.extend([b"Connection: " + pick([b"close", b"upgrade", b"x-amz-date"]), b"Upgrade: h2c"]),
            lambda: lines.append(b"X-Long: " + b"y" * pick([8000, 65_000, 200_000])),
            lambda: lines.extend(b"X-%d: y" % number for number in range(pick([100, 2100]))),
            lambda: lines.__setitem__(at, lines[at].replace(b": ", b":\r\n ", 1)),
            lambda: lines.__setitem__(at, lines[at] + pick([b"\0", b"\r", b"\n", b"\x0b", b"\x7f", b"\x1b[0m"])),
            lambda: lines.__setitem__(at, lines[at].replace(b":", pick([b" :", b"", b"::", b": \0"]), 1)),
            lambda: lines.__setitem__(at, b" " + lines[at]),
            lambda: lines.pop(at) if len(lines) > 2 else None,
            lambda: lines.__setitem__(0, lines[0].replace(b"HTTP/1.1", pick(VERSIONS))),
            lambda: lines.__setitem__(0, lines[0].replace(b" /", b" " + pick(TARGETS), 1)),
            lambda: lines.__setitem__(0, lines[0].replace(b" ", pick([b"  ", b"\t", b""]), 1)),
        ]
        pick(changes)()

    def of_chunks(self) -> bytes:
        """A body in aws-chunked framing, signed or not, with or without a trailer, and wrong in one place."""
        pick, at_random = self.random.choice, self.random.randrange
        mode = pick([SIGNED, UNSIGNED, f"{SIGNED}-TRAILER"])
        method, target = pick(
            [
                ("PUT", "/scratch/c"),
                ("PUT", f"/scratch/up?partNumber=3&uploadId={self.upload}"),
                ("POST", "/scratch?delete"),
            ]
        )
        body = BATCH if method == "POST" else pick([b"", BODY, b"x" * 8192 + b"yz", b"x" * 70_000])
        length = pick([str(len(body))] * 6 + ["0", "-1", "99999999", "x", str(len(body) + 1), ""])
        lines = [("Content-Encoding", "aws-chunked"), ("x-amz-decoded-content-length", length)]
        lines += digest_of(body) if method == "POST" else []
        trailer = f"{CRC}:{crc_of(body)}\n".encode() if mode.endswith("-TRAILER") else None
        if trailer is not None:
            lines.append(("x-amz-trailer", pick([CRC] * 5 + ["x-amz-checksum-sha256", f"{CRC},{CRC}c", "x-foo", ""])))
        request = Request(method, target, lines, digest=mode)
        signed, signature = request.signed(self._host)
        chunks = [body[at : at + 8192] for at in range(0, len(body), 8192)]
        if mode == UNSIGNED:
            framed = unsigned_body(chunks, (trailer or b"").replace(b"\n", b"\r\n"))
        else:
            framed = signed_body(chunks, trailer, seed=signature)
        at = at_random(len(framed))
        match at_random(10):
            case 0:
                framed = framed[:at]
            case 1:
                framed = framed[:at] + bytes([framed[at] ^ 1 << at_random(8)]) + framed[at + 1 :]
            case 2:
                framed += pick([b"0\r\n\r\n", b"x", b"\r\n", b"\r\n\r\n"])
            case 3:
                framed = framed.replace(b"\r\n", pick([b"\n", b"\r"]), 1)
            case 4:
                framed = pick([b"0", b"0" * 17, b"+", b"f" * 16 + b"\r\n"]) + framed
            case 5:
                framed = framed.replace(f"{CRC}:".encode(), pick([b"x-amz-meta-a:", b"\xff:", b"a" * 9000 + b":"]))
            case 6:
                framed = framed[:at] + framed[at : at + 50] + framed[at:]
        if self.random.random() < 0.2:
            wrapped = b"%x\r\n%s\r\n0\r\n\r\n" % (len(framed), framed) if framed else b"0\r\n\r\n"
            return head(method, target, [*signed, ("Transfer-Encoding", "chunked")]) + wrapped
        announced = max(0, len(framed) - pick([0] * 9 + [3]))
        return head(method, target, [*signed, ("Content-Length", str(announced))]) + framed

    def _valid(self) -> Request:
        return self.random.choice(valid(self.upload))
