"""Signature version 2 in the Authorization header, against botocore's signer and against the rules of boto 2."""

from __future__ import annotations

import base64
import hmac
import string
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import quote, unquote, urlsplit

import pytest
from botocore.auth import HmacV1Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from dskit.clock import ManualClock, SystemClock
from dskit_emulator.accounts import Accounts
from dskit_emulator.messages import RequestHead
from dskit_emulator.rules import Rules
from dskit_emulator.wire.address import Addressing
from dskit_emulator.wire.auth import Identity, Verifier
from dskit_emulator.wire.errors import S3Error

HOST = "127.0.0.1:9000"
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
DATE = format_datetime(NOW, usegmt=True)
VERIFIER = Verifier(Accounts(), ManualClock(NOW))
SECRET = "dskit-secret"

BOTO_SUBRESOURCES = tuple(
    f"{group}{name}"
    for group, names in (
        (
            "",
            "acl cors defaultObjectAcl location logging partNumber policy requestPayment torrent versioning versionId",
        ),
        ("", "versions website uploads uploadId delete lifecycle tagging restore storageClass websiteConfig"),
        ("", "compose notification"),
        ("response-", "content-type content-language content-disposition content-encoding expires cache-control"),
    )
    for name in names.split()
)


def verify(head: RequestHead, verifier: Verifier = VERIFIER, region: str | None = None) -> Identity:
    return verifier.verify(head, Addressing().parse(head), region=region)


def refuse(head: RequestHead, verifier: Verifier = VERIFIER, region: str | None = None) -> S3Error:
    with pytest.raises(S3Error) as refused:
        verify(head, verifier, region)
    return refused.value


def boto_signature(method: str, target: str, headers: Mapping[str, str], secret: str = SECRET) -> str:
    """The rules of boto 2's HmacAuthV1Handler, written down from what it sends; names of headers in lower case."""
    path, _, query = target.partition("?")
    amz = sorted((name, value) for name, value in headers.items() if name.startswith("x-amz-"))
    date = "" if "x-amz-date" in headers else headers.get("date", "")
    lines = [method, headers.get("content-md5", ""), headers.get("content-type", ""), date]
    lines += [f"{name}:{value}" for name, value in amz]
    signed = sorted(
        (item.partition("=") for item in query.split("&") if item.partition("=")[0] in BOTO_SUBRESOURCES),
        key=lambda item: item[0],
    )
    resource = path + ("?" + "&".join(name + mark + unquote(value) for name, mark, value in signed) if signed else "")
    digest = hmac.digest(secret.encode(), "\n".join([*lines, resource]).encode(), "sha1")
    return base64.b64encode(digest).decode()


def signed(
    method: str = "GET",
    target: str = "/bucket/key",
    headers: Mapping[str, str] | None = None,
    *,
    secret: str = SECRET,
    access: str = "dskit",
    date: str | None = DATE,
) -> RequestHead:
    sent = dict(headers or {})
    if date is not None:
        sent["date"] = date
    sent["authorization"] = f"AWS {access}:{boto_signature(method, target, sent, secret)}"
    return RequestHead(method, target, [("host", HOST), *sent.items()])


def changed(head: RequestHead, name: str, value: str) -> RequestHead:
    headers = [(known, value if known == name else text) for known, text in head.headers]
    return RequestHead(head.method, head.target, headers)


# What is accepted


META = st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=6).map("x-amz-meta-{}".format)
VALUE = st.text(string.ascii_letters + string.digits + string.punctuation, min_size=1, max_size=8)


@settings(deadline=None)
@given(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=12),
    st.sampled_from(("GET", "PUT", "DELETE", "HEAD", "POST")),
    st.dictionaries(META, VALUE, max_size=3),
)
def test_what_boto_signs_is_accepted(key: str, method: str, metadata: dict[str, str]) -> None:
    headers = {"content-type": "text/plain", "content-md5": "1B2M2Y8AsgTpgAmY7PhCfg==", **metadata}
    identity = verify(signed(method, "/bucket/" + quote(key, safe="/~"), headers))
    assert (identity.account.name, identity.presigned, identity.content_sha256) == ("dskit", False, "UNSIGNED-PAYLOAD")


