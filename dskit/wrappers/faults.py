"""`FaultStore`: calls that fail, wait or break off on purpose, by verb, key, count or seeded chance."""

from __future__ import annotations

import copy
import hashlib
import math
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, TypeVar

from ..backend import ObjectService, Source
from ..errors import ConfigurationError, StoreError, UnavailableError
from ..pauses import pause
from ..store import Store
from ..streams import Reading, Staging
from ..types import PutResult
from .forwarding import Call, PassedReading, PassedSource, PassedStaging, WrappedService, WrappedStore

__all__ = ["Fault", "FaultService", "FaultStore"]

T = TypeVar("T")
C = TypeVar("C", bytes, bytes | memoryview)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong, and for which calls.

    Which: `verb` is the name of a verb of `Store` or `Service` (``put``, ``get``, ``list``, ``create_bucket`` …), or of
    what an emulator asks of what it serves (``put_access``, ``put_configuration``), None for any; `key`
    is a shell pattern (``*``, ``?``, ``[…]``) that one of the call's keys matches, as the service sees them; of the
    calls that match, the `nth` alone (from 1), or every one from the `first` on with `chance` (0 to 1), at most
    `times` of them.

    What: after `latency` seconds, `error` is raised: an error class, or a copy of an instance, of `dskit.errors`. With
    ``when="after"`` the call is carried out first, as if its answer had been lost; a write whose bytes are pushed (a
    file, a coroutine's data, an emulator's PUT) fails once it has been published. `truncate` breaks the body of a read
    or a write off after so many bytes, with `UnavailableError`; a write that breaks off stores nothing.

    Raises `ConfigurationError` for values that make no sense.
    """

    verb: str | None = None
    key: str | None = None
    nth: int | None = None
    first: int = 1
    times: int | None = None
    chance: float = 1.0
    error: type[StoreError] | StoreError | None = None
    when: Literal["before", "after"] = "before"
    latency: float = 0.0
    truncate: int | None = None

    def __post_init__(self) -> None:
        if self.error is None and self.truncate is None and not self.latency:
            raise ConfigurationError("a fault has an error, a latency or a truncation")
        if self.verb is not None and self.verb not in VERBS:
            raise ConfigurationError(f"there is no verb {self.verb!r}; the verbs are {', '.join(sorted(VERBS))}")
        if self.error is not None and not _is_error(self.error):
            raise ConfigurationError(f"a fault raises an error of dskit.errors, not {self.error!r}")
        if self.when not in ("before", "after"):
            raise ConfigurationError(f"a fault happens 'before' or 'after' the call, not {self.when!r}")
        if not 0 <= self.chance <= 1 or not 0 <= self.latency < math.inf or (self.truncate or 0) < 0:
            raise ConfigurationError("a chance is from 0 to 1; latency and truncation are 0 or more")
        if min(self.first, 1 if self.nth is None else self.nth, 1 if self.times is None else self.times) < 1:
            raise ConfigurationError("calls are counted from 1")

    def concerns(self, call: Call) -> bool:
        if self.verb is not None and call.verb != self.verb:
            return False
        return self.key is None or any(fnmatchcase(key, self.key) for key in call.keys)


VERBS = frozenset(
    {
        "abort_multipart_upload", "complete_multipart_upload", "copy", "create_bucket", "create_multipart_upload",
        "delete", "delete_bucket", "delete_many", "get", "head", "head_bucket", "list", "list_buckets", "list_parts",
        "list_uploads", "object_parts", "put", "put_access", "put_configuration", "raw", "sign", "sign_post",
        "upload_part", "upload_part_copy",
    }
)  # fmt: skip


def _is_error(error: object) -> bool:
    return isinstance(error, StoreError) or (isinstance(error, type) and issubclass(error, StoreError))


class FaultService(WrappedService):
    """Applies each of `faults` that concerns a call. The same seed and the same calls give the same faults.

    `fired` counts, by position in `faults`, how often each was applied.
    """

    kind = "faulty"

    def __init__(
        self,
        inner: ObjectService,
        faults: Iterable[Fault] = (),
        *,
        seed: int = 0,
        sleep: Callable[[float], None] = pause,
    ) -> None:
        super().__init__(inner)
        self.blocking = True
        self.faults = tuple(faults)
        self._seed = seed
        self._sleep = sleep
        self._lock = threading.Lock()
        self._seen = [0] * len(self.faults)
        self._fired = [0] * len(self.faults)
        self._due_now = threading.local()  # the faults of the call under way on this thread, for the bytes it moves

    @property
    def fired(self) -> tuple[int, ...]:
        return tuple(self._fired)

    def around(self, call: Call, run: Callable[[], T]) -> T:
        faults = self._due(call)
        self._due_now.faults = faults
        for fault in faults:
            if fault.latency:
                self._sleep(fault.latency)
        self._raise(call, faults, "before")
        result = run()
        if not hasattr(result, "commit"):  # a write that has only begun has its answer still to come: see `staged`
            try:
                self._raise(call, faults, "after")
            except StoreError:
                if (close := getattr(result, "close", None)) is not None:  # an open read
                    close()
                raise
        return result

    def incoming(self, call: Call, reading: Reading) -> Reading:
        at = self._break()
        return reading if at is None else PassedReading(reading, lambda chunks: _broken(chunks, at))

    def outgoing(self, call: Call, source: Source) -> Source:
        at = self._break()
        return source if at is None else PassedSource(source, lambda chunks: _broken(chunks, at))

    def staged(self, call: Call, staging: Staging) -> Staging:
        faults: list[Fault] = self._due_now.faults
        return FaultyStaging(staging, self._break(), lambda: self._raise(call, faults, "after")) if faults else staging

    def _break(self) -> int | None:
        """Where the body of the call under way on this thread is to break off."""
        faults: list[Fault] = self._due_now.faults
        return min((fault.truncate for fault in faults if fault.truncate is not None), default=None)

    def _due(self, call: Call) -> list[Fault]:
        due = []
        with self._lock:
            for position, fault in enumerate(self.faults):
                if not fault.concerns(call):
                    continue
                self._seen[position] += 1
                if self._strikes(fault, position, self._seen[position]):
                    self._fired[position] += 1
                    due.append(fault)
        return due

    def _strikes(self, fault: Fault, position: int, count: int) -> bool:
        if count < fault.first or (fault.nth is not None and count != fault.nth):
            return False
        if fault.times is not None and self._fired[position] >= fault.times:
            return False
        drawn = hashlib.blake2b(f"{self._seed} {position} {count}".encode(), digest_size=8).digest()
        return int.from_bytes(drawn, "big") < fault.chance * 2**64

    @staticmethod
    def _raise(call: Call, faults: list[Fault], when: str) -> None:
        for fault in faults:
            if fault.error is None or fault.when != when:
                continue
            if isinstance(fault.error, StoreError):
                raise _fresh(fault.error)
            raise fault.error("a fault was injected here", operation=call.verb, bucket=call.bucket)


def _fresh(error: StoreError) -> StoreError:
    """A copy for this call alone: traceback, context and what is filled in on the way belong to one raise."""
    fresh = copy.copy(error)
    fresh.details = dict(error.details)
    return fresh


class FaultyStaging(PassedStaging):
    """Another staging, that breaks off `at` so many bytes, and after whose commit `answer` may raise."""

    def __init__(self, inner: Staging, at: int | None, answer: Callable[[], None]) -> None:
        super().__init__(inner, self._count)
        self._at, self._left = at, at
        self._answer = answer

    def commit(self, *, checksums: Mapping[str, str] | None = None) -> PutResult:
        result = super().commit(checksums=checksums)
        self._answer()
        return result

    def _count(self, data: bytes | bytearray | memoryview) -> None:
        if self._at is None or self._left is None:
            return
        self._left -= len(data)
        if self._left < 0:
            raise _broke_off(self._at)


def _broken(chunks: Iterator[C], at: int) -> Iterator[C]:
    left = at
    for chunk in chunks:
        if len(chunk) > left:
            if left:
                yield chunk[:left]
            raise _broke_off(at)
        left -= len(chunk)
        yield chunk


def _broke_off(at: int) -> UnavailableError:
    return UnavailableError(f"the body broke off after {at} bytes: a fault was injected here", code="IncompleteBody")


class FaultStore(WrappedStore):
    """Another store that fails where `faults` say so (see `Fault`).

    >>> store = FaultStore(MemoryStore(), [Fault(verb="put", nth=2, error=ThrottledError)])
    """

    service: FaultService

    def __init__(
        self,
        store: Store,
        faults: Iterable[Fault] = (),
        *,
        seed: int = 0,
        sleep: Callable[[float], None] = pause,
    ) -> None:
        super().__init__(store, FaultService(store.service, faults, seed=seed, sleep=sleep))

    @property
    def fired(self) -> tuple[int, ...]:
        """How often each fault was applied, in the order in which they were given."""
        return self.service.fired
