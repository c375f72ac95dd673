"""A run: smoke gate, directed checks, rounds of generated examples until every property has its quota, then shorter
counterexamples. The whole is a function of target, seed and budget."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dskit.clock import Clock, SystemClock
from dskit.errors import ConfigurationError

from .applicability import reason_not_applicable
from .budget import Budget, budget_of
from .capability_results import capability_results
from .catalogue import CATALOGUE, of_level
from .events import Event, Listener, Minimised, Progress, RunFinished, RunStarted, ViolationFound
from .executor import Abandoned, Executor, replay
from .families import usable
from .findings import Findings, Shortener
from .generation import Unsteady, examples, seed_of
from .ledger import Ledger
from .machines import MACHINES, Machine, Scene, play
from .outcomes import Trace, Violation
from .properties import DIRECTED, Directed, Probe
from .property import Property, Severity
from .reachability import check_answers, reach
from .result import Counterexample, PropertyResult, RunResult, Verdict
from .strategies import Draw, SeededChoices
from .target import SMOKE, Ground, Target, open_target, probe_min_part
from .troubles import Troubles, told

__all__ = ["certify", "stale_entries"]

UNGUIDED_ROUNDS = 3
"""Rounds of every machine for the sake of properties that none has reached yet."""

INDICATIVE_PART = 1024
"""Parts up to this size cost nothing, so that uploads of several are generated freely."""


def certify(
    target: Any,
    *,
    level: str | None = None,
    budget: str = "quick",
    seed: int = 0,
    profile: Mapping[str, Any] | None = None,
    on_event: Listener | None = None,
    name: str | None = None,
    isolation: str | None = None,
    fail_fast: bool = False,
    seconds: float | None = None,
    clock: Clock | None = None,
) -> RunResult:
    """Put the properties of `level` (all for None) to the test on `target`; see `target.open_target`.

    `profile` maps property ids to switches: their violations are counted, accepted, and examples go on past them.
    `fail_fast` ends the run at the first violation of a MUST or SHOULD that no profile accepts: for tests of the suite.
    `seconds` replaces the time limit of the budget, replays included. Raises `ConfigurationError`.
    """
    chosen = of_level(level)
    unknown = sorted(set(profile or ()) - set(CATALOGUE))
    if unknown:
        raise ConfigurationError(f"the profile names {unknown[0]!r}, which is no property")
    with open_target(target, name=name, isolation=isolation) as subject:
        limits = budget_of(budget, in_process=subject.facts.in_process, blocking=subject.blocking)
        if seconds is not None:
            limits = replace(limits, seconds=seconds * 0.7, replay_seconds=seconds * 0.15)
        run = _Run(subject, limits, seed, chosen, on_event or _nobody, clock or SystemClock(), fail_fast)
        run.findings.accepted = frozenset(profile or ())
        return run.result(profile or {})


def stale_entries(
    target: Any, traces: Mapping[str, Trace], *, isolation: str | None = None, name: str | None = None
) -> dict[str, str]:
    """Of traces by property id, those that no longer show a violation: id to what happened instead."""
    stale = {}
    with open_target(target, name=name, isolation=isolation) as subject:
        subject.facts.min_part_bytes = probe_min_part(subject)
        for property_id, trace in traces.items():
            with subject.ground() as ground:
                seen = replay(_executor(subject, ground, Ledger(), frozenset()), trace)
            if seen is None:
                stale[property_id] = "its trace no longer diverges"
    return stale


def _nobody(_: Event) -> None:
    """For a run that no one watches."""


def _executor(subject: Target, ground: Ground, ledger: Ledger, tolerated: frozenset[str]) -> Executor:
    facts = subject.facts
    return Executor(ground.store, ledger, facts.capabilities.semantics, facts.min_part_bytes, tolerated)


@dataclass
class _Run:
    subject: Target
    budget: Budget
    seed: int
    chosen: list[Property]
    tell: Callable[[Event], None]
    clock: Clock
    fail_fast: bool = False
    ledger: Ledger = field(default_factory=Ledger)
    findings: Findings = field(default_factory=Findings)
    groups: dict[str, dict[str, float]] = field(default_factory=dict)
    troubles: Troubles = field(default_factory=Troubles)
    reached: dict[str, set[str]] = field(default_factory=dict)
    requests: int = 0
    end: float = 0.0
    over: bool = False
    """`fail_fast` has seen what it waits for."""

    def result(self, profile: Mapping[str, Any]) -> RunResult:
        started = self.clock.now()
        begun = self.clock.monotonic()
        self.end = begun + self.budget.seconds
        facts = self.subject.facts
        reasons = {entry.id: reason_not_applicable(entry, facts) for entry in self.chosen if entry.implemented}
        applicable = [entry for entry in self.chosen if entry.implemented and not reasons[entry.id]]
        self.tell(RunStarted(facts, self.budget.name, self.seed, len(applicable)))
        counterexamples: list[Counterexample] = []
        if self._smoke():
            self._explore(applicable)
            counterexamples = self._shorten()
        result = RunResult(
            target=facts,
            seed=self.seed,
            budget=self.budget.name,
            quota=self.budget.quota,
            properties={
                entry.id: self._verdict(entry, reasons[entry.id]) for entry in self.chosen if entry.implemented
            },
            counterexamples=counterexamples,
            missing={entry.id: entry.missing for entry in self.chosen if not entry.implemented},
            profile=dict(profile),
            examples=int(sum(group["examples"] for group in self.groups.values())),
            steps=int(sum(group["steps"] for group in self.groups.values())),
            requests=self.requests,
            started=started.isoformat(timespec="seconds"),
            seconds=self.clock.monotonic() - begun,
            groups=self.groups,
            errors=self.troubles.errors,
        )
        for example in counterexamples:
            if example.property_id in result.properties:
                result.properties[example.property_id].counterexamples.append(example.id)
        result.capabilities = capability_results(self.subject, result, probe=not self._over())
        result.left_behind = self.subject.sweep()
        self.tell(RunFinished(result))
        return result

    # ---- phases -----------------------------------------------------------------------------------------------

    def _smoke(self) -> bool:
        """Put, get, list and delete of one key: without them nothing else is worth a look."""
        try:
            with self.subject.ground() as ground:
                reach(ground.store)
            self.subject.facts.min_part_bytes = probe_min_part(self.subject)
            with self.subject.ground() as ground:
                failed = replay(_executor(self.subject, ground, Ledger(), frozenset()), list(SMOKE))
        except Exception as error:  # a target may fail in any way at all
            self.troubles.errors.append(f"the target cannot be tested: {told(error)}")
            self.troubles.hopeless = True
            return False
        if failed is not None:
            self.findings.add(failed)
            self.ledger.note(failed.property_id, held=False)
            self.troubles.errors.append(
                f"the first put, get, list, delete: {failed.property_id}: expected {failed.expected}; {failed.observed}"
            )
        return True

    def _explore(self, applicable: list[Property]) -> None:
        supports = self.subject.facts.capabilities.supports
        wanted = [entry.id for entry in applicable if entry.id not in self.findings.accepted]
        about = {CATALOGUE[name].family for name in wanted}
        machines = [machine for machine in MACHINES if about & set(machine.families)]
        machines = [machine for machine in machines if all(getattr(supports, need) for need in machine.needs)]
        directed = [check for check in DIRECTED if all(getattr(supports, need) for need in check.needs)]
        directed = [check for check in directed if set(check.properties) & set(wanted)]
        directed = [check for check in directed if not (check.own_bucket and self.subject.prefixed)]
        for number, check in enumerate(directed):
            if self._late():
                return
            for turn in range(check.most):
                if turn == 0 or self.ledger.below(self.budget.quota, set(check.properties) & set(wanted)):
                    self._directed(check, turn)
            self._progress("directed", number / max(1, len(directed)) * 0.2, wanted)
        passes = 3
        for number in range(passes * len(machines)):  # in passes, so that a run that is cut short has seen all of them
            if self._late():
                return
            machine = machines[number % len(machines)]
            self._generate(machine, self.budget.base // passes, -1 - number // len(machines))
            self._progress(machine.name, 0.2 + 0.5 * (number + 1) / (passes * len(machines)), wanted)
        for turn in range(1, self.budget.rounds + 1):
            short = self.ledger.below(self.budget.quota, wanted)
            if not short or self._late():
                break
            known = set().union(*(self.reached.get(machine.name, ()) for machine in machines))
            for machine in machines:
                short = self.ledger.below(self.budget.quota, wanted)
                anywhere = turn <= UNGUIDED_ROUNDS and set(short) - known
                if self.reached.get(machine.name, set()) & set(short) or anywhere:
                    self._generate(machine, self.budget.more, turn)
            self._progress("quota", 0.7 + 0.3 * turn / self.budget.rounds, wanted)

    def _late(self) -> bool:
        return self._over() or self.clock.monotonic() > self.end

    def _over(self) -> bool:
        return self.over or self.troubles.hopeless

    def _progress(self, group: str, done: float, wanted: list[str]) -> None:
        settled = len(wanted) - len(self.ledger.below(self.budget.quota, wanted))
        count = int(sum(numbers["examples"] for numbers in self.groups.values()))
        self.tell(Progress(group, done, 1.0, count, settled))

    # ---- one check --------------------------------------------------------------------------------------------

    def _generate(self, machine: Machine, count: int, turn: int) -> None:
        facts = self.subject.facts
        limit = facts.capabilities.limits.max_key_bytes
        longest = limit - 64 if limit and self.subject.prefixed else limit
        large = facts.min_part_bytes > INDICATIVE_PART

        def one(draw: Draw) -> None:
            if self._late():
                return
            known = self.findings.known

            def body(executor: Executor, _: Ground) -> None:
                families = usable(max_key_bytes=longest, excluded=known)
                scene = Scene(draw, executor, facts.capabilities.supports, families, known, small_parts=not large)
                play(machine, scene, self.budget.steps)

            self._example(machine.name, body)

        examples(one, count, seed_of(self.seed, machine.name, turn))

    def _directed(self, check: Directed, turn: int) -> None:
        if self._late():
            return

        def body(executor: Executor, ground: Ground) -> None:
            limit = self.subject.facts.capabilities.limits.max_key_bytes
            longest = limit - 64 if limit and self.subject.prefixed else limit
            families = usable(max_key_bytes=longest, excluded=self.findings.known)
            draw = Draw(SeededChoices(self.seed, check.name, turn))
            check.check(Probe(executor, draw, turn, families, many=self.subject.facts.in_process))

        self._example("directed", body)

    def _example(self, group: str, body: Callable[[Executor, Ground], None]) -> None:
        begun, own = self.clock.monotonic(), Ledger()
        executor: Executor | None = None
        unsteady: Unsteady | None = None
        try:
            with self.subject.ground() as ground:
                executor = _executor(self.subject, ground, own, self.findings.known)
                with contextlib.suppress(Abandoned):
                    body(executor, ground)
                if self.subject.prefixed and any(found.property_id == "ROB-01" for found in executor.violations):
                    reach(ground.store)  # a bucket tells it when it is made; a prefix costs no request
                if "crash" in executor.statuses:
                    check_answers(ground.store)
        except Unsteady as error:
            unsteady = error
        except Exception as error:  # of the target, which may fail in any way at all, or of a check
            self.troubles.note(group if executor else f"{group}: no fresh ground", error)
        else:
            self.troubles.none()
        finally:
            self.ledger.merge(own)
            self.reached.setdefault(group, set()).update(own.records)
        if executor is None:
            return
        self.requests += executor.calls.requests
        numbers = self.groups.setdefault(group, {"examples": 0, "steps": 0, "seconds": 0.0})
        numbers["examples"] += 1
        numbers["steps"] += len(executor.trace)
        numbers["seconds"] += self.clock.monotonic() - begun
        for violation in executor.violations:
            self._found(violation, group)
        if unsteady is not None:
            raise unsteady

    def _found(self, violation: Violation, group: str) -> None:
        violation.group = group
        if self.findings.add(violation):
            self.tell(ViolationFound(violation))
        entry = CATALOGUE.get(violation.property_id)
        if self.fail_fast and entry and entry.severity is not Severity.INFO and entry.id not in self.findings.accepted:
            self.over = True

    # ---- the end ----------------------------------------------------------------------------------------------

    def _shorten(self) -> list[Counterexample]:
        if self._over():
            return []
        shortener = Shortener(self.subject, self.budget, self.clock, self.findings)
        try:
            return shortener.shorten(self.ledger, lambda example: self.tell(Minimised(example)))
        except Exception as error:  # as for an example
            self.troubles.note("while making counterexamples shorter", error)
            return []

    def _verdict(self, entry: Property, reason: str) -> PropertyResult:
        record = self.ledger.records.get(entry.id)
        checks, violations = (record.checks, record.violations) if record else (0, 0)
        profiled = entry.id in self.findings.accepted
        if reason and not violations:
            verdict = Verdict.NOT_APPLICABLE
        elif violations:
            verdict, reason = Verdict.FAIL if entry.fails else Verdict.NON_STRICT, ""
        elif checks < self.budget.quota:
            verdict, reason = Verdict.INCONCLUSIVE, f"{checks} checks of the {self.budget.quota} that count"
        else:
            verdict = Verdict.PASS
        return PropertyResult(
            property_id=entry.id,
            verdict=verdict,
            checks=checks,
            violations=violations,
            reason=reason,
            profiled=profiled,
        )
