"""What was observed, what is allowed, and the difference. Values are plain data, so that they can be written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    """A property says: this field of the outcome is one of `allowed`, or passes `test`, which `text` describes.

    The field ``status`` is the status; claims about other fields hold of successes only. A field of a field has a
    dotted name.
    """

    property_id: str
    field: str
    allowed: tuple[Any, ...] = ()
    test: Callable[[Any], bool] | None = None
    text: str = ""

    def holds(self, outcome: Outcome) -> bool:
        value = self.observed(outcome)
        return self.test(value) if self.test is not None else value in self.allowed

    def observed(self, outcome: Outcome) -> Any:
        if self.field == "status":
            return outcome.status
        value: Any = outcome.fields
        for name in self.field.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    @property
    def expected(self) -> str:
        allowed = self.text or " or ".join(shown(value) for value in self.allowed)
        return f"{self.field}: {allowed}"


@dataclass(slots=True)
class Expectation:
    """The model's answer: the statuses allowed and, by property, what must be found when the call succeeds."""

    allowed: tuple[str, ...] = ("ok",)
    rules: tuple[str, ...] = ()
    """Properties that predict the status, the most specific first."""
    claims: list[Claim] = field(default_factory=list)
    """Properties that predict the fields of a success, the most specific first."""

    def all_claims(self, outcome: Outcome) -> list[Claim]:
        status = [Claim(rule, "status", self.allowed) for rule in dict.fromkeys(self.rules)]
        return status + (self.claims if outcome.ok else [])


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
