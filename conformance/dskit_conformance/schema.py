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
OBJECT = {"type": "object"}
HASH = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
IDS = sorted(CATALOGUE)
LEVELS = [entry.value for entry in Level]


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
    return {
        "type": "object",
        "required": ["op"],
        "properties": {"op": _said("The verb; the rest are its options.", TEXT)},
    }


def _said(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "description": description}


def certificate_schema() -> dict[str, Any]:
    """Of `certificate.build`. Every member has a description: it is what `dskit certify --schema` prints."""
    return {
        "$schema": DIALECT,
        "$id": SCHEMA,
        "title": "Certificate of an object store",
        **_record(
            {
                "digest": _said("SHA-256 of the other members as compact JSON with sorted names.", HASH),
                "schema": _said("Names the form of the document.", {"const": SCHEMA}),
                "suite": _said("What judged.", _suite()),
                "subject": _said("What was judged.", _subject()),
                "client": _said("Where the suite ran.", _client()),
                "run": _said("How it was judged.", _run()),
                "verdict": _said("The outcome.", _verdict()),
                "capabilities": _said("What the store declares against what it does.", _list(_capability())),
                "properties": _said("Each property that was put to the test, or not applicable.", _list(_property())),
                "counterexamples": _said("The shortest trace found for each violation.", _list(_counterexample())),
                "profile": _said("Divergences that are known and accepted.", _accepted()),
                "errors": _said("What went wrong with the run itself, in sentences.", _list(TEXT)),
            }
        ),
    }


def _suite() -> dict[str, Any]:
    return _record(
        {
            "name": _said("Name of the suite's package.", TEXT),
            "version": _said("Its version.", TEXT),
            "catalogue_sha256": _said("Digest of all properties: certificates compare only under the same.", HASH),
            "properties": _said("How many properties the catalogue has.", COUNT),
            "missing": _said("Property id to the reason why the suite has no check of it.", _map(TEXT, IDS)),
        }
    )


def _subject() -> dict[str, Any]:
    records = {
        "supports": _said("By name: whether the store offers it.", OBJECT),
        "limits": _said("By name: a number, null where there is none.", OBJECT),
        "semantics": _said("By name: which of the known meanings it has.", OBJECT),
    }
    image = {
        "name": _said("What was asked for.", TEXT),
        "id": _said("The engine's id of it.", TEXT),
        "digest": _said("That of a registry; empty for an image that was made here.", TEXT),
    }
    return _record(
        {
            "name": _said("What a person calls it (`--name`), else its URL or class.", TEXT),
            "url": _said("The target without secrets; empty for a Python object.", TEXT),
            "store": _said("Class of its service.", TEXT),
            "version": _said("Version of the store where it is known, else empty.", TEXT),
            "server": _said("What the server calls itself where it does, else empty.", TEXT),
            "in_process": _said("Whether a call costs no request; the quota of checks is higher then.", FLAG),
            "min_part_bytes": _said("Least size of a part that others may follow, as probed, in bytes.", COUNT),
            "capabilities": _said("What the store declares of itself.", _record(records)),
            "image": _said("Of a server that was started in a container for the run.", _record(image)),
        },
        optional=("image",),
    )


def _client() -> dict[str, Any]:
    return _record(
        {
            "dskit": _said("Version of dskit.", TEXT),
            "python": _said("Version of Python.", TEXT),
            "platform": _said("Operating system and machine.", TEXT),
            "libraries": _said("Name to version of the libraries that the store or the suite uses.", _map(TEXT)),
        }
    )


def _run() -> dict[str, Any]:
    group = {
        "examples": _said("Examples that were begun.", NUMBER),
        "steps": _said("Operations in them.", NUMBER),
        "seconds": _said("Time that they took.", NUMBER),
    }
    groups = {"type": "object", "additionalProperties": _record(group)}
    return _record(
        {
            "started": _said("ISO 8601, UTC.", TEXT),
            "seconds": _said("Duration of the run.", NUMBER),
            "seed": _said("The same target, seed and budget give the same examples.", {"type": "integer"}),
            "budget": _said("Name of the budget.", {"enum": ["quick", "standard", "deep"]}),
            "quota": _said("Checks that a property needs, else it is inconclusive.", COUNT),
            "examples": _said("Examples in all.", COUNT),
            "steps": _said("Operations in all.", COUNT),
            "requests": _said("Calls of the store for them; what shortening sent is not counted.", COUNT),
            "isolation": _said("An example had a bucket, or a prefix in one.", {"enum": ["bucket", "prefix"]}),
            "command": _said("The command line that does it again; empty for use as a library.", TEXT),
            "groups": _said("By group of checks.", groups),
            "left_behind": _said("Scratch buckets or prefixes that could not be removed.", _list(TEXT)),
        },
        optional=("left_behind",),
    )


