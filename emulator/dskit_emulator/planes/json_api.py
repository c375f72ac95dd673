"""JSON over HTTP for planes: a bounded document comes in, a document goes out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from ..messages import Response

__all__ = ["BadDocument", "JsonExchange", "json_response", "parse_object", "parse_pairs"]

BODY_LIMIT = 1 << 20
"""Bytes of a request's document; the longest that an SDK sends holds a key of 1,024 bytes."""


_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]").search


class BadDocument(Exception):
    """A request body that is not the JSON object that was expected; the text says why."""


def json_response(value: Any, *, status: int = 200, operation: str, account: str = "", reason: str = "") -> Response:
    """`operation`, `account` and `reason` are for the log."""
    response = Response(status, [("Content-Type", "application/json")], json.dumps(value).encode())
    response.operation = operation
    response.account = account
    response.reason = reason
    return response


def parse_object(body: bytes) -> dict[str, Any]:
    """Raises `BadDocument`."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadDocument("the body is not JSON") from error
    if not isinstance(value, dict):
        raise BadDocument("the body is not a JSON object")
    if _SURROGATE(body):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise BadDocument("the body has a lone surrogate, which is no character") from error
    return value


def parse_pairs(text: bytes) -> dict[str, str]:
    """The parameters of a query or of a form; of a repeated one the last value. Raises `BadDocument`."""
    try:
        return dict(parse_qsl(text.decode(), keep_blank_values=True, errors="strict"))
    except ValueError as error:
        raise BadDocument("the parameters are not percent-encoded UTF-8") from error


class JsonExchange:
    """Collects a body of at most `BODY_LIMIT` bytes, then answers with `run(body)`.

    `fail` makes the answer of whatever `run` raises, and of a body that is too long.
    """

    __slots__ = ("_body", "_fail", "_run", "blocking")

    def __init__(
        self, run: Callable[[bytes], Response], fail: Callable[[Exception], Response], *, blocking: bool
    ) -> None:
        self._run = run
        self._fail = fail
        self._body = bytearray()
        self.blocking = blocking

    def feed(self, data: bytes | memoryview) -> Response | None:
        self._body += data
        if len(self._body) > BODY_LIMIT:
            return self._fail(BadDocument(f"the body is longer than {BODY_LIMIT} bytes"))
        return None

    def finish(self) -> Response:
        try:
            return self._run(bytes(self._body))
        except Exception as error:  # every failure becomes an answer
            return self._fail(error)

    def abort(self) -> None:
        self._body.clear()
