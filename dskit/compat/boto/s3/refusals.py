"""What boto could ask of S3 and a store cannot do."""

from __future__ import annotations

from typing import Any

from ..exception import BotoClientError

__all__ = ["refuse"]


def refuse(name: str, value: Any) -> None:
    """Raises BotoClientError for what only a server could do."""
    if value:
        raise BotoClientError(f"{name} cannot be honoured without a server")
