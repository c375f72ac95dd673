"""How much a run may do. Examples decide, so that a run is a function of its seed; seconds only end what is slow."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from dskit.errors import ConfigurationError

__all__ = ["BUDGETS", "Budget", "budget_of"]


@dataclass(frozen=True, slots=True)
class Budget:
    """`base` examples a machine, then rounds of `more` for the machines whose properties are below `quota`."""

    name: str
    base: int
    more: int
    rounds: int
    steps: int
    quota: int
    seconds: float
    """When to stop in any case; a machine at ease needs a third of it."""
    replay_ops: int
    """Operations that making one counterexample shorter may send."""
    replay_seconds: float


BUDGETS = MappingProxyType(
    {
        ("quick", "memory"): Budget("quick", 36, 12, 16, 30, 20, 90.0, 3000, 4.0),
        ("quick", "files"): Budget("quick", 12, 4, 24, 24, 20, 90.0, 1000, 6.0),
        ("quick", "wire"): Budget("quick", 6, 2, 16, 24, 5, 90.0, 400, 20.0),
        ("standard", "memory"): Budget("standard", 150, 40, 20, 40, 50, 300.0, 6000, 20.0),
        ("standard", "files"): Budget("standard", 90, 20, 20, 30, 50, 600.0, 3000, 30.0),
        ("standard", "wire"): Budget("standard", 60, 15, 20, 30, 20, 900.0, 1500, 60.0),
        ("deep", "memory"): Budget("deep", 2500, 200, 40, 60, 200, 3600.0, 20000, 120.0),
        ("deep", "files"): Budget("deep", 1200, 120, 40, 60, 200, 7200.0, 10000, 200.0),
        ("deep", "wire"): Budget("deep", 600, 60, 40, 40, 100, 7200.0, 5000, 300.0),
    }
)
"""By name and by what a check costs: memory microseconds, files a sync to disk, the wire a request."""


def budget_of(name: str, *, in_process: bool, blocking: bool) -> Budget:
    """Raises `ConfigurationError` for a budget that does not exist."""
    found = BUDGETS.get((name, "wire" if not in_process else "files" if blocking else "memory"))
    if found is None:
        raise ConfigurationError(f"a budget is quick, standard or deep, not {name!r}")
    return found
