"""Bodies in signed and unsigned chunks, as clients frame them."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

import pytest

from dskit_emulator.accounts import make_account
from dskit_emulator.wire.chunked import ChunkedDecoder, ChunkSigner
from dskit_emulator.wire.errors import S3Error
from dskit_emulator.wire.payload import Payload
from dskit_emulator.wire.signatures import SigningKeys, chunk_string_to_sign, sign, trailer_string_to_sign

DATE = "20130524T000000Z"
SCOPE = "20130524/us-east-1/s3/aws4_request"
AWS_EXAMPLE = make_account("example", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
KEY = SigningKeys().get(AWS_EXAMPLE.secret_key, "20130524", "us-east-1")
SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
UNSIGNED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
CRC = "x-amz-checksum-crc32"


def signer(seed: str = SEED) -> ChunkSigner:
    return ChunkSigner(KEY, DATE, SCOPE, seed, AWS_EXAMPLE.access_key)


def decode(decoder: ChunkedDecoder | Payload, pieces: Iterable[bytes]) -> tuple[bytes, dict[str, str]]:
    out = bytearray()
    for piece in pieces:
        for part in decoder.feed(piece):
            out += part
    return bytes(out), decoder.finish()


def refuse(decoder: ChunkedDecoder | Payload, body: bytes) -> S3Error:
    with pytest.raises(S3Error) as refused:
        decode(decoder, [body])
    return refused.value


def signed_body(chunks: list[bytes], trailer: bytes | None = None, *, seed: str = SEED, blank: bytes = b"") -> bytes:
    """Frame and sign as the S3 API reference describes; `trailer` is its lines, `blank` goes before their signature."""
    body, previous = b"", seed
    for chunk in [*chunks, b""]:
        previous = sign(KEY, chunk_string_to_sign(DATE, SCOPE, previous, sha256(chunk).hexdigest()))
        body += b"%x;chunk-signature=%s\r\n" % (len(chunk), previous.encode())
        body += chunk + b"\r\n" if chunk else b""
    if trailer is None:
        return body + b"\r\n"
    last = sign(KEY, trailer_string_to_sign(DATE, SCOPE, previous, trailer))
    return body + trailer.replace(b"\n", b"\r\n") + blank + b"x-amz-trailer-signature:%s\r\n\r\n" % last.encode()


def unsigned_body(chunks: list[bytes], trailer: bytes = b"") -> bytes:
    framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return framed + b"0\r\n" + trailer + b"\r\n"


def splits(body: bytes, sizes: list[int]) -> list[bytes]:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(body[at : at + size])
        at += size
    return [*pieces, body[at:]]
