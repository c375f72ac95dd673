"""Declared against observed: what a subject does with each capability, whatever it says."""

from __future__ import annotations

import dataclasses

from dskit.capabilities import Supports

from .catalogue import CATALOGUE
from .refusals import observe
from .result import CapabilityResult, Observed, RunResult, Verdict
from .target import Target
from .troubles import told

__all__ = ["capability_results"]


def capability_results(target: Target, result: RunResult, *, probe: bool = True) -> list[CapabilityResult]:
    """One row a capability of `Supports`: from the properties that need it, else from a probe."""
    supports = target.facts.capabilities.supports
    rows = [_row(field.name, getattr(supports, field.name), result) for field in dataclasses.fields(Supports)]
    if not probe:
        return rows
    open_rows = [row for row in rows if row.observed is Observed.UNKNOWN]
    try:
        seen = observe(target, [row.name for row in open_rows])
    except Exception as error:  # a target may fail in any way at all
        result.errors.append(f"while probing capabilities: {told(error)}")
        return rows
    for row in open_rows:
        if row.name in seen:
            row.observed, sentence = seen[row.name]
            row.evidence = [sentence]
    return rows


def _row(name: str, declared: bool, result: RunResult) -> CapabilityResult:
    row = CapabilityResult(name=name, declared=declared, observed=Observed.UNKNOWN)
    about = [item for key, item in result.properties.items() if name in CATALOGUE[key].needs]
    if not declared:
        return row
    broken = [item.property_id for item in about if item.verdict is Verdict.FAIL]
    if broken:
        shown = [example.observed for example in result.counterexamples if example.property_id in broken]
        ignored = any(text.startswith("status: 'ok'") for text in shown)
        row.observed, row.evidence = Observed.IGNORED if ignored else Observed.BROKEN, broken
        return row
    passed = [item.property_id for item in about if item.verdict is Verdict.PASS]
    if passed:
        row.observed, row.evidence = Observed.SUPPORTED, passed
    return row
