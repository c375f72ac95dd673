"""``from domino.data_sources import DataSourceClient`` without the package, for as long as a block runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from ..shim import importable
from .client import Sources, connect

__all__ = ["modules", "provided"]


def modules(sources: Sources) -> dict[str, ModuleType]:
    """The package's modules by name, over these stores, for `sys.modules`."""
    from dskit.compat import domino

    namespace = {name: getattr(domino, name) for name in domino.__all__ if name not in ("ENVIRONMENT", "connect")}
    namespace["DataSourceClient"] = connect(sources)
    made: dict[str, ModuleType] = {}
    for top in ("domino", "domino_data"):
        package, module = ModuleType(top), ModuleType(f"{top}.data_sources")
        module.__dict__.update(namespace)
        package.__path__ = []
        package.data_sources = module  # type: ignore[attr-defined]
        made |= {top: package, module.__name__: module}
    return made


@contextmanager
def provided(sources: Sources) -> Iterator[None]:
    """Make ``domino.data_sources`` and ``domino_data.data_sources`` importable. Never in the place of a real package.

    Raises `ConfigurationError` where one is installed or imported.
    """
    with importable(lambda: modules(sources), "domino", "domino_data"):
        yield
