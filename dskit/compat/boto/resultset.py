"""The list that boto 2 answers with."""

from __future__ import annotations

from typing import Any

__all__ = ["ResultSet"]


class ResultSet(list[Any]):
    """Rows, with what the answer said beside them."""

    def __init__(self, marker_elem: Any = None) -> None:
        super().__init__()
        self.markers = marker_elem if isinstance(marker_elem, list) else []
        self.marker: str | None = None
        self.key_marker: str | None = None
        self.next_marker: str | None = None
        self.next_key_marker: str | None = None
        self.next_upload_id_marker: str | None = None
        self.is_truncated = False
        self.next_token: str | None = None
        self.status = True
