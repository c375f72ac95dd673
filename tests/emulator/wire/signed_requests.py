"""Requests signed with SigV4 by botocore, and what the verifier says of them."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import strategies as st

from dskit.clock import ManualClock, SystemClock
from dskit_emulator.accounts import Accounts, make_account
from dskit_emulator.messages import RequestHead
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
