"""What AWS answered, call by call, against what the emulator answers: whole answers, errors with all their elements."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.emulator.recorded.harness import RECORDINGS, Case, arguments, load_recordings, scenarios
from tests.emulator.recorded.matching import Binding, differences

HERE = Path(__file__).parent
for module in sorted(HERE.glob("scenarios_*.py")):
    importlib.import_module(f"tests.emulator.recorded.{module.stem}")

pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="the answers recorded on AWS are not beside this checkout"
)


def unbuilt() -> dict[str, str]:
    """Recording to what it needs that is not built."""
    lines = (HERE / "unbuilt.tsv").read_text().splitlines()
    return dict(line.split("\t") for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("name", sorted(scenarios()))
def test_answers_are_those_of_the_recording(name: str) -> None:
    recorded = load_recordings()[name]
    case = Case(name)
    scenarios()[name](case, *arguments(name))
    binding = Binding()
    assert differences(recorded, case.answers, binding) == []


def test_every_recording_is_replayed_or_says_what_it_needs() -> None:
    names, replayed, waiting = set(load_recordings()), set(scenarios()), set(unbuilt())
    assert replayed & waiting == set()
    assert replayed | waiting == names


def test_enough_recordings_are_replayed() -> None:
    assert len(scenarios()) >= 60
