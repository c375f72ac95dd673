"""Directed checks and probes by themselves: each finds the bug that it is for."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

import dskit
from dskit.capabilities import Supports
from dskit.reference import memory_service
from dskit_conformance.executor import Abandoned, Executor
from dskit_conformance.families import usable
from dskit_conformance.mutants.forwarding import Forwarding
from dskit_conformance.properties import DIRECTED, Directed, Probe
from dskit_conformance.refusals import PROBES, observe
from dskit_conformance.result import Observed
from dskit_conformance.strategies import Draw, SeededChoices
from dskit_conformance.target import open_target

PORTABLE = [check for check in DIRECTED if "raw" not in check.needs]


def run(check: Directed, service: Any, turn: int = 0) -> Executor:
    target = open_target(lambda: service)
    with target.ground() as ground:
        executor = Executor(ground.store)
        check.check(Probe(executor, Draw(SeededChoices(check.name, turn)), turn, usable()))
    return executor


@pytest.mark.parametrize("check", PORTABLE, ids=lambda check: check.name)
def test_a_directed_check_holds_of_the_reference_store_and_is_not_vacuous(check: Directed) -> None:
    executor = run(check, memory_service())
    assert executor.violations == []
    for name in check.properties:
        assert executor.ledger.checks(name), f"{check.name} never checks {name}"


class Short(Forwarding):
    """keys longer than 1,000 bytes are cut"""

    id = "TEST-4"

    def put(self, bucket: str, key: str, source: Any, options: Any) -> Any:
        return super().put(bucket, key[:1000], source, options)


class AnyToken(Forwarding):
    """an unknown token begins again"""

    id = "TEST-5"

    def list_page(self, bucket: str, *, token: str | None = None, **options: Any) -> Any:
        try:
            return super().list_page(bucket, token=token, **options)
        except dskit.InvalidRequestError:
            return super().list_page(bucket, **options)


class NoLimit(Forwarding):
    """a page holds 900 keys"""

    id = "TEST-6"

    def list_page(self, bucket: str, *, max_keys: int = 1000, **options: Any) -> Any:
        return super().list_page(bucket, max_keys=min(max_keys, 900), **options)


@pytest.mark.parametrize(
    ("name", "broken", "rule"),
    [("key limit", Short, "KEY-08"), ("foreign token", AnyToken, "LST-22"), ("listing limit", NoLimit, "LST-06")],
)
def test_a_directed_check_finds_its_bug(name: str, broken: Any, rule: str) -> None:
    check = next(check for check in DIRECTED if check.name == name)
    with pytest.raises(Abandoned) as end:
        run(check, broken(memory_service()))
    assert end.value.violation.property_id == rule


def test_every_capability_has_a_probe() -> None:
    assert {field.name for field in dataclasses.fields(Supports)} - set(PROBES) == {"buckets"}


def test_what_is_declared_is_accepted_and_what_is_not_is_refused_without_a_change() -> None:
    target = open_target(memory_service)
    seen = observe(target, list(PROBES))
    undeclared = {"raw", "sign", "sign_content_type", "sign_response", "sign_post"}
    wrong = {
        name: found
        for name, found in seen.items()
        if found[0] is not (Observed.REFUSED if name in undeclared else Observed.SUPPORTED)
    }
    assert not wrong


class Undeclared(Forwarding):
    """declares nothing of what is optional"""

    id = "TEST-7"

    @property
    def capabilities(self) -> Any:
        whole = super().capabilities
        kept = {"list", "buckets", "list_page"}
        denied = {field.name: field.name in kept for field in dataclasses.fields(Supports)}
        return dataclasses.replace(whole, supports=Supports(**denied))


def test_a_capability_that_is_not_declared_is_refused_by_every_verb() -> None:
    target = open_target(lambda: Undeclared(memory_service()))
    names = [name for name in PROBES if name not in ("list", "list_page")]
    wrong = {name: found for name, found in observe(target, names).items() if found[0] is not Observed.REFUSED}
    assert not wrong
