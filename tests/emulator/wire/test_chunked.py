"""aws-chunked and the other forms of a body: whole and true it is decoded, else it is refused precisely."""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Iterable
from hashlib import sha256

import pytest
from botocore.httpchecksum import AwsChunkedWrapper, Crc32Checksum
from hypothesis import given
from hypothesis import strategies as st

from dskit_emulator.accounts import DEFAULT_ACCOUNT, make_account
from dskit_emulator.messages import RequestHead
from dskit_emulator.wire.auth import Identity
from dskit_emulator.wire.chunked import ChunkedDecoder, ChunkSigner
from dskit_emulator.wire.errors import S3Error
from dskit_emulator.wire.payload import Payload, check_no_body, open_payload, stored_content_encoding
from dskit_emulator.wire.signatures import EMPTY_SHA256, SigningKeys, chunk_string_to_sign, sign, trailer_string_to_sign

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


# What is accepted


def test_signed_example_of_the_documentation() -> None:
    """S3 API reference, "Transferring Payload in Multiple Chunks": 64 KiB and 1 KiB of the letter a."""
    body = signed_body([b"a" * 65536, b"a" * 1024])
    for signature in (
        b"10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n",
        b"400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n",
        b"0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n",
    ):
        assert signature in body
    assert len(body) == 66824
    assert decode(ChunkedDecoder(66560, signer=signer()), [body]) == (b"a" * 66560, {})


def test_signed_trailer_example_of_the_documentation() -> None:
    """S3 API reference, "... with trailing headers", with its seed and its signatures."""
    seed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
    body = signed_body([b"a" * 65536, b"a" * 1024], b"x-amz-checksum-crc32c:sOO8/Q==\n", seed=seed)
    for signature in (
        b"b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
        b"1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
        b"2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
        b"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
    ):
        assert signature in body
    decoder = ChunkedDecoder(66560, signer=signer(seed), trailers=("x-amz-checksum-crc32c",))
    assert decode(decoder, [body]) == (b"a" * 66560, {"x-amz-checksum-crc32c": "sOO8/Q=="})


@given(st.binary(max_size=300), st.integers(1, 40), st.lists(st.integers(0, 60), max_size=12))
def test_what_botocore_frames_is_decoded_however_it_arrives(data: bytes, chunk: int, sizes: list[int]) -> None:
    wrapper = AwsChunkedWrapper(
        io.BytesIO(data), checksum_cls=Crc32Checksum, checksum_name=CRC, chunk_size=max(chunk, len(data))
    )
    decoder = ChunkedDecoder(len(data), trailers=(CRC,))
    crc = base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
    assert decode(decoder, splits(wrapper.read(), sizes)) == (data, {CRC: crc})


@pytest.mark.parametrize("blank", [b"", b"\r\n"])
@pytest.mark.parametrize("trailer", [None, b"x-amz-checksum-crc32:AAAAAA==\n"])
def test_a_split_at_any_place_changes_nothing(trailer: bytes | None, blank: bytes) -> None:
    chunks = [b"0123456789abcdef" * 512, b"xyz"]
    body = signed_body(chunks, trailer, blank=blank)
    data = b"".join(chunks)
    names = None if trailer is None else (CRC,)
    found = {} if trailer is None else {CRC: "AAAAAA=="}
    places = [*range(120), *range(8180, len(body) + 1)]
    for at in places:
        decoder = ChunkedDecoder(len(data), signer=signer(), trailers=names)
        assert decode(decoder, [body[:at], body[at:]]) == (data, found), at
    decoder = ChunkedDecoder(len(data), signer=signer(), trailers=names)
    assert decode(decoder, [body[i : i + 1] for i in range(len(body))]) == (data, found)


def test_the_empty_body() -> None:
    assert decode(ChunkedDecoder(0, signer=signer()), [signed_body([])]) == (b"", {})
    assert decode(ChunkedDecoder(0, trailers=()), [unsigned_body([])]) == (b"", {})


def test_large_chunks_are_not_copied() -> None:
    data = bytes(1 << 20)
    body = unsigned_body([data])
    pieces = ChunkedDecoder(len(data), trailers=()).feed(body)
    assert [len(piece) for piece in pieces] == [len(data)]
    assert isinstance(pieces[0], memoryview)
    assert pieces[0].obj is body


