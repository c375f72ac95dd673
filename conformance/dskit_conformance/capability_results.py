"""Declared against observed: what a subject does with each capability, whatever it says."""

from __future__ import annotations

import dataclasses

from dskit.capabilities import Supports

from .catalogue import CATALOGUE
from .result import CapabilityResult, Observed, RunResult, Verdict
from .target import Target

__all__ = ["capability_results"]


def capability_results(target: Target, result: RunResult) -> list[CapabilityResult]:
    """One row a capability of `Supports`, from the properties that need it."""
    supports = target.facts.capabilities.supports
    return [_row(field.name, getattr(supports, field.name), result) for field in dataclasses.fields(Supports)]


def _row(name: str, declared: bool, result: RunResult) -> CapabilityResult:
    about = [item for key, item in result.properties.items() if name in CATALOGUE[key].needs]
    if not declared:
        return CapabilityResult(name=name, declared=False, observed=Observed.UNKNOWN)
    broken = [item for item in about if item.verdict is Verdict.FAIL]
    if broken:
        ids = [item.property_id for item in broken]
        ignored = any(
            example.observed.startswith("status: 'ok'")
            for example in result.counterexamples
            if example.property_id in ids
        )
        return CapabilityResult(
            name=name, declared=True, observed=Observed.IGNORED if ignored else Observed.BROKEN, evidence=ids
        )
    passed = [item.property_id for item in about if item.verdict is Verdict.PASS]
    return CapabilityResult(
        name=name, declared=True, observed=Observed.SUPPORTED if passed else Observed.UNKNOWN, evidence=passed
    )
