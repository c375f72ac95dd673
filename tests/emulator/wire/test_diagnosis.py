"""A signature that does not match is explained where a usual mistake made it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from dskit.clock import ManualClock
from dskit_emulator.accounts import Accounts
from dskit_emulator.messages import RequestHead
from dskit_emulator.wire.address import Addressing
from dskit_emulator.wire.auth import Verifier
from dskit_emulator.wire.errors import S3Error
from dskit_emulator.wire.signatures import EMPTY_SHA256, SigningKeys, sign, string_to_sign

VERIFIER = Verifier(Accounts(), ManualClock(datetime(2024, 1, 1, tzinfo=UTC)))
SCOPE = "20240101/us-east-1/s3/aws4_request"
DATE = "20240101T000000Z"
NAMES = "host;x-amz-content-sha256;x-amz-date"


def reason_for(change: Callable[[str], str], *, target: str = "/bucket/a%20b", sha256: str = EMPTY_SHA256) -> str:
    """What is said of a request whose canonical form was changed before it was signed."""
    path, _, query = target.partition("?")
    headers = f"host:localhost:9000\nx-amz-content-sha256:{sha256}\nx-amz-date:{DATE}\n"
    canonical = change(f"GET\n{path}\n{query}\n{headers}\n{NAMES}\n{sha256}")
    signature = sign(SigningKeys().get("dskit-secret", DATE[:8], "us-east-1"), string_to_sign(DATE, SCOPE, canonical))
    head = RequestHead(
        "GET",
        target,
        [
            ("host", "localhost:9000"),
            ("x-amz-date", DATE),
            ("x-amz-content-sha256", sha256),
            (
                "authorization",
                f"AWS4-HMAC-SHA256 Credential=dskit/{SCOPE}, SignedHeaders={NAMES}, Signature={signature}",
            ),
        ],
    )
    with pytest.raises(S3Error) as refused:
        VERIFIER.verify(head, Addressing().parse(head))
    assert refused.value.code == "SignatureDoesNotMatch"
    assert refused.value.reason is not None
    return refused.value.reason


def test_usual_mistakes_are_named() -> None:
    assert "encodes the path twice" in reason_for(lambda text: text.replace("%20", "%2520"))
    assert "the host without its port" in reason_for(lambda text: text.replace("localhost:9000", "localhost"))
    assert "signature is for PUT" in reason_for(lambda text: text.replace("GET", "PUT"))
    assert "double slashes" in reason_for(lambda text: text.replace("//", "/"), target="/bucket/a//b")
    assert "path as it sends it" in reason_for(lambda text: text, target="/bucket/a@b")
    assert "query as it sends it" in reason_for(lambda text: text, target="/bucket?b=1&a=2")
    signed = "0" * 64
    assert "UNSIGNED-PAYLOAD" in reason_for(lambda text: text[:-64] + "UNSIGNED-PAYLOAD", sha256=signed)
    assert EMPTY_SHA256 in reason_for(lambda text: text[:-64] + EMPTY_SHA256, sha256=signed)


def test_anything_else_is_told_as_such() -> None:
    assert "gives another signature" in reason_for(lambda text: text + "x")
