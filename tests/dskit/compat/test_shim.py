"""Modules in `sys.modules` for as long as a block runs, and never in the place of others."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import pytest

from dskit.compat.shim import importable
from dskit.errors import ConfigurationError


def made(*names: str) -> dict[str, ModuleType]:
    modules = {name: ModuleType(name) for name in names}
    for module in modules.values():
        module.__path__ = []
    return modules


def test_modules_can_be_imported_inside_the_block_alone() -> None:
    with importable(lambda: made("dskit_shop", "dskit_shop.till"), "dskit_shop") as modules:
        assert importlib.import_module("dskit_shop.till") is modules["dskit_shop.till"]
    with pytest.raises(ImportError):
        importlib.import_module("dskit_shop.till")


@pytest.mark.parametrize("packages", [("json",), ("dskit_shop", "json"), ("json", "dskit_shop")])
def test_where_a_package_is_there_nothing_is_made(packages: tuple[str, ...]) -> None:
    """Making modules opens a storage."""
    calls: list[str] = []

    def make() -> dict[str, ModuleType]:
        calls.append("made")
        return made(*packages)

    before = sys.modules["json"]
    with pytest.raises(ConfigurationError, match="json is installed"), importable(make, *packages):
        raise AssertionError("the block was entered")
    assert calls == []
    assert sys.modules["json"] is before
    assert "dskit_shop" not in sys.modules


def test_what_took_its_place_meanwhile_stays() -> None:
    with importable(lambda: made("dskit_shop"), "dskit_shop"):
        other = sys.modules["dskit_shop"] = ModuleType("dskit_shop")
    assert sys.modules.pop("dskit_shop") is other
