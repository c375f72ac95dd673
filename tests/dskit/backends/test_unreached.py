"""A server that is not there, or does not speak TLS: the error says where, and what to look at."""

from __future__ import annotations

import socket

import pytest

import dskit
import dskit_emulator
from dskit.wrappers import RetryOptions

KEYS = {"access_key": "dskit", "secret_key": "dskit-secret"}
ONCE = RetryOptions(attempts=1)


@pytest.mark.parametrize(
    "url",
    ["s3://data?endpoint=http://{}", "s3://data?endpoint=http://{}&client=obstore", "minio://{}/data?secure=false"],
)
def test_where_nobody_listens(url: str) -> None:
    with socket.socket() as bound:  # and not listening: the port is nobody else's
        bound.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{bound.getsockname()[1]}"
        told = f"no connection to {place}.*: check that a server listens"
        store = dskit.open_store(url.format(place), retries=ONCE, **KEYS)
        with store, pytest.raises(dskit.UnavailableError, match=told):
            store.get("k")


@pytest.mark.parametrize("url", ["s3://data?endpoint=https://{}", "minio://{}/data"])
def test_tls_with_a_server_of_plain_http(url: str) -> None:
    with dskit_emulator.Server(buckets=["data"]) as server:
        store = dskit.open_store(url.format(server.url.removeprefix("http://")), retries=ONCE, **KEYS)
        with store, pytest.raises(dskit.UnavailableError, match="the server speaks plain HTTP; use http://"):
            store.put("k", b"x")


def test_an_endpoint_without_a_scheme_is_shown() -> None:
    with pytest.raises(dskit.ConfigurationError, match=r"an endpoint is http://.*, not '127\.0\.0\.1:9000'"):
        dskit.open_store("s3://data?endpoint=127.0.0.1:9000", **KEYS)
