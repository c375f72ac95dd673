"""A run as a whole: clean stores pass, a planted bug is found, shortened and shown, and a seed is a run."""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import dskit
from dskit.errors import ConfigurationError
from dskit.reference import memory_service
from dskit_conformance import runner, target
from dskit_conformance.budget import BUDGETS
from dskit_conformance.events import Event, Minimised, Progress, RunFinished, RunStarted, ViolationFound
from dskit_conformance.generation import seed_of
from dskit_conformance.mutants.forwarding import Forwarding
from dskit_conformance.outcomes import Op, Trace
from dskit_conformance.result import RunResult, Verdict
from dskit_conformance.runner import certify, stale_entries
from dskit_conformance.surveying import survey
from dskit_conformance.target import Ground, open_target


class MergesMetadata(Forwarding):
    """an overwrite keeps the metadata that it does not name"""

    id = "TEST-2"

    def put(self, bucket: str, key: str, source: Any, options: Any) -> Any:
        try:
            with_old = dict(self.inner.head(bucket, key, dskit.ReadOptions()).meta.metadata)
        except dskit.NotFoundError:
            with_old = {}
        merged = replace(options.attributes, metadata=with_old | dict(options.attributes.metadata))
        return super().put(bucket, key, source, replace(options, attributes=merged))


def broken() -> Forwarding:
    return MergesMetadata(memory_service())


def checks(result: RunResult) -> dict[str, int]:
    return {name: item.checks for name, item in result.properties.items()}


def verdicts(result: RunResult) -> dict[str, Verdict]:
    return {name: item.verdict for name, item in result.properties.items()}


AT_LEISURE = 1800.0
"""Seconds. Examples end a run and not the clock, which on a busy machine would end it before its quotas are met."""

one_run = pytest.mark.xdist_group("clean-run")  # so that one worker makes it once for them


