"""Traces replay without a generator, become short, and become programs that run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import dskit
from dskit.errors import ConfigurationError
from dskit.reference import memory_service
from dskit_conformance.ddmin import Minimiser
from dskit_conformance.executor import Abandoned, Executor, replay
from dskit_conformance.mutants.forwarding import Forwarding
from dskit_conformance.outcomes import Trace, Violation
from dskit_conformance.script import script_of
from dskit_conformance.target import open_target
from dskit_conformance.trace import dump_trace, load_trace

PUT = {"op": "put", "size": 3, "salt": 1}


class ForgetsGuards(Forwarding):
    """put ignores its conditions"""

    id = "TEST-1"

    def put(self, bucket: str, key: str, source: Any, options: Any) -> Any:
        options.conditions = dskit.Conditions()
        return super().put(bucket, key, source, options)


def replayed(trace: Trace, service: Any = None) -> Violation | None:
    target = open_target(lambda: service or memory_service())
    with target.ground() as ground:
        return replay(Executor(ground.store), trace)


LONG: Trace = [
    {**PUT, "key": "x y", "metadata": {"a": "1"}, "content_type": "text/plain"},
    {"op": "list"},
    {**PUT, "key": "b"},
    {"op": "get", "key": "b"},
    {"op": "copy", "source": "b", "key": "c"},
    {"op": "delete", "key": "b"},
    {**PUT, "key": "x y", "if_none_match": "*"},
]


def test_a_trace_survives_json() -> None:
    assert load_trace(dump_trace(LONG)) == LONG
    for bad in ("{}", '[{"op": "explode"}]', "[3]"):
        with pytest.raises(ConfigurationError):
            load_trace(bad)


def test_a_correct_store_shows_nothing() -> None:
    assert replayed(LONG) is None


def test_symbols_without_an_origin_are_left_out() -> None:
    trace: Trace = [{"op": "abort", "upload": "u1"}, {"op": "list_page", "token": "t1"}, {"op": "get", "key": "a"}]
    assert replayed(trace) is None


def test_a_violation_ends_the_example_and_names_its_property() -> None:
    target = open_target(lambda: ForgetsGuards(memory_service()))
    with target.ground() as ground:
        executor = Executor(ground.store)
        executor.run({**PUT, "key": "a"})
        with pytest.raises(Abandoned) as end:
            executor.run({**PUT, "key": "a", "if_none_match": "*"})
    assert end.value.violation.property_id == "CND-01"
    assert executor.ledger.records["CND-01"].violations == 1


def test_a_tolerated_violation_is_counted_and_the_model_adopts_what_the_store_did() -> None:
    target = open_target(lambda: ForgetsGuards(memory_service()))
    with target.ground() as ground:
        executor = Executor(ground.store, tolerated={"CND-01"})
        executor.run({**PUT, "key": "a"})
        executor.run({**PUT, "key": "a", "size": 9, "if_none_match": "*"})
        executor.run({"op": "get", "key": "a"})
        executor.audit()
    assert executor.ledger.records["CND-01"].violations == 1


def test_ddmin_leaves_two_operations_with_plain_keys_and_no_options() -> None:
    service = ForgetsGuards(memory_service())
    found = replayed(LONG, service)
    assert found is not None
    minimiser = Minimiser(lambda trace: replayed(trace, ForgetsGuards(memory_service())))
    short = minimiser.minimise(found)
    assert short.property_id == "CND-01"
    assert [op["op"] for op in short.trace] == ["put", "put"]
    assert {op["key"] for op in short.trace} == {"a"}
    assert all("metadata" not in op and "content_type" not in op for op in short.trace)
    assert minimiser.sent < 200


def test_a_directed_claim_is_not_shortened_into_another_finding() -> None:
    """Without the put the claim fails as well, but for another reason."""
    trace: Trace = [{**PUT, "key": "a"}, {"op": "get", "key": "a", "claims": [["OBJ-01", "status", "NoSuchBucket"]]}]
    found = replayed(trace)
    assert found is not None
    short = Minimiser(replayed).minimise(found)
    assert short.trace == trace


def run_script(
    script: str, path: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    path.write_text(script, encoding="utf-8")
    return subprocess.run(
        [sys.executable, str(path)],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_script_stands_alone(tmp_path: Path) -> None:
    trace: Trace = [
        {**PUT, "key": "a", "size": 64, "metadata": {"k": "v"}},
        {**PUT, "key": "a", "if_none_match": "*"},
        {"op": "copy", "source": "a", "key": "b", "replace": {"content_type": "text/plain"}},
        {"op": "create_upload", "key": "m", "as": "u1"},
        {"op": "upload_part", "upload": "u1", "number": 1, "size": 5, "salt": 2},
        {"op": "upload_part_copy", "upload": "u1", "number": 2, "source": "a", "range": [0, 3]},
        {"op": "list_parts", "upload": "u1", "max_parts": 1},
        {"op": "complete", "upload": "u1", "parts": [[1, "current"]]},
        {"op": "list_page", "max_keys": 1, "as": "t1"},
        {"op": "list_page", "max_keys": 1, "token": "t1"},
        {"op": "partition", "key": "a", "cuts": [0, 3, 64]},
        {"op": "delete_many", "keys": ["b", "zz"], "if_match": {"b": "current"}},
        {"op": "get", "key": "a", "range": {"suffix": 4}, "if_match": "unquoted", "if_modified_since": "before"},
        {"op": "put", "key": "a", "size": 3, "salt": 4, "if_match": "wrong"},
    ]
    script = script_of(
        trace,
        property_id="CND-03",
        statement='A "statement".',
        expected="status: 'PreconditionFailed'",
        observed="status: 'ok'",
        url="memory:",
        refused=[1],
    )
    done = run_script(script, tmp_path / "shown.py")
    assert done.returncode == 0, done.stderr
    assert "PreconditionFailed" in done.stdout
    assert json.dumps("expected")[1:-1] in script


def test_a_fill_that_was_shortened_has_no_prefix(tmp_path: Path) -> None:
    trace: Trace = [{"op": "fill", "count": 2}, {"op": "list"}]
    assert replayed(trace) is None
    script = script_of(trace, property_id="LST-01", statement="", expected="", observed="", url="memory:", refused=[])
    done = run_script(script, tmp_path / "shown.py")
    assert done.returncode == 0, done.stderr
    assert "00001" in done.stdout


def test_a_script_about_a_named_bucket_touches_nothing_else_in_it(tmp_path: Path) -> None:
    url = f"disk:{tmp_path / 'data'}?bucket=album"
    with dskit.open_store(url) as album:
        album.put("mine", b"precious")
    trace: Trace = [{**PUT, "key": "a"}, {"op": "list"}]
    script = script_of(
        trace, property_id="LST-01", statement="", expected="", observed="", url=url, prefixed=True, refused=[]
    )
    done = run_script(script, tmp_path / "shown.py")
    assert done.returncode == 0, done.stderr
    with dskit.open_store(url) as album:
        assert [row.key for row in album.list()] == ["mine"]


def test_a_script_removes_a_key_that_only_a_raw_call_can_name(tmp_path: Path) -> None:
    from dskit_emulator import Server

    with Server() as s3:
        put = {"Key": {"$key": "a"}, "Body": {"$bytes": [3, 1]}}
        trace: Trace = [{"op": "raw", "operation": "PutObject", "params": put}]
        url = f"s3://?endpoint={s3.url}"
        script = script_of(trace, property_id="KEY-08", statement="", expected="", observed="", url=url)
        assert 'store.raw("DeleteObject"' in script
        done = run_script(script, tmp_path / "shown.py", s3.env())
        assert done.returncode == 0, done.stderr
        assert list(s3.backend.list_buckets()) == []
