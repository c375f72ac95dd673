"""A certificate is a pure function of a run, says what it means in one verdict, and fits its schema."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from dskit_conformance.catalogue import CATALOGUE
from dskit_conformance.certificate import build, digest, exit_code
from dskit_conformance.reports import html
from dskit_conformance.result import (
    CapabilityResult,
    Counterexample,
    Observed,
    PropertyResult,
    RunResult,
    TargetFacts,
    Verdict,
)
from dskit_conformance.schema import certificate_schema, profile_schema

MUST = next(name for name, rule in CATALOGUE.items() if rule.fails and rule.implemented)


def run(**verdicts: Verdict) -> RunResult:
    """A run in which every property passed but those named."""
    result = RunResult(
        target=TargetFacts(name="subject <1>", url="memory:", store="MemoryStore"),
        seed=7,
        budget="quick",
        quota=20,
        started="2026-01-01T00:00:00Z",
    )
    for name in CATALOGUE:
        verdict = verdicts.get(name.replace("-", "_"), Verdict.PASS)
        failed = verdict is Verdict.FAIL
        result.properties[name] = PropertyResult(
            property_id=name, verdict=verdict, checks=25, violations=int(failed), counterexamples=["cx1"] * failed
        )
    return result


def slug(name: str) -> str:
    return name.replace("-", "_")


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = certificate_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize(
    ("verdict", "overall", "code"),
    [
        (Verdict.PASS, "certified", 0),
        (Verdict.NON_STRICT, "certified", 0),
        (Verdict.FAIL, "violations", 1),
        (Verdict.INCONCLUSIVE, "inconclusive", 4),
        (Verdict.ERROR, "error", 3),
        (Verdict.NOT_APPLICABLE, "certified", 0),
    ],
)
def test_the_verdict_of_one_must_decides_the_whole(verdict: Verdict, overall: str, code: int) -> None:
    certificate = build(run(**{slug(MUST): verdict}))
    assert certificate["verdict"]["overall"] == overall
    assert exit_code([certificate]) == code


def test_a_divergence_in_the_profile_certifies_modulo_the_profile() -> None:
    result = run(**{slug(MUST): Verdict.FAIL})
    result.properties[MUST].profiled = True
    certificate = build(result)
    assert certificate["verdict"]["overall"] == "certified-modulo-profile"
    assert exit_code([certificate]) == 0


def test_a_stale_profile_entry_fails_the_run() -> None:
    result = run()
    result.properties[MUST].profiled = True
    certificate = build(result, stale={MUST: "its trace no longer diverges"})
    assert certificate["verdict"]["overall"] == "violations"
    assert exit_code([certificate]) == 1


def test_the_worst_of_several_certificates_gives_the_exit_code() -> None:
    good, bad = build(run()), build(run(**{slug(MUST): Verdict.FAIL}))
    unsure = build(run(**{slug(MUST): Verdict.INCONCLUSIVE}))
    assert exit_code([good, unsure]) == 4
    assert exit_code([good, unsure, bad]) == 1


def test_a_run_without_properties_is_an_error_not_a_pass() -> None:
    result = run()
    result.properties.clear()
    assert build(result)["verdict"]["overall"] == "error"


def test_certificates_fit_the_schema(validator: Any) -> None:
    result = run(**{slug(MUST): Verdict.FAIL})
    result.capabilities.append(CapabilityResult(name="put_if_match", declared=True, observed=Observed.IGNORED))
    result.counterexamples.append(
        Counterexample(
            id="cx1", property_id=MUST, expected="a", observed="b", ops=[{"op": "put", "key": "k"}], script="print(1)"
        )
    )
    certificate = build(result, command="dskit certify memory:")
    validator.validate(json.loads(json.dumps(certificate)))


@pytest.mark.parametrize("change", [{"surprise": 1}, {"digest": "short"}, {"errors": "none"}])
def test_the_schema_rejects_what_is_no_certificate(validator: Any, change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(build(run()) | change)


def test_the_digest_changes_with_any_value() -> None:
    certificate = build(run())
    assert certificate["digest"] == digest(certificate)
    certificate["run"]["seed"] += 1
    assert certificate["digest"] != digest(certificate)


def test_the_page_is_self_contained_and_escapes_the_subject() -> None:
    result = run(**{slug(MUST): Verdict.FAIL})
    result.target.name = "<script>alert(1)</script>"
    result.counterexamples.append(
        Counterexample(id="cx1", property_id=MUST, expected="<a>", observed="b", ops=[{"op": "put"}], script="x < y")
    )
    page = html.render(build(result))
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "x &lt; y" in page
    assert "http://" not in page
    assert "https://" not in page


def test_the_profile_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(profile_schema())
