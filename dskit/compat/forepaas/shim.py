"""``import forepaas.dwh`` for code that is not to be changed, where no package of that name is installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from ..shim import importable
from .connection import DataStorage, client_of
from .connection import connect as connect_to
from .connectors import BucketConnector, DataStoreConnector

__all__ = ["modules", "provided"]

PACKAGE, MODULE = "forepaas", "forepaas.dwh"


def modules(storage: DataStorage) -> dict[str, ModuleType]:
    """The SDK's modules by name, over a storage, for `sys.modules`."""
    client = client_of(storage)

    def connect(name: str) -> DataStoreConnector | BucketConnector:
        """``'data_store'`` or ``'data_store/BUCKET'``."""
        return connect_to(name, storage=client)

    package, module = ModuleType(PACKAGE, "Provided by dskit."), ModuleType(MODULE, "Provided by dskit.")
    package.__path__ = []
    package.dwh = module  # type: ignore[attr-defined]
    module.connect = connect  # type: ignore[attr-defined]
    return {PACKAGE: package, MODULE: module}


@contextmanager
def provided(storage: DataStorage) -> Iterator[ModuleType]:
    """Inside the block ``from forepaas.dwh import connect`` works, and connects to `storage`.

    Functions imported there go on working after it. Raises `ConfigurationError`, and changes nothing, where a package
    `forepaas` is installed or provided already: this never stands before a real one.
    """
    with importable(lambda: modules(storage), PACKAGE) as made:
        yield made[MODULE]
