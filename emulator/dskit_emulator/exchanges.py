"""Requests that are not answered at once: documents are collected, objects streamed, long operations run by workers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .answers import Answer
from .messages import Response
from .ops.checksums import trailing
from .ops.registry import Sink
from .wire.decode import BODY_LIMIT
from .wire.errors import S3Error
from .wire.payload import Payload
from .wire.spec import Operation

__all__ = ["DocumentExchange", "LongExchange", "ObjectExchange"]

_LIGHT = 65536  # bytes of a document that an event loop has time for


class ObjectExchange:
    """PutObject and UploadPart: payload bytes go to the sink as they come out of the framing."""

    __slots__ = ("_answer", "_operation", "_payload", "_sink", "blocking")

    def __init__(self, answer: Answer, operation: Operation, payload: Payload, sink: Sink, *, blocking: bool) -> None:
        self._answer = answer
        self._operation = operation
        self._payload = payload
        self._sink = sink
        self.blocking = blocking

    def feed(self, data: bytes | memoryview) -> Response | None:
        try:
            for piece in self._payload.feed(data):
                self._sink.write(piece)
        except Exception as error:  # every failure becomes an answer; nothing of the body may stay behind
            self._sink.abort()
            return self._answer.fail(error)
        return None

    def finish(self) -> Response:
        try:
            trailers = self._payload.finish()
            output = self._sink.finish(trailing(trailers) if trailers else trailers)
            return self._answer.succeed(self._operation, output)
        except Exception as error:  # as above
            self._sink.abort()
            return self._answer.fail(error)

    def abort(self) -> None:
        self._sink.abort()


class DocumentExchange:
    """A bounded document, or nothing, whose operation runs once all of it is there.

    `run` gets the document and the trailing headers and returns the output.
    """

    __slots__ = ("_answer", "_body", "_limit", "_operation", "_payload", "_run", "blocking")

    def __init__(
        self,
        answer: Answer,
        operation: Operation,
        payload: Payload,
        run: Callable[[bytes, dict[str, str]], dict[str, Any]],
        *,
        blocking: bool,
        limit: int = BODY_LIMIT,
    ) -> None:
        if (payload.length or 0) > limit:
            raise _too_long(limit)
        self._answer = answer
        self._operation = operation
        self._payload = payload
        self._run = run
        self._limit = limit
        self._body = bytearray()
        self.blocking = blocking

    def feed(self, data: bytes | memoryview) -> Response | None:
        try:
            for piece in self._payload.feed(data):
                self._body += piece
            size = len(self._body)
            if size > self._limit:
                raise _too_long(self._limit)
            if size > _LIGHT:
                self.blocking = True  # reading it takes its time: a worker's
        except Exception as error:  # every failure becomes an answer
            return self._answer.fail(error)
        return None

    def finish(self) -> Response:
        try:
            trailers = self._payload.finish()
            return self._answer.succeed(self._operation, self._run(bytes(self._body), trailers))
        except Exception as error:  # as above
            return self._answer.fail(error)

    def abort(self) -> None:
        self._body = bytearray()


class LongExchange:
    """An operation that reads no body and takes its time, so that it runs on a worker. What comes is thrown away."""

    __slots__ = ("_answer", "_operation", "_received", "_run", "blocking")

    def __init__(self, answer: Answer, operation: Operation, run: Callable[[], dict[str, Any]]) -> None:
        self._answer = answer
        self._operation = operation
        self._run = run
        self._received = 0
        self.blocking = True

    def feed(self, data: bytes | memoryview) -> Response | None:
        self._received += len(data)
        return self._answer.fail(_too_long(BODY_LIMIT)) if self._received > BODY_LIMIT else None

    def finish(self) -> Response:
        try:
            return self._answer.succeed(self._operation, self._run())
        except Exception as error:  # every failure becomes an answer
            return self._answer.fail(error)

    def abort(self) -> None:
        """Nothing was begun."""


def _too_long(limit: int) -> S3Error:
    return S3Error("MaxMessageLengthExceeded", fields={"MaxMessageLengthBytes": str(limit)})
