"""What was observed, what is allowed, and the difference. Values are plain data, so that they can be written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Claim", "Expectation", "Op", "Outcome", "Trace", "Violation", "shown"]

Op = dict[str, Any]
"""One operation: JSON values only, `op` names it. Upload ids, tokens and ETags are symbolic (see `trace`)."""

Trace = list[Op]


@dataclass(slots=True)
class Outcome:
    """What a store did. `status` is ``ok`` or an S3 error code; `kind` is the class of the error."""

    status: str
    fields: dict[str, Any] = field(default_factory=dict)
    kind: str = ""
    message: str = ""

    @property
    def ok(self) -> bool:
        return self.status == "ok"


@dataclass(frozen=True, slots=True)
class Claim:
    """A property says: this field of the outcome is one of `allowed`. The field ``status`` is the status."""

    property_id: str
    field: str
    allowed: tuple[Any, ...]

    def holds(self, outcome: Outcome) -> bool:
        if self.field == "status":
            return outcome.status in self.allowed
        return outcome.fields.get(self.field) in self.allowed


@dataclass(slots=True)
class Expectation:
    """The model's answer: the statuses allowed and, by property, what must be found when the call succeeds."""

    allowed: tuple[str, ...] = ("ok",)
    rules: tuple[str, ...] = ()
    """Properties that predict the status."""
    claims: list[Claim] = field(default_factory=list)
    """Properties that predict the fields of a success."""


@dataclass(slots=True)
class Violation:
    """One property, not kept. `trace` is a list of operations of which the last shows it."""

    property_id: str
    expected: str
    observed: str
    trace: Trace = field(default_factory=list)
    group: str = ""

    def to_mapping(self) -> dict[str, Any]:
        return {
            "property": self.property_id,
            "expected": self.expected,
            "observed": self.observed,
            "ops": self.trace,
            "group": self.group,
        }


def shown(value: object, limit: int = 160) -> str:
    """A value for people: long ones shortened, bytes with their length."""
    if isinstance(value, bytes | bytearray | memoryview):
        raw = bytes(value)
        text = f"{raw!r}" if len(raw) <= 32 else f"{raw[:16]!r}… ({len(raw)} bytes)"
    elif isinstance(value, Mapping):
        text = "{" + ", ".join(f"{name!r}: {shown(item, 60)}" for name, item in value.items()) + "}"
    elif isinstance(value, Sequence) and not isinstance(value, str):
        text = "[" + ", ".join(shown(item, 60) for item in value) + "]"
    else:
        text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
