"""The response of a GET over a store: urllib3's, which minio-py answers and whose type its callers ask for."""

from __future__ import annotations

from typing import Any

from urllib3 import HTTPResponse

from ...errors import StoreError
from ...results import GetResult
from ..object_headers import object_headers
from .answers import LateHeaders

__all__ = ["StoreResponse"]


class ObjectBody:
    """An open read as the file that urllib3 reads from."""

    def __init__(self, result: GetResult) -> None:
        self._result = result

    @property
    def closed(self) -> bool:
        return self._result.closed

    def read(self, size: int | None = None) -> bytes:
        """Raises OSError where the store fails, which urllib3 makes the ProtocolError of a broken connection."""
        try:
            return self._result.read(-1 if size is None else size)
        except StoreError as error:
            raise OSError(str(error)) from error

    read1 = read

    def flush(self) -> None:
        """Nothing is written here; a text file around a response asks for it."""

    def close(self) -> None:
        self._result.close()


class StoreResponse(HTTPResponse):
    """An open read as a response. `overrides` are headers that the caller asked to be answered instead.

    To set urllib3's state up takes longer than a store in memory takes to answer, and most callers read the whole and
    close. So urllib3's own initialiser is called when something of its state is wanted first; until then the whole is
    read, and the response closed, without it.
    """

    auto_close = True
    _unread: GetResult | None = None
    """The read, until urllib3's state is set up."""
    _taken = 0
    """Bytes that were read before."""

    def __init__(self, result: GetResult, overrides: dict[str, str]) -> None:
        self._unread = result
        self._overrides = overrides

    def __getattr__(self, name: str) -> Any:
        """An attribute that is not there yet."""
        if self._unread is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        self._set_up(self._unread)
        return getattr(self, name)

    def _set_up(self, result: GetResult) -> None:
        self._unread = None
        given = vars(self).copy()  # what the caller has set already
        super().__init__(
            body=ObjectBody(result),  # type: ignore[arg-type]  # urllib3 needs what that class has
            headers=LateHeaders.of(answer_headers, result, self._overrides),
            status=206 if result.partial else 200,
            version=11,
            version_string="HTTP/1.1",
            reason="Partial Content" if result.partial else "OK",
            preload_content=False,
            request_method="GET",
        )
        vars(self).update(given)
        self._fp_bytes_read = self._taken
        self.length_remaining = result.stop - result.start - self._taken

    def read(self, amt: int | None = None, decode_content: bool | None = None, cache_content: bool = False) -> bytes:
        result = self._unread
        if result is None or amt is not None or cache_content or self._encoded(result):
            return super().read(amt, decode_content, cache_content)
        try:
            data = result.read()
        except StoreError as error:
            with self._error_catcher():
                raise OSError(str(error)) from error
        self._taken += len(data)
        return data

    def _encoded(self, result: GetResult) -> bool:
        """Whether urllib3 may have to decode the bytes."""
        return result.meta.attributes.content_encoding is not None or "Content-Encoding" in self._overrides

    @property
    def closed(self) -> bool:
        return super().closed if self._unread is None or not self.auto_close else self._unread.closed

    def close(self) -> None:
        if self._unread is None or not self.auto_close:
            super().close()
        else:
            self._unread.close()


def answer_headers(result: GetResult, overrides: dict[str, str]) -> dict[str, str]:
    return object_headers(result.meta, result.start, result.stop, partial=result.partial) | overrides
