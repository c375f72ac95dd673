"""When a request to a remote store may be sent again, and what its caller is told when it may not.

An attempt that failed did one of two things: provably *nothing* (the connection was refused, the server turned the
request away before acting), or *perhaps all of it* (the connection broke, a time-out, a 5xx after sending). Only the
second kind is dangerous, and only for writes:

=============  ==========================================  =======================================
`Safety`       lost answer                                 at the end, when an answer was lost
=============  ==========================================  =======================================
READ           sent again                                  the failure itself
IDEMPOTENT     sent again, where the body can be rewound   `OutcomeUnknownError`
ONCE           never sent again                            `OutcomeUnknownError`
=============  ==========================================  =======================================

`ONCE` is for conditional writes (a repeat would meet its own success and report 412) and for calls that create
something new each time. A refusal that follows a lost answer is no proof either: the first attempt may have been
executed, so it too ends as `OutcomeUnknownError`, with the refusal as its cause.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from .errors import ClosedError, ConfigurationError, OutcomeUnknownError, StoreError
from .ids import Ids, RandomIds
from .pauses import pause

__all__ = ["Failure", "Retrier", "RetryOptions", "Safety"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryOptions:
    """`attempts` in all (1: never again); pauses are drawn from 0 to min(`cap`, `base` × 2ⁿ) seconds ("full jitter").

    A server's Retry-After lengthens a pause, up to `cap`. Raises `ConfigurationError` for values that make no sense.
    """

    attempts: int = 3
    base: float = 0.1
    cap: float = 5.0

    def __post_init__(self) -> None:
        if self.attempts < 1 or not (self.base >= 0 and self.cap >= 0):
            raise ConfigurationError("retries: attempts must be 1 or more, base and cap 0 seconds or more")


class Safety(enum.Enum):
    READ = "read"
    IDEMPOTENT = "idempotent"
    ONCE = "once"


@dataclass(slots=True, kw_only=True)
class Failure:
    """One failed attempt, translated. `lost`: the server may have acted. `again`: a later attempt may fare better."""

    error: StoreError
    lost: bool = False
    again: bool = False
    retry_after: float = 0.0


@dataclass(slots=True)
class Retrier:
    """Runs attempts by the rules above. `sleep` and `ids` (the jitter) are injected; thread-safe."""

    options: RetryOptions = field(default_factory=RetryOptions)
    sleep: Callable[[float], None] = pause
    ids: Ids = field(default_factory=RandomIds)
    _closed: str | None = None

    def close(self, name: str) -> None:
        """Refuse to run anything from now on; `name` is what errors call the store."""
        self._closed = name

    def pause(self, attempt: int, at_least: float = 0.0) -> None:
        """Wait before attempt number `attempt` + 1."""
        ceiling = min(self.options.cap, self.options.base * 2.0 ** min(attempt - 1, 1000))
        share = int.from_bytes(self.ids.token(8), "big") / 2**64
        delay = max(ceiling * share, min(at_least, self.options.cap))
        if delay > 0:
            self.sleep(delay)

    def run(
        self,
        call: Callable[[], T],
        judge: Callable[[Exception], Failure],
        *,
        foreign: tuple[type[Exception], ...],
        safety: Safety,
        rewindable: bool = True,
    ) -> T:
        """The result of the first attempt that succeeds. `judge` translates the exceptions listed in `foreign`.

        Raises `ClosedError` after `close`.
        """
        if self._closed is not None:
            raise ClosedError(f"the store {self._closed} has been closed: open it again")
        lost = False
        attempt = 1
        while True:
            try:
                return call()
            except foreign as exception:
                failure = judge(exception)
                lost = lost or failure.lost
                again = (
                    failure.again
                    and attempt < self.options.attempts
                    and rewindable
                    and not (failure.lost and safety is Safety.ONCE)
                )
                if not again:
                    raise self._last_word(failure.error, lost and safety is not Safety.READ) from exception
            self.pause(attempt, failure.retry_after)
            attempt += 1

    @staticmethod
    def _last_word(error: StoreError, unknown: bool) -> StoreError:
        if not unknown:
            return error
        return OutcomeUnknownError(
            f"the request was sent and its answer was lost ({error.code}); it may or may not have been carried out",
            operation=error.operation,
            bucket=error.bucket,
            key=error.key,
            store=error.store,
            details={"Cause": error.code},
        )
