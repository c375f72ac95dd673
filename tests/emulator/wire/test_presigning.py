"""The presigner against the verifier, and against botocore's own."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from dskit.clock import SystemClock
from dskit_emulator.accounts import Accounts
from dskit_emulator.messages import RequestHead
from dskit_emulator.wire.address import Addressing
from dskit_emulator.wire.auth import Verifier
from dskit_emulator.wire.presigning import Presigner

ACCOUNTS = Accounts(["ann:ann-access:ann-secret"])
CLOCK = SystemClock()
PRESIGNER = Presigner()
ORIGIN = "http://127.0.0.1:9000"


def presigned(method: str, key: str, query: dict[str, str]) -> str:
    return PRESIGNER.url(
        ACCOUNTS.default,
        method,
        "bucket",
        key,
        origin=ORIGIN,
        region="us-east-1",
        now=CLOCK.now(),
        expires_in=3600,
        query=query,
    )


def head_of(url: str, method: str) -> RequestHead:
    return RequestHead(method, url.removeprefix(ORIGIN), [("host", urlsplit(url).netloc)])


@given(
    st.sampled_from(["GET", "PUT", "HEAD", "DELETE"]),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=5), st.text(st.characters(codec="utf-8"), max_size=5)
    ),
)
def test_the_verifier_accepts_it_for_any_key_and_query(method: str, key: str, query: dict[str, str]) -> None:
    url = presigned(method, key, query)
    head = head_of(url, method)
    address = Addressing().parse(head)
    assert (address.bucket, address.key) == ("bucket", key)
    assert query.items() <= address.params.items()
    assert Verifier(ACCOUNTS, CLOCK).verify(head, address).account is ACCOUNTS.default


def test_botocore_signs_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    url = presigned("GET", "a b/ö+%", {})
    mine = dict(parse_qsl(urlsplit(url).query))
    request = AWSRequest("GET", url.partition("?")[0])
    signer = S3SigV4QueryAuth(Credentials("ann-access", "ann-secret"), "s3", "us-east-1", expires=3600)
    stamp = mine["X-Amz-Date"]
    monkeypatch.setattr(
        "botocore.auth.get_current_datetime", lambda: datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    )
    signer.add_auth(request)
    theirs = dict(parse_qsl(urlsplit(str(request.url)).query))
    assert mine == theirs
