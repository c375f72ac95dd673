"""A directed check is a function that does operations; their claims are what the model says and what it writes down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..executor import Executor
from ..outcomes import Op, Outcome
from ..strategies import Draw
from ..target import Ground

__all__ = ["Directed", "Probe", "claim"]


@dataclass(frozen=True)
class Directed:
    """`properties` are those that `check` puts to the test; it runs on fresh ground, again until they have their
    quota, at most `most` times. `needs` are capabilities, `raw` among them for the S3 wire."""

    name: str
    properties: tuple[str, ...]
    check: Callable[[Probe], None]
    needs: tuple[str, ...] = ()
    most: int = 20


@dataclass
class Probe:
    """What a directed check works with. `round` is 0, 1, … as it is repeated."""

    executor: Executor
    draw: Draw
    ground: Ground
    round: int

    def run(self, op: str, *claims: list[Any], **arguments: Any) -> Outcome:
        """One operation; `claims` are from `claim`."""
        made: Op = {"op": op, **arguments}
        if claims:
            made["claims"] = [list(row) for row in claims]
        return self.executor.run(made)

    def put(self, key: str, size: int = 5, **arguments: Any) -> Outcome:
        return self.run("put", key=key, size=size, salt=self.draw.salt(), **arguments)

    def raw(self, operation: str, *claims: list[Any], **params: Any) -> Outcome:
        return self.run("raw", *claims, operation=operation, params=params)

    def body(self, key: str) -> bytes:
        return self.executor.model.objects[key].body


def claim(property_id: str, field: str, *allowed: Any) -> list[Any]:
    """A check written into the operation: `field` of its outcome is one of `allowed`."""
    return [property_id, field, *allowed]
