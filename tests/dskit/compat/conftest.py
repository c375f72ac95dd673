"""Storage for facades: memory, disk, plain files, and boto3 to an endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import dskit
from dskit.backends.s3 import s3_service

KEYS: Any = {"access_key": "dskit", "secret_key": "dskit-secret", "region": "us-east-1"}


@pytest.fixture(params=["memory", "disk", "local", "s3"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dskit.Service]:
    """An empty service of each kind."""
    with made(request.param, tmp_path / "store", request) as service:
        yield service


def made(kind: str, place: Path, request: pytest.FixtureRequest) -> dskit.Service:
    if kind == "memory":
        return dskit.open_service("memory:")
    if kind == "disk":
        return dskit.open_service(f"disk:{place}", durability="process")
    if kind == "local":
        return dskit.open_service(f"file:{place}", durability="process")
    endpoint, session = request.getfixturevalue("s3"), request.getfixturevalue("boto_session")
    return dskit.Service(s3_service(endpoint=endpoint.url, session=session, **KEYS))
