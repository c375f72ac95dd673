"""Profiles: the divergences of one subject that are known and accepted, as a committed file.

An entry is a property id, a note for people, optionally a switch of the model (so that a run continues past the
divergence and still finds others), and the trace that shows it. "Conformant modulo profile P" means that nothing
beyond the entries diverges *and* that every entry still does: an entry whose trace no longer diverges is stale.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from dskit.errors import ConfigurationError

from .catalogue import CATALOGUE
from .outcomes import Trace

__all__ = ["Profile", "ProfileEntry", "load_profile", "shipped_profiles"]


@dataclass(frozen=True, slots=True)
class ProfileEntry:
    """`stores` are the classes of stores through which it shows; empty for all. `switch` is for the model."""

    property_id: str
    note: str
    trace: Trace
    switch: str | bool | float | None = None
    stores: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    subject: str
    entries: tuple[ProfileEntry, ...]

    def of_store(self, store: str) -> dict[str, ProfileEntry]:
        """Property id to its entry, for one class of stores."""
        return {entry.property_id: entry for entry in self.entries if not entry.stores or store in entry.stores}

    def to_mapping(self) -> dict[str, Any]:
        return {
            "schema": "urn:dskit:profile:1",
            "name": self.name,
            "subject": self.subject,
            "entries": [
                {
                    "property": entry.property_id,
                    "note": entry.note,
                    **({} if entry.switch is None else {"switch": entry.switch}),
                    **({"stores": list(entry.stores)} if entry.stores else {}),
                    "trace": entry.trace,
                }
                for entry in self.entries
            ],
        }


def shipped_profiles() -> list[str]:
    """Names that `load_profile` knows without a path."""
    folder = resources.files(__package__).joinpath("profiles")
    return sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json"))


def load_profile(name_or_path: str | Path) -> Profile:
    """A profile by its shipped name (``minio``) or by the path of a file.

    Raises `ConfigurationError` that names the entry where the file is not a profile.
    """
    text = _read(str(name_or_path))
    try:
        record = json.loads(text)
        return Profile(record["name"], record["subject"], tuple(_entry(row) for row in record["entries"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(f"profile {str(name_or_path)!r} is not a profile: {error!r}") from error


def _read(name: str) -> str:
    if name in shipped_profiles():
        return resources.files(__package__).joinpath("profiles", f"{name}.json").read_text("utf-8")
    path = Path(name)
    if not path.is_file():
        known = ", ".join(shipped_profiles())
        raise ConfigurationError(f"there is no profile {name!r}: give the path of a file or one of: {known}")
    return path.read_text("utf-8")


def _entry(row: Mapping[str, Any]) -> ProfileEntry:
    if row["property"] not in CATALOGUE:
        raise ValueError(f"unknown property {row['property']!r}")
    if not row["trace"]:
        raise ValueError(f"entry {row['property']} has no trace, so nobody could tell when it is stale")
    return ProfileEntry(
        row["property"], row["note"], list(row["trace"]), row.get("switch"), tuple(row.get("stores", ()))
    )
