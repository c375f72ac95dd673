"""Algorithms of several backend calls, written once as generators, with a driver for each world.

A flow yields calls (functions without arguments) and is sent their answers; what a call raises is thrown into it at
that point. `drive` runs the calls inline; `dskit.aio` has the driver that awaits them in worker threads. A flow that
reads the caller's data yields a `Pull`, so that the asynchronous driver can await it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, TypeAlias, TypeVar

from .conditions import same_state
from .errors import (
    ConflictError,
    InvalidKeyError,
    InvalidRequestError,
    PreconditionFailedError,
    RangeNotSatisfiableError,
    UnavailableError,
)
from .guards import refuse
from .sources import Buffer, as_chunk
from .types import (
    READ_ALL,
    ByteRange,
    Conditions,
    CopyOptions,
    DeleteError,
    DeleteRequest,
    DeleteResult,
    ListPage,
    ObjectMeta,
    ObjectSummary,
    PutResult,
    ReadOptions,
)
from .view import View

__all__ = ["Cleanup", "Flow", "Pull", "check_advance", "delete_many", "drive", "get_ranges", "list_groups", "rename"]

T = TypeVar("T")
Flow: TypeAlias = Generator[Callable[[], Any], Any, T]


class Pull:
    """Take the next chunk of the caller's data: None at its end.

    `check` raises, in whatever thread it is called, where the caller has been cancelled: for what takes long after the
    last chunk.
    """

    def __init__(
        self, chunks: Iterator[bytes | memoryview] | AsyncIterator[Buffer], check: Callable[[], None] = lambda: None
    ) -> None:
        self.chunks = chunks
        self.check = check

    def __call__(self) -> bytes | memoryview | None:
        assert isinstance(self.chunks, Iterator)
        return next(self.chunks, None)

    async def pull(self) -> bytes | memoryview | None:
        """The same, awaited. `InvalidRequestError` for a chunk that is not bytes."""
        if isinstance(self.chunks, Iterator):
            return self()
        try:
            return as_chunk(await self.chunks.__anext__(), "an async iterable of bytes")
        except StopAsyncIteration:
            return None


class Cleanup(partial[Any]):
    """A call that has to happen even when the caller has been cancelled."""


def drive(flow: Flow[T]) -> T:
    """Run a flow to its end, each call inline."""
    try:
        call = next(flow)
        while True:
            try:
                answer = call()
            except BaseException as error:
                call = flow.throw(error)
            else:
                call = flow.send(answer)
    except StopIteration as stop:
        result: T = stop.value
        return result


def delete_many(view: View, requests: Iterable[str | DeleteRequest]) -> Flow[DeleteResult]:
    """Batches of the size that the service allows; keys that cannot be are errors of their own rows."""
    service, result = view.service, DeleteResult()
    size = service.capabilities.limits.max_delete_batch
    rows = iter(requests)
    while batch := list(islice(rows, size)):
        accepted = []
        for row in batch:
            request = DeleteRequest(key=row) if isinstance(row, str) else row
            if not isinstance(request, DeleteRequest):
                raise InvalidRequestError(f"delete_many takes keys and DeleteRequests, not {type(row).__name__}")
            _refuse_delete(view, request)
            try:
                view.check_key(request.key)
            except InvalidKeyError as error:
                result.errors.append(DeleteError(key=request.key, code=error.code, message=error.message))
                continue
            accepted.append(_inside(view, request))
        if not accepted:
            continue
        answer: DeleteResult = yield partial(service.delete_many, view.bucket, accepted)
        result.deleted += map(view.inner, answer.deleted)
        for failed in answer.errors:
            failed.key = view.inner(failed.key)
            result.errors.append(failed)
    return result


def _inside(view: View, request: DeleteRequest) -> DeleteRequest:
    if not view.prefix:
        return request
    return DeleteRequest(
        key=view.prefix + request.key,
        version_id=request.version_id,
        if_match=request.if_match,
        if_match_size=request.if_match_size,
        if_match_last_modified=request.if_match_last_modified,
    )


def _refuse_delete(view: View, request: DeleteRequest) -> None:
    supports = view.service.capabilities.supports
    if request.version_id is not None and not supports.get_version_id:
        raise refuse("delete_many", "version_id", "get_version_id")
    if supports.delete_many_if_match:
        return
    for option in ("if_match", "if_match_size", "if_match_last_modified"):
        if getattr(request, option) is not None:
            raise refuse("delete_many", option, "delete_many_if_match")


def rename(view: View, source: str, key: str, *, create: bool) -> Flow[PutResult]:
    """Copy, then delete what was copied, and only that: each step is conditional on the ETag seen first."""
    service, bucket, inner = view.service, view.bucket, view.prefix + source
    supports = service.capabilities.supports
    if source == key:
        raise InvalidRequestError("a rename needs two different keys", code="InvalidRequest")
    reading = yield partial(service.head, bucket, inner, READ_ALL)
    reading.close()
    etag = reading.meta.etag or None
    options = CopyOptions(
        conditions=Conditions(if_none_match="*" if create else None),
        source_conditions=Conditions(if_match=etag if supports.copy_source_conditions else None),
    )
    result: PutResult = yield partial(service.copy, bucket, inner, bucket, view.prefix + key, options)
    yield partial(service.delete, bucket, DeleteRequest(key=inner, if_match=etag if supports.delete_if_match else None))
    return result


def list_groups(view: View, prefix: str, delimiter: str, start_after: str) -> Flow[ListPage]:
    """All pages of a listing with a delimiter, merged."""
    merged, token = ListPage(), None
    while True:
        page: ListPage = yield partial(
            view.service.list_page,
            view.bucket,
            prefix=view.prefix + prefix,
            delimiter=delimiter,
            start_after=view.marker(start_after),
            token=token,
            max_keys=view.service.capabilities.limits.max_page,
        )
        check_advance(token, page)
        page = inner_page(view, page)
        merged.objects += page.objects
        merged.prefixes += page.prefixes
        token = page.next_token
        if token is None:
            return merged


def check_advance(token: str | None, page: ListPage) -> None:
    """Raises `UnavailableError` for a page that leads to itself: a listing of it would never end."""
    if token is not None and page.next_token == token:
        raise UnavailableError(
            "the listing does not get on: the page after a token has that token again",
            code="MalformedAnswer",
            retryable=False,
        )


def inner_page(view: View, page: ListPage) -> ListPage:
    """A page of the service in the view's terms. The key that is the prefix itself, how many tools write down a folder,
    has no name in them: no verb could be asked for it, so it is not shown."""
    if not view.prefix:
        return page
    rows: list[ObjectSummary] = [
        row._replace(key=view.inner(row.key)) for row in page.objects if row.key != view.prefix
    ]
    return ListPage(objects=rows, prefixes=[view.inner(name) for name in page.prefixes], next_token=page.next_token)


def get_ranges(view: View, key: str, ranges: Sequence[tuple[int, int]], coalesce: int) -> Flow[list[bytes]]:
    """The half-open `ranges` of one state of an object, near ones fetched together.

    The first answer pins the ETag. Where the object is replaced in between, all of it starts again, three times.
    """
    for _ in range(3):
        try:
            return (yield from _pinned_ranges(view, key, ranges, coalesce))
        except PreconditionFailedError:
            continue
    raise ConflictError("the object is being replaced faster than its ranges can be read")


def merged_spans(ranges: Iterable[tuple[int, int]], coalesce: int) -> list[tuple[int, int]]:
    """The spans to fetch, ascending, so that no two are `coalesce` bytes or less apart and all ranges are inside."""
    spans: list[tuple[int, int]] = []
    for start, stop in sorted(ranges):
        if spans and start <= spans[-1][1] + coalesce:
            spans[-1] = (spans[-1][0], max(spans[-1][1], stop))
        else:
            spans.append((start, stop))
    return spans


def _pinned_ranges(view: View, key: str, ranges: Sequence[tuple[int, int]], coalesce: int) -> Flow[list[bytes]]:
    wanted = [(start, stop) for start, stop in ranges if stop > start]
    pinned = Conditions()
    fetched: list[tuple[int, bytes]] = []
    state: ObjectMeta | None = None
    for start, stop in merged_spans(wanted, coalesce):
        options = ReadOptions(range=ByteRange(start, stop - 1), conditions=pinned)
        data, meta = yield partial(_read, view, key, options)
        fetched.append((start, data))
        if state is not None and not same_state(meta, state):  # a store may know no If-Match
            raise PreconditionFailedError("the object was replaced between two ranges of it")
        state = meta
        if view.service.capabilities.supports.get_if_match and meta.etag:
            pinned = Conditions(if_match=meta.etag)
    if state is None:
        reading = yield partial(view.service.head, view.bucket, view.prefix + key, READ_ALL)
        reading.close()
        state = reading.meta
    size = state.size
    for start, stop in ranges:
        if start > size or (start == size and stop > start):
            raise RangeNotSatisfiableError(
                "The requested range is not satisfiable",
                details={"RangeRequested": f"bytes={start}-{stop - 1}", "ActualObjectSize": str(size)},
            )
    return [_cut(fetched, start, stop) for start, stop in ranges]


def _read(view: View, key: str, options: ReadOptions) -> tuple[bytes, ObjectMeta]:
    from .results import GetResult

    with GetResult(view.service.get(view.bucket, view.prefix + key, options), view, key, None) as result:
        return result.read(), result.meta


def _cut(fetched: Sequence[tuple[int, bytes]], start: int, stop: int) -> bytes:
    for first, data in reversed(fetched):
        if first <= start:
            return data[start - first : stop - first]
    return b""
