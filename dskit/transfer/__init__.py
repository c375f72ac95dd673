"""Moving objects: between a store and local files, and between stores."""

from __future__ import annotations

from .staging import staged_file

__all__ = ["staged_file"]
