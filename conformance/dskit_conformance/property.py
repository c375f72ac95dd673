"""A property: one sentence that an object store must make true, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Level", "Property", "Reach", "Severity"]


class Severity(StrEnum):
    """What a violation means: MUST fails a certificate, SHOULD makes it non-strict, INFO is only reported."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    INFO = "INFO"


class Reach(StrEnum):
    """What is needed to ask: `api` any `Store`; `s3` a store with `raw`, that is, the S3 wire."""

    API = "api"
    S3 = "s3"


class Level(StrEnum):
    """Modules of a certificate. All others need Core; Core itself needs the smoke gate."""

    CORE = "Core"
    RANGES = "Ranges"
    COPY = "Copy"
    BATCH = "Batch"
    CONDITIONAL = "Conditional"
    MULTIPART = "Multipart"


@dataclass(frozen=True, slots=True)
class Property:
    """`needs` are names of `dskit.capabilities.Supports`: undeclared means that the property does not apply.

    `missing` says why the suite has no check for it; empty for the properties that are implemented.
    `disputed` properties are reported and never fail.
    """

    id: str
    level: Level
    severity: Severity
    reach: Reach
    statement: str
    sources: tuple[str, ...]
    needs: frozenset[str] = frozenset()
    disputed: bool = False
    missing: str = ""

    @property
    def family(self) -> str:
        return self.id.partition("-")[0]

    @property
    def implemented(self) -> bool:
        return not self.missing

    @property
    def fails(self) -> bool:
        """Whether a violation fails a certificate."""
        return self.severity is Severity.MUST and not self.disputed
