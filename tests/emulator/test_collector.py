"""The garbage collector during a start."""

from __future__ import annotations

import gc

import pytest

from dskit_emulator.collector import collector_paused


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
