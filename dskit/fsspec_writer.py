"""A file that is written inside a transaction of fsspec."""

from __future__ import annotations

from .file_writer import ObjectWriter

__all__ = ["TransactionWriter"]


class TransactionWriter(ObjectWriter):
    """Closing it publishes nothing: the transaction calls `commit`, or `discard`, at its own end."""

    def close(self) -> None:
        """Hand all bytes on, and wait."""
        if not self.closed:
            self.flush()

    def commit(self) -> None:
        """Publish. Raises as `ObjectWriter.close` does."""
        super().close()
