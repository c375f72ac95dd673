"""How often each property was really put to the test. Merges associatively, so that runs may be split."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

__all__ = ["CheckRecord", "Ledger"]


@dataclass(slots=True)
class CheckRecord:
    """`checks` counts only situations in which the property could have been violated."""

    checks: int = 0
    violations: int = 0

    def __add__(self, other: CheckRecord) -> CheckRecord:
        return CheckRecord(self.checks + other.checks, self.violations + other.violations)

    @property
    def upper95(self) -> float:
        """95 % upper bound of the violation rate per generated case after none was seen (rule of three)."""
        return 1.0 if self.checks < 3 else 3.0 / self.checks


@dataclass(slots=True)
class Ledger:
    records: dict[str, CheckRecord] = field(default_factory=dict)

    def note(self, property_id: str, *, held: bool = True) -> None:
        record = self.records.setdefault(property_id, CheckRecord())
        record.checks += 1
        record.violations += not held

    def checks(self, property_id: str) -> int:
        record = self.records.get(property_id)
        return record.checks if record else 0

    def below(self, quota: int, property_ids: Iterable[str]) -> list[str]:
        return [property_id for property_id in property_ids if self.checks(property_id) < quota]

    def merge(self, other: Ledger) -> None:
        for property_id, record in other.records.items():
            self.records[property_id] = self.records.get(property_id, CheckRecord()) + record

    def to_mapping(self) -> Mapping[str, dict[str, int]]:
        return {
            name: {"checks": record.checks, "violations": record.violations}
            for name, record in sorted(self.records.items())
        }
