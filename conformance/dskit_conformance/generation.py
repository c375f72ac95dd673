"""Examples from Hypothesis, and only that: no database, no shrinking, no failing test."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, configuration, settings
from hypothesis import strategies as st

from .strategies import Draw, HypothesisChoices

__all__ = ["Unsteady", "examples", "seed_of"]

Unsteady = hypothesis.errors.Flaky
"""What a draw raises where the same choices led elsewhere before: `examples` begins again, so let it through."""


def seed_of(*parts: object) -> int:
    """One number for a part of a run: the same on every machine and in every process."""
    return int.from_bytes(sha256(repr(parts).encode()).digest()[:8], "big")


def examples(play: Callable[[Draw], None], count: int, seed: int) -> None:
    """Call `play` up to `count` times with different choices. What it raises is raised.

    What is drawn depends on what a store answers. Where a store answers the same operations differently, Hypothesis
    gives up, as its choices no longer mean the same; the examples that are left are then drawn from a new seed.
    """
    played = 0

    def counted(draw: Draw) -> None:
        nonlocal played
        if not draw.integer(0, 1 << 32):  # Hypothesis begins with the simplest choices, an example without content
            return
        played += 1
        play(draw)

    while played < count:
        before = played
        try:
            _round(counted, count - played + 1, seed + played)
        except Unsteady:
            pass
        else:
            return
        if played == before:
            return


@st.composite
def _played(draw: st.DrawFn, play: Callable[[Draw], None]) -> None:
    """An example is played while it is drawn: each draw of `st.data()` costs four times as much."""
    play(Draw(HypothesisChoices(draw)))


def _round(play: Callable[[Draw], None], count: int, seed: int) -> None:
    @hypothesis.seed(seed)
    @settings(
        max_examples=count,
        phases=(Phase.generate,),
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(_played(play))
    def run(_: None) -> None:
        """It was played when it was drawn."""

    with warnings.catch_warnings(), _storage():
        warnings.simplefilter("ignore", hypothesis.errors.HypothesisWarning)
        run()


@contextlib.contextmanager
def _storage() -> Iterator[None]:
    """Hypothesis keeps tables of its own on disk: in the user's cache, not in the folder that a run is started in."""
    before = vars(configuration).get("__hypothesis_home_directory")
    if before is None and "HYPOTHESIS_STORAGE_DIRECTORY" not in os.environ:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        configuration.set_hypothesis_home_dir(cache / "dskit" / "hypothesis")
    try:
        yield
    finally:
        configuration.set_hypothesis_home_dir(before)
