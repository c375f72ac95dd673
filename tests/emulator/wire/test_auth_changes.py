"""SigV4: a signed request that was changed is refused, and the error shows what was computed."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dskit_emulator.messages import RequestHead
from tests.emulator.wire.signed_requests import KEYS, changed, refuse, retargeted, signed, verify

# What is refused: changes to a signed request


def mutations() -> list[tuple[str, Callable[[RequestHead], RequestHead]]]:
    return [
        ("method", lambda head: RequestHead("DELETE", head.target, head.headers)),
        ("path", lambda head: retargeted(head, "/bucket/key", "/bucket/kex")),
        ("slash", lambda head: retargeted(head, "/bucket/key", "/bucket//key")),
        ("query value", lambda head: retargeted(head, "a=1", "a=2")),
        ("query name", lambda head: retargeted(head, "a=1", "b=1")),
        ("more query", lambda head: retargeted(head, "a=1", "a=1&c=")),
        ("signed header", lambda head: changed(head, "x-amz-meta-a", "c")),
        ("signed header removed", lambda head: changed(head, "x-amz-meta-a", None)),
        ("host", lambda head: changed(head, "host", "127.0.0.2:9000")),
    ]


@pytest.mark.parametrize("expires", [None, 60])
@pytest.mark.parametrize(("what", "mutate"), mutations())
def test_every_change_breaks_the_signature(
    what: str, mutate: Callable[[RequestHead], RequestHead], expires: int | None
) -> None:
    head = signed("PUT", "/bucket/key?a=1", {"x-amz-meta-a": "b"}, b"" if expires else b"body", expires=expires)
    verify(head)
    assert refuse(mutate(head)).code == "SignatureDoesNotMatch", what


@given(KEYS, KEYS, st.booleans())
def test_a_signature_for_one_key_is_none_for_another(one: str, two: str, presign: bool) -> None:
    head = signed("GET", "/bucket/" + quote(one, safe="/~"), expires=60 if presign else None)
    other = retargeted(head, "/bucket/" + quote(one, safe="/~"), "/bucket/" + quote(two, safe=""))
    if one == two:
        verify(other)
    else:
        assert refuse(other).code == "SignatureDoesNotMatch"


def test_a_changed_payload_hash_breaks_the_signature() -> None:
    assert refuse(changed(signed("PUT"), "x-amz-content-sha256", "UNSIGNED-PAYLOAD")).code == "SignatureDoesNotMatch"


def test_a_wrong_secret_is_told_with_all_that_was_computed() -> None:
    """aws-recorded:test_presigned_url_signature_authentication[s3v4-False] has these elements."""
    error = refuse(signed("GET", "/bucket/%C3%A9?x=1", secret="wrong-secret"))
    assert error.code == "SignatureDoesNotMatch"
    assert list(error.fields) == [
        "AWSAccessKeyId",
        "StringToSign",
        "SignatureProvided",
        "StringToSignBytes",
        "CanonicalRequest",
        "CanonicalRequestBytes",
    ]
    assert error.fields["AWSAccessKeyId"] == "dskit"
    assert error.fields["CanonicalRequest"].startswith("GET\n/bucket/%C3%A9\nx=1\nhost:")
    assert bytes.fromhex(error.fields["CanonicalRequestBytes"]).decode() == error.fields["CanonicalRequest"]
    assert bytes.fromhex(error.fields["StringToSignBytes"]).decode() == error.fields["StringToSign"]
    assert error.fields["StringToSign"].startswith("AWS4-HMAC-SHA256\n")


@pytest.mark.parametrize("signature", ["", "0" * 64, "é", "A" * 64])
def test_odd_signatures_do_not_match(signature: str) -> None:
    head = signed()
    authorization = head.get("authorization").rpartition("=")[0] + "=" + signature
    assert refuse(changed(head, "authorization", authorization)).code == "SignatureDoesNotMatch"
