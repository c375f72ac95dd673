"""An open read of a remote object that stays on one state of it, also when the connection does not last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from ..errors import PreconditionFailedError, StoreError, TimedOutError, UnavailableError
from ..retry import Retrier
from ..types import FileSegment, ObjectMeta
from .remote_proof import Proof

__all__ = ["Body", "EmptyBody", "RemoteReading"]

CHUNK = 256 * 1024


class Body(Protocol):
    """An answer's body. `read` raises errors of dskit only; b"" is the end."""

    def read(self, size: int) -> bytes: ...

    def close(self) -> None: ...


class EmptyBody:
    """The body of an answer to HEAD."""

    def read(self, size: int) -> bytes:
        return b""

    def close(self) -> None:
        return None


class RemoteReading:
    """`Reading` over an HTTP body.

    A body that breaks off is continued with a ranged request under ``If-Match`` of the first answer's ETag: the same
    state of the object or none. `reopen(position)` makes that request and proves from Content-Range that the answer
    begins there. Where the object has changed meanwhile, or has no ETag to hold on to, the read fails with
    `UnavailableError`; it never goes on with other bytes. `proof`, where the library below has none of its own, is
    checked when all bytes have come, those of the continuation among them: `ChecksumMismatchError`.
    """

    def __init__(
        self,
        meta: ObjectMeta,
        *,
        start: int,
        stop: int,
        partial: bool,
        body: Body,
        head: bool = False,
        proof: Proof | None = None,
        reopen: Callable[[int], Body] | None = None,
        retrier: Retrier | None = None,
    ) -> None:
        self.meta = meta
        self.start = start
        self.stop = stop
        self.partial = partial
        self._body = body
        self._proof = proof
        self._reopen = reopen
        self._retrier = retrier
        self._position = stop if head else start
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        failures = 0
        while self._position < self.stop and not self._closed:
            try:
                chunk = self._body.read(min(CHUNK, self.stop - self._position))
                if not chunk:
                    raise UnavailableError(
                        f"the answer ended after {self._position - self.start} of {self.stop - self.start} bytes",
                        code="IncompleteBody",
                    )
            except (UnavailableError, TimedOutError) as error:
                failures += 1
                self._resume(error, failures)
                continue
            failures = 0
            self._position += len(chunk)
            if self._proof is not None:
                self._proof.update(chunk)
            yield chunk
        if not self._closed and self._body.read(1):  # also lets the library verify its checksum
            raise UnavailableError("the answer is longer than it said", code="BadContentLength")
        if not self._closed and self._proof is not None:
            self._proof.check()
        self.close()

    def segments(self) -> Iterable[bytes | memoryview | FileSegment]:
        return self

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._body.close()

    def _resume(self, error: StoreError, failures: int) -> None:
        self._body.close()
        error.with_context(operation="get", key=self.meta.key)
        if self._reopen is None or self._retrier is None or not self.meta.etag:
            raise error
        if failures >= self._retrier.options.attempts:
            raise error
        self._retrier.pause(failures)
        try:
            self._body = self._reopen(self._position)
        except PreconditionFailedError as changed:
            raise UnavailableError(
                "the connection broke and the object has been changed since; read it again",
                operation="get",
                key=self.meta.key,
                code="ObjectChanged",
            ) from changed
