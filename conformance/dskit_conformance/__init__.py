"""Certify object stores: a property-based suite that drives any backend through dskit's public client API.

`certify(target)` runs it and gives a `RunResult`; `survey(target)` gives the certificate. On the command line it is
`dskit certify TARGET`, in pytest ``--dskit-store=URL``. Names are loaded when they are used: pytest imports this
package in every run.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .catalogue import CATALOGUE
    from .certificate import build
    from .profile import Profile, load_profile
    from .result import RunResult, Verdict
    from .runner import certify
    from .surveying import survey

__all__ = ["CATALOGUE", "Profile", "RunResult", "Verdict", "build", "certify", "load_profile", "survey"]

_HOMES = {
    "CATALOGUE": "catalogue",
    "Profile": "profile",
    "RunResult": "result",
    "Verdict": "result",
    "build": "certificate",
    "certify": "runner",
    "load_profile": "profile",
    "survey": "surveying",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from dskit.extras import explained

    with explained():
        return getattr(import_module(f".{_HOMES[name]}", __name__), name)
