"""Presigned URLs of version 2, which boto3 makes unless it is told otherwise, against botocore's own signer."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import HmacV1QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from dskit.clock import ManualClock, SystemClock
from dskit_emulator.accounts import Accounts
from dskit_emulator.messages import RequestHead
from dskit_emulator.wire.address import Addressing
from dskit_emulator.wire.auth import Identity, Verifier
from dskit_emulator.wire.errors import S3Error

HOST = "127.0.0.1:9000"
CLOCK = SystemClock()
VERIFIER = Verifier(Accounts(), CLOCK)


def verify(head: RequestHead, verifier: Verifier = VERIFIER) -> Identity:
    return verifier.verify(head, Addressing().parse(head))


def refuse(head: RequestHead, verifier: Verifier = VERIFIER) -> S3Error:
    with pytest.raises(S3Error) as refused:
        verify(head, verifier)
    return refused.value


def signed(
    method: str = "GET",
    target: str = "/bucket/key",
    headers: dict[str, str] | None = None,
    *,
    secret: str = "dskit-secret",
    access: str = "dskit",
) -> RequestHead:
    """A URL that holds for a minute; botocore moves the signed headers into it."""
    request = AWSRequest(method=method, url=f"http://{HOST}{target}", headers=headers or {})
    HmacV1QueryAuth(Credentials(access, secret), expires=60).add_auth(request)
    parts = urlsplit(str(request.url))
    return RequestHead(method, f"{parts.path}?{parts.query}", [("host", HOST)])


def sent_with(head: RequestHead, name: str, value: str) -> RequestHead:
    return RequestHead(head.method, head.target, [*head.headers, (name, value)])


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12))
def test_what_botocore_signs_is_accepted(key: str) -> None:
    identity = verify(signed("GET", "/bucket/" + quote(key, safe="/~")))
    assert identity.presigned
    assert identity.account.name == "dskit"
    assert identity.content_sha256 == "UNSIGNED-PAYLOAD"


def test_subresources_are_signed_and_other_parameters_are_not() -> None:
    head = signed("GET", "/bucket/key?response-content-type=text%2Fplain&uploadId=a%2Bb&x-id=GetObject")
    assert verify(head)
    other = RequestHead("GET", head.target.replace("GetObject", "Other"), head.headers)
    assert verify(other)
    other = RequestHead("GET", head.target.replace("a%2Bb", "a%2Bc"), head.headers)
    assert refuse(other).code == "SignatureDoesNotMatch"


def test_headers_in_the_url_stand_for_headers() -> None:
    """aws-recorded:test_put_url_metadata_with_sig_s3, test_put_unicode_metadata_with_sig_s3."""
    head = signed("PUT", headers={"x-amz-meta-foo": "bär", "Content-Type": "text/plain"})
    identity = verify(head)
    assert identity.headers is not None
    assert identity.headers["content-type"] == "text/plain"
    assert identity.headers["x-amz-meta-foo"].encode("latin-1").decode() == "bär"
    assert verify(sent_with(head, "content-type", "text/plain"))


@pytest.mark.parametrize(
    ("name", "value"), [("content-type", "text/html"), ("content-md5", "AAAA"), ("x-amz-meta-wrong", "x")]
)
def test_headers_that_were_not_signed_break_the_signature(name: str, value: str) -> None:
    """aws-recorded:test_s3_put_presigned_url_with_different_headers[s3]."""
    assert refuse(sent_with(signed("PUT"), name, value)).code == "SignatureDoesNotMatch"


def test_other_headers_may_be_added() -> None:
    assert verify(sent_with(signed("PUT"), "content-encoding", "gzip"))
    assert verify(sent_with(signed(), "range", "bytes=0-1"))


def test_the_method_and_the_path_are_signed() -> None:
    head = signed()
    assert refuse(RequestHead("PUT", head.target, head.headers)).code == "SignatureDoesNotMatch"
    other = head.target.replace("/bucket/key", "/bucket/kex")
    assert refuse(RequestHead("GET", other, head.headers)).code == "SignatureDoesNotMatch"


def test_virtual_hosts_are_signed_with_their_bucket() -> None:
    head = signed("GET", "/bucket/a//b")
    moved = RequestHead("GET", head.target.removeprefix("/bucket"), [("host", "bucket.s3.localhost")])
    assert verify(moved)
    moved = RequestHead("GET", head.target.removeprefix("/bucket"), [("host", "other.s3.localhost")])
    assert refuse(moved).code == "SignatureDoesNotMatch"


def test_a_wrong_secret_is_told_with_what_was_signed() -> None:
    """aws-recorded:test_presigned_url_signature_authentication[s3-False] has these elements."""
    error = refuse(signed(secret="wrong-secret"))
    assert error.code == "SignatureDoesNotMatch"
    assert set(error.fields) == {"AWSAccessKeyId", "SignatureProvided", "StringToSign", "StringToSignBytes"}
    assert error.fields["StringToSign"].startswith("GET\n\n\n")
    assert error.fields["StringToSign"].endswith("\n/bucket/key")


def test_an_unknown_access_key() -> None:
    assert refuse(signed(access="nobody")).code == "InvalidAccessKeyId"


def test_an_expired_url() -> None:
    """aws-recorded:test_s3_presigned_url_expired[s3]."""
    error = refuse(signed(), Verifier(Accounts(), ManualClock(CLOCK.now() + timedelta(seconds=62))))
    assert (error.code, error.message) == ("AccessDenied", "Request has expired")
    assert set(error.fields) == {"Expires", "ServerTime"}


@pytest.mark.parametrize("name", ["AWSAccessKeyId", "Expires", "Signature"])
def test_every_parameter_is_required(name: str) -> None:
    """aws-recorded:test_s3_put_presigned_url_missing_sig_param[s3]."""
    head = signed()
    error = refuse(RequestHead("GET", head.target.replace(f"{name}=", "ignored="), head.headers))
    assert error.code == "AccessDenied"
    assert error.message == "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"


@pytest.mark.parametrize("expires", ["", "soon", "-1", "9" * 30])
def test_the_time_is_a_number_of_seconds(expires: str) -> None:
    head = RequestHead("GET", f"/b/k?AWSAccessKeyId=dskit&Signature=x&Expires={expires}", [("host", HOST)])
    assert (refuse(head).message or "").startswith("Invalid date (should be seconds since epoch)")


def test_one_mechanism_at_a_time_and_no_tokens() -> None:
    assert refuse(sent_with(signed(), "authorization", "AWS dskit:x")).code == "InvalidArgument"
    assert refuse(signed(headers={"x-amz-security-token": "t"})).code == "InvalidToken"
