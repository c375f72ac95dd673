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
        ("quick", True): Budget("quick", 36, 12, 12, 30, 20, 60.0, 3000, 4.0),
        ("quick", False): Budget("quick", 6, 2, 16, 24, 5, 60.0, 300, 8.0),
        ("standard", True): Budget("standard", 150, 40, 20, 40, 50, 90.0, 6000, 20.0),
        ("standard", False): Budget("standard", 60, 15, 20, 30, 20, 600.0, 1500, 60.0),
        ("deep", True): Budget("deep", 2500, 200, 40, 60, 200, 3600.0, 20000, 120.0),
        ("deep", False): Budget("deep", 600, 60, 40, 40, 100, 7200.0, 5000, 300.0),
    }
)


def budget_of(name: str, *, in_process: bool) -> Budget:
    """Raises `ConfigurationError` for a budget that does not exist."""
    found = BUDGETS.get((name, in_process))
    if found is None:
        raise ConfigurationError(f"a budget is quick, standard or deep, not {name!r}")
    return found
