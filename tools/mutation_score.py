"""Plant each known bug in a correct store and see that the conformance suite finds it, on several seeds.

Also runs the suite on clean memory and disk stores, which must show nothing. Prints a table; ends with 1 if a bug
survives anywhere or a clean store is accused.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

import dskit
from dskit.reference import disk_service, memory_service
from dskit_conformance import certify
from dskit_conformance.mutants import MUTANTS

SEEDS = (0, 1, 2)
CLEAN_SEEDS = tuple(range(10))
SECONDS = 1800.0
"""Far more than a run needs, so that examples end it and not the clock: on a busy machine a bug would survive that."""


@dataclass
class Trial:
    """One run of the suite on one mutant: `found` is the property that was violated first, empty where none was."""

    mutant: str
    seed: int
    found: str
    examples: int
    seconds: float


def try_mutant(number: int, seed: int) -> Trial:
    mutant = MUTANTS[number]

    def make() -> dskit.Service:
        return dskit.Service(mutant.plant(memory_service()))

    began = time.monotonic()
    result = certify(make, budget="quick", seed=seed, fail_fast=True, seconds=SECONDS, name=mutant.id)
    violated = [name for name, entry in result.properties.items() if entry.violations]
    return Trial(mutant.id, seed, ", ".join(violated), result.examples, time.monotonic() - began)


def try_clean(kind: str, seed: int) -> tuple[str, int, list[str], int]:
    with tempfile.TemporaryDirectory(prefix="dskit-clean-") as folder:

        def make() -> dskit.Service:
            service = memory_service() if kind == "memory" else disk_service(Path(folder) / "d", durability="process")
            return dskit.Service(service)

        result = certify(make, budget="quick", seed=seed, seconds=SECONDS, name=kind)
        return kind, seed, sorted(result.violations), sum(entry.checks for entry in result.properties.values())


def trials(pool: ProcessPoolExecutor, chosen: Iterable[int], seeds: Iterable[int]) -> Iterable[Trial]:
    pairs = list(itertools.product(chosen, seeds))
    return pool.map(try_mutant, [pair[0] for pair in pairs], [pair[1] for pair in pairs])


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, default=len(SEEDS))
    parser.add_argument("--clean-seeds", type=int, default=len(CLEAN_SEEDS))
    parser.add_argument("--lanes", type=int, default=2)
    parser.add_argument("only", nargs="*", help="mutant ids that begin with one of these")
    options = parser.parse_args()
    console = Console()
    chosen = [
        number
        for number, mutant in enumerate(MUTANTS)
        if not options.only or any(mutant.id.startswith(word) for word in options.only)
    ]
    by_mutant: dict[str, list[Trial]] = {MUTANTS[number].id: [] for number in chosen}
    with ProcessPoolExecutor(options.lanes) as pool:
        for trial in trials(pool, chosen, range(options.seeds)):
            by_mutant[trial.mutant].append(trial)
            if not trial.found:
                console.print(f"{trial.mutant} survives seed {trial.seed} ({trial.examples} examples)", style="red")
        kinds = ["memory", "disk"] if not options.only else []
        clean = list(itertools.product(kinds, range(options.clean_seeds)))
        innocents = list(pool.map(try_clean, [kind for kind, _ in clean], [seed for _, seed in clean]))
    survived = report(console, by_mutant)
    accused = [row for row in innocents if row[2]]
    for kind, seed, violated, _ in accused:
        console.print(f"clean {kind} store accused on seed {seed}: {', '.join(violated)}", style="red")
    if innocents:
        checks = sum(row[3] for row in innocents)
        console.print(
            f"clean stores: {len(innocents) - len(accused)} of {len(innocents)} runs without a violation, "
            f"{checks} checks"
        )
    print(f"{len(by_mutant) - len(survived)} passed, {len(survived) + len(accused)} failed")
    return 1 if survived or accused else 0


def report(console: Console, by_mutant: dict[str, list[Trial]]) -> list[str]:
    """The table, and the mutants that survived a seed."""
    summaries = {mutant.id: mutant.summary for mutant in MUTANTS}
    table = Table("mutant", "what it does", "killed", "by", "examples", "seconds")
    survived = []
    for name, runs in by_mutant.items():
        killed = [run for run in runs if run.found]
        if len(killed) < len(runs):
            survived.append(name)
        style = "red" if len(killed) < len(runs) else ""
        by = ", ".join(sorted({run.found for run in killed}))
        examples = str(sorted(run.examples for run in runs)[len(runs) // 2])
        seconds = f"{max(run.seconds for run in runs):.1f}"
        table.add_row(name, summaries[name], f"{len(killed)} of {len(runs)}", by, examples, seconds, style=style)
    console.print(table)
    console.print(f"{len(by_mutant) - len(survived)} of {len(by_mutant)} planted bugs killed on every seed")
    return survived


if __name__ == "__main__":
    sys.exit(main())
