"""The certificate: one JSON document, a pure function of a run. Every other report is a function of the certificate.

Verdict of the whole and of each level:

* ``certified``: every MUST was put to the test at least `quota` times and none was violated;
* ``certified-modulo-profile``: the same but for divergences that the given profile lists, each shown;
* ``violations``: a MUST is violated, or an entry of the profile is stale;
* ``inconclusive``: nothing violated, but a MUST stayed under its quota;
* ``not-applicable``: the store refuses all of the level, as it declares;
* ``error``: the suite itself failed.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from importlib import metadata
from typing import Any, Final

from .catalogue import CATALOGUE, PREREQUISITES, catalogue_sha256
from .property import Level
from .result import PropertyResult, RunResult, Verdict

__all__ = ["EXIT_CODES", "SCHEMA", "build", "digest", "exit_code"]

SCHEMA: Final = "urn:dskit:certificate:1"
EXIT_CODES: Final[Mapping[str, int]] = {
    "certified": 0,
    "certified-modulo-profile": 0,
    "not-applicable": 0,
    "violations": 1,
    "error": 3,
    "inconclusive": 4,
}
_WORST_FIRST: Final = ("error", "violations", "inconclusive", "certified-modulo-profile", "certified", "not-applicable")
_LIBRARIES: Final = ("boto3", "botocore", "minio", "obstore", "hypothesis", "httptools")


def build(result: RunResult, *, command: str = "", stale: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The certificate of `result` as JSON values. `stale` maps profile entries that no longer hold to a sentence."""
    stale = dict(stale or {})
    levels = {level.value: _level(result, level, stale) for level in Level}
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "suite": {
            "name": "dskit-conformance",
            "version": _version("dskit"),
            "catalogue_sha256": catalogue_sha256(),
            "properties": len(CATALOGUE),
            "missing": dict(sorted(result.missing.items())),
        },
        "subject": _subject(result),
        "client": {
            "dskit": _version("dskit"),
            "python": platform.python_version(),
            "platform": platform.platform(terse=True),
            "libraries": {name: version for name in _LIBRARIES if (version := _version(name))},
        },
        "run": {
            "started": result.started,
            "seconds": round(result.seconds, 3),
            "seed": result.seed,
            "budget": result.budget,
            "quota": result.quota,
            "examples": result.examples,
            "steps": result.steps,
            "requests": result.requests,
            "isolation": result.target.isolation,
            "command": command,
            "groups": result.groups,
            "left_behind": result.left_behind,
        },
        "verdict": {"overall": _worst(result, [entry["verdict"] for entry in levels.values()]), "levels": levels},
        "capabilities": [
            {"name": cell.name, "declared": cell.declared, "observed": cell.observed.value, "evidence": cell.evidence}
            for cell in result.capabilities
        ],
        "properties": [_property(entry) for _, entry in sorted(result.properties.items())],
        "counterexamples": [
            {
                "id": example.id,
                "property": example.property_id,
                "expected": example.expected,
                "observed": example.observed,
                "stable": example.stable,
                "replays": example.replays,
                "profiled": example.profiled,
                "ops": example.ops,
                "python": example.script,
            }
            for example in result.counterexamples
        ],
        "profile": {"entries": result.profile, "stale": stale},
        "errors": list(result.errors),
    }
    return {"digest": digest(record), **record}


def digest(record: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of a certificate without its own `digest`."""
    body = {name: value for name, value in record.items() if name != "digest"}
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def exit_code(certificates: list[dict[str, Any]]) -> int:
    """Exit code of the worst of several certificates: an engine error, then violations, then inconclusive."""
    overall = {certificate["verdict"]["overall"] for certificate in certificates}
    return next((EXIT_CODES[verdict] for verdict in _WORST_FIRST if verdict in overall), 0)


def _subject(result: RunResult) -> dict[str, Any]:
    target = result.target
    record = {
        "name": target.name,
        "url": target.url,
        "store": target.store,
        "version": target.version,
        "server": target.server,
        "in_process": target.in_process,
        "min_part_bytes": target.min_part_bytes,
        "capabilities": target.capabilities.to_mapping(),
    }
    return record | ({"image": dict(target.image)} if target.image else {})


def _property(entry: PropertyResult) -> dict[str, Any]:
    rule = CATALOGUE[entry.property_id]
    return {
        "id": entry.property_id,
        "level": rule.level.value,
        "severity": rule.severity.value,
        "reach": rule.reach.value,
        "disputed": rule.disputed,
        "statement": rule.statement,
        "sources": list(rule.sources),
        "verdict": entry.verdict.value,
        "checks": entry.checks,
        "violations": entry.violations,
        "upper95": round(entry.upper95, 6),
        "profiled": entry.profiled,
        "reason": entry.reason,
        "counterexamples": list(entry.counterexamples),
    }


def _level(result: RunResult, level: Level, stale: Mapping[str, str]) -> dict[str, Any]:
    entries = [entry for name, entry in result.properties.items() if CATALOGUE[name].level is level]
    verdicts = [entry.verdict for entry in entries]
    return {
        "verdict": _level_verdict(entries, stale),
        "requires": [other.value for other in PREREQUISITES[level]],
        "passed": sum(verdict in (Verdict.PASS, Verdict.NON_STRICT) for verdict in verdicts),
        "total": len(entries),
        "checks": sum(entry.checks for entry in entries),
    }


def _level_verdict(entries: list[PropertyResult], stale: Mapping[str, str]) -> str:
    asked = [entry for entry in entries if entry.verdict is not Verdict.NOT_APPLICABLE]
    if not asked:
        return "not-applicable"
    if any(entry.verdict is Verdict.ERROR for entry in asked):
        return "error"
    if any(entry.verdict is Verdict.FAIL and not entry.profiled for entry in asked):
        return "violations"
    if any(entry.property_id in stale for entry in asked):
        return "violations"
    if any(entry.verdict is Verdict.INCONCLUSIVE and _required(entry) for entry in asked):
        return "inconclusive"
    if any(entry.profiled for entry in asked):
        return "certified-modulo-profile"
    return "certified"


def _required(entry: PropertyResult) -> bool:
    return CATALOGUE[entry.property_id].fails and not entry.profiled


def _worst(result: RunResult, verdicts: list[str]) -> str:
    if result.errors or not result.properties:
        return "error"
    return next((verdict for verdict in _WORST_FIRST if verdict in verdicts), "error")


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""
