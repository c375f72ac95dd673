"""SigV4: what botocore and the examples of the documentation sign is accepted, the rest is refused as S3 does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from dskit.clock import ManualClock, SystemClock
from dskit_emulator.accounts import ANONYMOUS, Accounts, make_account
from dskit_emulator.messages import RequestHead
from dskit_emulator.rules import Rules
from dskit_emulator.wire.address import Addressing
from dskit_emulator.wire.auth import Identity, Verifier
from dskit_emulator.wire.errors import S3Error

HOST = "127.0.0.1:9000"
CLOCK = SystemClock()  # botocore's signers read the system's clock
VERIFIER = Verifier(Accounts(), CLOCK)
ADDRESSING = Addressing()
AWS_EXAMPLE = make_account("example", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
AWS_DAY = ManualClock(datetime(2013, 5, 24, tzinfo=UTC))
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
KEYS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
QUERIES = st.lists(
    st.tuples(st.text("abAB -_.~+%&=/é€", min_size=1, max_size=4), st.text("ab +%&=/é€", max_size=4)), max_size=4
)


def verify(head: RequestHead, verifier: Verifier = VERIFIER, region: str | None = None) -> Identity:
    return verifier.verify(head, ADDRESSING.parse(head), region=region)


def refuse(head: RequestHead, verifier: Verifier = VERIFIER) -> S3Error:
    with pytest.raises(S3Error) as refused:
        verify(head, verifier)
    return refused.value


def signed(
    method: str = "GET",
    target: str = "/bucket/key",
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    *,
    expires: int | None = None,
    region: str = "us-east-1",
    access: str = "dskit",
    secret: str = "dskit-secret",
) -> RequestHead:
    """A request signed by botocore: in the header, or in the query if `expires` is given."""
    request = AWSRequest(method=method, url=f"http://{HOST}{target}", headers=headers or {}, data=body)
    credentials = Credentials(access, secret)
    if expires is None:
        S3SigV4Auth(credentials, "s3", region).add_auth(request)
    else:
        S3SigV4QueryAuth(credentials, "s3", region, expires=expires).add_auth(request)
    parts = urlsplit(str(request.url))
    raw = parts.path + (f"?{parts.query}" if parts.query else "")
    wire = [(name.lower(), str(value)) for name, value in request.headers.items()]
    return RequestHead(method, raw, [("host", HOST), *wire])


def changed(head: RequestHead, name: str, value: str | None) -> RequestHead:
    """The same request with one header replaced, added or (None) removed."""
    kept = [(key, text) for key, text in head.headers if key != name]
    return RequestHead(head.method, head.target, kept if value is None else [*kept, (name, value)])


def retargeted(head: RequestHead, old: str, new: str) -> RequestHead:
    assert old in head.target
    return RequestHead(head.method, head.target.replace(old, new), head.headers)


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


# Anonymous requests


def test_unsigned_requests_are_nobodys_unless_the_rule_makes_them_the_default_accounts() -> None:
    head = RequestHead("GET", "/bucket/key?list-type=2", [("host", HOST)])
    identity = verify(head)
    assert identity.anonymous
    assert identity.account is ANONYMOUS
    identity = verify(head, Verifier(Accounts(), CLOCK, rules=Rules(["anonymous"])))
    assert identity.anonymous
    assert identity.account.name == "dskit"


def test_an_unsigned_request_cannot_have_signed_chunks() -> None:
    head = RequestHead("PUT", "/b/k", [("host", HOST), ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")])
    assert refuse(head).code == "AccessDenied"


def test_the_rule_for_unsigned_requests_does_not_weaken_signed_ones() -> None:
    lenient = Verifier(Accounts(), CLOCK, rules=Rules(["anonymous"]))
    assert refuse(signed(secret="wrong-secret"), lenient).code == "SignatureDoesNotMatch"
    head = RequestHead("PUT", "/b/k", [("host", HOST), ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")])
    assert refuse(head, lenient).code == "AccessDenied"


AMZ_NAMES = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Content-Sha256",
    "x-amz-meta-a",
    "AWSAccessKeyId",
    "Signature",
    "Expires",
]
HEADER_NAMES = ["authorization", "x-amz-date", "date", "x-amz-content-sha256", "x-amz-security-token", "host"]
WIRE = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=12)
FRAGMENTS = st.sampled_from(
    [
        "AWS4-HMAC-SHA256 ",
        "Credential=dskit/20240101/us-east-1/s3/aws4_request, ",
        "dskit%2F20240101%2F%C3%A9%2Fs3%2Faws4_request",
        "SignedHeaders=host;\xe9, ",
        "Signature=0",
        "20240101T000000Z",
        "host",
        "%E2%82%AC",
        "60",
    ]
)
VALUES = st.lists(FRAGMENTS | WIRE, max_size=4).map("".join)


@given(
    st.lists(st.tuples(st.sampled_from(AMZ_NAMES), VALUES), max_size=10),
    st.lists(st.tuples(st.sampled_from(HEADER_NAMES), VALUES), max_size=5),
    WIRE,
)
def test_nonsense_is_refused_as_s3_refuses_or_signed_by_nobody(
    query: list[tuple[str, str]], headers: list[tuple[str, str]], path: str
) -> None:
    """Never another exception, whatever the wire holds, with the rules that check least."""
    target = f"/{path}?" + "&".join(f"{name}={value}" for name, value in query)
    lenient = Verifier(Accounts(), ManualClock(datetime(2024, 1, 1, tzinfo=UTC)), rules=Rules(["any-region"]))
    with suppress(S3Error):
        assert verify(RequestHead("GET", target, headers), lenient).account is ANONYMOUS


def test_presigned_urls_beyond_latin_letters() -> None:
    lenient = Verifier(Accounts(), CLOCK, rules=Rules(["any-region"]))
    head = signed(expires=60)
    for old, new in (("us-east-1", "%E2%82%AC"), ("Headers=host", "Headers=host%3B%E2%82%AC")):
        error = refuse(retargeted(head, old, new), lenient)
        assert error.code == "AuthorizationQueryParametersError"


def test_memories_are_bounded() -> None:
    verifier = Verifier(Accounts(), CLOCK, rules=Rules(["any-region"]))
    for number in range(1100):
        verify(signed(region=f"region-{number}"), verifier)
    assert len(verifier._clients) <= 512
    assert len(verifier._keys._keys) <= 512
