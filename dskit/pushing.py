"""A write that is pushed, over any service: `begin_put` of a store's view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from .backend import PushService
from .errors import AlreadyExistsError, InvalidRequestError, NotFoundError, PermissionDeniedError
from .flows import Flow, Pull
from .streaming import put_stream
from .streams import Staging
from .types import READ_ALL, PutOptions, PutResult
from .view import View

__all__ = ["begin_put"]

SLICE_BYTES = 1024 * 1024
"""What is pushed at once into a flow: it keeps a part and at most so much more in memory."""


def begin_put(view: View, key: str, options: PutOptions, *, part_bytes: int | None = None) -> Staging:
    """A `Staging` for `key`, whatever the service: its own, or one that sends parts (see `put_stream`) as they fill.

    Raises at once what can be known at once; `AlreadyExistsError` for ``if_none_match="*"`` among it. Errors are in
    the service's terms: the caller explains them.
    """
    service = view.service
    if isinstance(service, PushService) and service.capabilities.semantics.unknown_length == "stream":
        return service.begin_put(view.bucket, view.prefix + key, options)
    if options.conditions.if_none_match is not None:
        _refuse_present(view, key)
    return PulledStaging(partial(put_stream, view, key, options=options, part_bytes=part_bytes))


def _refuse_present(view: View, key: str) -> None:
    """Early, for the caller's sake; it is the condition of the write that decides."""
    with suppress(NotFoundError, PermissionDeniedError):
        view.service.head(view.bucket, view.prefix + key, READ_ALL).close()
        raise AlreadyExistsError("the object exists already", details={"Condition": "If-None-Match"})


class PulledStaging:
    """A flow that pulls chunks, turned round: each chunk that is written is what the flow is waiting for."""

    def __init__(self, put: Callable[[Pull], Flow[PutResult]]) -> None:
        self._pull = Pull(iter(()))
        self._flow: Flow[PutResult] | None = put(self._pull)
        self._advance(partial(next, self._flow))

    def write(self, data: bytes | bytearray | memoryview) -> None:
        view = memoryview(data).cast("B")
        for start in range(0, len(view), SLICE_BYTES):
            self._advance(partial(self._running().send, view[start : start + SLICE_BYTES]))

    def commit(self, *, checksums: Mapping[str, str] | None = None) -> PutResult:
        if checksums:
            raise InvalidRequestError("a write in parts has no trailer: give the checksum when it is opened")
        while (result := self._advance(partial(self._running().send, None))) is None:
            pass  # it asks again where a part ended with the data
        return result

    def abort(self) -> None:
        """The flow undoes what it has begun. May be called again. Raises what the service says to that."""
        if self._flow is not None:
            with suppress(Abandoned):
                self._advance(partial(self._flow.throw, Abandoned()))

    def _running(self) -> Flow[PutResult]:
        if self._flow is None:
            raise InvalidRequestError("this write was committed or aborted before")
        return self._flow

    def _advance(self, step: Callable[[], Any]) -> PutResult | None:
        """Run the flow's calls until it wants a chunk (None) or has ended (its result)."""
        flow, self._flow = self._running(), None  # a flow that raises has ended
        try:
            call = step()
            while call is not self._pull:
                try:
                    answer = call()
                except BaseException as error:
                    call = flow.throw(error)
                else:
                    call = flow.send(answer)
        except StopIteration as stop:
            result: PutResult = stop.value
            return result
        self._flow = flow
        return None


class Abandoned(BaseException):
    """Ends the flow of a write that is given up."""
