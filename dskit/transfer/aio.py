"""`sync`, its two halves and `copy` between stores of coroutines.

They run in a worker thread, since both ends may block, and move several objects at once there. `progress` is called
in the worker. A cancelled one ends at the next object or part and leaves no half object and no upload behind; what
it has copied before stays. A cancelled `plan_sync` waits for the end of the listings.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..aio_transfer import moved
from ..hops import in_thread
from ..transfer_verbs import CONCURRENCY, PART_BYTES
from . import copying, plans, syncing
from .copying import COPY_BYTES

if TYPE_CHECKING:
    from ..aio import AsyncStore
    from ..types import PutResult
    from .crew import ProgressCallback
    from .plans import Compare, Plan
    from .syncing import SyncReport

__all__ = ["carry_out", "copy", "plan_sync", "sync"]


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


async def plan_sync(source: AsyncStore, target: AsyncStore, *, delete: bool = False, compare: Compare = "etag") -> Plan:
    return await in_thread(partial(plans.plan_sync, source.store, target.store, delete=delete, compare=compare))


async def carry_out(
    plan: Plan,
    source: AsyncStore,
    target: AsyncStore,
    *,
    compare: Compare = "etag",
    part_bytes: int = PART_BYTES,
    concurrency: int = 8,
    multipart_copy_bytes: int = COPY_BYTES,
    progress: ProgressCallback | None = None,
) -> SyncReport:
    return await moved(
        syncing.carry_out,
        plan,
        source.store,
        target.store,
        compare=compare,
        part_bytes=part_bytes,
        concurrency=concurrency,
        multipart_copy_bytes=multipart_copy_bytes,
        progress=progress,
    )


copy.__doc__ = copying.copy.__doc__
sync.__doc__ = syncing.sync.__doc__
plan_sync.__doc__ = plans.plan_sync.__doc__
carry_out.__doc__ = syncing.carry_out.__doc__
