"""The garbage collector during a start."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from dskit_emulator.collector import collector_paused

MADE = "import gc; from dskit_emulator.collector import collector_paused\nwith collector_paused(): kept = [[]]\n"


@pytest.mark.parametrize("running", [True, False])
def test_it_is_paused_and_then_what_it_was(running: bool) -> None:
    """Also after an error, and where the program had switched it off."""
    before = gc.isenabled()
    try:
        (gc.enable if running else gc.disable)()
        with collector_paused():
            assert not gc.isenabled()
        assert gc.isenabled() == running
        with pytest.raises(ZeroDivisionError), collector_paused():
            _ = 1 / 0
        assert gc.isenabled() == running
    finally:
        (gc.enable if before else gc.disable)()


def told(code: str) -> str:
    """What a fresh interpreter prints: what is frozen here belongs to all tests."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_what_was_made_meanwhile_is_not_young_afterwards() -> None:
    assert told(MADE + "print(sum(one is kept for one in gc.get_objects(2)), gc.get_freeze_count())") == "1 0\n"


def test_what_the_program_froze_stays_frozen() -> None:
    code = "import gc; cold = [[]]; gc.freeze()\n" + MADE + "print(sum(one is cold for one in gc.get_objects()))"
    assert told(code) == "0\n"
