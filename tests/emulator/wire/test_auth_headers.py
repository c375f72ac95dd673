"""SigV4 in headers: what is malformed, missing, late or of nobody is refused as S3 does."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from dskit.clock import ManualClock
from dskit_emulator.accounts import Accounts
from dskit_emulator.messages import RequestHead
from dskit_emulator.wire.auth import Verifier
from tests.emulator.wire.signed_requests import AWS_DAY, CLOCK, EMPTY, HOST, changed, refuse, signed, verify

# What is refused: headers


CREDENTIAL = "Credential=dskit/20130524/us-east-1/s3/aws4_request"
TAIL = "SignedHeaders=host, Signature=00"


@pytest.mark.parametrize(
    ("authorization", "code", "message"),
    [
        ("AWS dskit:c2ln", "SignatureDoesNotMatch", "does not match the signature you provided"),
        ("AWS dskit", "InvalidArgument", "Expected AwsAccessKeyId:signature"),
        ("AWS4-ECDSA-P256-SHA256 x", "InvalidRequest", "Please use AWS4-HMAC-SHA256."),
        ("Bearer token", "InvalidArgument", "Unsupported Authorization Type"),
        ("", "InvalidArgument", "Unsupported Authorization Type"),
        ("AWS4-HMAC-SHA256", "AuthorizationHeaderMalformed", "requires three components"),
        ("AWS4-HMAC-SHA256 ", "AuthorizationHeaderMalformed", "requires three components"),
        (f"AWS4-HMAC-SHA256 {CREDENTIAL}", "AuthorizationHeaderMalformed", "requires three components"),
        (f"AWS4-HMAC-SHA256 {CREDENTIAL}, {TAIL}, More=1", "AuthorizationHeaderMalformed", "three components"),
        (f"AWS4-HMAC-SHA256 {CREDENTIAL}, nonsense, {TAIL}", "AuthorizationHeaderMalformed", 'component "nonsense"'),
        (f"AWS4-HMAC-SHA256 Cred=1, {TAIL}", "AuthorizationHeaderMalformed", "missing Credential."),
        (f"AWS4-HMAC-SHA256 {CREDENTIAL}, X=host, Signature=0", "AuthorizationHeaderMalformed", "SignedHeaders."),
        (f"AWS4-HMAC-SHA256 {CREDENTIAL}, SignedHeaders=host, S=0", "AuthorizationHeaderMalformed", "Signature."),
        (f"AWS4-HMAC-SHA256 Credential=dskit, {TAIL}", "AuthorizationHeaderMalformed", "Credential is mal-formed"),
        (
            f"AWS4-HMAC-SHA256 Credential=a/b/20130524/us-east-1/s3/aws4_request, {TAIL}",
            "AuthorizationHeaderMalformed",
            "Credential is mal-formed",
        ),
        (
            f"AWS4-HMAC-SHA256 Credential=/20130524/us-east-1/s3/aws4_request, {TAIL}",
            "AuthorizationHeaderMalformed",
            "a non-empty Access Key (AKID) must be provided",
        ),
        (
            f"AWS4-HMAC-SHA256 Credential=dskit/2013-05-24/us-east-1/s3/aws4_request, {TAIL}",
            "AuthorizationHeaderMalformed",
            'incorrect date format "2013-05-24"',
        ),
        (
            f"AWS4-HMAC-SHA256 Credential=dskit/20130524/us-east-1/iam/aws4_request, {TAIL}",
            "AuthorizationHeaderMalformed",
            'incorrect service "iam". This endpoint belongs to "s3".',
        ),
        (
            f"AWS4-HMAC-SHA256 Credential=dskit/20130524/us-east-1/s3/aws5_request, {TAIL}",
            "AuthorizationHeaderMalformed",
            'incorrect terminal "aws5_request". This endpoint uses "aws4_request".',
        ),
        (
            f"AWS4-HMAC-SHA256 Credential=dskit/20130525/us-east-1/s3/aws4_request, {TAIL}",
            "AuthorizationHeaderMalformed",
            "Invalid credential date",
        ),
    ],
)
def test_malformed_authorization(authorization: str, code: str, message: str) -> None:
    head = RequestHead(
        "GET",
        "/",
        [
            ("host", HOST),
            ("x-amz-date", "20130524T000000Z"),
            ("x-amz-content-sha256", EMPTY),
            ("authorization", authorization),
        ],
    )
    error = refuse(head, Verifier(Accounts(), AWS_DAY))
    assert error.code == code
    assert message in (error.message or "")


def test_a_foreign_region_is_told_the_right_one() -> None:
    """aws-recorded:test_create_bucket_aws_global."""
    error = refuse(signed(region="aws-global"))
    assert error.code == "AuthorizationHeaderMalformed"
    assert error.message == (
        "The authorization header is malformed; the region 'aws-global' is wrong; expecting 'us-east-1'"
    )
    assert error.fields == {"Region": "us-east-1"}


def test_an_unknown_access_key() -> None:
    error = refuse(signed(access="nobody"))
    assert error.code == "InvalidAccessKeyId"
    assert error.fields == {"AWSAccessKeyId": "nobody"}
    assert refuse(signed(access="nobody", expires=5)).code == "InvalidAccessKeyId"


@pytest.mark.parametrize(("minutes", "accepted"), [(-15.1, False), (-14.8, True), (14.8, True), (15.1, False)])
def test_clocks_may_differ_by_a_quarter_of_an_hour(minutes: float, accepted: bool) -> None:
    head = signed()
    now = CLOCK.now() + timedelta(minutes=minutes)
    verifier = Verifier(Accounts(), ManualClock(now))
    if accepted:
        assert verify(head, verifier)
        return
    error = refuse(head, verifier)
    assert error.code == "RequestTimeTooSkewed"
    assert error.fields == {
        "RequestTime": head.get("x-amz-date"),
        "ServerTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "MaxAllowedSkewMilliseconds": "900000",
    }


def test_a_signature_that_was_good_a_moment_ago_may_be_too_old_now() -> None:
    """The time of day is not looked at for every request; the end is met all the same."""
    head = signed()
    when = datetime.strptime(head.get("x-amz-date"), "%Y%m%dT%H%M%S%z")
    clock = ManualClock(when + timedelta(minutes=14, seconds=59.5))
    verifier = Verifier(Accounts(), clock)
    assert verify(head, verifier)
    clock.advance(0.5)
    assert verify(head, verifier)
    clock.advance(0.001)
    assert refuse(head, verifier).code == "RequestTimeTooSkewed"


@pytest.mark.parametrize(
    "date", [None, "", "yesterday", "2024-01-01T00:00:00Z", "20241301T000000Z", "00010101T000000Z"]
)
def test_a_date_is_required(date: str | None) -> None:
    error = refuse(changed(signed(), "x-amz-date", date))
    assert error.code == "AccessDenied"
    assert error.message == "AWS authentication requires a valid Date or x-amz-date header"


@pytest.mark.parametrize("date", ["Mon, 01 Jan 10000 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -1200", "x", "99"])
def test_odd_dates_do_not_leave_the_calendar(date: str) -> None:
    head = changed(changed(signed(), "x-amz-date", None), "date", date)
    assert refuse(head).code == "AccessDenied"


def test_headers_of_s3_must_be_signed() -> None:
    """aws-recorded:test_put_object_with_md5_and_chunk_signature_bad_headers[s3v4-True]."""
    head = changed(changed(signed(expires=60), "x-amz-decoded-content-length", "1"), "x-amz-date", "x")
    error = refuse(head)
    assert error.code == "AccessDenied"
    assert error.message == "There were headers present in the request which were not signed"
    assert error.fields == {"HeadersNotSigned": "x-amz-date, x-amz-decoded-content-length"}
    assert refuse(changed(signed(), "x-amz-acl", "private")).fields == {"HeadersNotSigned": "x-amz-acl"}


def test_the_host_must_be_signed() -> None:
    head = signed()
    authorization = head.get("authorization").replace("host;", "")
    assert refuse(changed(head, "authorization", authorization)).fields == {"HeadersNotSigned": "host"}


def test_other_headers_may_be_added() -> None:
    assert verify(changed(signed("PUT"), "content-type", "text/plain"))
    assert verify(changed(signed("PUT", expires=60), "content-type", "text/plain"))


def test_the_hash_of_the_payload_is_required() -> None:
    head = signed()
    authorization = head.get("authorization").replace("x-amz-content-sha256;", "")
    error = refuse(changed(changed(head, "authorization", authorization), "x-amz-content-sha256", None))
    assert (error.code, error.message) == (
        "InvalidRequest",
        "Missing required header for this request: x-amz-content-sha256",
    )


@pytest.mark.parametrize("value", ["", "abc", "A" * 64, "UNSIGNED", "STREAMING-AWS4-HMAC-SHA256-EVENTS"])
def test_the_hash_of_the_payload_has_a_form(value: str) -> None:
    error = refuse(changed(signed(), "x-amz-content-sha256", value))
    assert error.code == "InvalidArgument"
    assert error.fields == {"ArgumentName": "x-amz-content-sha256", "ArgumentValue": value}


def test_asymmetric_signatures_are_not_built() -> None:
    head = changed(signed(), "x-amz-content-sha256", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")
    assert refuse(head).code == "NotImplemented"


def test_session_tokens_are_of_nobody() -> None:
    assert refuse(signed(headers={"x-amz-security-token": "token"})).code == "InvalidToken"
    head = signed("GET", "/bucket?X-Amz-Security-Token=token", expires=60)
    assert refuse(head).fields == {"Token-0": "token"}
