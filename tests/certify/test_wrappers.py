"""Each wrapper passes the certificate of what it wraps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import dskit
from dskit.backend import ObjectService
from dskit.reference import memory_service
from dskit.wrappers import (
    CacheService,
    Fault,
    FaultService,
    PrefixStore,
    ReadOnlyService,
    RecordingService,
    RetryOptions,
    RetryService,
    ThrottleService,
    WrappedService,
)
from dskit_conformance.result import RunResult, Verdict
from dskit_conformance.runner import certify

pytestmark = pytest.mark.slow


class WritesBeside(WrappedService):
    """Reads through `inner`, a read-only service, and writes to what that wraps: so that there is something to read."""

    pushes = False

    def around(self, call: Any, run: Callable[[], Any]) -> Any:
        if not call.writes:
            return run()
        method = run.func if hasattr(run, "func") else None
        assert method is not None, call
        return getattr(self.inner.inner, method.__name__)(*run.args, **run.keywords)  # type: ignore[attr-defined]

    def put(self, bucket: str, key: str, source: Any, options: Any) -> Any:
        return self.inner.inner.put(bucket, key, source, options)  # type: ignore[attr-defined]

    def put_part(self, bucket: str, key: str, upload_id: str, number: int, source: Any, options: Any) -> Any:
        return self.inner.inner.put_part(bucket, key, upload_id, number, source, options)  # type: ignore[attr-defined]


def failing_half_of_the_time(inner: ObjectService) -> ObjectService:
    """A store that turns every other call away, made whole by repetition."""
    faults = [Fault(chance=0.5, error=dskit.ThrottledError), Fault(verb="get", chance=0.3, truncate=1)]
    return RetryService(
        FaultService(inner, faults, seed=7), RetryOptions(attempts=60, base=0), sleep=lambda seconds: None
    )


WRAPPERS: dict[str, Callable[[ObjectService], ObjectService]] = {
    "cache": lambda inner: CacheService(inner, max_bytes=4096),
    "fault": FaultService,
    "recording": lambda inner: RecordingService(inner, most=10),
    "retry": failing_half_of_the_time,
    "throttle": lambda inner: ThrottleService(inner, bytes_per_second=1e12, requests_per_second=1e9),
    "read-only": lambda inner: WritesBeside(ReadOnlyService(inner)),
}


def stacked(inner: ObjectService) -> ObjectService:
    for name in ("recording", "retry", "throttle", "cache"):
        inner = WRAPPERS[name](inner)
    return inner


def run(target: Callable[[], Any], **options: Any) -> RunResult:
    result = certify(target, seed=5, **options)
    assert result.counterexamples == []
    assert result.errors == []
    return result


@pytest.mark.parametrize("wrap", [stacked, WRAPPERS["read-only"]], ids=["stacked", "read-only"])
def test_all_wrappers_upon_each_other_are_certified_as_what_they_wrap(
    wrap: Callable[[ObjectService], ObjectService],
) -> None:
    result = run(lambda: dskit.Service(wrap(memory_service())), seconds=1800.0)  # its quotas end it, and not the clock
    verdicts = [item.verdict for item in result.properties.values()]
    assert set(verdicts) == {Verdict.PASS, Verdict.NOT_APPLICABLE}
    assert verdicts.count(Verdict.PASS) >= 110


@pytest.mark.parametrize("name", [*WRAPPERS, "prefix"])
def test_a_wrapper_alone_violates_nothing(name: str) -> None:
    if name == "prefix":
        run(lambda: PrefixStore(dskit.MemoryStore(), "below/a-prefix"), seconds=4.0)
    else:
        run(lambda: dskit.Service(WRAPPERS[name](memory_service())), seconds=4.0)
