"""Key families hold confusable keys, and every property of key identity has keys that test it."""

from __future__ import annotations

import pytest

from dskit_conformance.families import FAMILIES, usable
from dskit_conformance.keytraits import coexist, traits


def test_every_key_is_one_that_s3_takes() -> None:
    for keys in FAMILIES.values():
        assert len(keys) == len(set(keys)) >= 2
        assert all(1 <= len(key.encode()) <= 1024 for key in keys)


@pytest.mark.parametrize("rule", [f"KEY-{number:02d}" for number in (2, 3, 4, 5, 6, 9, 10, 11, 12)])
def test_some_key_tests_it(rule: str) -> None:
    assert any(rule in traits(key) for keys in FAMILIES.values() for key in keys)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("a", ()),
        ("a//b", ("KEY-02",)),
        ("a/../b", ("KEY-02",)),
        ("/a", ("KEY-03",)),
        ("é", ("KEY-04",)),
        (" a", ("KEY-05",)),
        ("a%2Fb", ("KEY-06",)),
        ("a\nb", ("KEY-11",)),
        ("a\x01", ("KEY-10",)),
        ("x" * 256, ("KEY-09",)),
    ],
)
def test_traits_of_a_key(key: str, expected: tuple[str, ...]) -> None:
    assert traits(key) == expected


def test_coexistence_is_about_folders_not_about_prefixes() -> None:
    assert coexist("a", ["a/b"])
    assert coexist("a/b", ["a"])
    assert not coexist("a", ["ab", "a"])


def test_excluded_properties_take_their_keys_along() -> None:
    families = usable(excluded={"KEY-04", "KEY-07"})
    assert not any("KEY-04" in traits(key) for keys in families.values() for key in keys)
    assert not any(coexist(key, keys) for keys in families.values() for key in keys)
    assert usable(excluded={f"KEY-{number:02d}" for number in range(1, 14)})
