"""The tables of the durable catalog, and how those of an older format are brought up to date."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from dskit.errors import ConfigurationError

__all__ = ["BUSY_SECONDS", "FORMAT", "prepare", "recognise"]

BUSY_SECONDS = 60.0

FORMAT = 3

_SCHEMA = """
CREATE TABLE counter (value INTEGER NOT NULL);
INSERT INTO counter VALUES (0);
CREATE TABLE buckets (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, region TEXT, owner TEXT,
    configurations TEXT
);
CREATE TABLE versions (
    bucket INTEGER NOT NULL, key BLOB NOT NULL, seq INTEGER NOT NULL, version_id TEXT NOT NULL,
    size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL, record TEXT NOT NULL,
    extents BLOB NOT NULL, parts TEXT,
    PRIMARY KEY (bucket, key, seq DESC)
) WITHOUT ROWID;
CREATE TABLE current (
    bucket INTEGER NOT NULL, key BLOB NOT NULL, seq INTEGER NOT NULL,
    size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL, told TEXT NOT NULL,
    PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
CREATE TABLE uploads (
    bucket INTEGER NOT NULL, key BLOB NOT NULL, seq INTEGER NOT NULL,
    upload_id TEXT NOT NULL UNIQUE, record TEXT NOT NULL,
    PRIMARY KEY (bucket, key, seq)
) WITHOUT ROWID;
CREATE TABLE parts (
    upload_id TEXT NOT NULL, number INTEGER NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (upload_id, number)
) WITHOUT ROWID;
CREATE TABLE deletions (
    bucket INTEGER NOT NULL, key BLOB NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
CREATE TABLE blobs (id INTEGER PRIMARY KEY, refs INTEGER NOT NULL);
CREATE INDEX freed ON blobs (id) WHERE refs = 0;
CREATE TABLE small (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE garbage (id INTEGER PRIMARY KEY);
"""

# What brings a catalog of an older format to the next one. Each says all that it needs: what comes later changes none.
_STEPS = {
    1: "ALTER TABLE buckets ADD COLUMN configurations TEXT",
    # A page of a listing is one walk through `current`, which tells all of it.
    2: """
ALTER TABLE current RENAME TO old_current;
CREATE TABLE current (
    bucket INTEGER NOT NULL, key BLOB NOT NULL, seq INTEGER NOT NULL,
    size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL, told TEXT NOT NULL,
    PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
INSERT INTO current
    SELECT v.bucket, v.key, v.seq, v.size, v.etag, v.modified, json_array(
        coalesce(json_extract(record, '$.attributes.storage_class'), 'STANDARD'),
        json((SELECT json_group_array(key) FROM json_each(record, '$.checksums'))),
        json_extract(record, '$.checksum_type'),
        NULL,
        json_extract(record, '$.access[0]')
    )
    FROM old_current c JOIN versions v ON v.bucket = c.bucket AND v.key = c.key AND v.seq = c.seq
    ORDER BY v.bucket, v.key;
DROP TABLE old_current
""",
}


def recognise(path: Path) -> None:
    """Raises `ConfigurationError` for a database of something else or of a later format, and changes nothing in it.

    To be asked before a connection that writes: that one switches the journal, and its end moves a log into the file.
    """
    if not path.exists() or not path.stat().st_size:
        return
    try:
        found = _found_in(path, "ro")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname != "SQLITE_READONLY_ROLLBACK":
            raise
        found = _found_in(path, "rw")  # a write was cut off by a crash: who reads the file has to take it back first
    wrong = _what_is_wrong(*found, path)
    if wrong is not None:
        raise ConfigurationError(wrong)


def _found_in(path: Path, mode: str) -> tuple[int, set[str]]:
    address = f"{path.absolute().as_uri()}?mode={mode}"
    with closing(sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)) as db:
        return _found(db.execute)


def prepare(execute: Callable[[str], sqlite3.Cursor], path: Path) -> None:
    """Create the tables, or see that they are ours; those of an older format are brought up to date.

    Raises `ConfigurationError` for a database of something else or of a later format, and changes no table of it.
    """
    execute("BEGIN IMMEDIATE")
    found, tables = _found(execute)
    wrong = _what_is_wrong(found, tables, path)
    if wrong is None:
        if found == 0:
            _run(execute, _SCHEMA)
        else:
            for number in range(found, FORMAT):
                _run(execute, _STEPS[number])
        if found < FORMAT:
            execute(f"PRAGMA user_version = {FORMAT}")
    execute("COMMIT")
    if wrong is not None:
        raise ConfigurationError(wrong)


def _found(execute: Callable[[str], sqlite3.Cursor]) -> tuple[int, set[str]]:
    """The number of the format, and the names of the tables."""
    (version,) = execute("PRAGMA user_version").fetchone()
    return version, {name for (name,) in execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _run(execute: Callable[[str], sqlite3.Cursor], script: str) -> None:
    """Statement by statement: `executescript` would commit first."""
    for statement in script.split(";\n"):
        if statement.strip():
            execute(statement)


def _what_is_wrong(found: int, tables: set[str], path: Path) -> str | None:
    if found > FORMAT:
        return (
            f"the catalog has format {found}, this version of dskit reads format {FORMAT} and older ones; "
            "open it with the dskit that wrote it"
        )
    if found < 0 or bool(found) != ("counter" in tables) or (tables and not found):
        return f"{path} is the database of something else, not a catalog of dskit; name another directory"
    return None
