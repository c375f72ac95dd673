"""SQLite's errors in dskit's words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dskit.errors import ClosedError, ConfigurationError, UnavailableError

__all__ = ["closed", "translated"]


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """What is wrong with a statement stays as it is: that is a defect of ours."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "")
        if name == "SQLITE_NOTADB":
            raise ConfigurationError(f"{path} is not a catalog of dskit: {error}") from error
        if name.startswith("SQLITE_CORRUPT"):
            raise UnavailableError(
                f"the catalog {path} is damaged ({error}): restore the directory from a copy of it, or begin with an "
                "empty one; the bytes of large objects are whole in its folder blobs",
                retryable=False,
            ) from error
        if "closed" in str(error):
            raise closed(path) from error
        if isinstance(error, sqlite3.OperationalError):
            raise UnavailableError(f"the catalog {path} cannot be used: {error}", retryable=False) from error
        raise


def closed(path: Path) -> ClosedError:
    return ClosedError(f"the store at {path.parent} has been closed: open it again")
