"""The shared `repr`, ``==`` and `hash` of the value types, against what `dataclass` generates."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

import pytest

import dskit
from dskit.record import FrozenRecord, Record


@dataclass(frozen=True, slots=True)
class Generated:
    name: str
    size: int = 0
    secret: str = field(default="", repr=False)
    seen: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Shared(FrozenRecord):
    name: str
    size: int = 0
    secret: str = field(default="", repr=False)
    seen: int = field(default=0, compare=False)


@dataclass(slots=True, repr=False, eq=False)
class Changing(Record):
    name: str


ARGUMENTS = [("a",), ("b",), ("a", 1), ("a", 0, "s"), ("a", 0, "", 7)]


@pytest.mark.parametrize("left", ARGUMENTS)
def test_it_is_what_a_dataclass_would_have_been_given(left: tuple[str, int, str, int]) -> None:
    assert repr(Shared(*left)) == repr(Generated(*left)).replace("Generated", "Shared")
    for right in ARGUMENTS:
        equal = Generated(*left) == Generated(*right)  # type: ignore[arg-type]
        assert (Shared(*left) == Shared(*right)) is equal  # type: ignore[arg-type]
        assert (hash(Shared(*left)) == hash(Shared(*right))) is equal  # type: ignore[arg-type]


def test_another_class_is_not_equal() -> None:
    assert Shared("a") != Generated("a")
    assert Changing("a") != "a"


def test_what_can_change_is_no_key() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Changing("a"))


def test_a_frozen_one_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Shared("a").size = 1  # type: ignore[misc]


def test_no_value_type_of_the_api_has_a_dictionary_or_text_of_its_own() -> None:
    types = [kind for kind in vars(dskit.types).values() if isinstance(kind, type) and dataclasses.is_dataclass(kind)]
    assert len(types) > 15
    for kind in types:
        assert issubclass(kind, Record)
        assert "__eq__" not in vars(kind)
        assert "__repr__" not in vars(kind)
        assert "__dict__" not in dir(kind)
