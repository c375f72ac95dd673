"""A bounded number of threads that do the jobs of one transfer, and one thread, the caller's, that watches.

Jobs tell how many bytes they moved; the caller's thread adds up and calls the progress callback, which may raise to
stop the transfer. The first failure (of a job, of the callback, a Ctrl-C) stops all: no further job begins, those that
run end at their next step, and nobody is running any more when `run` returns or raises.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Protocol, TypeAlias

__all__ = ["Job", "Progress", "ProgressCallback", "Step", "Tally", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a transfer is. Totals are None where they are not known (yet). `key` is the object that moved last."""

    bytes: int
    total_bytes: int | None
    files: int
    total_files: int | None
    key: str | None = None


ProgressCallback: TypeAlias = Callable[[Progress], None]


class Step(Protocol):
    """What a job calls as it goes: so many bytes more (negative: a retry begins again), so many objects done."""

    def __call__(self, moved: int, *, files: int = 0, key: str | None = None) -> None: ...


Job: TypeAlias = Callable[[Step], None]


class Tally:
    """Counts the steps of a transfer and tells the caller. Used by one thread at a time."""

    def __init__(
        self,
        callback: ProgressCallback | None = None,
        *,
        total_bytes: int | None = None,
        total_files: int | None = None,
    ) -> None:
        self.bytes = 0
        self.files = 0
        self.total_bytes = total_bytes
        self.total_files = total_files
        self._callback = callback

    def __call__(self, moved: int, *, files: int = 0, key: str | None = None) -> None:
        self.bytes += moved
        self.files += files
        if self._callback is not None:
            self._callback(
                Progress(
                    bytes=self.bytes,
                    total_bytes=self.total_bytes,
                    files=self.files,
                    total_files=self.total_files,
                    key=key,
                )
            )


class Stopped(BaseException):
    """Ends a job whose transfer has failed elsewhere."""


def run(jobs: Iterable[Job], step: Step, *, concurrency: int) -> None:
    """Do all `jobs`, at most `concurrency` at once; they are drawn from the iterable as threads become free.

    Raises the first failure, after the other threads have ended.
    """
    if concurrency == 1:
        for job in jobs:
            job(step)
        return
    events: queue.SimpleQueue[tuple[int, int, str | None] | BaseException | None] = queue.SimpleQueue()
    stop = threading.Event()

    def tell(moved: int, *, files: int = 0, key: str | None = None) -> None:
        if stop.is_set():
            raise Stopped
        events.put((moved, files, key))

    def work(job: Job) -> None:
        try:
            tell(0)
            job(tell)
        except BaseException as error:  # it travels to the thread that waits
            events.put(error)
        else:
            events.put(None)

    waiting = iter(jobs)
    with ThreadPoolExecutor(concurrency, thread_name_prefix="dskit-transfer") as executor:
        try:
            running = 0
            for job in islice(waiting, concurrency):
                executor.submit(work, job)
                running += 1
            while running:
                event = events.get()
                if isinstance(event, tuple):
                    step(event[0], files=event[1], key=event[2])
                elif event is not None:
                    raise event
                else:
                    running -= 1
                    for job in islice(waiting, 1):
                        executor.submit(work, job)
                        running += 1
        except BaseException:
            stop.set()
            raise
