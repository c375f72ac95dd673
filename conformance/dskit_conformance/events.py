"""What a run tells while it goes on, for progress bars and logs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .outcomes import Violation
from .result import Counterexample, RunResult, TargetFacts

__all__ = ["Event", "Minimised", "Progress", "RunFinished", "RunStarted", "ViolationFound"]


@dataclass(frozen=True, slots=True)
class RunStarted:
    target: TargetFacts
    budget: str
    seed: int
    properties: int
    """How many properties apply to this target."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` is a rough fraction of the budget; `settled` properties have reached their quota."""

    group: str
    done: float
    total: float
    examples: int
    settled: int


@dataclass(frozen=True, slots=True)
class ViolationFound:
    """The first violation of a property."""

    violation: Violation


@dataclass(frozen=True, slots=True)
class Minimised:
    counterexample: Counterexample


@dataclass(frozen=True, slots=True)
class RunFinished:
    result: RunResult


Event = RunStarted | Progress | ViolationFound | Minimised | RunFinished
Listener = Callable[[Event], None]
