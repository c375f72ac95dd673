"""SigV4 in the query: parameters, expiry and letters of presigned URLs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dskit.clock import ManualClock
from dskit_emulator.accounts import Accounts
from dskit_emulator.rules import Rules
from dskit_emulator.wire.auth import Verifier
from tests.emulator.wire.signed_requests import CLOCK, changed, refuse, retargeted, signed, verify

# What is refused: presigned URLs


@pytest.mark.parametrize(
    "name",
    [
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Signature",
        "X-Amz-Date",
        "X-Amz-SignedHeaders",
        "X-Amz-Expires",
    ],
)
def test_every_parameter_is_required(name: str) -> None:
    """aws-recorded:test_s3_put_presigned_url_missing_sig_param[s3v4]."""
    error = refuse(retargeted(signed(expires=60), name, "ignored"))
    assert error.code == "AuthorizationQueryParametersError"
    assert error.message == (
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
        "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=SHA1", "X-Amz-Algorithm only supports"),
        ("%2F", "%252F", "the Credential is mal-formed; expecting"),
        ("Credential=dskit%2F", "Credential=%2F", "a non-empty Access Key (AKID)"),
        ("%2Fs3%2F", "%2Fiam%2F", 'incorrect service "iam"'),
        ("aws4_request", "aws4", 'incorrect terminal "aws4"'),
        ("X-Amz-Date=2", "X-Amz-Date=x2", "ISO8601 Long Format"),
        ("X-Amz-Date=20", "X-Amz-Date=19", "Invalid credential date"),
        ("X-Amz-Expires=60", "X-Amz-Expires=soon", "X-Amz-Expires should be a number"),
        ("X-Amz-Expires=60", "X-Amz-Expires=", "X-Amz-Expires should be a number"),
        ("X-Amz-Expires=60", "X-Amz-Expires=-1", "X-Amz-Expires must be non-negative"),
        ("X-Amz-Expires=60", "X-Amz-Expires=604801", "must be less than a week"),
        ("us-east-1", "eu-west-1", "the region 'eu-west-1' is wrong; expecting 'us-east-1'"),
    ],
)
def test_malformed_parameters(old: str, new: str, message: str) -> None:
    """aws-recorded:test_presigned_double_encoded_credentials for the second row."""
    error = refuse(retargeted(signed(expires=60), old, new))
    assert error.code == "AuthorizationQueryParametersError"
    assert message in (error.message or "")


def test_a_week_is_the_longest() -> None:
    assert verify(signed(expires=604800))


def test_an_expired_url() -> None:
    """aws-recorded:test_s3_presigned_url_expired[s3v4]."""
    head = signed(expires=60)
    now = CLOCK.now() + timedelta(seconds=62)
    error = refuse(head, Verifier(Accounts(), ManualClock(now)))
    assert (error.code, error.message) == ("AccessDenied", "Request has expired")
    assert set(error.fields) == {"X-Amz-Expires", "Expires", "ServerTime"}
    assert error.fields["X-Amz-Expires"] == "60"
    assert error.fields["ServerTime"] == f"{now:%Y-%m-%dT%H:%M:%SZ}"


def test_a_url_from_the_future() -> None:
    verifier = Verifier(Accounts(), ManualClock(CLOCK.now() - timedelta(minutes=16)))
    error = refuse(signed(expires=3600), verifier)
    assert (error.code, error.message) == ("AccessDenied", "Request is not valid yet")


def test_one_mechanism_at_a_time() -> None:
    head = changed(signed(expires=60), "authorization", signed().get("authorization"))
    error = refuse(head)
    assert error.code == "InvalidArgument"
    assert error.fields["ArgumentName"] == "Authorization"
    assert (error.message or "").startswith("Only one auth mechanism allowed")


def test_presigned_urls_beyond_latin_letters() -> None:
    lenient = Verifier(Accounts(), CLOCK, rules=Rules(["any-region"]))
    head = signed(expires=60)
    for old, new in (("us-east-1", "%E2%82%AC"), ("Headers=host", "Headers=host%3B%E2%82%AC")):
        error = refuse(retargeted(head, old, new), lenient)
        assert error.code == "AuthorizationQueryParametersError"


# Headers in the query


def test_a_signed_header_may_have_its_value_in_the_query_alone() -> None:
    """aws-recorded:test_presigned_url_v4_signed_headers_in_qs."""
    target = "/bucket/key?x-amz-meta-a=b%20c&x-amz-checksum-crc32=AAAAAA%3D%3D"
    values = {"x-amz-meta-a": "b c", "x-amz-checksum-crc32": "AAAAAA=="}
    head = signed("PUT", target, values, expires=60)
    for name in values:
        head = changed(head, name, None)
    assert verify(head).headers == values
    assert refuse(changed(head, "x-amz-meta-a", "d")).code == "SignatureDoesNotMatch"
    assert refuse(retargeted(head, "x-amz-meta-a=b", "x-amz-meta-a=d")).code == "SignatureDoesNotMatch"


def test_a_checksum_in_the_query_alone_is_none() -> None:
    """The checksum of an empty body, as a client that has none yet writes it, is nothing to compare with."""
    head = signed("PUT", "/bucket/key?x-amz-checksum-sha256=abc&x-amz-checksum-type=FULL_OBJECT", expires=60)
    assert verify(head).headers == {"x-amz-checksum-type": "FULL_OBJECT"}
