"""A strict and fast S3 endpoint, in this process or as `dskit serve`. Importing this loads nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .accounts import Account, make_account
    from .endpoint import Endpoint
    from .fronts.site import FrontSettings
    from .rules import RULES, Rule
    from .server import Server

__all__ = ["RULES", "Account", "Endpoint", "FrontSettings", "Rule", "Server", "make_account"]

_HOMES = {
    "RULES": "rules",
    "Account": "accounts",
    "Endpoint": "endpoint",
    "FrontSettings": "fronts.site",
    "Rule": "rules",
    "Server": "server",
    "make_account": "accounts",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    from dskit.extras import explained

    from .collector import collector_paused

    with explained(), collector_paused():
        value: object = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
