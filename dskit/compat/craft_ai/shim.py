"""``from craft_ai_sdk import CraftAiSdk`` without the package, for as long as a block runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from ..shim import importable
from .client import Environments, connect
from .errors import SdkException

__all__ = ["modules", "provided"]

PACKAGE = "craft_ai_sdk"


def modules(environments: Environments) -> dict[str, ModuleType]:
    """The package's modules by name, over these stores, for `sys.modules`."""
    bound = connect(environments)
    package, exceptions, sdk = (ModuleType(f"{PACKAGE}{name}") for name in ("", ".exceptions", ".sdk"))
    package.__path__ = []
    package.__dict__.update(CraftAiSdk=bound, SdkException=SdkException, exceptions=exceptions, sdk=sdk)
    exceptions.__dict__.update(SdkException=SdkException)
    sdk.__dict__.update(CraftAiSdk=bound)
    return {module.__name__: module for module in (package, exceptions, sdk)}


@contextmanager
def provided(environments: Environments) -> Iterator[None]:
    """Make ``craft_ai_sdk`` importable. Never in the place of the real package.

    Raises `ConfigurationError` where it is installed or imported.
    """
    with importable(lambda: modules(environments), PACKAGE):
        yield
