"""A group of keys in a listing with a delimiter."""

from __future__ import annotations

from typing import Any

__all__ = ["Prefix"]


class Prefix:
    def __init__(self, bucket: Any = None, name: str | None = None) -> None:
        self.bucket = bucket
        self.name = name
