"""What the entry point does for an installed dskit, also where an older one is installed."""

from __future__ import annotations

import fsspec

from dskit.fsspec import DskitFileSystem

__all__ = ["register"]


def register() -> None:
    fsspec.register_implementation("dskit", DskitFileSystem, clobber=True)