def test_trailing_headers_end_with_a_line_feed_at_least() -> None:
    """As minio-go writes them: a bare line feed, then empty lines."""
    body = b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\n\r\n\r\n"
    decoder = ChunkedDecoder(3, trailers=(CRC,))
    assert decode(decoder, [body]) == (b"abc", {CRC: "NSRBwg=="})


def test_names_of_trailing_headers_have_no_case() -> None:
    decoder = ChunkedDecoder(0, trailers=(CRC,))
    assert decode(decoder, [b"0\r\nX-Amz-Checksum-CRC32: AAAAAA==\r\n\r\n"]) == (b"", {CRC: "AAAAAA=="})


# What is refused


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        b"abc",
        b"3\r\nabc",
        b"3\r\nabc\r\n",
        b"3\r\nabc\r\n0",
        b"3\r\nabc\r\n0\r\n",
        b"3\r\nabc\r\n0\r\n\r\nmore",
        b"3\r\nabc\r\n0\r\n\r\nmore\n",
        b"3\r\nabcd\r\n0\r\n\r\n",
        b"3\r\nabcX\n0\r\n\r\n",
        b"3\nabc\r\n0\r\n\r\n",
        b" 3\r\nabc\r\n0\r\n\r\n",
        b"+3\r\nabc\r\n0\r\n\r\n",
        b"0x3\r\nabc\r\n0\r\n\r\n",
        b"-3\r\nabc\r\n0\r\n\r\n",
        b"g\r\nabc\r\n0\r\n\r\n",
        b"3;chunk-signature=x\r\nabc\r\n0\r\n\r\n",
        b"00000000000000003\r\nabc\r\n0\r\n\r\n",
        b"ffffffffffffffff\r\nabc",
        b"x" * 5000,
        b"\x00\xff\r\n",
        b"2\r\nab\r\n0\r\n\r\n",
        b"4\r\nabcd\r\n0\r\n\r\n",
        b"0\r\n\r\n",
    ],
)
def test_bad_framing_is_an_incomplete_body(body: bytes) -> None:
    error = refuse(ChunkedDecoder(3, trailers=()), body)
    assert error.code == "IncompleteBody"
    assert error.status == 400


def test_every_truncation_is_an_incomplete_body() -> None:
    body = unsigned_body([b"abcdef"], b"x-amz-checksum-crc32:AAAAAA==\r\n")
    for end in range(len(body)):
        assert refuse(ChunkedDecoder(6, trailers=(CRC,)), body[:end]).code == "IncompleteBody", end


def test_the_announced_length_is_told_beside_the_real_one() -> None:
    error = refuse(ChunkedDecoder(3, signer=signer()), signed_body([b"hello"]))
    assert error.fields == {"NumberBytesExpected": "3", "NumberBytesProvided": "5"}
    error = refuse(ChunkedDecoder(9, signer=signer()), signed_body([b"hello"]))
    assert error.fields == {"NumberBytesExpected": "9", "NumberBytesProvided": "5"}


@pytest.mark.parametrize("sign_it", [True, False])
def test_only_the_last_chunk_is_small(sign_it: bool) -> None:
    """Told with the number of the chunk after the small one, as S3 does."""
    chunks = [b"hel", b"lo"]
    body = signed_body(chunks) if sign_it else unsigned_body(chunks)
    error = refuse(ChunkedDecoder(5, signer=signer() if sign_it else None, trailers=None if sign_it else ()), body)
    assert (error.code, error.status) == ("InvalidChunkSizeError", 403)
    assert error.fields == {"Chunk": "2", "BadChunkSize": "3"}


def test_every_changed_byte_of_a_signed_body_is_noticed() -> None:
    body = signed_body([b"hello"], b"x-amz-checksum-crc32:AAAAAA==\n")
    for at in range(len(body)):
        spoilt = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        error = refuse(ChunkedDecoder(5, signer=signer(), trailers=(CRC,)), spoilt)
        assert error.code in {
            "SignatureDoesNotMatch",
            "IncompleteBody",
            "InvalidChunkSizeError",
            "MalformedTrailerError",
        }, at


def test_a_chunk_signature_that_is_wrong_says_what_was_signed() -> None:
    body = signed_body([b"hello"]).replace(b"hello", b"hullo")
    error = refuse(ChunkedDecoder(5, signer=signer()), body)
    assert error.code == "SignatureDoesNotMatch"
    assert error.fields["StringToSign"] == "\n".join(
        ["AWS4-HMAC-SHA256-PAYLOAD", DATE, SCOPE, SEED, EMPTY_SHA256, sha256(b"hullo").hexdigest()]
    )


