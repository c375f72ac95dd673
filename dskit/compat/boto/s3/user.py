"""Who owns something."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

__all__ = ["User"]


class User:
    def __init__(self, parent: Any = None, id: str = "", display_name: str = "") -> None:
        if parent:
            parent.owner = self
        self.type: str | None = None
        self.id = id
        self.display_name = display_name

    def to_xml(self, element_name: str = "Owner") -> str:
        head = f'{element_name} xsi:type="{self.type}"' if self.type else element_name
        return (
            f"<{head}><ID>{escape(self.id)}</ID><DisplayName>{escape(self.display_name)}</DisplayName></{element_name}>"
        )
