"""The real Craft AI package against the plane: uploads in parts, tokens, and what it says when something is wrong."""

from __future__ import annotations

import importlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from dskit.clock import ManualClock, SystemClock
from dskit_emulator import Server
from dskit_emulator.endpoint import Endpoint
from dskit_emulator.planes.craft_ai import CraftAiPlane
from tests.dskit.backends.faulty_proxy import FaultyProxy, cut
from tests.sdks.document import needs

pytestmark = needs("craft_ai_sdk")

PART = 5 << 20
SCRIPT = """
import sys
from craft_ai_sdk import CraftAiSdk, SdkException
sdk = CraftAiSdk(verbose_log=True)
for path in sys.argv[1:]:
    try:
        sdk.upload_data_store_object(path, path.rpartition("/")[2])
    except SdkException as error:
        print(error.name, error.status_code, error.message)
"""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(SystemClock().now())


@pytest.fixture
def endpoint(sdk_server: Server, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    planes = [partial(CraftAiPlane, page_size=3)]
    with sdk_server.endpoint(buckets=["data"], planes=planes, clock=clock) as opened:
        for name, value in opened.env("craft_ai").items():
            monkeypatch.setenv(name, value)
        yield opened


def make_sdk(**arguments: Any) -> Any:
    return importlib.import_module("craft_ai_sdk").CraftAiSdk(**arguments)


def refusal() -> Any:
    return importlib.import_module("craft_ai_sdk").SdkException


def test_large_files_go_in_parts_and_none_loses_a_byte(endpoint: Endpoint, tmp_path: Path) -> None:
    """Threshold and size of parts are read when the package is imported. One byte more than two parts is what 0.74.7
    would store without its last byte."""
    sizes = {"one": PART - 1, "two": 2 * PART, "two-and-some": 2 * PART + 7, "two-and-a-byte": 2 * PART + 1}
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(os.urandom(size))
    limits = {"CRAFT_AI__MULTIPART_THRESHOLD__B": f"{PART:_}", "CRAFT_AI__MULTIPART_PART_SIZE__B": str(PART)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *(str(tmp_path / name) for name in sizes)],
        env=os.environ | limits,
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )
    store = endpoint.direct("data")
    stored = {name: store.get(name).read() for name in sizes if store.exists(name)}
    assert {name: body == (tmp_path / name).read_bytes() for name, body in stored.items()} == {
        "one": True,
        "two": True,
        "two-and-some": True,
    }
    assert {name: store.head(name).parts_count for name in stored} == {"one": None, "two": 2, "two-and-some": 3}
    assert done.stdout.startswith("IncompleteUpload 400 The upload of 'two-and-a-byte' is refused: no part announced")
    assert "Object upload failed" in done.stderr
    assert store.list_uploads().uploads == []


def test_listings_longer_than_a_page(endpoint: Endpoint) -> None:
    for number in range(8):
        endpoint.direct("data").put(f"f/{number}", b"")
    assert [item["path"] for item in make_sdk().list_data_store_objects("f")] == [f"f/{n}" for n in range(8)]


def test_who_it_is(endpoint: Endpoint) -> None:
    assert make_sdk().who_am_i()["name"] == endpoint.account.name


def test_a_token_that_expires_is_told_and_replaced_by_the_next_call(endpoint: Endpoint, clock: ManualClock) -> None:
    """The package counts by its own clock, and drops a token that is refused."""
    sdk = make_sdk()
    assert sdk.list_data_store_objects() == []
    clock.advance(15 * 60)
    with pytest.raises(refusal(), match=r"^\[Unauthorized\] Access refused: the token expired at 20") as caught:
        sdk.list_data_store_objects()
    assert caught.value.status_code == 401
    assert sdk.list_data_store_objects() == []


def test_wrong_credentials_and_addresses_are_named(endpoint: Endpoint) -> None:
    for arguments, text in (
        ({"sdk_token": "a-guess"}, r"^\[Unauthorized\] The SDK token belongs to no account"),
        (
            {"environment_url": f"{endpoint.url}/craft_ai/missing"},
            r"^\[NoSuchBucket\] There is no environment 'missing'",
        ),
        ({"environment_url": endpoint.url}, rf"^\[NotFound\] .*{endpoint.url}/craft_ai/BUCKET"),
        ({"control_url": "http://127.0.0.1:1"}, r"^\[RequestError\] "),
    ):
        sdk = make_sdk(**arguments)
        for call in (sdk.list_data_store_objects, lambda sdk=sdk: sdk.upload_data_store_object(io.BytesIO(b"x"), "k")):
            with pytest.raises(refusal(), match=text) as caught:
                call()
            assert "a-guess" not in str(caught.value)


def test_what_s3_refuses_is_an_exception_of_the_package(endpoint: Endpoint) -> None:
    """Its parser fails on an error document with a namespace, or without a code."""
    sdk = make_sdk()
    with pytest.raises(refusal(), match=r"^\[NoSuchKey\] The specified key does not exist") as caught:
        sdk.download_data_store_object("missing", io.BytesIO())
    assert (caught.value.status_code, caught.value.additional_data["Key"]) == (404, "missing")
    with pytest.raises(refusal(), match=r"S3 replaces \$\{filename\}"):
        sdk.upload_data_store_object(io.BytesIO(b"x"), "a/${filename}")
    with pytest.raises(refusal(), match=r"^\[NotFound\] GET /pipelines: only the data store is here"):
        sdk.list_pipelines()


def test_a_server_that_breaks_off_leaves_no_file(
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.direct("data").put("k", b"x" * 1000)
    with FaultyProxy(endpoint.url) as proxy:
        sdk = make_sdk(environment_url=f"{proxy.url}/craft_ai/data", control_url=proxy.url)
        assert len(sdk.list_data_store_objects()) == 1
        proxy.plan = [cut(0)]
        with pytest.raises(refusal(), match=r"^\[RequestError\] "):
            sdk.list_data_store_objects()
        assert len(sdk.list_data_store_objects()) == 1
        url = importlib.import_module("craft_ai_sdk.core.data_store")._get_download_presigned_url(sdk, "k")
        proxy.plan = [cut(10)]
        with pytest.raises(requests.RequestException):
            requests.get(url, timeout=10)
        sdk.download_data_store_object("k", str(tmp_path / "file"))
    assert (tmp_path / "file").read_bytes() == b"x" * 1000


def test_what_the_package_uploads_boto3_lists(endpoint: Endpoint) -> None:
    make_sdk().upload_data_store_object(io.BytesIO(b"content"), "a b+c é//x")
    client = endpoint.client()
    assert [row["Key"] for row in client.list_objects_v2(Bucket="data")["Contents"]] == ["a b+c é//x"]
    client.put_object(Bucket="data", Key="back", Body=b"from boto3")
    buffer = io.BytesIO()
    make_sdk().download_data_store_object("back", buffer)
    assert buffer.read() == b"from boto3"
