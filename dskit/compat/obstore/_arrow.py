"""Listings as Arrow tables: in the classes of arro3, which obstore gives, else of pyarrow."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ._types import ObjectMeta

__all__ = ["record_batch", "require_arrow", "table"]

LIBRARIES = ("arro3.core", "pyarrow")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def require_arrow() -> Any:
    """The library. Raises `ImportError` where there is none, as obstore does without arro3."""
    for name in LIBRARIES:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise ImportError("results as Arrow need arro3, or pyarrow instead of it: pip install arro3-core")


def record_batch(rows: Sequence[ObjectMeta]) -> Any:
    """Columns as obstore has them: path, last_modified (µs, UTC), size (unsigned), e_tag, version."""
    arrow = require_arrow()
    return of_pyarrow(arrow, rows) if arrow.__name__ == "pyarrow" else of_arro3(arrow, rows)


def table(rows: Sequence[ObjectMeta]) -> Any:
    return require_arrow().Table.from_batches([record_batch(rows)])


def of_pyarrow(arrow: Any, rows: Sequence[ObjectMeta]) -> Any:
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


def of_arro3(arrow: Any, rows: Sequence[ObjectMeta]) -> Any:
    """arro3 makes no array of datetimes, so they become numbers first."""
    kinds, field = arrow.DataType, arrow.Field
    text, moment = kinds.utf8(), kinds.timestamp("us", tz="UTC")
    schema = arrow.Schema(
        [
            field("path", text, nullable=False),
            field("last_modified", moment, nullable=False),
            field("size", kinds.uint64(), nullable=False),
            field("e_tag", text),
            field("version", text),
        ]
    )
    moments = [(row["last_modified"] - EPOCH) // timedelta(microseconds=1) for row in rows]
    columns = [
        arrow.Array([row["path"] for row in rows], text),
        arrow.Array(moments, kinds.int64()).cast(moment),
        arrow.Array([row["size"] for row in rows], kinds.uint64()),
        arrow.Array([row["e_tag"] for row in rows], text),
        arrow.Array([row["version"] for row in rows], text),
    ]
    return arrow.RecordBatch.from_arrays(columns, schema=schema)
