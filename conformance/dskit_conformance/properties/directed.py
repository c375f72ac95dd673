"""A directed check is a function that does operations; their claims are what the model says and what it writes down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dskit.capabilities import Supports

from ..executor import Executor
from ..outcomes import Op, Outcome
from ..strategies import Draw

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
    own_bucket: bool = False


@dataclass
class Probe:
    """What a directed check works with. `turn` is 0, 1, … as it is repeated; `families` are those that the subject
    may be asked to hold; `many` says whether checks are cheap."""

    executor: Executor
    draw: Draw
    turn: int
    families: Mapping[str, tuple[str, ...]]
    many: bool = True
    count: int = field(default=0)

    @property
    def supports(self) -> Supports:
        return self.executor.store.capabilities.supports

    def run(self, op: str, *claims: list[Any], **arguments: Any) -> Outcome:
        """One operation; `claims` are from `claim`. A violation that is known does not end the check."""
        made: Op = {"op": op, **arguments}
        if claims:
            made["claims"] = [list(row) for row in claims]
        return self.executor.run(made)

    def put(self, key: str, size: int = 5, *claims: list[Any], **arguments: Any) -> Outcome:
        return self.run("put", *claims, key=key, size=size, salt=self.draw.salt(), **arguments)

    def raw(self, operation: str, *claims: list[Any], **params: Any) -> Outcome:
        return self.run("raw", *claims, operation=operation, params=params)

    def upload(self, key: str, **attributes: Any) -> str:
        """The label of a new upload."""
        self.count += 1
        label = f"u{self.count}"
        self.run("create_upload", key=key, **{"as": label}, **attributes)
        return label


def claim(property_id: str, where: str, *allowed: Any) -> list[Any]:
    """A check written into the operation: field `where` of its outcome is one of `allowed`."""
    return [property_id, where, *allowed]
