"""The real Domino package against the plane: every credential, and what it says when something is wrong."""

from __future__ import annotations

import importlib
import io
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from dskit.clock import ManualClock, SystemClock
from dskit_emulator import Server
from dskit_emulator.endpoint import Endpoint
from tests.dskit.backends.faulty_proxy import FaultyProxy, cut
from tests.sdks.document import needs

pytestmark = needs("domino.data_sources")

SCRIPT = """
import sys
from domino.data_sources import DataSourceClient
source = DataSourceClient(**({"token": sys.argv[1]} if sys.argv[1:] else {})).get_datasource("s3-dev")
source.put("key", b"content")
print(source.list_objects(), source.get("key"))
"""
STALE = """
from domino.data_sources import DataSourceClient
try:
    DataSourceClient(token="stale", api_key=None).get_datasource("s3-dev")
except Exception as error:
    print(error)
print(DataSourceClient().get_datasource("s3-dev").list_objects())
"""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(SystemClock().now())


@pytest.fixture
def endpoint(sdk_server: Server, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    with sdk_server.endpoint(buckets=["s3-dev"], clock=clock) as opened:
        for name, value in opened.env("domino").items():
            monkeypatch.setenv(name, value)
        yield opened


def make_client(**arguments: Any) -> Any:
    return importlib.import_module("domino.data_sources").DataSourceClient(**arguments)


def make_token(endpoint: Endpoint, lifetime: timedelta = timedelta(hours=1)) -> str:
    plane: Any = endpoint.plane("domino")
    return str(plane.tokens.issue(endpoint.accounts.default, lifetime))


@pytest.mark.parametrize("way", ["api key", "token", "token file", "sidecar"])
def test_each_way_to_authenticate(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: str
) -> None:
    """In a fresh process: the package sends the headers of earlier clients of its process along."""
    arguments = []
    if way != "api key":
        monkeypatch.delenv("DOMINO_USER_API_KEY")
    if way == "token":
        arguments = [make_token(endpoint)]
    if way == "token file":
        (tmp_path / "token").write_text(make_token(endpoint) + "\n")
        monkeypatch.setenv("DOMINO_TOKEN_FILE", str(tmp_path / "token"))
    if way == "sidecar":
        monkeypatch.setenv("DOMINO_API_PROXY", endpoint.url)
        monkeypatch.delenv("DOMINO_API_HOST")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, timeout=200, check=False
    )
    assert done.stdout == "[_Object(key='key')] b'content'\n", done.stderr


def test_stale_headers_of_an_earlier_client_do_no_harm(endpoint: Endpoint) -> None:
    """In a fresh process, in which no client had a valid credential before the stale one."""
    done = subprocess.run([sys.executable, "-c", STALE], capture_output=True, text=True, timeout=200, check=False)
    refusal, listing = done.stdout.splitlines()
    assert "the token is malformed" in refusal, done.stderr
    assert listing == "[]"


def test_a_token_that_expires_is_told_at_once(endpoint: Endpoint, clock: ManualClock) -> None:
    """With 401 the package would try for a minute and then raise an error without a text."""
    source = make_client(token=make_token(endpoint, timedelta(minutes=1))).get_datasource("s3-dev")
    clock.advance(61)
    for call in (source.list_objects, lambda: source.get("key"), lambda: source.put("key", b"x")):
        with pytest.raises(Exception, match=r"^Unauthenticated: .*the token expired at 20") as caught:
            call()
        assert type(caught.value) is Exception


def test_what_is_not_there_is_named(endpoint: Endpoint) -> None:
    with pytest.raises(Exception, match="There is no data source 'missing': make a bucket of that name"):
        make_client().get_datasource("missing")
    source = make_client().get_datasource("s3-dev")
    source.update(importlib.import_module("domino.data_sources").S3Config(bucket="not-made"))
    for call in (source.list_objects, lambda: source.get("key")):
        with pytest.raises(Exception, match=r"^NoSuchBucket: .*'not-made'"):
            call()
    source.reset_config()
    with pytest.raises(httpx.HTTPStatusError, match="404 Not Found"):
        source.get("missing")


def test_an_upload_cut_short_leaves_no_object(endpoint: Endpoint) -> None:
    source = make_client().get_datasource("s3-dev")

    def broken() -> Iterator[bytes]:
        yield b"x" * (1 << 20)
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError, match="the source broke"):
        source.upload_fileobj("key", broken())
    half = io.BytesIO(b"0123456789")
    half.seek(5)
    with pytest.raises(Exception, match="Too little data for declared Content-Length"):
        source.upload_fileobj("key", half)
    assert source.list_objects() == []
    assert endpoint.direct("s3-dev").list_uploads().uploads == []


def test_a_server_that_breaks_off_is_an_error_of_httpx(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint.direct("s3-dev").put("key", b"x" * 1000)
    with FaultyProxy(endpoint.url) as proxy:
        monkeypatch.setenv("DOMINO_API_HOST", proxy.url)
        monkeypatch.setenv("DOMINO_DATASOURCE_PROXY_HOST", proxy.url)
        source = make_client().get_datasource("s3-dev")
        url = source.get_key_url("key")
        proxy.plan = [cut(10)]
        with pytest.raises(httpx.RemoteProtocolError):
            source.http().get(url)
        assert source.get("key") == b"x" * 1000  # the same server again
    with pytest.raises(httpx.ConnectError):
        source.get("key")


def test_what_the_package_uploads_boto3_lists(endpoint: Endpoint) -> None:
    make_client().get_datasource("s3-dev").put("a b+c é//x", b"content")
    client = endpoint.client()
    assert [row["Key"] for row in client.list_objects_v2(Bucket="s3-dev")["Contents"]] == ["a b+c é//x"]
    client.put_object(Bucket="s3-dev", Key="back", Body=b"from boto3")
    assert make_client().get_datasource("s3-dev").get("back") == b"from boto3"
