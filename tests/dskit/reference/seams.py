"""Threads that stop at every call of a catalog or of blobs, and go on when they are told to: an interleaving is a list.

Nothing here sleeps or waits for the scheduler of the system: one thread runs at a time, from one seam to the next, so
that a schedule has the same outcome whenever it is run.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["Actor", "SteppedBlobs", "SteppedCatalog", "SteppedLock", "Steps", "cutting_in"]


class Actor:
    """A thread of its own, for one call at a time."""

    def __init__(self) -> None:
        self._go, self._back = threading.Lock(), threading.Lock()
        self._go.acquire()
        self._back.acquire()
        self._call: Callable[[], object] | None = None
        self.result: object = None
        self.running = False
        self.at = ""
        """The seam at which it waits."""
        self.locks: object = None
        """What it is about to enter, where that is one thread's at a time."""
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def begin(self, call: Callable[[], object]) -> None:
        """Stand at the first seam, which is before the call."""
        self._call, self.running, self.at, self.locks, self.result = call, True, "start", None, None

    def step(self) -> None:
        """Go on to the next seam, or to the end of the call."""
        self._go.release()
        self._back.acquire()

    def pause(self, seam: str, locks: object = None) -> None:
        """In the thread itself: wait for the next step."""
        self.at, self.locks = seam, locks
        self._back.release()
        self._go.acquire()

    def end(self) -> None:
        self._call = None
        self._go.release()
        self._thread.join()

    def is_current(self) -> bool:
        return threading.current_thread() is self._thread

    def _work(self) -> None:
        while True:
            self._go.acquire()
            if self._call is None:
                return
            try:
                self.result = self._call()
            except BaseException as error:  # whoever asked for the call judges it
                self.result = error
            self.running = False
            self._back.release()


class Steps:
    """Some actors, and which of them is inside of what only one may be in."""

    def __init__(self, count: int) -> None:
        self.actors = [Actor() for _ in range(count)]
        self._holders: dict[object, Actor] = {}
        self.trail: list[str] = []
        """The seams of the last run, in the order in which they were passed, with the number of the actor."""

    def close(self) -> None:
        for actor in self.actors:
            actor.end()

    def by_line(self, *files: str) -> Callable[[Callable[[], object]], Callable[[], object]]:
        """Makes calls that stop before each line of those files too: what holds no lock must bear it."""

        def traced(frame: FrameType, event: str, _: object) -> Any:
            if frame.f_code.co_filename not in files:
                return None
            if event == "line":
                self.seam(f"{frame.f_code.co_name}:{frame.f_lineno}")
            return traced

        def make(call: Callable[[], object]) -> Callable[[], object]:
            def run() -> object:
                sys.settrace(traced)
                try:
                    return call()
                finally:
                    sys.settrace(None)

            return run

        return make

    def seam(self, name: str, locks: object = None) -> None:
        """Stop here, if this is a thread of ours."""
        for actor in self.actors:
            if actor.is_current():
                actor.pause(name, locks)
                if locks is not None:
                    self._holders[locks] = actor
                return

    def leave(self, locks: object) -> None:
        self._holders.pop(locks, None)

    def ready(self, actor: Actor) -> bool:
        """Whether it has something to do and would not wait for another actor."""
        return actor.running and self._holders.get(actor.locks, actor) is actor

    def run(self, calls: Sequence[Callable[[], object]], choose: Callable[[list[int]], int]) -> list[tuple[int, int]]:
        """Run the calls, one an actor, until all have ended. `choose` is given the numbers of those that are ready.

        Returns the moments at which each began and ended: counts of steps. Results are in ``actors[…].result``.
        """
        acting = self.actors[: len(calls)]
        for actor, call in zip(acting, calls, strict=True):
            actor.begin(call)
        began, ended, now = [-1] * len(calls), [-1] * len(calls), 0
        self.trail = []
        while ready := [number for number, actor in enumerate(acting) if self.ready(actor)]:
            chosen = choose(ready)
            began[chosen] = now if began[chosen] < 0 else began[chosen]
            self.trail.append(f"{chosen} {acting[chosen].at}")
            acting[chosen].step()
            now += 1
            if not acting[chosen].running:
                ended[chosen] = now
        assert not any(actor.running for actor in acting), "deadlock: " + ", ".join(actor.at for actor in acting)
        return list(zip(began, ended, strict=True))


