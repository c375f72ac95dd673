"""The base of the value types, and their decorator: what `dataclass` would otherwise generate for each of them.

A class with forty fields costs milliseconds to make, most of them for the source of its methods, which is written and
compiled when the module is imported; together they were an eighth of an emulator's start. Here `__repr__`, `__eq__`,
`__hash__` and what freezes are there once, over the fields, and `__init__` is compiled when a class is first used. A
value type says ``@record(slots=True)`` and is a `Record`, or with ``frozen=True`` a `FrozenRecord`, which can be
hashed. To type checkers, and to `dataclasses.replace` and the like, it is a dataclass.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any, ClassVar

__all__ = ["FrozenRecord", "Record", "record"]


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
    """Raises `dataclasses.FrozenInstanceError` where a field would be set or deleted."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self._compared())

    if not TYPE_CHECKING:  # a checker knows from ``frozen=True`` what these say at run time

        def __setattr__(self, name: str, value: object) -> None:
            raise FrozenInstanceError(f"cannot assign to field {name!r}")

        def __delattr__(self, name: str) -> None:
            raise FrozenInstanceError(f"cannot delete field {name!r}")

    # Copies and pickles of what has slots set each by name, which is refused here.

    def __getstate__(self) -> list[object]:
        return [getattr(self, name) for name in self.__dataclass_fields__]

    def __setstate__(self, values: list[object]) -> None:
        for name, value in zip(self.__dataclass_fields__, values, strict=True):
            object.__setattr__(self, name, value)


if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:

    def record(*, frozen: bool = False, slots: bool = False, kw_only: bool = False) -> Callable[[type], type]:
        """As ``dataclass(…)``, for a `Record`; `frozen` is said of a `FrozenRecord`."""

        def made(kind: type) -> type:
            if issubclass(kind, FrozenRecord) is not frozen or not issubclass(kind, Record):
                raise TypeError(f"{kind.__qualname__}: a record is a Record, and a frozen one is a FrozenRecord")
            kind = dataclasses.dataclass(kind, init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)
            kind.__init__ = _FirstUse(kind)
            return kind

        return made


class _LeftOut:
    """The default, in a signature, of what a factory makes."""

    def __repr__(self) -> str:
        return "<factory>"


class _FirstUse:
    """In the place of a class's `__init__`, until somebody looks at that."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        init = self._kind.__init__ = _initialiser(self._kind)
        return init if instance is None else init.__get__(instance)


def _initialiser(kind: Any) -> Any:
    """The `__init__` that `dataclass` generates: parameters in the order of the fields, then ``__post_init__``."""
    names: dict[str, Any] = {"_put": object.__setattr__, "_left_out": _LeftOut()}
    by_place, by_name, body = ["self"], ["*"], []
    for field in dataclasses.fields(kind):
        name = value = field.name
        if field.default is not MISSING:
            names[f"_default_{name}"] = field.default
            default = f"_default_{name}"
        elif field.default_factory is not MISSING:
            names[f"_make_{name}"] = field.default_factory
            value = f"_make_{name}() if {name} is _left_out else {name}"
            default = "_left_out"
        else:
            default = ""
        if not field.init:
            continue  # `__post_init__` sets it
        (by_name if field.kw_only else by_place).append(f"{name}={default}" if default else name)
        if not issubclass(kind, FrozenRecord):
            body.append(f"self.{name} = {value}")
        elif isinstance(slot := getattr(kind, name, None), MemberDescriptorType):
            names[f"_put_{name}"] = slot.__set__  # as `object.__setattr__`, which would look for the slot each time
            body.append(f"_put_{name}(self, {value})")
        else:
            body.append(f"_put(self, {name!r}, {value})")
    if hasattr(kind, "__post_init__"):
        body.append("self.__post_init__()")
    parameters = ", ".join(by_place + (by_name if by_name[1:] else []))
    exec(f"def __init__({parameters}):\n " + "\n ".join(body or ["pass"]), names)
    init = names["__init__"]
    init.__qualname__, init.__module__ = f"{kind.__qualname__}.__init__", kind.__module__
    init.__annotations__ = {field.name: field.type for field in dataclasses.fields(kind) if field.init}
    init.__annotations__["return"] = None
    return init
