"""The base of the value types: what `dataclass` would otherwise generate for each of them.

A class with forty fields costs milliseconds to make, most of them for the source of `__repr__` and `__eq__`, which is
written and compiled when the module is imported. Here they are once, over the fields. A value type says
``@dataclass(repr=False, eq=False)`` and is a `Record`, or with ``frozen=True`` a `FrozenRecord`, which can be hashed.
"""

from __future__ import annotations

from dataclasses import Field
from typing import ClassVar

__all__ = ["FrozenRecord", "Record"]


class Record:
    """`repr` and ``==`` as a dataclass has them: a field may opt out with ``repr=False`` or ``compare=False``."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Field[object]]]

    def _compared(self) -> tuple[object, ...]:
        return tuple([getattr(self, name) for name, field in self.__dataclass_fields__.items() if field.compare])

    def __repr__(self) -> str:
        shown = [f"{name}={getattr(self, name)!r}" for name, field in self.__dataclass_fields__.items() if field.repr]
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._compared() == other._compared()

    __hash__ = None  # type: ignore[assignment]  # what can change is no key


class FrozenRecord(Record):
    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self._compared())
