"""Downloads to a local file for SDKs whose callers expect the file system's own errors."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from ..errors import StoreError
from ..transfer.staging import StagedFile, open_staged

__all__ = ["Writable", "local_file"]


class Writable(Protocol):
    def write(self, data: bytes, /) -> Any: ...


class PlainErrors:
    """A staged file whose failures are OSErrors."""

    def __init__(self, staged: StagedFile, path: str) -> None:
        self._staged = staged
        self.name = path

    def write(self, data: bytes) -> None:
        with plain_errors(self.name):
            self._staged.write(data)


@contextmanager
def local_file(path: str | os.PathLike[str]) -> Iterator[Writable]:
    """A file that appears under `path` when the block ends well, and leaves what was there when it does not.

    A device or a pipe is written to directly. Raises OSError: IsADirectoryError for a folder, FileNotFoundError
    where its folder is not there, and what the disk says, before anything is published.
    """
    name = os.fspath(path)
    if _is_special(name):
        with open(name, "wb") as stream:
            yield stream
        return
    with plain_errors(name):
        staged = open_staged(name)
    with staged:
        yield PlainErrors(staged, name)
        with plain_errors(name):
            staged.commit()


@contextmanager
def plain_errors(path: str) -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        cause = error.__cause__
        if isinstance(cause, OSError):
            raise cause from None
        raise IsADirectoryError(errno.EISDIR, error.message, path) from error


def _is_special(path: str) -> bool:
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
