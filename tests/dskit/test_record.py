"""The shared `repr`, ``==`` and `hash` of the value types, against what `dataclass` generates."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import subprocess
import sys
from dataclasses import dataclass, field

import pytest

import dskit
from dskit.record import FrozenRecord, Record, record


@dataclass(frozen=True, slots=True)
class Generated:
    name: str
    size: int = 0
    secret: str = field(default="", repr=False)
    seen: int = field(default=0, compare=False)
    tags: list[str] = field(default_factory=list, compare=False, kw_only=True)


@record(frozen=True, slots=True)
class Shared(FrozenRecord):
    name: str
    size: int = 0
    secret: str = field(default="", repr=False)
    seen: int = field(default=0, compare=False)
    tags: list[str] = field(default_factory=list, compare=False, kw_only=True)


@record(slots=True)
class Changing(Record):
    name: str
    length: int = field(init=False)

    def __post_init__(self) -> None:
        self.length = len(self.name)


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
    value = Shared("a")
    with pytest.raises(dataclasses.FrozenInstanceError, match="size"):
        value.size = 1  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError, match="size"):
        del value.size
    assert value == Shared("a")


def test_it_is_made_as_a_dataclass_is() -> None:
    assert str(inspect.signature(Shared)) == str(inspect.signature(Generated))
    assert dataclasses.asdict(Shared("a", 2, tags=["t"])) == dataclasses.asdict(Generated("a", 2, tags=["t"]))
    assert Shared("a").tags is not Shared("a").tags
    assert Changing("abc").length == 3


@pytest.mark.parametrize(
    "arguments", [{}, {"name": "a", "sise": 1}, {"name": "a", "size": 1, "seen": 2, "length": 3}], ids=str
)
def test_wrong_arguments_are_refused_in_the_same_words(arguments: dict[str, object]) -> None:
    with pytest.raises(TypeError) as generated:
        Generated(**arguments)  # type: ignore[arg-type]
    with pytest.raises(TypeError) as shared:
        Shared(**arguments)  # type: ignore[arg-type]
    assert str(shared.value) == str(generated.value).replace("Generated", "Shared")


def test_what_post_init_sets_is_no_argument() -> None:
    with pytest.raises(TypeError, match="length"):
        Changing("abc", length=3)  # type: ignore[call-arg]


@pytest.mark.parametrize("value", [Shared("a", 1, tags=["t"]), Changing("abc")], ids=["frozen", "changing"])
def test_it_can_be_copied_replaced_and_pickled(value: Shared | Changing) -> None:
    for made in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert made == value
        assert made is not value
    assert dataclasses.replace(value, name="b").name == "b"
    assert value.name != "b"


def test_a_subclass_is_made_like_its_base_and_one_with_more_fields_by_its_own() -> None:
    class Plain(Shared):
        __slots__ = ()

    @record(frozen=True, slots=True)
    class Longer(Shared):
        last: int = 0

    assert Plain("a").size == 0
    assert Longer("a", 1, "s", 7, 9).last == 9
    assert Shared("a", 1).size == 1


def test_what_is_frozen_and_the_base_that_freezes_go_together() -> None:
    with pytest.raises(TypeError, match="Loose"):

        @record(frozen=True)
        class Loose(Record):
            name: str


def test_a_value_type_of_the_api_is_compiled_when_it_is_first_used() -> None:
    code = (
        "import dskit.types, types\n"
        "dskit.types.PutOptions()\n"
        "for name, kind in vars(dskit.types).items():\n"
        "    if isinstance(getattr(kind, '__dict__', {}).get('__init__'), types.FunctionType): print(name)\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "PutOptions" in told.split()
    assert "CopyOptions" not in told.split()


def test_no_value_type_of_the_api_has_a_dictionary_or_text_of_its_own() -> None:
    types = [kind for kind in vars(dskit.types).values() if isinstance(kind, type) and dataclasses.is_dataclass(kind)]
    assert len(types) > 15
    for kind in types:
        assert issubclass(kind, Record)
        assert "__eq__" not in vars(kind)
        assert "__repr__" not in vars(kind)
        assert "__dict__" not in dir(kind)
