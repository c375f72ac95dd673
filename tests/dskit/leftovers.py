"""What a write that came to nothing may have left behind."""

from __future__ import annotations

import dskit

__all__ = ["left", "staged"]


def staged(store: dskit.Store) -> list[str]:
    """Files of writes in progress, for stores of plain files."""
    path = getattr(store.service, "path", None)
    if path is None or not isinstance(store, dskit.LocalStore):
        return []
    return [str(file) for file in (path / ".dskit" / "staging").rglob("*") if file.is_file() and file.suffix != ".lock"]


def left(store: dskit.Store) -> list[str]:
    """Those files, and the uploads in progress."""
    return staged(store) + [upload.upload_id for upload in store.list_uploads().uploads]
