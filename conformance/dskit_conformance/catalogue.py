"""Every property that the suite knows, by id. The statements live beside it, one module a group of families.

Sources: ``botocore:X`` is the text of shape X in botocore's S3 model; ``recorded:t`` an answer of AWS itself recorded
in the public LocalStack test `t`; ``guide:x`` the S3 user guide; ``RFC 9110 §n``; ``peers:x`` a defect seen in real
stores or a rule of another suite; ``reading`` our reading, where no better source exists.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from types import MappingProxyType

from dskit.errors import ConfigurationError

from . import catalogue_objects, catalogue_reads, catalogue_writes
from .property import Level, Property

__all__ = ["CATALOGUE", "FAMILIES", "PREREQUISITES", "catalogue_sha256", "implemented", "of_level"]

CATALOGUE: Mapping[str, Property] = MappingProxyType(
    {
        entry.id: entry
        for entry in (*catalogue_objects.PROPERTIES, *catalogue_reads.PROPERTIES, *catalogue_writes.PROPERTIES)
    }
)

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "OBJ": "Objects",
        "KEY": "Key identity",
        "RNG": "Ranges",
        "LST": "Listing",
        "CPY": "Copies",
        "CND": "Conditional requests",
        "MPU": "Multipart uploads",
        "DEL": "Batch deletes",
        "ROB": "Robustness",
    }
)

PREREQUISITES: Mapping[Level, tuple[Level, ...]] = MappingProxyType(
    {level: () if level is Level.CORE else (Level.CORE,) for level in Level}
)


def implemented(properties: Iterable[Property] | None = None) -> list[Property]:
    return [entry for entry in (properties or CATALOGUE.values()) if entry.implemented]


def of_level(level: Level | str | None) -> list[Property]:
    """Properties of a level, in any case, and of its prerequisites; of all levels for None.

    Raises `ConfigurationError` for one that there is not.
    """
    if level is None:
        return list(CATALOGUE.values())
    try:
        named = Level(level.capitalize())
    except ValueError:
        raise ConfigurationError(f"there is no level {level!r}; there are {', '.join(Level)}") from None
    wanted = {named, *PREREQUISITES[named]}
    return [entry for entry in CATALOGUE.values() if entry.level in wanted]


def catalogue_sha256() -> str:
    """Digest of every statement and attribute: two certificates compare only under the same catalogue."""
    rows = [
        {**asdict(entry), "needs": sorted(entry.needs), "sources": list(entry.sources)} for entry in CATALOGUE.values()
    ]
    return hashlib.sha256(json.dumps(rows, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
