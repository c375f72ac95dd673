"""The AWS Common Runtime's S3 client (of the newer SDKs and the second aws-cli), driven by s3transfer."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from s3transfer.crt import (
    BotocoreCRTCredentialsWrapper,
    BotocoreCRTRequestSerializer,
    CRTTransferManager,
    create_s3_crt_client,
)

MIB = 1024 * 1024


@pytest.fixture
def transfer(site: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", site.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", site.secret_key)
    session = botocore.session.Session()
    credentials = BotocoreCRTCredentialsWrapper(session.get_credentials()).to_crt_credentials_provider()
    client = create_s3_crt_client(
        "us-east-1", use_ssl=False, crt_credentials_provider=credentials, num_threads=2, part_size=8 * MIB
    )
    settings = {
        "region_name": "us-east-1",
        "endpoint_url": site.url,
        "config": Config(s3={"addressing_style": "path"}),
    }
    with CRTTransferManager(client, BotocoreCRTRequestSerializer(session, settings)) as manager:
        yield manager


def read(transfer: Any, site: Any, key: str) -> bytes:
    out = io.BytesIO()
    transfer.download(site.bucket, key, out).result()
    return out.getvalue()


@pytest.mark.parametrize("body", [b"", b"small", bytes(range(256)) * 4096], ids=len)
def test_small_objects(site: Any, transfer: Any, body: bytes) -> None:
    transfer.upload(io.BytesIO(body), site.bucket, "k").result()
    assert read(transfer, site, "k") == body


def test_a_large_object_moves_in_parts(site: Any, transfer: Any, tmp_path: Path) -> None:
    data = hashlib.shake_256(b"crt").digest(21 * MIB + 1)
    (tmp_path / "in").write_bytes(data)
    transfer.upload(str(tmp_path / "in"), site.bucket, "large").result()
    transfer.download(site.bucket, "large", str(tmp_path / "out")).result()
    # s3transfer resolves the future first and gives the file its final name in a callback after that; only
    # shutdown() waits for callbacks.
    transfer.shutdown()
    assert (tmp_path / "out").read_bytes() == data


def test_odd_keys_stay_what_they_are(site: Any, transfer: Any, odd_key: str) -> None:
    transfer.upload(io.BytesIO(odd_key.encode()), site.bucket, odd_key).result()
    assert read(transfer, site, odd_key) == odd_key.encode()
    assert [row["Key"] for row in site.endpoint.client().list_objects_v2(Bucket=site.bucket)["Contents"]] == [odd_key]
    transfer.delete(site.bucket, odd_key).result()
    assert site.endpoint.client().list_objects_v2(Bucket=site.bucket)["KeyCount"] == 0


def test_errors_are_those_of_botocore(site: Any, transfer: Any) -> None:
    with pytest.raises(ClientError) as refused:
        read(transfer, site, "absent")
    assert refused.value.response["Error"]["Code"] == "404"
