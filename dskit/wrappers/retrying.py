"""`RetryStore`: calls that failed for a while are made again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from ..backend import ObjectService, Source
from ..conditions import same_state
from ..errors import ConflictError, OutcomeUnknownError, PreconditionFailedError, StoreError, UnavailableError
from ..ids import Ids, RandomIds
from ..pauses import pause
from ..retry import Failure, Retrier, RetryOptions
from ..store import Store
from ..streams import Reading
from ..types import (
    ByteRange,
    Conditions,
    FileSegment,
    Part,
    PutOptions,
    PutResult,
    ReadOptions,
)
from .forwarding import Call, WrappedService, WrappedStore

__all__ = ["RetryService", "RetryStore"]

T = TypeVar("T")


class RetryService(WrappedService):
    """Makes a call again whose error is `retryable`, after a pause; `dskit.retry` says when that is safe for a write.

    A read that breaks off is continued behind the last byte, on the same state of the object or not at all. Data that
    can be read only once (an iterator) is not sent again once it has been read from. `sleep` and `ids` (the jitter) are
    injected.
    """

    kind = "retry"
    pushes = False

    def __init__(
        self,
        inner: ObjectService,
        options: RetryOptions | None = None,
        *,
        sleep: Callable[[float], None] = pause,
        ids: Ids | None = None,
    ) -> None:
        super().__init__(inner)
        self.blocking = True
        self.retrier = Retrier(options or RetryOptions(), sleep, ids or RandomIds())

    def around(self, call: Call, run: Callable[[], T]) -> T:
        def judge(error: Exception) -> Failure:
            """A call that raises has changed nothing (the contract of a backend), unless its outcome is unknown."""
            assert isinstance(error, StoreError)
            lost = isinstance(error, OutcomeUnknownError)
            sendable = call.source is None or call.source.rewindable
            # A write came between: only a new upload can be completed (botocore:CompleteMultipartUpload, 409).
            outdated = call.verb == "complete_multipart_upload" and isinstance(error, ConflictError)
            again = (lost or error.retryable) and sendable and not outdated
            return Failure(error=error, lost=lost, again=again)

        return self.retrier.run(run, judge, foreign=(StoreError,), safety=call.safety)

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        return super().put(bucket, key, Rewound(source), options)

    def put_part(self, bucket: str, key: str, upload_id: str, number: int, source: Source, options: PutOptions) -> Part:
        return super().put_part(bucket, key, upload_id, number, Rewound(source), options)

    def get(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        reading = super().get(bucket, key, options)
        supports = self.capabilities.supports
        if not (supports.get_range and supports.get_if_match and reading.meta.etag):
            return reading

        def reopen(position: int, stop: int) -> Reading:
            pinned = ReadOptions(
                range=ByteRange(position, stop - 1),
                conditions=Conditions(if_match=reading.meta.etag),  # the caller's own were met when it was opened
                version_id=options.version_id,
            )
            continued = WrappedService.get(self, bucket, key, pinned)
            if same_state(continued.meta, reading.meta) and (continued.start, continued.stop) == (position, stop):
                return continued
            continued.close()
            raise PreconditionFailedError("the object is another one now")

        return ContinuedReading(reading, reopen, self.retrier)


class Rewound:
    """A source that starts again by itself when it is read for a second time. Until it is read, any source could."""

    def __init__(self, inner: Source) -> None:
        self.inner = inner
        self.length = inner.length
        self._used = False

    @property
    def rewindable(self) -> bool:
        return self.inner.rewindable or not self._used

    def rewind(self) -> None:
        if self._used:
            self.inner.rewind()
            self._used = False

    def chunks(self) -> Iterator[bytes | memoryview]:
        if self._used:
            self.inner.rewind()
        self._used = True
        return self.inner.chunks()


class ContinuedReading:
    """A read that goes on behind its last byte when it breaks off. `reopen(position, stop)` reads the same state."""

    def __init__(self, inner: Reading, reopen: Callable[[int, int], Reading], retrier: Retrier) -> None:
        self.meta = inner.meta
        self.start, self.stop, self.partial = inner.start, inner.stop, inner.partial
        self._inner = inner
        self._reopen = reopen
        self._retrier = retrier
        self._position = inner.start
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        failures = 0
        while not self._closed:
            try:
                for chunk in self._inner:
                    self._position += len(chunk)
                    failures = 0
                    yield chunk
                if self._position >= self.stop or self._closed:
                    return
                read, size = self._position - self.start, self.stop - self.start
                raise UnavailableError(f"the read ended after {read} of {size} bytes", code="IncompleteBody")
            except StoreError as error:
                failures += 1
                if not error.retryable or failures >= self._retrier.options.attempts:
                    raise
                self._continue(failures)

    def _continue(self, failures: int) -> None:
        self._inner.close()
        self._retrier.pause(failures)
        try:
            self._inner = self._reopen(self._position, self.stop)
        except PreconditionFailedError as changed:
            raise UnavailableError(
                "the read broke off and the object has been changed since; read it again",
                key=self.meta.key,
                code="ObjectChanged",
                retryable=False,
            ) from changed

    def segments(self) -> Iterator[bytes | memoryview | FileSegment]:
        return iter(self)

    def close(self) -> None:
        self._closed = True
        self._inner.close()


class RetryStore(WrappedStore):
    """Another store whose calls are made again when they fail for a while (see `RetryService`).

    >>> store = RetryStore(store, RetryOptions(attempts=5, base=0.2, cap=10))
    """

    def __init__(
        self,
        store: Store,
        options: RetryOptions | None = None,
        *,
        sleep: Callable[[float], None] = pause,
        ids: Ids | None = None,
    ) -> None:
        super().__init__(store, RetryService(store.service, options, sleep=sleep, ids=ids))