class _Stepped:
    """Stops before every call of what it stands for."""

    def __init__(self, inner: Any, steps: Steps, what: str, passing: tuple[str, ...] = ()) -> None:
        self._inner, self._steps, self._what, self._passing = inner, steps, what, passing

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._inner, name)
        if not callable(member) or name.startswith(self._passing):
            return member

        def call(*args: Any, **options: Any) -> Any:
            self._steps.seam(f"{self._what}.{name}")
            return member(*args, **options)

        return call


_READS = ("bucket", "current", "scan", "upload", "parts", "is_empty", "last_change", "next_seq")


class SteppedCatalog(_Stepped):
    """A catalog. `shared_lock` says that whoever reads a view keeps out who writes; inside of what is locked there are
    seams, before each write, only then, as a transaction of the other kind shows nothing before it has committed."""

    def __init__(self, inner: Any, steps: Steps, *, lock: object, shared_lock: bool) -> None:
        super().__init__(inner, steps, "catalog")
        self._lock, self._shared = lock, shared_lock

    def close(self) -> None:
        self._steps.seam("catalog.close", self._lock)
        self._inner.close()
        self._steps.leave(self._lock)

    @contextmanager
    def view(self) -> Iterator[Any]:
        self._steps.seam("view", self._lock if self._shared else None)
        try:
            with self._inner.view() as view:
                yield view
        finally:
            if self._shared:
                self._steps.leave(self._lock)

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        self._steps.seam("transaction", self._lock)
        try:
            with self._inner.transaction() as change:
                yield _Stepped(change, self._steps, "change", _READS) if self._shared else change
                self._steps.leave(self._lock)  # what comes after the commit is not locked any more
        finally:
            self._steps.leave(self._lock)


class SteppedLock:
    """In place of the lock of a catalog that is stepped by line."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    def acquire(self, blocking: bool = True) -> bool:
        self._steps.seam("acquire", self)
        return True

    def release(self) -> None:
        self._steps.leave(self)


class SteppedBlobs(_Stepped):
    """Blobs, with writers and readers that stop too."""

    def __init__(self, inner: Any, steps: Steps) -> None:
        super().__init__(inner, steps, "blobs")

    def writer(self) -> Any:
        return _Stepped(self._inner.writer(), self._steps, "writer")

    def remove(self, blob: int) -> None:
        self._steps.seam("blobs.remove")
        self._inner.remove(blob)
        self._steps.seam("blobs.removed")

    def open(self, extents: Any) -> Any:
        self._steps.seam("blobs.open")
        return _Reader(self._inner.open(extents), self._steps)


class _Reader:
    def __init__(self, inner: Any, steps: Steps) -> None:
        self._inner, self._steps = inner, steps

    def segments(self) -> Iterator[Any]:
        return self._stopping(self._inner.segments())

    def __iter__(self) -> Iterator[bytes]:
        return self._stopping(self._inner)

    def close(self) -> None:
        self._steps.seam("reader.close")
        self._inner.close()

    def _stopping(self, chunks: Any) -> Iterator[Any]:
        for chunk in chunks:
            self._steps.seam("reader.chunk")
            yield chunk


def cutting_in(at: int) -> Callable[[list[int]], int]:
    """The first call, until `at` steps of it are done; then the second, as far as it gets; then what is left."""
    left = at

    def choose(ready: list[int]) -> int:
        nonlocal left
        if left and ready[0] == 0:
            left -= 1
            return 0
        return ready[-1]

    return choose
