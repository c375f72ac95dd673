"""Requests that nobody signed, and nonsense: refused as S3 does, or nobody's."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from dskit.clock import ManualClock
from dskit_emulator.accounts import ANONYMOUS, Accounts
from dskit_emulator.messages import RequestHead
from dskit_emulator.rules import Rules
from dskit_emulator.wire.auth import Verifier
from dskit_emulator.wire.errors import S3Error
from tests.emulator.wire.signed_requests import CLOCK, HOST, refuse, signed, verify

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
