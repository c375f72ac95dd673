"""`aws-chunked` bodies: what botocore frames is decoded, bad frames and signatures are refused."""

from __future__ import annotations

import base64
import io
import zlib
from hashlib import sha256

import pytest
from botocore.httpchecksum import AwsChunkedWrapper, Crc32Checksum
from hypothesis import given
from hypothesis import strategies as st

from dskit_emulator.wire.chunked import ChunkedDecoder
from dskit_emulator.wire.errors import S3Error
from dskit_emulator.wire.signatures import EMPTY_SHA256
from tests.emulator.wire.chunked_bodies import (
    CRC,
    DATE,
    SCOPE,
    SEED,
    decode,
    refuse,
    signed_body,
    signer,
    splits,
    unsigned_body,
)

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


def test_blank_lines_behind_the_end_are_few() -> None:
    """Each is looked at by itself: a body of gigabytes of them would keep a server busy for hours."""
    body = unsigned_body([b"hello"])
    assert decode(ChunkedDecoder(5, trailers=()), [body + b"\r\n"])[0] == b"hello"
    error = refuse(ChunkedDecoder(5, trailers=()), body + b"\r\n" * 10_000)
    assert (error.code, error.reason) == ("IncompleteBody", "bytes follow the end of the aws-chunked framing")


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
