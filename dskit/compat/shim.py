"""Modules that stand for an SDK that is not installed: what every facade's `provided` does with its own."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType

from ..errors import ConfigurationError

__all__ = ["importable"]


@contextmanager
def importable(make: Callable[[], dict[str, ModuleType]], *packages: str) -> Iterator[dict[str, ModuleType]]:
    """Inside the block the modules that `make` gives, by name, can be imported; `packages` are their outermost names.

    Raises `ConfigurationError`, and makes and changes nothing, where a package of one of these names is installed or
    imported already: a real one is never replaced. What was imported inside the block goes on working after it.
    """
    for package in packages:
        if package in sys.modules or importlib.util.find_spec(package) is not None:
            raise ConfigurationError(
                f"{package} is installed or there already: it is not replaced; use the module of dskit.compat itself"
            )
    made = make()
    sys.modules.update(made)
    try:
        yield made
    finally:
        for name, module in made.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
