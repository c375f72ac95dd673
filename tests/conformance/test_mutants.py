"""The suite finds planted bugs: a stratified dozen here, all of them with `make mutants`."""

from __future__ import annotations

from pathlib import Path

import pytest

import dskit
from dskit.backend import ObjectService
from dskit.reference import memory_service
from dskit_conformance import certify
from dskit_conformance.mutants import MUTANTS, Forwarding

DOZEN = (
    "LIST-24",
    "LIST-18",
    "LIST-14",
    "KEY-06",
    "KEY-14",
    "RANGE-08",
    "COND-07",
    "COND-16.copy",
    "META-08",
    "COPY-05",
    "DEL-06",
    "MPU-22",
    "MPU-26",
)
BY_ID = {mutant.id: mutant for mutant in MUTANTS}


@pytest.mark.slow
@pytest.mark.parametrize("mutant", DOZEN)
def test_the_suite_kills(mutant: str) -> None:
    result = certify(
        lambda: dskit.Service(BY_ID[mutant].plant(memory_service())),
        budget="quick",
        fail_fast=True,
        seconds=1800.0,  # examples end the run and not the clock: on a busy machine a bug would survive that
        name=mutant,
    )
    assert result.violations


def test_ids_are_unique_and_at_least_sixty_come_from_real_bugs() -> None:
    ids = [mutant.id for mutant in MUTANTS]
    assert len(ids) == len(set(ids))
    assert sum(not name.startswith("OWN-") for name in ids) >= 60


def test_the_page_says_what_each_does() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "mutants.md"
    rows = [[cell.strip() for cell in line.split(" | ")] for line in page.read_text("utf-8").splitlines()]
    table = {row[0].removeprefix("| "): row[-1].removesuffix(" |") for row in rows if len(row) == 3}
    assert table.items() >= {mutant.id: mutant.summary for mutant in MUTANTS}.items()


def test_a_mutant_without_a_bug_is_innocent() -> None:
    """The wrapper itself changes nothing: whatever a mutant is accused of, its bug did."""
    result = certify(lambda: dskit.Service(Forwarding(memory_service())), budget="quick", level="Core", seconds=4.0)
    assert result.violations == {}


def test_forwarding_is_a_whole_service() -> None:
    assert isinstance(Forwarding(memory_service()), ObjectService)