SUBRESOURCES = sorted(
    {*HmacV1Auth.QSAOfInterest, *BOTO_SUBRESOURCES} - {"defaultObjectAcl", "websiteConfig", "compose"}
)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([*SUBRESOURCES, "x-id", "prefix"]), st.text(max_size=4) | st.none()), max_size=4)
)
def test_what_botocore_signs_is_accepted(query: list[tuple[str, str | None]]) -> None:
    """Every sub-resource, with and without a value, in any order; botocore dates with the real clock."""
    items = [name if value is None else f"{name}={quote(value, safe='~')}" for name, value in query]
    url = f"http://{HOST}/bucket/key" + ("?" + "&".join(items) if items else "")
    request = AWSRequest(method="PUT", url=url, headers={"x-amz-acl": "private", "Content-Type": "a/b"})
    HmacV1Auth(Credentials("dskit", SECRET)).add_auth(request)
    parts = urlsplit(url)
    headers = [(name.lower(), value) for name, value in request.headers.items()]
    head = RequestHead("PUT", parts.path + (f"?{parts.query}" if parts.query else ""), [("host", HOST), *headers])
    assert verify(head, Verifier(Accounts(), SystemClock()))


def test_repeated_headers_are_one_value_and_all_are_sorted() -> None:
    head = signed("PUT", headers={"x-amz-meta-b": "1,2", "x-amz-meta-a": "0"})
    headers = [item for item in head.headers if item[0] != "x-amz-meta-b"]
    assert verify(RequestHead("PUT", head.target, [*headers, ("x-amz-meta-b", "1"), ("x-amz-meta-b", "2")]))


def test_a_virtual_host_is_signed_with_its_bucket() -> None:
    head = signed("GET", "/bucket/a//b?acl")
    moved = [("host", "bucket.s3.localhost:9000"), *head.headers[1:]]
    assert verify(RequestHead("GET", "/a//b?acl", moved))
    assert refuse(RequestHead("GET", "/a//c?acl", moved)).code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("date", [DATE, "20260304T050607Z", "Wed, 04 Mar 2026 06:06:07 +0100"])
def test_x_amz_date_replaces_the_date(date: str) -> None:
    assert verify(signed(headers={"x-amz-date": date}, date="yesterday"))
    assert verify(signed(headers={"x-amz-date": date}, date=None))


@pytest.mark.parametrize("path", ["/bucket", "/bucket/"])
def test_a_bucket_is_signed_with_or_without_its_slash(path: str) -> None:
    """botocore sends the first and signs the second."""
    signature = boto_signature("GET", f"{path}?acl", {"date": DATE})
    headers = [("host", HOST), ("date", DATE), ("authorization", f"AWS dskit:{signature}")]
    assert verify(RequestHead("GET", "/bucket?acl", headers))


def test_metadata_is_signed_as_the_bytes_that_are_sent() -> None:
    head = signed("PUT", headers={"x-amz-meta-a": "bär"})
    on_the_wire = "bär".encode().decode("latin-1")
    assert verify(changed(head, "x-amz-meta-a", on_the_wire))


# What is refused


def test_what_is_signed_cannot_be_changed() -> None:
    head = signed("PUT", "/bucket/key?versionId=1&x-id=PutObject", {"content-type": "a/b", "x-amz-acl": "private"})
    assert verify(head)
    for name, value in (
        ("content-type", "c/d"),
        ("x-amz-acl", "public-read"),
        ("date", "Wed, 04 Mar 2026 05:06:08 GMT"),
    ):
        assert refuse(changed(head, name, value)).code == "SignatureDoesNotMatch"
    for method, target in (("GET", head.target), ("PUT", "/bucket/key"), ("PUT", "/bucket/kex?versionId=1")):
        assert refuse(RequestHead(method, target, head.headers)).code == "SignatureDoesNotMatch"
    more = RequestHead("PUT", head.target, [*head.headers, ("x-amz-meta-more", "1")])
    assert refuse(more).code == "SignatureDoesNotMatch"
    assert verify(RequestHead("PUT", head.target.replace("x-id=PutObject", "x-id=Other"), head.headers))


def test_a_wrong_secret_is_told_with_what_was_signed() -> None:
    error = refuse(
        signed("PUT", "/bucket/k?acl", {"content-type": "a/b", "x-amz-acl": "private"}, secret="wrong-secret")
    )
    assert (error.code, error.status) == ("SignatureDoesNotMatch", 403)
    text = f"PUT\n\na/b\n{DATE}\nx-amz-acl:private\n/bucket/k?acl"
    assert error.fields["StringToSign"] == text
    assert error.fields["StringToSignBytes"] == text.encode().hex(" ")
    assert set(error.fields) == {"AWSAccessKeyId", "SignatureProvided", "StringToSign", "StringToSignBytes"}


