"""An `S3Service` over memory with one bucket, and boto3 straight into it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dskit.clock import ManualClock, SystemClock
from dskit.ids import SeededIds
from dskit.reference import memory_service
from dskit_emulator.service import S3Service
from tests.emulator.transport import make_client

BUCKET = "test-bucket"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(SystemClock().now())


@pytest.fixture
def service(clock: ManualClock) -> S3Service:
    ids = SeededIds("ops")
    service = S3Service(memory_service(clock=clock, ids=ids), clock=clock, ids=ids)
    service.store.create_bucket(BUCKET, region="us-east-1", owner=service.accounts.default.canonical_id)
    return service


@pytest.fixture
def s3(service: S3Service) -> Any:
    return make_client(service, endpoint="http://localhost:9000")


@pytest.fixture
def bucket() -> str:
    return BUCKET


Refused = Callable[..., dict[str, Any]]


@pytest.fixture
def refused(s3: Any) -> Refused:
    """Call an operation that must fail; returns the error with ``Status`` and ``Headers`` of its answer."""

    def call(operation: str, **params: Any) -> dict[str, Any]:
        with pytest.raises(ClientError) as caught:
            getattr(s3, operation)(**params)
        response = caught.value.response
        answer = response["ResponseMetadata"]
        return {**response["Error"], "Status": answer["HTTPStatusCode"], "Headers": answer["HTTPHeaders"]}

    return call
