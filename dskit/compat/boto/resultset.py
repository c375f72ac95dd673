"""The list that boto 2 answers with."""

from __future__ import annotations

from typing import Any

__all__ = ["ResultSet"]


class ResultSet(list[Any]):
    """Rows, with what the answer said beside them."""

    marker: str | None = None
    key_marker: str | None = None
    next_marker: str | None = None
    next_key_marker: str | None = None
    next_upload_id_marker: str | None = None
    is_truncated = False
    next_token: str | None = None
    status = True

    def __init__(self, marker_elem: Any = None) -> None:
        super().__init__()
        self.markers = marker_elem if isinstance(marker_elem, list) else []
