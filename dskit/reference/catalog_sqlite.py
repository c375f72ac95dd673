"""The durable catalog: SQLite in WAL mode, one connection a thread, any number of processes.

Writers take ``BEGIN IMMEDIATE``, so that a condition is checked under the lock that publishes. ``synchronous=FULL``
makes a commit survive power loss; ``NORMAL`` makes it survive the end of the process only.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dskit.errors import UnavailableError

from .catalog_errors import closed, translated
from .catalog_schema import prepare, recognise
from .catalog_session import Session
from .records import BucketRow, VersionRow

__all__ = ["SqliteCatalog"]


class SqliteCatalog:
    """Implements `catalog.Catalog`. `release` is called after a commit with each blob that nothing refers to."""

    def __init__(self, path: Path, release: Callable[[int], None], *, synchronous: str = "FULL") -> None:
        self._path = path
        self._release = release
        self._synchronous = synchronous
        self._local = threading.local()
        self._lock = threading.Lock()
        self._sessions: list[tuple[threading.Thread, Session]] = []
        self._process = os.getpid()
        self._closed = False
        self._unlinked: set[int] = set()  # garbage that is gone: its rows go with the next transaction
        try:
            with translated(path):
                recognise(path)
                prepare(self._session().execute, path)
                self._inode = path.stat().st_ino
        except BaseException:
            self.close()
            raise

    def _session(self) -> Session:
        if os.getpid() != self._process:
            raise UnavailableError(
                f"the store at {self._path.parent} was opened before this process was forked, which SQLite cannot "
                "bear; start workers with the spawn method and open the store in each of them",
                retryable=False,
            )
        session: Session | None = getattr(self._local, "session", None)
        if session is None:
            session = Session(self._path, self._synchronous)
            self._keep(session)
            self._local.session = session
        return session

    def _keep(self, session: Session) -> None:
        """Remember a session until its thread is gone. Raises `ClosedError`."""
        with self._lock:
            if self._closed:
                session.close()
                raise closed(self._path)
            for thread, old in self._sessions:
                if not thread.is_alive():
                    old.close()
            self._sessions = [(thread, old) for thread, old in self._sessions if thread.is_alive()]
            self._sessions.append((threading.current_thread(), session))

    @contextmanager
    def view(self) -> Iterator[Session]:
        session = self._session()
        with session.busy, translated(self._path):
            session.execute("BEGIN")
            try:
                yield session
            finally:
                session.end()

    def find(self, bucket: str, key: bytes | None = None) -> tuple[BucketRow | None, VersionRow | None]:
        session = self._session()
        with session.busy, translated(self._path):
            return session.find(bucket, key)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        session = self._session()
        with session.busy, translated(self._path):
            session.begin()
            try:
                self._check_place()
                yield session
                freed = session.collect()
                with self._lock:
                    gone = self._unlinked.copy()
                if gone:
                    session.many("DELETE FROM garbage WHERE id = ?", [(blob,) for blob in gone])
            except BaseException:
                session.rollback()
                raise
            session.commit()
        with self._lock:
            self._unlinked -= gone
        for blob in freed:
            with suppress(OSError):  # else it stays in the table of garbage, for the next opening
                self._release(blob)
                self.unlinked([blob])

    def _check_place(self) -> None:
        """SQLite goes on writing into a file that somebody has removed, and nobody would ever find it."""
        try:
            if os.stat(self._path).st_ino == self._inode:
                return
        except OSError:
            pass
        raise UnavailableError(
            f"the catalog {self._path} was removed or replaced while the store was open; open the store again",
            retryable=False,
        )

    def garbage(self) -> list[int]:
        """Blobs that a transaction freed and that nobody has unlinked yet."""
        with self.view() as session:
            return [row[0] for row in session.execute("SELECT id FROM garbage")]

    def unlinked(self, blobs: list[int]) -> None:
        """Forget garbage whose files are gone, with the next transaction."""
        with self._lock:
            self._unlinked.update(blobs)

    def knows(self, blob: int) -> bool:
        with self.view() as session:
            return session.knows(blob)

    def small(self, blob: int) -> bytes | None:
        session = self._session()
        with session.busy, translated(self._path):
            row = session.execute("SELECT data FROM small WHERE id = ?", (blob,)).fetchone()
        return None if row is None else row[0]

    def close(self) -> None:
        """Calls that other threads are in end first: SQLite ends the process where its connection goes under a call."""
        with self._lock:
            self._closed = True
            sessions, self._sessions = self._sessions, []
        if os.getpid() == self._process:
            for _, session in sessions:
                session.close()
