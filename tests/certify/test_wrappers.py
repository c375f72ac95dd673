"""Each wrapper passes the certificate of what it wraps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
from dskit_conformance.result import Verdict
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


def targets() -> Iterator[Any]:
    for name, wrap in WRAPPERS.items():
        yield pytest.param(lambda wrap=wrap: dskit.Service(wrap(memory_service())), id=name)
    yield pytest.param(lambda: PrefixStore(dskit.MemoryStore(), "below/a-prefix"), id="prefix")


@pytest.mark.parametrize("target", targets())
def test_a_wrapper_is_certified_as_what_it_wraps(target: Callable[[], Any]) -> None:
    result = certify(target, seed=5)
    assert result.counterexamples == []
    assert result.errors == []
    verdicts = {item.verdict for item in result.properties.values()}
    assert verdicts == {Verdict.PASS, Verdict.NOT_APPLICABLE}
    assert sum(item.verdict is Verdict.PASS for item in result.properties.values()) >= 110
