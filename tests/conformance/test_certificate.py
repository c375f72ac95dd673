"""A certificate is a pure function of a run, says what it means in one verdict, and fits its schema."""

from __future__ import annotations

import json
from html import escape
from html.parser import HTMLParser
from pathlib import Path
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


KEPT = Path(__file__).resolve().parents[2] / "docs" / "certificates"


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


@pytest.mark.parametrize("schema", [certificate_schema(), profile_schema()], ids=["certificate", "profile"])
def test_the_schema_describes_every_member(schema: dict[str, Any]) -> None:
    def bare(node: Any, path: str) -> list[str]:
        if not isinstance(node, dict):
            return []
        members = node.get("properties", {})
        found = [f"{path}.{name}" for name, member in members.items() if not member.get("description")]
        for name, member in [*members.items(), ("[]", node.get("items")), ("{}", node.get("additionalProperties"))]:
            found += bare(member, f"{path}.{name}")
        return found

    assert bare(schema, "") == []


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


class Elements(HTMLParser):
    """Fails at an element that is not closed, or is closed inside of another."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)
        given = dict(attrs)
        assert tag not in ("script", "link", "img", "iframe"), tag
        assert not {name for name in given if name.startswith("on") or name == "src"}
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if "href" in given else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("file", sorted(KEPT.glob("*.json")), ids=lambda file: file.stem)
def test_the_page_is_well_formed_and_its_links_lead_somewhere(file: Path) -> None:
    certificate = json.loads(file.read_text("utf-8"))
    page = html.render(certificate)
    elements = Elements()
    elements.feed(page)
    elements.close()
    assert elements.open == []
    assert len(set(elements.ids)) == len(elements.ids)
    assert set(elements.links) <= {f"#{name}" for name in elements.ids}
    assert escape(certificate["run"]["command"], quote=False) in page.replace("&#39;", "'").replace("&#34;", '"')
    assert "@import" not in page
    assert "url(" not in page


def test_the_profile_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(profile_schema())
