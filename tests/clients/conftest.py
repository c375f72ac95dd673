"""Real clients against an endpoint on a socket. Each test has its own endpoint with its own empty store."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, NamedTuple

import pytest

ODD_KEYS = (
    "a//b",
    "/lead",
    "trail/",
    "//",
    "with space",
    " edge ",
    "plus+plus",
    "per%cent",
    "slash%2Fescaped",
    "quest?ion&am=p#hash",
    "semi;colon:at@eq=comma,dollar$",
    "quote'\"<xml>&amp;",
    "back\\slash|pipe^`{}[]",
    "tilde~(paren)!*",
    "ünïcödé/€/日本語",
    "😀",
    "e\u0301 is not \u00e9",
    "versionId=1?versionId=2",
    "..dots..",
    "new\nline",
)
DOT_KEYS = (".", "..", "a/./b", "a/../b", "./x", "../x")


class Site(NamedTuple):
    """Where a client connects: `url` has no trailing slash, `host` is ``HOST:PORT``. The bucket is there and empty."""

    url: str
    host: str
    bucket: str
    access_key: str
    secret_key: str
    endpoint: Any

    def fill(self, keys: Iterable[str]) -> None:
        """Empty objects, without a request each: for what is about listing more than a page of them."""
        store = self.endpoint.direct(self.bucket)
        for key in keys:
            store.put(key, b"")


@pytest.fixture(autouse=True)
def no_foreign_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of the machine must not leak into clients that read them."""
    for name in list(os.environ):
        if name.upper().startswith(("AWS_", "MINIO_", "BOTO_")) or name.lower() in {"http_proxy", "https_proxy"}:
            monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def site(s3: Any) -> Site:
    url = s3.url.rstrip("/")
    s3.client().create_bucket(Bucket="client-bucket")
    return Site(url, url.partition("://")[2], "client-bucket", "dskit", "dskit-secret", s3)


@pytest.fixture(params=ODD_KEYS, ids=ascii)
def odd_key(request: pytest.FixtureRequest) -> str:
    """Keys that some client, proxy or server is known to mangle."""
    return str(request.param)


@pytest.fixture(params=DOT_KEYS)
def dot_key(request: pytest.FixtureRequest) -> str:
    """Keys that look like relative paths; some clients resolve or refuse them."""
    return str(request.param)
