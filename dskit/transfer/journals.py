"""What an interrupted transfer remembers: a small file beside the local one, locked while a transfer uses it.

A line of JSON each: first what the transfer is (store, key, ETag or upload, sizes), then what is done. Nothing in it is
believed before it has been compared with the bytes themselves, so that a journal cut off by a crash does no harm.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from ..errors import ConflictError, UnsupportedError
from .staging import folder_of, local_errors, staged_name

if TYPE_CHECKING:
    from ..store import Store

__all__ = ["Journal"]

Entry = dict[str, Any]


class Journal:
    """Opened and locked. Raises `ConflictError` where another transfer holds it, `PermissionDeniedError` where the
    folder takes no file. `identity` is what it has of its own beside the local file: store, bucket and key."""

    def __init__(self, path: str | os.PathLike[str], store: Store, key: str, suffix: str) -> None:
        self.shown = os.fsdecode(path)
        with folder_of(path) as (folder, name), local_errors(path):
            self._folder = os.dup(folder)
            self.identity = "\0".join(("", store.name, store.bucket, store.prefix + key)).encode()
            self._name = staged_name(name + self.identity, suffix)
        try:
            with local_errors(path):
                self._file = self._open()
        except BaseException:
            os.close(self._folder)
            raise

    def _open(self) -> int:
        try:
            import fcntl
        except ImportError:
            raise UnsupportedError("resuming needs the file locks of a POSIX system: transfer without resume") from None
        while True:
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
            file = os.open(self._name, flags, 0o666, dir_fd=self._folder)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                os.close(file)
                raise ConflictError(
                    f"another transfer of {self.shown!r} is under way: wait for it, or transfer without resume",
                    code="TransferInProgress",
                ) from error
            if os.fstat(file).st_nlink:
                return file
            os.close(file)  # removed by its last holder between the two lines above

    def entries(self) -> list[Entry]:
        """What an earlier transfer wrote, up to the first line that is not whole."""
        entries: list[Entry] = []
        with local_errors(self.shown):
            size = os.fstat(self._file).st_size
            text = os.pread(self._file, size, 0)
        for line in text.split(b"\n")[:-1]:
            try:
                entry = json.loads(line)
            except ValueError:
                break
            if not isinstance(entry, dict):
                break
            entries.append(entry)
        return entries

    def begin(self, entry: Entry) -> None:
        """Forget everything, and start with this line."""
        with local_errors(self.shown):
            os.ftruncate(self._file, 0)
        self.note(entry)

    def note(self, entry: Entry) -> None:
        """Add a line; from any thread."""
        with local_errors(self.shown):
            os.write(self._file, json.dumps(entry).encode() + b"\n")

    def remove(self) -> None:
        """Forget the transfer."""
        with local_errors(self.shown):
            os.unlink(self._name, dir_fd=self._folder)
        self.close()

    def close(self) -> None:
        """Keep it for a later transfer, and unlock it. May be called again."""
        if self._file >= 0:
            os.close(self._file)
            os.close(self._folder)
            self._file = -1
