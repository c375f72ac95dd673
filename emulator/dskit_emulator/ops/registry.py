"""How operations are declared: one decorated function each, collected once into an immutable table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType, ModuleType
from typing import Any, NamedTuple, Protocol

from dskit.backend import Source

from ..context import Call

__all__ = ["Input", "Operation", "Output", "Sink", "collect", "operation"]

Input = dict[str, Any]
"""Members of the operation's input shape that the request had, by their names in the S3 model."""

Output = dict[str, Any]
"""Members of the output shape to send. A member that is absent or None is not sent."""


class Sink(Protocol):
    """Where the body of a PutObject or UploadPart goes."""

    def write(self, data: bytes | memoryview) -> None: ...

    def finish(self, checksums: Mapping[str, str]) -> Output:
        """Verify and publish. `checksums` are those of trailing headers: algorithm to base64."""
        ...

    def abort(self) -> None: ...


class Operation(NamedTuple):
    """A built operation: `run` for those whose input is complete, `open` for those that take a body as it arrives.

    `put` does the same as `open` and its sink where the whole body is there.
    `long` says that it may read gigabytes in one call, so that it has no place on an event loop, whatever the store.
    """

    name: str
    run: Callable[[Call, Input], Output] | None = None
    open: Callable[[Call, Input], Sink] | None = None
    long: bool = False
    put: Callable[[Call, Input, Source], Output] | None = None


def operation(
    *names: str, long: bool = False, put: Callable[[Call, Input, Source], Output] | None = None
) -> Callable[[Callable[[Call, Input], Any]], Callable[[Call, Input], Any]]:
    """Declare that a function is the operation of that name (or of several that only differ in it).

    A function that returns a `Sink` declares so in its annotation, which decides how the pipeline calls it; `put` is
    beside it for bodies that are all there.
    """

    def declare(function: Callable[[Call, Input], Any]) -> Callable[[Call, Input], Any]:
        function.operations = names  # type: ignore[attr-defined]
        function.long = long  # type: ignore[attr-defined]
        function.put = put  # type: ignore[attr-defined]
        return function

    return declare


def collect(modules: Iterable[ModuleType]) -> Mapping[str, Operation]:
    """All operations declared in `modules`, singly or in tuples. Raises ValueError for a second declaration."""
    table: dict[str, Operation] = {}
    for module in modules:
        for value in vars(module).values():
            for function in value if isinstance(value, tuple) else (value,):
                if getattr(function, "__module__", None) != module.__name__:
                    continue
                for name in getattr(function, "operations", ()):
                    if name in table:
                        raise ValueError(f"operation {name} is declared twice")
                    streams = function.__annotations__.get("return") == "Sink"
                    long = function.long
                    table[name] = (
                        Operation(name, open=function, put=function.put)
                        if streams
                        else Operation(name, function, long=long)
                    )
    return MappingProxyType(table)
