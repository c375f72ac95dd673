"""One example: operations against a store and the model side by side, until a property is not kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from dskit.capabilities import Semantics
from dskit.store import Store

from .calls import Calls
from .judge import WRITES, Judge
from .ledger import Ledger
from .model import Model
from .outcomes import Claim, Op, Outcome, Trace, Violation, shown
from .state import HEADERS, Stored

__all__ = ["Abandoned", "Executor", "replay"]


class Abandoned(Exception):
    """The example has shown a violation and its model no longer holds."""

    def __init__(self, violation: Violation) -> None:
        super().__init__(violation.property_id)
        self.violation = violation


@dataclass
class Executor:
    """`tolerated` are properties known to be violated: they are counted, the model adopts what the store did, and
    the example goes on. `trace` is what was done so far."""

    store: Store
    ledger: Ledger = field(default_factory=Ledger)
    semantics: Semantics = field(default_factory=Semantics)
    min_part: int = 5 * 1024**2
    tolerated: Collection[str] = frozenset()
    trace: Trace = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.model = Model(self.semantics, self.min_part)
        self.judge = Judge(self.model)
        self.calls = Calls(self.store, self.model)

    def run(self, op: Op) -> Outcome:
        """Do one operation. Raises `Abandoned` at a violation that is not tolerated."""
        upload = self.model.uploads.get(op.get("upload", ""))
        if upload is not None and upload.state == "lost":
            return Outcome("lost")
        self.trace.append(op)
        expected = self.judge.expectation(op)
        outcome = self.calls.perform(op)
        self.statuses.append(outcome.status)
        claims = self.judge.explicit(op) + expected.all_claims(outcome)
        failed = self._check(claims, outcome)
        if failed is None:
            self.model.apply(op, outcome)
            self.judge.after(op, outcome, expected.rules)
        elif failed.property_id in self.tolerated:
            self._adopt(op, outcome)
        else:
            raise Abandoned(failed)
        return outcome

    def _check(self, claims: list[Claim], outcome: Outcome) -> Violation | None:
        """Note every claim up to the first that fails; that one is the finding."""
        alive = self.judge.alive()
        self.ledger.note(alive.property_id, held=alive.holds(outcome))
        for claim in claims if alive.holds(outcome) else [*claims, alive]:
            held = claim.holds(outcome)
            self.ledger.note(claim.property_id, held=held)
            if not held:
                violation = self._violation(claim, outcome)
                self.violations.append(violation)
                return violation
        return None

    def _violation(self, claim: Claim, outcome: Outcome) -> Violation:
        seen = shown(claim.observed(outcome))
        if claim.field == "status" and outcome.message:
            seen += f" ({outcome.message})"
        return Violation(claim.property_id, claim.expected, f"{claim.field}: {seen}", list(self.trace))

    def _adopt(self, op: Op, outcome: Outcome) -> None:
        """Take over what the store made of a write, whatever it is."""
        if op["op"] == "create_upload" and outcome.ok:
            self.model.apply(op, outcome)
        if op["op"] not in WRITES:
            return
        upload = self.model.uploads.get(op.get("upload", ""))
        if upload is not None:
            upload.state = "lost"
        keys = [op.get("key"), *op.get("keys", ()), upload.key if upload else None]
        for key in dict.fromkeys(key for key in keys if key):
            self.adopt_key(key)

    def adopt_key(self, key: str) -> None:
        seen = self.calls.perform({"op": "get", "key": key})
        if not seen.ok:
            self.model.forget(key)
            return
        fields: Mapping[str, Any] = seen.fields
        names = ("content_type", *HEADERS, "metadata")
        attributes = {name: fields[name] for name in names if fields.get(name) is not None}
        self.model.write(key, Stored(fields["body"], attributes, etag=fields["etag"]))

    def possible(self, op: Op) -> bool:
        """Whether the symbols of an operation stand for something: a shortened trace may have lost their origin."""
        if "token" in op and op["token"] not in self.calls.tokens:
            return False
        return op.get("upload", "unknown") == "unknown" or op["upload"] in self.model.uploads

    def audit(self) -> None:
        """Look at everything: the listing and every object."""
        self.run({"op": "list"})
        for key in sorted(set(self.model.objects) | {key for key in self.judge.owed if key}):
            self.run({"op": "get", "key": key})


def replay(executor: Executor, trace: Trace) -> Violation | None:
    """Run a trace; the violation that it ends in, if any. Operations whose symbols are unknown are left out."""
    for op in trace:
        if executor.possible(op):
            try:
                executor.run(op)
            except Abandoned as end:
                return end.violation
    return None