def test_chunks_may_not_be_exchanged_or_left_out() -> None:
    one, two = b"1" * 8192, b"2" * 8192
    body = signed_body([one, two])
    first, second = body[: 8192 + 89], body[8192 + 89 : 2 * (8192 + 89)]
    assert first.startswith(b"2000;")
    assert second.startswith(b"2000;")
    rest = body[2 * (8192 + 89) :]
    assert refuse(ChunkedDecoder(16384, signer=signer()), second + first + rest).code == "SignatureDoesNotMatch"
    assert refuse(ChunkedDecoder(8192, signer=signer()), first + rest).code == "SignatureDoesNotMatch"
    assert refuse(ChunkedDecoder(16384, signer=signer("0" * 64)), body).code == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    "trailer",
    [
        b"",
        b"x-amz-checksum-crc32c:AAAAAA==\r\n",
        b"x-amz-checksum-crc32:AAAAAA==\r\nx-amz-checksum-crc32:AAAAAA==\r\n",
        b"x-amz-checksum-crc32:AAAAAA==\r\nx-amz-meta-a:b\r\n",
        b":AAAAAA==\r\n",
        b"x-amz-checksum-crc32\r\n",
        b"x-amz-checksum-crc32:\xff\r\n",
        b"x-amz-trailer-signature:0\r\n",
    ],
)
def test_trailing_headers_are_those_that_were_announced(trailer: bytes) -> None:
    error = refuse(ChunkedDecoder(3, trailers=(CRC,)), unsigned_body([b"abc"], trailer))
    assert (error.code, error.status) == ("MalformedTrailerError", 400)


def test_endless_trailing_headers_are_cut_off() -> None:
    assert refuse(ChunkedDecoder(0, trailers=()), b"0\r\n" + b"x" * 20_000).code == "IncompleteBody"
    line = b"x-amz-checksum-crc32:" + b"x" * 900
    names = tuple(f"x-amz-checksum-{number}" for number in range(20))
    lines = b"".join(b"%s:%s\r\n" % (name.encode(), line) for name in names)
    assert refuse(ChunkedDecoder(0, trailers=names), b"0\r\n" + lines).code == "MalformedTrailerError"


def test_signed_trailing_headers_need_their_signature() -> None:
    body = signed_body([b"abc"], b"x-amz-checksum-crc32:AAAAAA==\n")
    cut = body[: body.index(b"x-amz-trailer-signature")] + b"\r\n"
    decoder = ChunkedDecoder(3, signer=signer(), trailers=(CRC,))
    assert refuse(decoder, cut).code == "IncompleteBody"
    decoder = ChunkedDecoder(3, signer=signer(), trailers=(CRC,))
    assert refuse(decoder, body.replace(b"AAAAAA==", b"BAAAAA==")).code == "SignatureDoesNotMatch"


@given(st.binary(max_size=200), st.lists(st.integers(0, 50), max_size=6), st.booleans())
def test_garbage_is_refused_in_one_of_the_known_ways(data: bytes, sizes: list[int], sign_it: bool) -> None:
    decoder = ChunkedDecoder(3, signer=signer() if sign_it else None, trailers=(CRC,))
    with pytest.raises(S3Error):
        decode(decoder, splits(data, sizes))


# Payloads: the mode follows from the verified request


def payload(mode: str, headers: dict[str, str]) -> Payload:
    identity = Identity(AWS_EXAMPLE, content_sha256=mode, signature=SEED, signing_key=KEY, amz_date=DATE, scope=SCOPE)
    return open_payload(RequestHead("PUT", "/b/k", list(headers.items())), identity)


def test_a_plain_body_with_its_hash() -> None:
    data = b"Welcome to Amazon S3."
    plain = payload(sha256(data).hexdigest(), {"content-length": "21"})
    assert plain.length == 21
    assert decode(plain, [data[:5], data[5:]]) == (data, {})


def test_a_plain_body_with_another_hash() -> None:
    error = refuse(payload(EMPTY_SHA256, {"content-length": "3"}), b"abc")
    assert (error.code, error.status) == ("XAmzContentSHA256Mismatch", 400)
    assert error.fields == {
        "ClientComputedContentSHA256": EMPTY_SHA256,
        "S3ComputedContentSHA256": sha256(b"abc").hexdigest(),
    }


