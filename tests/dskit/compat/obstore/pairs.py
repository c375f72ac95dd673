"""The real obstore and the facade, side by side: the same call on a store of the same kind, and what came of it."""

from __future__ import annotations

import builtins
import inspect
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any, NamedTuple

__all__ = ["Call", "Pair", "Side", "outcome", "plain"]


class Side(NamedTuple):
    """A package and a store of it."""

    obs: ModuleType
    store: Any


class Pair(NamedTuple):
    kind: str
    real: Side
    facade: Side

    def both(self) -> tuple[Side, Side]:
        return self.real, self.facade


Call = Callable[[Any, Any], Any]
"""A call of a table: it is given the package and the store."""


def outcome(call: Call, side: Side) -> tuple[str, Any]:
    """What a call returned or raised, in terms that both packages share."""
    try:
        return "returned", plain(call(*side))
    except Exception as error:
        return "raised", _kind(error)


def plain(value: Any) -> Any:
    """A result without what differs from store to store: ETags, the moment of a write, classes of buffers."""
    if isinstance(value, dict):
        return {name: _member(name, item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(plain(item) for item in value)
    if type(value).__name__ == "Bytes":
        return ("Bytes", bytes(value))
    return value


def _member(name: str, value: Any) -> Any:
    if name == "e_tag" and value is not None:
        assert value.startswith('"')
        assert value.endswith('"')
        return "a quoted ETag"
    if isinstance(value, datetime):
        assert value.utcoffset() == timedelta(0)
        return "an aware time"
    return plain(value)


def _kind(error: Exception) -> str:
    """The class of obstore's tree, or the builtin one. Operating system errors are told by their number in both."""
    kind = type(error)
    if kind.__module__ in ("obstore.exceptions", "dskit.compat.obstore.exceptions"):
        return f"obstore.{kind.__name__}"
    if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
        return "OSError"
    if isinstance(error, UnicodeError):
        return "UnicodeError"
    assert hasattr(builtins, kind.__name__), f"neither obstore's nor a builtin: {kind}"
    return kind.__name__


def parameters(function: Any, *, hidden: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Names and kinds of a function's parameters, without those of `hidden`."""
    return [
        (name, parameter.kind.name)
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in set(hidden)
    ]
