"""The one exception of the package."""

from __future__ import annotations

from typing import Any

from ...errors import StoreError
from ..http_status import status_of

__all__ = ["SdkException", "failure"]

_UNREACHABLE = (502, 504)
_NO_REQUEST_ID = "NO_REQUEST_ID"


class SdkException(Exception):
    """`name` is S3's code (``NoSuchKey``), `status_code` S3's status. Attributes and text are the package's."""

    def __init__(
        self,
        message: str,
        status_code: int | None = None,
        name: str | None = None,
        request_id: str | None = None,
        additional_data: Any = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status_code = status_code
        self.name = name
        self.request_id = request_id
        self.additional_data = additional_data

    def __str__(self) -> str:
        label = self.name if self.name is not None else self.status_code
        head = "" if label is None else f"[{label}] "
        if self.status_code in _UNREACHABLE:
            head += "The platform is currently unreachable. Please try again later.\n"
        lines = [head + self.message]
        if self.additional_data:
            lines.append(f"Additional data: {self.additional_data}")
        if self.request_id and self.request_id != _NO_REQUEST_ID:
            lines.append(f"Request id: {self.request_id}")
        return "\n".join(lines)


def failure(error: StoreError) -> SdkException:
    """What a refusal of the store is to callers of the package."""
    return SdkException(
        error.message or error.code,
        status_code=status_of(error),
        name=error.code,
        additional_data=error.details or None,
    )
