"""An object as a binary file that is written: published when it is closed, or not at all."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self

from .errors import InvalidRequestError, StoreError
from .file_guards import guarded
from .sources import as_chunk
from .streams import Staging
from .types import PutResult

if TYPE_CHECKING:
    from .view import View

__all__ = ["ObjectWriter"]

GATHER_BYTES = 256 * 1024
"""Smaller writes are joined before they go to the store."""


@guarded(
    reading=("read", "read1", "readinto", "readinto1", "readline", "readlines", "__next__"),
    writing=("write", "writelines"),
    moving=("seek", "truncate"),
    other=("tell", "flush", "__enter__"),
)
class ObjectWriter(io.BufferedIOBase):
    """A file whose bytes become the object when it is closed; `result` is then what the store said of it.

    Before that nothing is visible under the key. `discard`, an exception inside its ``with``, a write that fails, and
    being collected without having been closed (with a ResourceWarning) leave what was there before, and no upload.
    `close` raises what a put raises, `PreconditionFailedError` and `ChecksumMismatchError` among it; nothing is stored
    then. `flush` hands bytes on to the store, and publishes nothing. A file is for one thread at a time.
    """

    mode = "wb"

    def __init__(self, view: View, key: str, staging: Staging) -> None:
        self.key = self.name = key
        self.result: PutResult | None = None
        self._view = view
        self._staging = staging
        self._gathered = bytearray()
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: Any, /) -> int:
        """Append bytes. Raises `InvalidRequestError` for a str; what else it raises discards the file."""
        try:
            chunk = as_chunk(data, "bytes (a file of mode 'w' takes str)")
        except InvalidRequestError as error:
            self._explain(error)
        if len(self._gathered) + len(chunk) < GATHER_BYTES:
            self._gathered += chunk
        else:
            self.flush()
            if len(chunk) < GATHER_BYTES:
                self._gathered += chunk
            else:
                self._run(self._staging.write, chunk)
        self._position += len(chunk)
        return len(chunk)

    def flush(self) -> None:
        if self._gathered:
            gathered, self._gathered = bytes(self._gathered), bytearray()
            self._run(self._staging.write, gathered)

    def close(self) -> None:
        """Publish. Raises, and has discarded, where that fails. Nothing to do for a file that is closed."""
        if not self.closed:
            self.flush()
            self.result = self._run(self._staging.commit)
            super().close()

    def discard(self) -> None:
        """Close the file, and forget what was written. May be called again."""
        if not self.closed:
            self._gathered.clear()
            super().close()
            try:
                self._staging.abort()
            except StoreError as error:
                self._explain(error)

    def _run(self, call: Callable[..., Any], *args: Any) -> Any:
        try:
            return call(*args)
        except BaseException as error:
            try:
                self.discard()
            except StoreError as failed:
                error.add_note(f"and it could not be discarded: {failed}")
            if isinstance(error, StoreError):
                self._explain(error)
            raise

    def _explain(self, error: StoreError) -> NoReturn:
        self._view.explain(error, "write", self.key)
        raise error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
            return
        try:
            self.discard()
        except StoreError as failed:
            error.add_note(f"the file could not be discarded: {failed}")

    def __del__(self) -> None:
        if hasattr(self, "_position") and not self.closed:
            warnings.warn(f"{self!r} was never closed, and is discarded", ResourceWarning, stacklevel=2, source=self)
            with suppress(StoreError):
                self.discard()

    def __repr__(self) -> str:
        return f"<ObjectWriter {self.key!r}, {'closed' if self.closed else f'{self._position} bytes'}>"
