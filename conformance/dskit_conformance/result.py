"""What a run gives back. A certificate is a function of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from dskit.capabilities import Capabilities

from .ledger import CheckRecord
from .outcomes import Trace

__all__ = ["CapabilityResult", "Counterexample", "Observed", "PropertyResult", "RunResult", "TargetFacts", "Verdict"]


class Verdict(StrEnum):
    PASS = "pass"
    NON_STRICT = "non-strict"
    """A SHOULD, an INFO or a disputed property was seen violated."""
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    """Fewer checks than the quota."""
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"
    """The suite itself failed."""


class Observed(StrEnum):
    """What a store really does with a capability, whatever it declares."""

    SUPPORTED = "supported"
    REFUSED = "refused"
    IGNORED = "ignored"
    """Accepted without an error and without an effect: the dangerous one."""
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(slots=True, kw_only=True)
class TargetFacts:
    """The subject. `url` holds no secret; `name` is what a person calls it."""

    name: str
    url: str
    store: str
    """Class of the store, for example ``S3Store``."""
    version: str = ""
    server: str = ""
    isolation: str = "bucket"
    in_process: bool = True
    capabilities: Capabilities = field(default_factory=Capabilities)
    min_part_bytes: int = 5 * 1024**2
    image: dict[str, str] = field(default_factory=dict)
    """Of a server in a container: `name`, `id` and `digest` of `dskit.containers.ImageFacts`."""


@dataclass(slots=True, kw_only=True)
class Counterexample:
    """The shortest trace found for a violation, with a script that shows it through dskit's public API."""

    id: str
    property_id: str
    expected: str
    observed: str
    ops: Trace
    script: str
    replays: int = 0
    """Operations sent while making it shorter."""
    stable: bool = True
    """It diverged again each time that it was replayed at the end."""
    profiled: bool = False


@dataclass(slots=True, kw_only=True)
class PropertyResult:
    property_id: str
    verdict: Verdict
    checks: int = 0
    violations: int = 0
    reason: str = ""
    """Why inconclusive, not applicable or an error."""
    counterexamples: list[str] = field(default_factory=list)
    profiled: bool = False
    """The profile lists it: its violations are accepted."""

    @property
    def upper95(self) -> float:
        return CheckRecord(self.checks).upper95


@dataclass(slots=True, kw_only=True)
class CapabilityResult:
    name: str
    declared: bool
    observed: Observed
    evidence: list[str] = field(default_factory=list)
    """Property ids, or one sentence."""


@dataclass(slots=True, kw_only=True)
class RunResult:
    """`missing` maps a property id to the reason why it has no check. Times are seconds."""

    target: TargetFacts
    seed: int
    budget: str
    quota: int
    properties: dict[str, PropertyResult] = field(default_factory=dict)
    counterexamples: list[Counterexample] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    capabilities: list[CapabilityResult] = field(default_factory=list)
    profile: dict[str, Any] = field(default_factory=dict)
    examples: int = 0
    steps: int = 0
    requests: int = 0
    started: str = ""
    """ISO 8601, UTC."""
    seconds: float = 0.0
    groups: dict[str, dict[str, float]] = field(default_factory=dict)
    """By group of checks: `examples`, `steps`, `seconds`."""
    errors: list[str] = field(default_factory=list)
    """Failures of the suite itself or of the smoke gate, for people."""
    left_behind: list[str] = field(default_factory=list)
    """Scratch buckets, or prefixes, that could not be removed."""

    @property
    def violations(self) -> dict[str, PropertyResult]:
        """Properties seen violated, whatever their severity, those of the profile included."""
        return {name: result for name, result in self.properties.items() if result.violations}

    @property
    def failed(self) -> list[str]:
        """Properties with verdict fail that no profile accepts."""
        return [
            name for name, result in self.properties.items() if result.verdict is Verdict.FAIL and not result.profiled
        ]
