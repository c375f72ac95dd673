"""What all connections of one endpoint share."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from dskit.clock import Clock
from dskit.errors import ConfigurationError
from dskit.ids import Ids
from dskit.record import FrozenRecord, record

from ..messages import Handler, RequestHead, Response
from .plain import PlainHeads

if TYPE_CHECKING:
    import asyncio

__all__ = ["FrontSettings", "Link", "Observer", "Site", "Workers"]

logger = logging.getLogger("dskit_emulator")

_Result = TypeVar("_Result")

Observer = Callable[[RequestHead | None, Response, int, float], None]
"""Called after each answer with the head (None where there was none), the response, body bytes sent and seconds."""


@record(frozen=True, slots=True, kw_only=True)
class FrontSettings(FrozenRecord):
    """Limits of the HTTP front: sizes in bytes, times in seconds.

    `head_bytes` bounds request line and headers together, `head_lines` the number of headers (2 KB of user metadata
    are fewer), `target_bytes` the request target alone. `head_seconds` is the time from the first byte of a head to
    its end, `idle_seconds` that between requests. `body_seconds` is the longest pause inside a body,
    `write_seconds` that in taking an answer, `linger_seconds` that while the rest of a refused body is thrown away;
    who is slower than `least_rate` bytes a second uses them up bit by bit (`Pace`), so that no client holds a
    connection with a byte now and then. `inline_bytes` is the most body that is hashed on the event loop,
    `buffer_bytes` the most that waits for a busy worker. `drain_bytes` is the longest rest of a refused body for
    which the connection is kept, `linger_bytes` the most that is thrown away before it is cut. `burst` is the
    number of pipelined requests that are answered before other connections get their turn. Raises
    `ConfigurationError` for one that is not above 0, or has no end.
    """

    head_bytes: int = 65536
    head_lines: int = 2048
    target_bytes: int = 16384
    inline_bytes: int = 65536
    buffer_bytes: int = 1 << 20
    drain_bytes: int = 1 << 20
    linger_bytes: int = 256 << 20
    head_seconds: float = 30.0
    body_seconds: float = 60.0
    write_seconds: float = 60.0
    idle_seconds: float = 120.0
    linger_seconds: float = 5.0
    least_rate: float = 128.0
    burst: int = 16

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            if not 0 < getattr(self, name) < float("inf"):
                raise ConfigurationError(f"{name} of the front is {getattr(self, name)}: limits and times are above 0")

    @property
    def tick(self) -> float:
        """How often a connection looks at the time."""
        return min(self.head_seconds, self.body_seconds, self.write_seconds, self.idle_seconds, self.linger_seconds)


class Workers:
    """A bounded pool of threads for what waits for I/O or hashes much. Threads start when first needed."""

    def __init__(self, loop: asyncio.AbstractEventLoop, size: int = 16) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self._loop = loop
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="dskit-worker")

    def submit(self, job: Callable[[], _Result], done: Callable[[_Result], None]) -> None:
        """Run `job` on a worker, then `done(result)` on the loop. `job` must not raise."""
        self._pool.submit(self._run, job, done)

    def _run(self, job: Callable[[], _Result], done: Callable[[_Result], None]) -> None:
        result = job()
        self._loop.call_soon_threadsafe(done, result)

    def close(self) -> None:
        """Wait for the jobs that run."""
        self._pool.shutdown(wait=True)


class Link(Protocol):
    """A connection as its site sees it."""

    def shutdown(self) -> None: ...

    def reset(self) -> None: ...


class Site:
    """One endpoint behind one or more listeners. Used on the loop's thread only."""

    __slots__ = (
        "_date",
        "_date_from",
        "_date_until",
        "_jobs",
        "_quiet",
        "clock",
        "closing",
        "handler",
        "ids",
        "links",
        "observer",
        "plain_heads",
        "secure",
        "settings",
        "workers",
    )

    def __init__(
        self,
        handler: Handler,
        workers: Workers,
        *,
        clock: Clock,
        ids: Ids,
        settings: FrontSettings,
        observer: Observer | None = None,
        secure: bool = False,
    ) -> None:
        self.handler = handler
        self.workers = workers
        self.clock = clock
        self.ids = ids
        self.settings = settings
        self.observer = observer
        self.secure = secure
        self.plain_heads = PlainHeads(
            head_bytes=settings.head_bytes, head_lines=settings.head_lines, target_bytes=settings.target_bytes
        )
        self.links: set[Link] = set()
        self.closing = False
        self._jobs = 0
        self._quiet: Callable[[], None] | None = None
        self._date = ""
        self._date_from = self._date_until = 0.0  # by the monotonic clock, whose look costs a fraction

    def date(self) -> str:
        """The Date and Server lines, made once a second."""
        moment = self.clock.monotonic()
        if not self._date_from <= moment < self._date_until:
            now = self.clock.now()
            self._date_from, self._date_until = moment, moment + 1 - now.microsecond / 1e6
            day, month = _DAYS[now.weekday()], _MONTHS[now.month - 1]
            self._date = f"Date: {day}, {now:%d} {month} {now:%Y %H:%M:%S} GMT\r\nServer: AmazonS3\r\n"
        return self._date

    def submit(self, job: Callable[[], _Result], done: Callable[[_Result], None]) -> None:
        """Run `job`, which must not raise, on a worker and then `done(result)` on the loop."""
        self._jobs += 1
        self.workers.submit(job, partial(self._ended, done))

    def _ended(self, done: Callable[[_Result], None], result: _Result) -> None:
        self._jobs -= 1
        done(result)
        self._settle()

    def forget(self, link: Link) -> None:
        self.links.discard(link)
        self._settle()

    def when_quiet(self, call: Callable[[], None]) -> None:
        """Call once, when no connection is open and no job runs (perhaps at once)."""
        self._quiet = call
        self._settle()

    def _settle(self) -> None:
        if self._quiet is not None and not self.links and not self._jobs:
            call, self._quiet = self._quiet, None
            call()

    def notify(self, head: RequestHead | None, response: Response, sent: int, seconds: float) -> None:
        if self.observer is not None:
            try:
                self.observer(head, response, sent, seconds)
            except Exception:  # a broken observer (a full disk under the access log) must not break the connection
                logger.exception("the observer of an endpoint failed")


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
