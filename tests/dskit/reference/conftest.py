"""Every test of the reference store runs over both catalogs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dskit.capabilities import Limits
from dskit.clock import ManualClock
from dskit.reference import ReferenceService, disk_service, memory_service

BUCKET = "bucket"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=["memory", "disk"])
def service(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[ReferenceService]:
    """A store with a bucket, a clock that stands still and parts of 4 bytes."""
    limits = replace(Limits(), min_part_bytes=4)
    if request.param == "memory":
        made = memory_service(clock=clock, limits=limits)
    else:
        made = disk_service(tmp_path / "store", durability="process", clock=clock, limits=limits)
    made.create_bucket(BUCKET)
    yield made
    made.close()
