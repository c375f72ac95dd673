"""JSON Schema (2020-12) of a certificate and of a profile. The enumerations come from the catalogue itself."""

from __future__ import annotations

from typing import Any

from .catalogue import CATALOGUE
from .certificate import EXIT_CODES, SCHEMA
from .property import Level, Reach, Severity
from .result import Observed, Verdict

__all__ = ["certificate_schema", "profile_schema"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TEXT = {"type": "string"}
COUNT = {"type": "integer", "minimum": 0}
NUMBER = {"type": "number", "minimum": 0}
FLAG = {"type": "boolean"}


def _record(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """A closed object: every member required unless named optional, and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "unevaluatedProperties": False,
    }


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _map(values: dict[str, Any], names: list[str] | None = None) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "additionalProperties": values}
    if names is not None:
        schema["propertyNames"] = {"enum": names}
    return schema


def _op() -> dict[str, Any]:
    return {"type": "object", "required": ["op"], "properties": {"op": TEXT}}


def certificate_schema() -> dict[str, Any]:
    ids = sorted(CATALOGUE)
    verdicts = sorted(EXIT_CODES)
    level = _record(
        {
            "verdict": {"enum": verdicts},
            "requires": _list({"enum": [entry.value for entry in Level]}),
            "passed": COUNT,
            "total": COUNT,
            "checks": COUNT,
        }
    )
    levels = {entry.value: level for entry in Level}
    suite = _record(
        {
            "name": TEXT,
            "version": TEXT,
            "catalogue_sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "properties": COUNT,
            "missing": _map(TEXT, ids),
        }
    )
    subject = _record(
        {
            "name": TEXT,
            "url": TEXT,
            "store": TEXT,
            "version": TEXT,
            "server": TEXT,
            "in_process": FLAG,
            "min_part_bytes": COUNT,
            "capabilities": _record({name: {"type": "object"} for name in ("supports", "limits", "semantics")}),
            "image": _record({"name": TEXT, "id": TEXT, "digest": TEXT}),
        },
        optional=("image",),
    )
    run = _record(
        {
            "started": TEXT,
            "seconds": NUMBER,
            "seed": {"type": "integer"},
            "budget": TEXT,
            "quota": COUNT,
            "examples": COUNT,
            "steps": COUNT,
            "requests": COUNT,
            "isolation": {"enum": ["bucket", "prefix"]},
            "command": TEXT,
            "groups": _map(_map(NUMBER)),
            "left_behind": _list(TEXT),
        },
        optional=("left_behind",),
    )
    rule = _record(
        {
            "id": {"enum": ids},
            "level": {"enum": [entry.value for entry in Level]},
            "severity": {"enum": [entry.value for entry in Severity]},
            "reach": {"enum": [entry.value for entry in Reach]},
            "disputed": FLAG,
            "statement": TEXT,
            "sources": _list(TEXT),
            "verdict": {"enum": [entry.value for entry in Verdict]},
            "checks": COUNT,
            "violations": COUNT,
            "upper95": {"type": "number", "minimum": 0, "maximum": 1},
            "profiled": FLAG,
            "reason": TEXT,
            "counterexamples": _list(TEXT),
        }
    )
    counterexample = _record(
        {
            "id": TEXT,
            "property": {"enum": ids},
            "expected": TEXT,
            "observed": TEXT,
            "stable": FLAG,
            "replays": COUNT,
            "profiled": FLAG,
            "ops": _list(_op()),
            "python": TEXT,
        }
    )
    return {
        "$schema": DIALECT,
        "$id": SCHEMA,
        "title": "Certificate of an object store",
        **_record(
            {
                "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "schema": {"const": SCHEMA},
                "suite": suite,
                "subject": subject,
                "client": _record({"dskit": TEXT, "python": TEXT, "platform": TEXT, "libraries": _map(TEXT)}),
                "run": run,
                "verdict": _record({"overall": {"enum": verdicts}, "levels": _record(levels)}),
                "capabilities": _list(
                    _record(
                        {
                            "name": TEXT,
                            "declared": FLAG,
                            "observed": {"enum": [entry.value for entry in Observed]},
                            "evidence": _list(TEXT),
                        }
                    )
                ),
                "properties": _list(rule),
                "counterexamples": _list(counterexample),
                "profile": _record({"entries": {"type": "object"}, "stale": _map(TEXT, ids)}),
                "errors": _list(TEXT),
            }
        ),
    }


def profile_schema() -> dict[str, Any]:
    """A profile: the divergences of one subject that are known and accepted, each with the trace that shows it."""
    entry = _record(
        {
            "property": {"enum": sorted(CATALOGUE)},
            "note": {"type": "string", "minLength": 1},
            "switch": {"type": ["string", "boolean", "number"]},
            "stores": _list(TEXT),
            "trace": {"type": "array", "items": _op(), "minItems": 1},
        },
        optional=("switch", "stores"),
    )
    return {
        "$schema": DIALECT,
        "$id": "urn:dskit:profile:1",
        "title": "Profile of an object store",
        **_record(
            {
                "schema": {"const": "urn:dskit:profile:1"},
                "name": {"type": "string", "pattern": "^[a-z0-9-]+$"},
                "subject": TEXT,
                "entries": _list(entry),
            }
        ),
    }
