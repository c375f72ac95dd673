"""The bounds of a store, apart from its other capabilities: what enforces them needs no more, and starts sooner."""

from __future__ import annotations

import dataclasses
from typing import Any, Self

from .errors import ConfigurationError
from .record import FrozenRecord, record

__all__ = ["Limits", "Section"]


class Section(FrozenRecord):
    """`replace` and `from_mapping` that reject unknown names, so that a misspelt override never passes."""

    def replace(self, **changes: Any) -> Self:
        names = {f.name for f in dataclasses.fields(self)}
        unknown = sorted(set(changes) - names)
        if unknown:
            raise ConfigurationError(f"{type(self).__name__} has no field {unknown[0]!r}; it has {sorted(names)}")
        return dataclasses.replace(self, **changes)


@record(frozen=True, slots=True)
class Limits(Section):
    """Bytes and counts, S3's by default (S3 user guide, "Amazon S3 multipart upload limits")."""

    max_key_bytes: int | None = 1024
    max_segment_bytes: int | None = None
    max_metadata_bytes: int | None = 2048
    max_put_bytes: int | None = 5 * 1024**3
    min_part_bytes: int = 5 * 1024**2
    max_part_bytes: int | None = 5 * 1024**3
    max_parts: int = 10_000
    max_object_bytes: int | None = 5 * 1024**4
    max_page: int = 1000
    max_delete_batch: int = 1000
