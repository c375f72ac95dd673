"""The ledger counts, and merges in any grouping."""

from __future__ import annotations

from dskit_conformance.ledger import CheckRecord, Ledger


def ledger(*notes: tuple[str, bool]) -> Ledger:
    made = Ledger()
    for name, held in notes:
        made.note(name, held=held)
    return made


def test_checks_and_violations() -> None:
    made = ledger(("A", True), ("A", False), ("B", True))
    assert made.to_mapping() == {"A": {"checks": 2, "violations": 1}, "B": {"checks": 1, "violations": 0}}
    assert made.below(2, ["A", "B", "C"]) == ["B", "C"]


def test_merging_is_associative() -> None:
    def parts() -> list[Ledger]:
        return [ledger(("A", True)), ledger(("A", False), ("B", True)), ledger(("C", True))]

    left, middle, right = parts()
    left.merge(middle)
    left.merge(right)
    first, second, third = parts()
    second.merge(third)
    first.merge(second)
    assert left.to_mapping() == first.to_mapping()


def test_the_rule_of_three() -> None:
    assert CheckRecord(300).upper95 == 0.01
    assert CheckRecord(2).upper95 == 1.0
