"""`FaultStore`: which calls it strikes, and what is left behind."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import dskit
import dskit_emulator
from dskit.reference import memory_service
from dskit.wrappers import Fault, FaultService, FaultStore
from tests.dskit.wrappers.conftest import Pauses


def outcomes(store: dskit.Store, count: int, key: str = "k") -> str:
    """A letter a put: `.` stored, `x` failed."""
    told = ""
    for _ in range(count):
        try:
            store.put(key, b"x")
            told += "."
        except dskit.ThrottledError:
            told += "x"
    return told


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, "xxxxxx"),
        ({"nth": 2}, ".x...."),
        ({"first": 3}, "..xxxx"),
        ({"first": 2, "times": 2}, ".xx..."),
        ({"key": "k*"}, "xxxxxx"),
        ({"key": "other"}, "......"),
        ({"verb": "get"}, "......"),
        ({"chance": 0.0}, "......"),
    ],
)
def test_which_calls(inner: dskit.MemoryStore, chosen: dict[str, Any], expected: str) -> None:
    store = FaultStore(inner, [Fault(error=dskit.ThrottledError, **chosen)])
    assert outcomes(store, 6) == expected
    assert store.fired == (expected.count("x"),)


def test_chance_is_a_function_of_the_seed(inner: dskit.MemoryStore) -> None:
    def told(seed: int) -> str:
        return outcomes(FaultStore(inner, [Fault(error=dskit.ThrottledError, chance=0.5)], seed=seed), 200)

    assert told(1) == told(1) != told(2)
    assert 60 < told(1).count("x") < 140


def test_an_error_before_the_call_leaves_nothing_and_one_after_it_everything(inner: dskit.MemoryStore) -> None:
    lost = dskit.OutcomeUnknownError
    for when, there in (("before", False), ("after", True)):
        store = FaultStore(inner, [Fault(verb="put", error=lost, when=when)])  # type: ignore[arg-type]
        with pytest.raises(lost) as raised:
            store.put(when, b"x")
        assert (raised.value.operation, raised.value.key) == ("put", when)
        assert inner.exists(when) is there


def test_an_answer_is_lost_after_the_publication_where_bytes_are_pushed(inner: dskit.MemoryStore) -> None:
    """A file, a coroutine's data and an emulator's PUT begin a write first, which by itself stores nothing."""
    store = FaultStore(inner, [Fault(verb="put", error=dskit.OutcomeUnknownError, when="after")])
    file = store.open("k", "wb")
    file.write(b"whole")
    assert not inner.exists("k")
    with pytest.raises(dskit.OutcomeUnknownError):
        file.close()
    assert inner.get("k").read() == b"whole"


def test_an_emulator_that_loses_an_answer_has_stored_the_object() -> None:
    """`S3Store` sends a conditional put no second time, and says that it does not know."""
    lost = FaultService(memory_service(), [Fault(verb="put", error=dskit.UnavailableError, when="after")])
    with dskit_emulator.Server(backend=lost, buckets=["data"]) as server:
        with pytest.raises(dskit.OutcomeUnknownError):
            server.store("data").put("k", b"whole", if_none_match="*")
        assert server.store("data").get("k").read() == b"whole"
    assert lost.fired == (1,)


def test_an_error_instance_is_raised_as_it_is(inner: dskit.MemoryStore) -> None:
    error = dskit.UnavailableError("down for maintenance", code="Maintenance")
    with pytest.raises(dskit.UnavailableError, match="maintenance") as raised:
        FaultStore(inner, [Fault(error=error)]).head("k")
    assert raised.value.code == "Maintenance"


def test_a_truncated_write_stores_nothing(inner: dskit.MemoryStore) -> None:
    inner.put("k", b"before")
    store = FaultStore(inner, [Fault(verb="put", truncate=3)])
    for data in (b"12345", iter([b"12", b"345"])):
        with pytest.raises(dskit.UnavailableError, match="after 3 bytes"):
            store.put("k", data)
    assert inner.get("k").read() == b"before"
    assert inner.list_uploads().uploads == []


def test_a_truncated_read_gives_what_came_and_then_says_so(inner: dskit.MemoryStore) -> None:
    inner.put("k", b"12345")
    reading = FaultStore(inner, [Fault(verb="get", truncate=3)]).get("k")
    assert reading.read(3) == b"123"
    with pytest.raises(dskit.UnavailableError):
        reading.read(1)


def test_a_body_that_is_short_enough_is_whole(inner: dskit.MemoryStore) -> None:
    store = FaultStore(inner, [Fault(truncate=5)])
    store.put("k", b"12345")
    assert store.get("k").read() == b"12345"


def test_latency_is_waited_for_and_adds_up(inner: dskit.MemoryStore, pauses: Pauses) -> None:
    store = FaultStore(inner, [Fault(verb="get", latency=0.5), Fault(key="k", latency=0.25)], sleep=pauses)
    store.put("k", b"x")
    store.get("k")
    assert pauses == [0.25, 0.5, 0.25]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"verb": "upload", "latency": 1},
        {"error": ValueError},
        {"error": dskit.ThrottledError, "chance": 2},
        {"error": dskit.ThrottledError, "nth": 0},
        {"error": dskit.ThrottledError, "when": "during"},
        {"truncate": -1},
        {"latency": float("nan")},
    ],
    ids=str,
)
def test_a_fault_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(dskit.ConfigurationError):
        Fault(**wrong)


def test_a_faulty_service_before_an_emulator_reaches_a_real_client() -> None:
    """A throttled store is S3's SlowDown for boto3, and its retries see it through."""
    service = memory_service()
    faulty = FaultService(service, [Fault(verb="put", times=1, error=dskit.ThrottledError)])
    with dskit_emulator.Server(backend=faulty, buckets=["data"]) as server:
        client = boto3.client(
            "s3",
            endpoint_url=server.url,
            aws_access_key_id="dskit",
            aws_secret_access_key="dskit-secret",
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 1}),
        )
        with pytest.raises(ClientError) as slow:
            client.put_object(Bucket="data", Key="k", Body=b"x")
        assert slow.value.response["Error"]["Code"] == "SlowDown"
        client.put_object(Bucket="data", Key="k", Body=b"x")
        client.close()
    assert faulty.fired == (1,)


def test_an_instance_is_raised_as_a_copy_of_its_own_each_time() -> None:
    """What one call adds to it (key, traceback, context, details) is not in that of another, nor in what was given."""
    given = dskit.ThrottledError("slow", code="TooBusy", details={"Wait": "1"})
    store = FaultStore(dskit.MemoryStore(), [Fault(verb="put", error=given)])
    raised = []
    for key in ("first", "second"):
        try:
            raise LookupError(key)
        except LookupError:
            with pytest.raises(dskit.ThrottledError) as caught:
                store.put(key, b"x")
        caught.value.details["Seen"] = key
        raised.append(caught.value)
    assert [error.key for error in raised] == ["first", "second"]
    assert [error.details["Seen"] for error in raised] == ["first", "second"]
    assert [str(error.__context__) for error in raised] == ["first", "second"]
    assert all((error.message, error.code, error.details["Wait"]) == ("slow", "TooBusy", "1") for error in raised)
    assert (given.key, given.operation, given.details, given.__traceback__) == (None, None, {"Wait": "1"}, None)
