"""How a signal ends a run. (`test_command` sends real ones to a whole run.)"""

from __future__ import annotations

import subprocess
import sys

import pytest

HALF_MADE = """
import http.client, os, signal, sys
from dskit_conformance.interruption import interruptible

class Answer(http.client.HTTPResponse):
    def __init__(self):  # has no `fp` yet, which closing it asks for
        if "signal" in sys.argv:
            os.kill(os.getpid(), signal.SIGTERM)

class Other:
    def __del__(self):
        raise ValueError("of something else")

with interruptible():
    try:
        Answer()
    finally:
        if "other" in sys.argv:
            Other()
"""


def told(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", HALF_MADE, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stderr


def test_what_a_signal_left_half_made_is_let_go_of_without_a_word() -> None:
    assert told("signal") == (143, "")


def test_other_errors_of_the_clean_up_are_still_told() -> None:
    code, words = told("signal", "other")
    assert code == 143
    assert "ValueError: of something else" in words


@pytest.mark.skipif(sys.version_info < (3, 13), reason="until Python 3.12 nothing is said of it")
def test_without_a_signal_they_are_told() -> None:
    code, words = told()
    assert code == 0
    assert "AttributeError" in words
