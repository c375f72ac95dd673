"""`sync` and `copy` between stores of coroutines.

They run in a worker thread, since both ends may block, and move several objects at once there. `progress` is called
in the worker. A cancelled one ends at the next object or part and leaves no half object and no upload behind; what
it has copied before stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..aio_transfer import moved
from ..transfer_verbs import CONCURRENCY, PART_BYTES
from . import copying, syncing
from .copying import COPY_BYTES

if TYPE_CHECKING:
    from ..aio import AsyncStore
    from ..types import PutResult
    from .crew import ProgressCallback
    from .plans import Compare
    from .syncing import SyncReport

__all__ = ["copy", "sync"]


async def copy(
    source: AsyncStore,
    source_key: str,
    target: AsyncStore,
    key: str,
    *,
    if_none_match: str | None = None,
    if_match: str | None = None,
    part_bytes: int = PART_BYTES,
    concurrency: int = CONCURRENCY,
    multipart_copy_bytes: int = COPY_BYTES,
    progress: ProgressCallback | None = None,
) -> PutResult:
    return await moved(
        copying.copy,
        source.store,
        source_key,
        target.store,
        key,
        if_none_match=if_none_match,
        if_match=if_match,
        part_bytes=part_bytes,
        concurrency=concurrency,
        multipart_copy_bytes=multipart_copy_bytes,
        progress=progress,
    )


async def sync(
    source: AsyncStore,
    target: AsyncStore,
    *,
    delete: bool = False,
    dry_run: bool = False,
    compare: Compare = "etag",
    part_bytes: int = PART_BYTES,
    concurrency: int = 8,
    multipart_copy_bytes: int = COPY_BYTES,
    progress: ProgressCallback | None = None,
) -> SyncReport:
    return await moved(
        syncing.sync,
        source.store,
        target.store,
        delete=delete,
        dry_run=dry_run,
        compare=compare,
        part_bytes=part_bytes,
        concurrency=concurrency,
        multipart_copy_bytes=multipart_copy_bytes,
        progress=progress,
    )


copy.__doc__ = copying.copy.__doc__
sync.__doc__ = syncing.sync.__doc__
