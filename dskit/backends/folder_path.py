"""The folder that a store lives in, as a caller gives it."""

from __future__ import annotations

import os

from ..errors import ConfigurationError

__all__ = ["folder_path"]


def folder_path(path: str | os.PathLike[str] | None, store: str, example: str) -> str:
    """`path` as a str. Raises `ConfigurationError` for none, and for one that no file system can have."""
    if path is None or not os.fspath(path):
        raise ConfigurationError(f"{store} needs a path: {example}")
    if "\0" in os.fspath(path):
        raise ConfigurationError(f"the path of {store} has a zero character, which no file system can hold: {path!r}")
    return os.fspath(path)