@pytest.fixture(scope="module")
def clean() -> RunResult:
    return certify("memory:", seed=11, seconds=AT_LEISURE)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every machine and every directed check with a handful of examples: for rules that need no quota."""
    budget = replace(BUDGETS["quick", "memory"], base=2, more=1, rounds=1)
    monkeypatch.setattr(runner, "budget_of", lambda *_, **__: budget)


@pytest.mark.slow
@one_run
def test_memory_passes_with_every_quota_met(clean: RunResult) -> None:
    assert clean.errors == []
    assert clean.counterexamples == []
    assert set(verdicts(clean).values()) == {Verdict.PASS, Verdict.NOT_APPLICABLE}
    assert sum(verdict is Verdict.PASS for verdict in verdicts(clean).values()) >= 105
    assert all(item.checks >= clean.quota for item in clean.properties.values() if item.verdict is Verdict.PASS), (
        "a pass without checks"
    )


@pytest.mark.slow
@one_run
def test_what_is_declared_and_works_is_observed(clean: RunResult) -> None:
    rows = {row.name: row for row in clean.capabilities}
    assert rows["copy"].observed.value == "supported"
    assert rows["raw"].declared is False


@pytest.mark.usefixtures("few")
def test_a_planted_bug_is_found_shortened_and_shown() -> None:
    events: list[Event] = []
    result = certify(broken, level="Core", seed=3, seconds=AT_LEISURE, on_event=events.append)
    assert "OBJ-03" in result.violations
    example = next(found for found in result.counterexamples if found.property_id == "OBJ-03")
    assert len(example.ops) <= 4
    assert example.stable
    assert "store.put" in example.script
    kinds = {type(event) for event in events}
    assert kinds == {RunStarted, Progress, ViolationFound, Minimised, RunFinished}


def test_fail_fast_ends_at_the_first_violation() -> None:
    result = certify(broken, seed=1, fail_fast=True)
    assert result.failed
    assert result.counterexamples == []


def test_a_profile_accepts_what_it_names_and_nothing_else() -> None:
    result = certify(broken, level="Core", seed=3, profile={"OBJ-03": "observed", "OBJ-09": "observed"}, seconds=4)
    assert "OBJ-03" not in result.failed
    with pytest.raises(ConfigurationError, match="OBJ-99"):
        certify("memory:", profile={"OBJ-99": True})


def test_an_entry_is_stale_when_its_trace_no_longer_diverges() -> None:
    put: Op = {"op": "put", "key": "a", "size": 3, "salt": 1}
    traces: dict[str, Trace] = {"OBJ-03": [{**put, "metadata": {"k": "v"}}, put, {"op": "head", "key": "a"}]}
    assert stale_entries(broken, traces) == {}
    assert list(stale_entries(memory_service, traces)) == ["OBJ-03"]


@pytest.mark.slow
@pytest.mark.usefixtures("few")
def test_the_same_seed_is_the_same_run() -> None:
    one, again = (certify("memory:", seed=11, seconds=AT_LEISURE) for _ in range(2))
    assert checks(one) == checks(again)
    assert seed_of(1, "a") == seed_of(1, "a") != seed_of(2, "a")


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    service = memory_service()
    service.create_bucket("mine")
    certify(service, level="Ranges", seconds=1)
    assert [bucket.name for bucket in service.list_buckets()] == ["mine"]


def test_the_folder_in_which_a_run_is_started_stays_as_it_was(tmp_path: Path) -> None:
    program = "from dskit_conformance.runner import certify; certify('memory:', level='Ranges', seconds=1)"
    kept = {name: value for name, value in os.environ.items() if name != "HYPOTHESIS_STORAGE_DIRECTORY"}
    environment = {**kept, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    (tmp_path / "here").mkdir()
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path / "here", env=environment, check=True, timeout=60)
    assert list((tmp_path / "here").iterdir()) == []


def test_inside_a_prefix_nothing_else_is_touched() -> None:
    store = dskit.open_store("memory:")
    store.put("outside", b"1")
    scoped = dskit.Store(store.service, store.bucket, prefix="scope/")
    result = certify(scoped, isolation="prefix", level="Core", seconds=2)
    assert result.target.isolation == "prefix"
    assert not result.violations, {name: item.violations for name, item in result.violations.items()}
    assert result.properties["OBJ-21"].verdict is Verdict.NOT_APPLICABLE
    assert [row.key for row in store.list()] == ["outside"]


@pytest.mark.parametrize("wrong", [3, None, ["memory:"]])
def test_a_target_that_is_none(wrong: object) -> None:
    with pytest.raises(ConfigurationError):
        open_target(wrong)


def test_unknown_names_are_configuration_errors() -> None:
    with pytest.raises(ConfigurationError, match="there is no level 'Platinum'; there are Core, Ranges, "):
        certify("memory:", level="Platinum")
    with pytest.raises(ConfigurationError, match="budget"):
        certify("memory:", budget="tiny")
    with pytest.raises(ConfigurationError, match="there is no profile 'none'"):
        survey("memory:", profile="none")


@pytest.mark.parametrize(
    ("url", "in_process"),
    [
        ("memory:", True),
        ("s3://data?endpoint=http://127.0.0.1:1", False),
        ("s3://data?endpoint=http://127.0.0.1:1&client=obstore", False),
        ("minio://127.0.0.1:1/data?secure=false", False),
        ("gs://data?endpoint=http://127.0.0.1:1&anonymous=true", False),
        ("az://data?account=a&endpoint=http://127.0.0.1:1&anonymous=true", False),
        ("dav+http://127.0.0.1:1/data", False),
    ],
)
def test_a_store_whose_calls_are_requests_has_the_quota_of_such(
    url: str, in_process: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"):
        monkeypatch.setenv(name, "dskit")
    target = open_target(url)
    try:
        assert target.facts.in_process is in_process
    finally:
        target.close()


def test_a_secret_in_a_url_is_not_in_the_facts() -> None:
    target = open_target("s3://bucket?endpoint=http://127.0.0.1:1&secret_key=hush&access_key=me")
    try:
        assert "hush" not in target.facts.url
        assert target.facts.isolation == "prefix"
    finally:
        target.close()


def test_a_store_that_cannot_even_put_is_an_engine_error_not_a_verdict() -> None:
    class Dead(Forwarding):
        """nothing works"""

        id = "TEST-3"

        def create_bucket(self, bucket: str, **_: Any) -> Any:
            raise dskit.UnavailableError("it is dark in here")

    result = certify(lambda: Dead(memory_service()), seconds=1)
    assert any("it is dark" in error for error in result.errors)


@pytest.mark.parametrize("call", ["create_bucket", "delete_bucket"])
def test_a_run_that_ends_while_a_bucket_is_made_or_removed_leaves_it_to_the_sweep(
    call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = dskit.open_service("memory:")
    subject = open_target(service)
    real = getattr(service, call)

    def ended(name: str) -> None:
        if call == "create_bucket":
            real(name)
        raise SystemExit(130)

    monkeypatch.setattr(service, call, ended)
    with pytest.raises(SystemExit), subject.ground():
        pass
    monkeypatch.undo()
    assert subject.left_behind != []
    assert subject.sweep() == []
    assert list(service.list_buckets()) == []


def test_a_signal_between_any_two_lines_leaves_the_ground_to_the_sweep() -> None:
    """Each pass ends one line later than the one before, until one comes through. And in a thread of its own: one that
    ends in the handler of an exception leaves that behind as handled for ever (CPython 3.11)."""
    service = dskit.open_service("memory:")
    subject = open_target(service)

    def play(at: int) -> bool:
        """Whether the example came to its end before that line."""
        lines = itertools.count(1)

        def step(frame: FrameType, event: str, arg: object) -> Any:
            if frame.f_code.co_filename not in (target.__file__, contextlib.__file__):
                return None
            if event == "line" and next(lines) == at:
                sys.settrace(None)
                raise SystemExit(130)
            return step

        sys.settrace(step)
        try:
            with subject.ground() as ground:
                ground.store.put("k", b"x")
        except SystemExit:
            return False
        return True

    for at in itertools.count(1):
        with ThreadPoolExecutor(1) as thread:
            ended = thread.submit(play, at).result()
        assert subject.sweep() == [], at
        assert list(service.list_buckets()) == [], at
        if ended:
            break
    assert at > 30
    assert sys.exc_info() == (None, None, None)


def test_a_run_that_ends_while_a_prefix_is_cleared_leaves_it_to_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    store = dskit.MemoryStore()
    subject = open_target(store, isolation="prefix")

    def ended(self: Ground) -> bool:
        raise SystemExit(143)

    run = contextlib.ExitStack()
    run.enter_context(subject.ground()).store.put("k", b"x")
    monkeypatch.setattr(Ground, "clear", ended)
    with pytest.raises(SystemExit):
        run.close()
    monkeypatch.undo()
    assert subject.sweep() == []
    assert list(store.list()) == []
