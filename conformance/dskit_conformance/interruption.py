"""SIGINT and SIGTERM end a run like an exception does, so that scratch buckets are removed on the way out."""

from __future__ import annotations

import io
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["interruptible"]

_OF_A_FILE = "Exception ignored while finalizing file"  # as Python 3.14 says it, without the object


@contextmanager
def interruptible() -> Iterator[None]:
    """Inside, either signal raises `SystemExit` with 128 plus its number: a code of its own, not that of violations.

    While the run cleans up, a further SIGTERM is ignored (`timeout` sends two) and a further SIGINT ends at once.
    Handlers belong to the main thread; in others nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _say_nothing_of_half_made_files()
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say_nothing_of_half_made_files() -> None:
    """The signal may come in the middle of making one, or an answer of `http.client`, which is one: from Python 3.13 on
    the interpreter prints a traceback as it lets go of that."""
    before = sys.unraisablehook

    def hook(told: sys.UnraisableHookArgs) -> None:
        if not (isinstance(told.object, io.IOBase) or (told.err_msg or "").startswith(_OF_A_FILE)):
            before(told)

    sys.unraisablehook = hook
