"""Putting what a coroutine produces: async iterables and async files."""

from __future__ import annotations

import inspect
import threading
from collections.abc import AsyncIterable, AsyncIterator
from functools import partial
from types import AsyncGeneratorType
from typing import TYPE_CHECKING, Any

import anyio

from .backend import PushService
from .errors import StoreError
from .flows import Pull
from .hops import adrive, check_cancelled, hop
from .results import GetResult
from .sources import READ_BYTES, Buffer, as_chunk, incomplete, used_up
from .streaming import put_stream
from .streams import Staging
from .types import PutOptions, PutResult

if TYPE_CHECKING:
    from .store import Store

__all__ = ["async_chunks", "put_async"]

WRITE_BYTES = 256 * 1024
"""Smaller chunks are joined, so that a trip to a worker thread pays."""


def async_chunks(data: object) -> AsyncIterator[Buffer] | None:
    """The chunks of data that has to be awaited; None for data that has not. Raises `InvalidRequestError` for an
    asynchronous generator that has ended."""
    if isinstance(data, GetResult):
        return None
    read = getattr(data, "read", None)
    if inspect.iscoroutinefunction(read):
        return _file_chunks(data)
    if isinstance(data, AsyncIterable) and not callable(read):
        if isinstance(data, AsyncGeneratorType) and data.ag_frame is None:
            raise used_up()
        return aiter(data)
    return None


async def _file_chunks(file: Any) -> AsyncIterator[Buffer]:
    while chunk := await file.read(READ_BYTES):
        yield as_chunk(chunk, "an async file opened in binary mode")


async def put_async(store: Store, key: str, chunks: AsyncIterator[Buffer], options: PutOptions) -> PutResult:
    """Pushed chunk by chunk where the service takes that, else as `put_stream` says. Consumed by the calling task."""
    service = store.service
    try:
        if isinstance(service, PushService) and service.capabilities.semantics.unknown_length == "stream":
            return await _push(service, store.bucket, store.prefix + key, chunks, options)
        cancelled = threading.Event()
        pull = Pull(chunks, partial(check_cancelled, cancelled))
        return await adrive(put_stream(store, key, pull, options), service, cancelled=cancelled)
    except StoreError as error:
        store.explain(error, "put", key)
        raise


async def _push(
    service: PushService, bucket: str, key: str, chunks: AsyncIterator[Buffer], options: PutOptions
) -> PutResult:
    # Both ends are noted in the worker: a task cancelled in that very call knows what to undo.
    open_stagings: list[Staging] = []

    def begin() -> Staging:
        staging = service.begin_put(bucket, key, options)
        open_stagings.append(staging)
        return staging

    def commit() -> PutResult:
        result = staging.commit()
        open_stagings.clear()
        return result

    try:
        staging = await hop(service, begin)
        buffer, seen = bytearray(), 0
        async for item in chunks:
            chunk = as_chunk(item, "an async iterable of bytes")
            seen += len(chunk)
            if options.length is not None and seen > options.length:
                raise incomplete(options.length, seen)
            buffer += chunk
            if len(buffer) >= WRITE_BYTES:
                await hop(service, staging.write, bytes(buffer))
                buffer.clear()
        if options.length is not None and seen != options.length:
            raise incomplete(options.length, seen)
        if buffer:
            await hop(service, staging.write, bytes(buffer))
        return await hop(service, commit)
    finally:
        for staging in open_stagings:
            with anyio.CancelScope(shield=True):
                await hop(service, staging.abort)
