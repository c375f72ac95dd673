"""The wire codec as one object: routes requests, decodes them, encodes answers. Compiled per operation when first used.

    codec = Codec()
    operation = codec.route("GET", "object", address.params, head.index)
    value = codec.decode_head(operation, address.query, head.index) | {"Bucket": …, "Key": …}
    value |= codec.decode_body(operation, body)
    status, headers, body = codec.encode(operation, {"ETag": …})

Inputs and outputs are dictionaries with the model's member names. Immutable but for its caches; threads may share it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from .decode import BODY_LIMIT, BodyDecoder, HeadDecoder
from .encode import Encoder
from .router import Router
from .spec import Operation, Spec

__all__ = ["Codec"]


_Part = TypeVar("_Part")


class _Compiled(dict[str, _Part]):
    """A part of the codec for each operation, compiled when it is first looked up."""

    __slots__ = ("_compile",)

    def __init__(self, compile_one: Callable[[str], _Part]) -> None:
        super().__init__()
        self._compile = compile_one

    def __missing__(self, name: str) -> _Part:
        found = self[name] = self._compile(name)
        return found


class Codec:
    def __init__(self, spec: Spec | None = None) -> None:
        self.spec = spec if spec is not None else Spec.load()
        self._router = Router(self.spec)
        operations = self.spec.operations
        self.heads = _Compiled(lambda name: HeadDecoder(operations[name]))
        self._bodies = _Compiled(lambda name: BodyDecoder(operations[name]))
        self.encoders = _Compiled(lambda name: Encoder(operations[name], self.spec))
        """`heads` and `encoders` by operation, for who calls them for every request."""
        self.route = self._router.route
        """(method, level, query names to values, lower-case headers) to `Operation`; see `Router.route`."""

    @property
    def operations(self) -> Mapping[str, Operation]:
        return self.spec.operations

    def decode_head(
        self, operation: Operation, query: Sequence[tuple[str, str | None]], headers: Mapping[str, str]
    ) -> dict[str, Any]:
        """Input members that travel in the query and the headers (`Bucket` and `Key` are the address's).

        `query` is in wire order, `headers` have lower-case names. An operation with a metadata member always gets it,
        possibly empty. Raises `S3Error`; see `HeadDecoder.decode`.
        """
        return self.heads[operation.name].decode(query, headers)

    def decode_body(self, operation: Operation, body: bytes, *, limit: int = BODY_LIMIT) -> dict[str, Any]:
        """Input members that travel in a document: ``{"Delete": {"Objects": […]}}``. {} for none, and for a body that
        is the object's bytes (`Operation.streams_in`). Raises `S3Error`; see `BodyDecoder.decode`.
        """
        return self._bodies[operation.name].decode(body, limit)

    def encode(
        self, operation: Operation, output: Mapping[str, Any], *, status: int | None = None
    ) -> tuple[int, list[tuple[str, str]], Any]:
        """Status, headers and body of a success. `status` overrides (206). Content-Length is left to the front.

        The body is bytes, or for a streaming member whatever the output has there (a `messages.Body`).
        """
        return self.encoders[operation.name].encode(output, status)
