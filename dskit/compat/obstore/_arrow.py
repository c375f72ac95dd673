"""Listings as Arrow tables, through pyarrow where it is installed."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

from ._types import ObjectMeta

__all__ = ["record_batch", "require_arrow", "table"]


def require_arrow() -> Any:
    """The library. Raises `ImportError`, as obstore does without its own (arro3-core)."""
    try:
        return importlib.import_module("pyarrow")
    except ImportError as error:
        raise ImportError("pyarrow is needed to return results as Arrow: pip install pyarrow") from error


def record_batch(rows: Sequence[ObjectMeta]) -> Any:
    """Columns as obstore has them: path, last_modified (µs, UTC), size (unsigned), e_tag, version."""
    arrow = require_arrow()
    schema = arrow.schema(
        [
            arrow.field("path", arrow.string(), nullable=False),
            arrow.field("last_modified", arrow.timestamp("us", tz="UTC"), nullable=False),
            arrow.field("size", arrow.uint64(), nullable=False),
            arrow.field("e_tag", arrow.string()),
            arrow.field("version", arrow.string()),
        ]
    )
    return arrow.RecordBatch.from_pylist(list(rows), schema=schema)


def table(rows: Sequence[ObjectMeta]) -> Any:
    return require_arrow().Table.from_batches([record_batch(rows)])
