"""Batches through MinIOStore."""

from __future__ import annotations

import pytest

import dskit
from dskit_emulator import Server


def test_a_key_with_a_dot_segment_is_refused_by_name_and_the_others_go() -> None:
    """Sent as it is, it would make a real MinIO lock one name twice and never answer."""
    pytest.importorskip("minio")
    with Server() as server:
        server.client().create_bucket(Bucket="data")
        host = server.url.removeprefix("http://")
        store = dskit.open_store(f"minio://{host}/data?secure=false", access_key="dskit", secret_key="dskit-secret")
        store.put("b", b"1")
        server.client().put_object(Bucket="data", Key="a/../b", Body=b"2")
        result = store.delete_many(["b", "a/../b"])
        assert result.deleted == ["b"]
        assert [error.key for error in result.errors] == ["a/../b"]
        assert server.direct("data").exists("a/../b")