def test_no_body_has_the_hash_of_nothing() -> None:
    assert decode(payload(EMPTY_SHA256, {}), []) == (b"", {})
    assert refuse(payload("0" * 64, {}), b"").code == "XAmzContentSHA256Mismatch"


def test_requests_that_need_no_body_are_signed_for_none() -> None:
    def check(mode: str, **headers: str) -> None:
        wire = [(name.replace("_", "-"), value) for name, value in headers.items()]
        check_no_body(RequestHead("GET", "/b/k", wire), Identity(AWS_EXAMPLE, content_sha256=mode))

    check(EMPTY_SHA256)
    check("UNSIGNED-PAYLOAD")
    check(sha256(b"abc").hexdigest(), content_length="3")
    for headers in ({}, {"content_length": "0"}):
        with pytest.raises(S3Error, match="XAmzContentSHA256Mismatch"):
            check(sha256(b"abc").hexdigest(), **headers)


def test_an_unsigned_body_has_its_length_at_least() -> None:
    assert decode(payload("UNSIGNED-PAYLOAD", {"content-length": "3"}), [b"abc"]) == (b"abc", {})
    assert payload("UNSIGNED-PAYLOAD", {}).length is None
    error = refuse(payload("UNSIGNED-PAYLOAD", {"content-length": "4"}), b"abc")
    assert error.code == "IncompleteBody"


def test_the_three_streaming_modes() -> None:
    length = {"x-amz-decoded-content-length": "3"}
    body = signed_body([b"abc"])
    assert decode(payload(SIGNED, length), [body]) == (b"abc", {})
    trailer = {**length, "x-amz-trailer": "X-Amz-Checksum-CRC32"}
    body = signed_body([b"abc"], b"x-amz-checksum-crc32:NSRBwg==\n")
    assert decode(payload(f"{SIGNED}-TRAILER", trailer), [body]) == (b"abc", {CRC: "NSRBwg=="})
    body = unsigned_body([b"abc"], b"x-amz-checksum-crc32:NSRBwg==\r\n")
    streaming = payload(UNSIGNED, trailer)
    assert streaming.length == 3
    assert decode(streaming, [body]) == (b"abc", {CRC: "NSRBwg=="})


def test_a_signed_body_without_trailing_headers_has_none() -> None:
    body = signed_body([b"abc"], b"x-amz-checksum-crc32:NSRBwg==\n")
    headers = {"x-amz-decoded-content-length": "3", "x-amz-trailer": CRC}
    assert refuse(payload(SIGNED, headers), body).code == "IncompleteBody"


@pytest.mark.parametrize("length", [None, "", "abc", "-1", "1.5", "1e3", "9" * 20])
def test_the_decoded_length_is_required(length: str | None) -> None:
    with pytest.raises(S3Error) as refused:
        payload(UNSIGNED, {} if length is None else {"x-amz-decoded-content-length": length})
    assert (refused.value.code, refused.value.status) == ("MissingContentLength", 411)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("x-amz-meta-a", "The value specified in the x-amz-trailer header is not supported"),
        ("x-amz-checksum-crc32,x-amz-checksum-sha1", "Expecting a single x-amz-checksum- header."),
    ],
)
def test_only_one_checksum_may_trail(names: str, message: str) -> None:
    with pytest.raises(S3Error) as refused:
        payload(UNSIGNED, {"x-amz-decoded-content-length": "3", "x-amz-trailer": names})
    assert refused.value.code == "InvalidRequest"
    assert message in (refused.value.message or "")


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("aws-chunked", None),
        ("AWS-Chunked", None),
        ("", None),
        ("gzip", "gzip"),
        ("gzip,aws-chunked", "gzip"),
        ("aws-chunked, gzip, br", "gzip,br"),
    ],
)
def test_the_encoding_of_the_transfer_is_not_stored(value: str, stored: str | None) -> None:
    """Known bugs of others: moto#9008, localstack#12167, S3Mock#2218."""
    assert stored_content_encoding(value) == stored


def test_the_default_account_needs_no_signer_for_unsigned_chunks() -> None:
    identity = Identity(DEFAULT_ACCOUNT, anonymous=True, content_sha256=UNSIGNED)
    head = RequestHead("PUT", "/b/k", [("x-amz-decoded-content-length", "1")])
    assert decode(open_payload(head, identity), [b"1\r\na\r\n0\r\n\r\n"]) == (b"a", {})
