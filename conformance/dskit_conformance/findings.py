"""Violations as they come in, and afterwards as counterexamples: shortest traces under the property they are about."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from dskit.clock import Clock

from .budget import Budget
from .catalogue import CATALOGUE
from .ddmin import Minimiser
from .executor import Executor, replay
from .ledger import Ledger
from .outcomes import Trace, Violation
from .result import Counterexample
from .script import script_of
from .target import Target

__all__ = ["Findings"]

SAMPLES = 3
KNOWN_AFTER = 3
SHARES = 10
"""A finding has at least this part of the seconds for replays, however many there are."""


@dataclass
class Findings:
    """`known` are properties seen violated so often that examples go on past them; a profile's are known from the
    start."""

    accepted: frozenset[str] = frozenset()
    samples: dict[str, list[Violation]] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)

    @property
    def known(self) -> frozenset[str]:
        return self.accepted | {name for name, count in self.seen.items() if count >= KNOWN_AFTER}

    def add(self, violation: Violation) -> bool:
        """True for the first violation of its property. The shortest traces are kept."""
        name = violation.property_id
        self.seen[name] = self.seen.get(name, 0) + 1
        kept = self.samples.setdefault(name, [])
        kept.append(violation)
        kept.sort(key=lambda sample: len(sample.trace))
        del kept[SAMPLES:]
        return self.seen[name] == 1


@dataclass
class Shortener:
    """Makes counterexamples of findings. Replays count neither in the ledger nor as examples."""

    target: Target
    budget: Budget
    clock: Clock
    findings: Findings
    sent: int = 0

    def shorten(self, ledger: Ledger, on_found: Callable[[Counterexample], None]) -> list[Counterexample]:
        """One counterexample a property. A sample that stays a violation with plain keys and fewer options is moved
        to the property that it then violates, and its count with it. What a profile accepts stays as it was seen."""
        end = self.clock.monotonic() + self.budget.replay_seconds
        found: dict[str, Counterexample] = {}
        for name in sorted(self.findings.samples, key=lambda name: (name in self.findings.accepted, name)):
            moved_to = ""
            for sample in self.findings.samples[name]:
                now = self.clock.monotonic()
                until = min(max(now + self.budget.replay_seconds / SHARES, end), end + self.budget.replay_seconds)
                short = sample if name in self.findings.accepted else self._shortest(sample, until=until)
                if short.property_id == name or not moved_to:
                    moved_to = short.property_id
                if short.property_id not in found:
                    found[short.property_id] = self._counterexample(short, len(found) + 1)
                    on_found(found[short.property_id])
                if moved_to == name:
                    break
            if moved_to and moved_to != name:
                _move(ledger, name, moved_to)
        return [found[name] for name in sorted(found)]

    def _shortest(self, sample: Violation, *, until: float) -> Violation:
        for tolerated in (self.findings.accepted - {sample.property_id}, self.findings.known - {sample.property_id}):
            again = self._replay(sample.trace, tolerated)
            if again is not None and again.property_id == sample.property_id:
                break
        else:
            return sample

        def attempt(trace: Trace) -> Violation | None:
            return self._replay(trace, tolerated) if self.clock.monotonic() < until else None

        minimiser = Minimiser(attempt, most=self.budget.replay_ops)
        short = minimiser.minimise(again)
        self.sent += minimiser.sent
        return short

    def _replay(self, trace: Trace, tolerated: Collection[str]) -> Violation | None:
        with self.target.ground() as ground:
            return replay(self._executor(ground.store, tolerated), trace)

    def _executor(self, store: object, tolerated: Collection[str]) -> Executor:
        facts = self.target.facts
        return Executor(
            store,  # type: ignore[arg-type]
            semantics=facts.capabilities.semantics,
            min_part=facts.min_part_bytes,
            tolerated=tolerated,
        )

    def _counterexample(self, short: Violation, number: int) -> Counterexample:
        name, facts = short.property_id, self.target.facts
        tolerated = self.findings.known - {name}
        with self.target.ground() as ground:
            executor = self._executor(ground.store, tolerated)
            again = replay(executor, short.trace)
        refused = [index for index, status in enumerate(executor.statuses) if status != "ok"]
        entry = CATALOGUE.get(name)
        return Counterexample(
            id=f"cx{number}",
            property_id=name,
            expected=short.expected,
            observed=short.observed,
            ops=short.trace,
            script=script_of(
                short.trace,
                property_id=name,
                statement=entry.statement if entry else "",
                expected=short.expected,
                observed=short.observed,
                url=facts.url or "memory:",
                prefixed=self.target.prefixed,
                refused=refused,
            ),
            replays=self.sent,
            stable=again is not None and again.property_id == name,
            profiled=name in self.findings.accepted,
        )


def _move(ledger: Ledger, source: str, destination: str) -> None:
    """The violations of one property were those of another."""
    record = ledger.records.get(source)
    if record is None or not record.violations:
        return
    for _ in range(record.violations):
        ledger.note(destination, held=False)
    record.checks -= record.violations
    record.violations = 0