def test_an_unknown_access_key() -> None:
    error = refuse(signed(access="nobody"))
    assert (error.code, error.fields) == ("InvalidAccessKeyId", {"AWSAccessKeyId": "nobody"})


@pytest.mark.parametrize(("minutes", "accepted"), [(-15, True), (-15.1, False), (15, True), (15.1, False)])
def test_the_clocks_may_differ_by_a_quarter_of_an_hour(minutes: float, accepted: bool) -> None:
    date = format_datetime(NOW + timedelta(minutes=minutes), usegmt=True)
    for head in (signed(date=date), signed(headers={"x-amz-date": date})):
        if accepted:
            assert verify(head)
        else:
            error = refuse(head)
            assert (error.code, error.status) == ("RequestTimeTooSkewed", 403)
            assert error.fields == {
                "RequestTime": date,
                "ServerTime": "2026-03-04T05:06:07Z",
                "MaxAllowedSkewMilliseconds": "900000",
            }


@pytest.mark.parametrize(
    ("date", "code"),
    [
        (None, "AccessDenied"),
        ("", "AccessDenied"),
        ("\x07", "AccessDenied"),
        ("Tue, 07 Jul 1950 21:53:04 GMT", "AccessDenied"),
        ("Tue, 07 Jul 2010 21:53:04 GMT", "RequestTimeTooSkewed"),
        ("Tue, 07 Jul 9999 21:53:04 GMT", "RequestTimeTooSkewed"),
        ("Fri, 31 Dec 9999 23:59:59 -1200", "AccessDenied"),
    ],
)
def test_odd_dates(date: str | None, code: str) -> None:
    error = refuse(signed(date=date))
    assert error.code == code
    if code == "AccessDenied":
        assert error.message == "AWS authentication requires a valid Date or x-amz-date header"


def test_an_x_amz_date_that_is_none_is_not_made_up_for_by_the_date() -> None:
    assert refuse(signed(headers={"x-amz-date": "soon"})).code == "AccessDenied"


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        ("AWS", "one and only one ' ' (space) required"),
        ("AWS dskit: x", "one and only one ' ' (space) required"),
        ("AWS ", "Expected AwsAccessKeyId:signature"),
        ("AWS dskit", "Expected AwsAccessKeyId:signature"),
        ("AWS :x", "Expected AwsAccessKeyId:signature"),
        ("AWS dskit:", "Expected AwsAccessKeyId:signature"),
    ],
)
def test_malformed_headers(authorization: str, message: str) -> None:
    error = refuse(RequestHead("GET", "/b/k", [("host", HOST), ("date", DATE), ("authorization", authorization)]))
    assert (error.code, error.status) == ("InvalidArgument", 400)
    assert message in (error.message or "")
    assert error.fields == {"ArgumentName": "Authorization", "ArgumentValue": authorization}


def test_chunks_cannot_be_signed_and_tokens_are_not_known() -> None:
    head = signed("PUT", headers={"x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"})
    assert refuse(head).code == "AccessDenied"
    assert refuse(signed(headers={"x-amz-security-token": "t"})).code == "InvalidToken"


def test_a_hash_of_the_body_is_held_to() -> None:
    digest = "a" * 64
    assert verify(signed("PUT", headers={"x-amz-content-sha256": digest})).content_sha256 == digest
    assert refuse(signed("PUT", headers={"x-amz-content-sha256": "nonsense"})).code == "InvalidArgument"


# Where it is known


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "us-gov-west-1", "garage", None])
def test_regions_that_take_version_2(region: str | None) -> None:
    assert verify(signed(), region=region)


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-2", "cn-north-1"])
def test_regions_that_never_knew_it(region: str) -> None:
    error = refuse(signed(), region=region)
    assert (error.code, error.status) == ("InvalidRequest", 400)
    assert (error.message or "").endswith("Please use AWS4-HMAC-SHA256.")
    assert verify(signed(), Verifier(Accounts(), ManualClock(NOW), rules=Rules(["any-region"])), region=region)
