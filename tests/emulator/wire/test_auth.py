"""SigV4: what botocore and the examples of the documentation sign is accepted."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dskit.clock import ManualClock
from dskit_emulator.accounts import Accounts
from dskit_emulator.messages import RequestHead
from dskit_emulator.rules import Rules
from dskit_emulator.wire.auth import Verifier
from tests.emulator.wire.signed_requests import (
    AWS_DAY,
    AWS_EXAMPLE,
    CLOCK,
    EMPTY,
    HOST,
    KEYS,
    QUERIES,
    changed,
    refuse,
    retargeted,
    signed,
    verify,
)

# What is accepted


def aws_example(
    method: str, target: str, headers: list[tuple[str, str]], names: str, signature: str
) -> tuple[RequestHead, Verifier]:
    authorization = (
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
        f"SignedHeaders={names},Signature={signature}"
    )
    head = RequestHead(
        method,
        target,
        [
            ("host", "examplebucket.s3.amazonaws.com"),
            *headers,
            ("x-amz-date", "20130524T000000Z"),
            ("authorization", authorization),
        ],
    )
    return head, Verifier(Accounts([AWS_EXAMPLE]), AWS_DAY)


@pytest.mark.parametrize(
    ("method", "target", "headers", "names", "signature"),
    [
        (
            "GET",
            "/test.txt",
            [("range", "bytes=0-9"), ("x-amz-content-sha256", EMPTY)],
            "host;range;x-amz-content-sha256;x-amz-date",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT",
            "/test$file.text",
            [
                ("date", "Fri, 24 May 2013 00:00:00 GMT"),
                ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                ("x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
            ],
            "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            "GET",
            "/?lifecycle",
            [("x-amz-content-sha256", EMPTY)],
            "host;x-amz-content-sha256;x-amz-date",
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            "GET",
            "/?max-keys=2&prefix=J",
            [("x-amz-content-sha256", EMPTY)],
            "host;x-amz-content-sha256;x-amz-date",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
)
def test_examples_of_the_documentation(
    method: str, target: str, headers: list[tuple[str, str]], names: str, signature: str
) -> None:
    """S3 API reference, "Signature Calculations for the Authorization Header", the four examples."""
    head, verifier = aws_example(method, target, headers, names, signature)
    assert verify(head, verifier).account.name == "example"


def test_presigned_example_of_the_documentation() -> None:
    """S3 API reference, "Authenticating Requests: Using Query Parameters"."""
    head = RequestHead(
        "GET",
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
        [("host", "examplebucket.s3.amazonaws.com")],
    )
    identity = verify(head, Verifier(Accounts([AWS_EXAMPLE]), AWS_DAY))
    assert identity.presigned
    assert identity.content_sha256 == "UNSIGNED-PAYLOAD"


@given(key=KEYS, query=QUERIES, presign=st.booleans())
def test_what_botocore_signs_is_accepted(key: str, query: list[tuple[str, str]], presign: bool) -> None:
    # botocore keeps one of repeated names when it presigns.
    pairs = list(dict(query).items()) if presign else query
    pairs = [(name, value) for name, value in pairs if value or not presign]
    text = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)
    target = "/bucket/" + quote(key, safe="/~") + (f"?{text}" if text else "")
    head = signed("PUT", target, {"x-amz-meta-a": "b"}, expires=60 if presign else None)
    assert verify(head).account.name == "dskit"


def test_repeated_query_names_are_sorted_by_value_too() -> None:
    """A known bug of others: seaweedfs#10031."""
    head = signed("GET", "/bucket?a=2&a=1&b=0&A=3&a=10")
    assert verify(head).region == "us-east-1"


def test_escapes_may_differ_from_those_that_were_signed() -> None:
    head = signed("GET", "/bucket/a%40b~c/?prefix=a%20b%2Bc")
    assert verify(retargeted(head, "%40b~c/", "@b%7ec%2f"))
    assert verify(retargeted(head, "a%20b%2Bc", "a+b%2bc"))


def test_runs_of_blanks_in_signed_headers_count_as_one() -> None:
    head = signed("PUT", headers={"x-amz-meta-a": "one two three"})
    assert verify(changed(head, "x-amz-meta-a", "one   two \t three"))


def test_header_values_are_bytes() -> None:
    value = "ä à"  # A0 is a byte of the second letter, and not a blank
    head = signed("PUT", headers={"x-amz-meta-a": value})
    assert verify(changed(head, "x-amz-meta-a", value.encode().decode("latin-1")))


def test_repeated_headers_are_joined() -> None:
    head = signed("PUT", headers={"x-amz-meta-a": "one,two"})
    kept = [(name, value) for name, value in head.headers if name != "x-amz-meta-a"]
    assert verify(RequestHead("PUT", head.target, [*kept, ("x-amz-meta-a", "one"), ("x-amz-meta-a", "two")]))


def test_any_account_and_any_signed_region_with_the_rule() -> None:
    accounts = Accounts(["ann:ann-key:ann-secret", "bob:bob-key:bob-secret"])
    verifier = Verifier(accounts, CLOCK, rules=Rules(["any-region"]))
    head = signed(access="bob-key", secret="bob-secret", region="mars-north-1")
    identity = verify(head, verifier)
    assert identity.account.name == "bob"
    assert identity.region == "mars-north-1"


def test_a_bucket_may_have_another_region_than_the_endpoint() -> None:
    assert verify(signed(region="eu-west-1"), region="eu-west-1")


def test_the_date_header_serves_where_there_is_no_x_amz_date() -> None:
    now = datetime(2024, 2, 29, 12, 0, tzinfo=UTC)
    verifier = Verifier(Accounts([AWS_EXAMPLE]), ManualClock(now))
    authorization = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20240229/us-east-1/s3/aws4_request, "
    headers = [("host", HOST), ("date", "Thu, 29 Feb 2024 12:00:00 GMT")]
    headers += [("authorization", authorization + "SignedHeaders=date;host, Signature=0")]
    headers += [("x-amz-content-sha256", "UNSIGNED-PAYLOAD")]
    head = RequestHead("GET", "/", headers)
    assert refuse(head, verifier).fields["StringToSign"].split("\n")[1] == "20240229T120000Z"


def test_query_parameters_of_a_presigned_url_stand_for_headers() -> None:
    """aws-recorded:test_presigned_url_v4_x_amz_in_qs."""
    head = signed("PUT", "/bucket/key?x-amz-meta-foo=bar&X-Amz-Storage-Class=STANDARD&x-id=PutObject", expires=60)
    assert verify(head).headers == {"x-amz-meta-foo": "bar", "x-amz-storage-class": "STANDARD"}


def test_a_presigned_url_may_name_the_hash_of_its_body() -> None:
    """A known bug of others: s3s#622."""
    head = signed("PUT", f"/bucket/key?X-Amz-Content-Sha256={'0' * 64}", expires=60)
    # botocore signs UNSIGNED-PAYLOAD whatever the query says: the hash must count, so the signature does not match.
    assert refuse(head).code == "SignatureDoesNotMatch"


def test_memories_are_bounded() -> None:
    verifier = Verifier(Accounts(), CLOCK, rules=Rules(["any-region"]))
    for number in range(1100):
        verify(signed(region=f"region-{number}"), verifier)
    assert len(verifier._clients) <= 512
    assert len(verifier._keys._keys) <= 512