def _verdict() -> dict[str, Any]:
    verdict = {"enum": sorted(EXIT_CODES)}
    level = _record(
        {
            "verdict": _said("That of the level with all that it requires.", verdict),
            "requires": _said("Levels that must hold as well.", _list({"enum": LEVELS})),
            "passed": _said("Properties of the level that passed.", COUNT),
            "total": _said("Properties of the level that the catalogue has.", COUNT),
            "checks": _said("Checks of them.", COUNT),
        }
    )
    levels = _record({name: _said("A group of properties.", level) for name in LEVELS})
    return _record(
        {
            "overall": _said("What the exit code of `dskit certify` follows.", verdict),
            "levels": _said("By level.", levels),
        }
    )


def _capability() -> dict[str, Any]:
    return _record(
        {
            "name": _said("Of `Capabilities.supports`.", TEXT),
            "declared": _said("Whether the store says that it has it.", FLAG),
            "observed": _said("What it does with it.", {"enum": [entry.value for entry in Observed]}),
            "evidence": _said("Property ids, or one sentence.", _list(TEXT)),
        }
    )


def _property() -> dict[str, Any]:
    return _record(
        {
            "id": _said("Family and number.", {"enum": IDS}),
            "level": _said("The level that it belongs to.", {"enum": LEVELS}),
            "severity": _said("Only a MUST fails.", {"enum": [entry.value for entry in Severity]}),
            "reach": _said("What it needs: any store, or raw S3 calls.", {"enum": [entry.value for entry in Reach]}),
            "disputed": _said("Sources disagree, so that a violation is shown and fails nothing.", FLAG),
            "statement": _said("What must hold.", TEXT),
            "sources": _said("Where the rule is from.", _list(TEXT)),
            "verdict": _said("Of this property.", {"enum": [entry.value for entry in Verdict]}),
            "checks": _said("Checks that could have failed.", COUNT),
            "violations": _said("Checks that did.", COUNT),
            "upper95": _said(
                "Bound of the rate of violations at 95 %.", {"type": "number", "minimum": 0, "maximum": 1}
            ),
            "profiled": _said("The profile accepts its violations.", FLAG),
            "reason": _said("Why inconclusive or not applicable, else empty.", TEXT),
            "counterexamples": _said("Ids of the counterexamples.", _list(TEXT)),
        }
    )


def _counterexample() -> dict[str, Any]:
    return _record(
        {
            "id": _said("By which a property names it.", TEXT),
            "property": _said("The property that it violates.", {"enum": IDS}),
            "expected": _said("What the model allows after the last operation.", TEXT),
            "observed": _said("What the store did.", TEXT),
            "stable": _said("Whether the last replay showed it again.", FLAG),
            "replays": _said("Operations that were sent to make it short.", COUNT),
            "profiled": _said("The profile accepts it.", FLAG),
            "ops": _said("Operations on an empty bucket, the last of which shows it.", _list(_op())),
            "python": _said("The same as a script on dskit's public API.", TEXT),
        }
    )


def _accepted() -> dict[str, Any]:
    entries = {"type": "object", "propertyNames": {"enum": IDS}}
    return _record(
        {
            "entries": _said("Property id to what the profile says of it.", entries),
            "stale": _said("Property id to what happened: its trace no longer diverges.", _map(TEXT, IDS)),
        }
    )


def profile_schema() -> dict[str, Any]:
    """A profile: the divergences of one subject that are known and accepted, each with the trace that shows it."""
    trace = {**_list(_op()), "minItems": 1}
    entry = _record(
        {
            "property": _said("The property whose violations are accepted.", {"enum": IDS}),
            "note": _said("What the subject does, in one sentence.", {"type": "string", "minLength": 1}),
            "switch": _said("Of the model, so that a run goes on past it.", {"type": ["string", "boolean", "number"]}),
            "stores": _said("Classes of services through which it shows; all where it is absent.", _list(TEXT)),
            "trace": _said("Operations that show it; where none does any more the entry is stale.", trace),
        },
        optional=("switch", "stores"),
    )
    return {
        "$schema": DIALECT,
        "$id": "urn:dskit:profile:1",
        "title": "Profile of an object store",
        **_record(
            {
                "schema": _said("Names the form of the document.", {"const": "urn:dskit:profile:1"}),
                "name": _said("What `--profile` calls it.", {"type": "string", "pattern": "^[a-z0-9-]+$"}),
                "subject": _said("The store and its version.", TEXT),
                "entries": _said("One a property and class of stores.", _list(entry)),
            }
        ),
    }
