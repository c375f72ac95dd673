"""An endpoint with plane *craft_ai*; fixtures of its tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dskit.clock import ManualClock, SystemClock
from dskit_emulator import Server
from dskit_emulator.endpoint import Endpoint
from tests.emulator.planes.craft_ai.calls import ANN, BOB


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(accounts=[ANN, BOB]) as running:
        yield running


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(SystemClock().now())


@pytest.fixture
def endpoint(server: Server, clock: ManualClock) -> Iterator[Endpoint]:
    with server.endpoint(planes=["craft_ai"], buckets=["data"], clock=clock, rules=["small-parts"]) as opened:
        yield opened
