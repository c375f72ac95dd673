"""Planted bugs of names: what a key or a prefix looks like means something to the store."""

from __future__ import annotations

import re
from typing import Any

from dskit.types import ListPage

from .forwarding import Forwarding
from .listing import PageFilter

__all__ = ["NAMES"]

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class UuidHidden(PageFilter):
    """a key that looks like a UUID is taken for an upload, and not listed"""

    id = "LIST-41"

    def falsify(self, bucket: str, page: ListPage, options: dict[str, Any]) -> None:
        page.objects[:] = [row for row in page.objects if not _UUID.fullmatch(row.key)]


class PrefixIsAPattern(Forwarding):
    """`_` and `%` in a prefix match any character and any characters"""

    id = "LIST-57"

    def list_page(self, bucket: str, *, prefix: str = "", token: str | None = None, **options: Any) -> ListPage:
        wild = re.split("([_%])", prefix)
        if len(wild) == 1 or options.get("delimiter"):
            return super().list_page(bucket, prefix=prefix, token=token, **options)
        pattern = re.compile("".join({"_": ".", "%": ".*"}.get(part, re.escape(part)) for part in wild), re.DOTALL)
        after = token if token is not None else options.get("start_after", "")
        rows = [row for row in self.all_objects(bucket) if pattern.match(row.key)]
        rows = [row for row in rows if row.key.encode() > after.encode()]
        count = options.get("max_keys", 1000)
        return ListPage(objects=rows[:count], next_token=rows[count - 1].key if 0 < count < len(rows) else None)


class RepeatedFolderLost(PageFilter):
    """with a delimiter, names that repeat the prefix are missing: `a/a/x` under `a/`"""

    id = "LIST-35"

    def falsify(self, bucket: str, page: ListPage, options: dict[str, Any]) -> None:
        prefix = options.get("prefix", "")
        if prefix and options.get("delimiter"):
            page.objects[:] = [row for row in page.objects if prefix not in row.key[len(prefix) :]]
            page.prefixes[:] = [name for name in page.prefixes if prefix not in name[len(prefix) :]]


NAMES: tuple[type[Forwarding], ...] = (UuidHidden, PrefixIsAPattern, RepeatedFolderLost)
