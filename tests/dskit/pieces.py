"""Data as it comes from coroutines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import anyio

__all__ = ["pieces"]


async def pieces(*items: Any) -> AsyncIterator[Any]:
    for item in items:
        await anyio.sleep(0)
        yield item
