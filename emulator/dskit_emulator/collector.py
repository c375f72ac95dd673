"""Python's cyclic garbage collector during a start."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_paused"]


@contextmanager
def collector_paused() -> Iterator[None]:
    """No collections meanwhile, where there were any: modules stay, and to look through all that was loaded again and
    again, fifty times, takes a tenth of a start."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
