"""Python's cyclic garbage collector during a start."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_paused"]


@contextmanager
def collector_paused() -> Iterator[None]:
    """No collections meanwhile, where there were any: modules stay, and to look through all that was loaded again and
    again, fifty times, takes a tenth of a start.

    What was made meanwhile then belongs to the oldest generation, where a collection would have put it; otherwise the
    next allocation would look through all of it. A program that froze objects itself is left with what it froze.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            if not gc.get_freeze_count():  # `unfreeze` would thaw those too
                gc.freeze()
                gc.unfreeze()
            gc.enable()
