"""Payloads: how a body is read follows from the verified request."""

from __future__ import annotations

from hashlib import sha256

import pytest

from dskit_emulator.accounts import DEFAULT_ACCOUNT
from dskit_emulator.messages import RequestHead
from dskit_emulator.wire.auth import Identity
from dskit_emulator.wire.errors import S3Error
from dskit_emulator.wire.payload import Payload, check_no_body, open_payload, stored_content_encoding
from dskit_emulator.wire.signatures import EMPTY_SHA256
from tests.emulator.wire.chunked_bodies import (
    AWS_EXAMPLE,
    CRC,
    DATE,
    KEY,
    SCOPE,
    SEED,
    SIGNED,
    UNSIGNED,
    decode,
    refuse,
    signed_body,
    unsigned_body,
)

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
