"""Opening the directory of a durable reference store."""

from __future__ import annotations

from pathlib import Path

from dskit.errors import ConfigurationError, StoreError

from .blobs_files import FileBlobs, sync_folder
from .catalog_sqlite import SqliteCatalog

__all__ = ["open_disk"]

_SYNCHRONOUS = {"power": "FULL", "process": "NORMAL"}


def open_disk(root: Path, durability: str) -> tuple[SqliteCatalog, FileBlobs]:
    """Catalog and blobs of `root`, swept. Raises `ConfigurationError` for a path or a durability that cannot be."""
    if durability not in _SYNCHRONOUS:
        raise ConfigurationError(f"durability is 'power' or 'process', not {durability!r}")
    try:
        root.mkdir(parents=True, exist_ok=True)
        blobs = FileBlobs(root, durable=durability == "power")
    except OSError as error:
        raise ConfigurationError(f"{root} cannot hold a store: {error.strerror or error}") from error
    try:
        catalog = SqliteCatalog(root / "catalog.sqlite", blobs.remove, synchronous=_SYNCHRONOUS[durability])
    except BaseException:
        blobs.close()
        raise
    blobs.small = catalog.small
    try:
        _tidy(root, catalog, blobs, durable=durability == "power")
    except BaseException as error:
        catalog.close()
        blobs.close()
        if isinstance(error, OSError) and not isinstance(error, StoreError):
            raise ConfigurationError(f"{root} cannot hold a store: {error.strerror or error}") from error
        raise
    return catalog, blobs


def _tidy(root: Path, catalog: SqliteCatalog, blobs: FileBlobs, *, durable: bool) -> None:
    """Make the folders last, and remove what processes left behind that are gone."""
    if durable:
        sync_folder(root)
        sync_folder(root.parent)
    blobs.sweep(catalog.knows)
    garbage = catalog.garbage()
    for blob in garbage:
        blobs.remove(blob)
    catalog.unlinked(garbage)
