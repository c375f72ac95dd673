"""Options of a store by obstore's names: one dict of strings from its URL, `config`, keywords and the environment.

Names may have the prefix of their environment variables, in any case. What the first three give wins over the
environment; an option that two of them give is refused. What dskit's store cannot honour is `NotImplementedError`, by
name, and never ignored.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from .exceptions import GenericError, UnknownConfigurationKeyError

__all__ = ["FALSE", "Options", "flag", "string"]

TRUE = frozenset({"1", "true", "on", "yes", "y", "t"})
FALSE = frozenset({"0", "false", "off", "no", "n", "f"})


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one kind of store."""

    kind: str
    """What messages call the store."""
    prefix: str
    """Of environment variables."""
    honoured: frozenset[str]
    refused: frozenset[str]
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other names, without the prefix."""

    def merged(self, *sources: Mapping[str, Any] | None) -> dict[str, str]:
        """Canonical names to strings. Raises `UnknownConfigurationKeyError`, `GenericError` for an option that is given
        twice, `TypeError` for a value that is neither a str nor a bool."""
        config: dict[str, str] = {}
        for source in sources:
            for given, value in (source or {}).items():
                name = self._canonical(given)
                if name is None:
                    raise UnknownConfigurationKeyError(
                        f"Configuration key: {given!r} is not valid for store {self.kind!r}."
                    )
                if name in config:
                    raise GenericError(f"Duplicate key {self.prefix.lower()}{name} provided")
                config[name] = string(value)
        return config

    def with_environment(self, config: Mapping[str, str]) -> dict[str, str]:
        """`config`, and what it lacks from environment variables that the facade honours."""
        found = {
            name: value
            for variable, value in os.environ.items()
            if variable.startswith(self.prefix) and (name := self._canonical(variable)) in self.honoured
        }
        return {**found, **config}

    def refuse(self, config: Mapping[str, str]) -> None:
        """Raises `NotImplementedError` for what dskit's store cannot honour, unless it is turned off."""
        for name in sorted(self.refused & config.keys()):
            if config[name].lower() not in FALSE:
                raise NotImplementedError(f"the {self.kind} store of this facade cannot honour {name!r}: leave it out")

    def _canonical(self, name: str) -> str | None:
        bare = name.lower().removeprefix(self.prefix.lower())
        bare = self.aliases.get(bare, bare)
        return bare if bare in self.honoured or bare in self.refused else None


def string(value: Any, *, duration: bool = False) -> str:
    """A value as obstore takes it. Raises `TypeError`."""
    if isinstance(value, bool):
        return str(value).lower()
    if duration and isinstance(value, timedelta):
        return f"{value.total_seconds():g}s"
    if not isinstance(value, str):
        name = "None" if value is None else type(value).__name__
        raise TypeError(f"'{name}' object is not an instance of 'str'")
    return value


def flag(config: Mapping[str, str], name: str) -> bool:
    """Raises `GenericError` for what is no boolean."""
    text = config.get(name, "false").lower()
    if text not in TRUE and text not in FALSE:
        raise GenericError(f"Generic Config error: failed to parse {text!r} as boolean")
    return text in TRUE
