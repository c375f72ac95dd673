"""Calls that run at the same time, and whether some order of them, one after the other, explains what they answered.

The reference store itself, over its memory and without any concurrency, says what an order gives: what it means is
tested elsewhere. Answers are compared as text in which what differs from run to run (ids, the bucket's name) is named.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import count, permutations
from pathlib import Path
from typing import Any

from dskit import errors
from dskit.clock import ManualClock
from dskit.limits import Limits
from dskit.reference import ReferenceService, blobs, catalog_memory
from dskit.reference.blobs import MemoryBlobs
from dskit.reference.catalog_memory import MemoryCatalog
from dskit.reference.disk import open_disk
from dskit.types import ReadOptions
from tests.dskit.reference.helpers import blobs_in_catalog, blobs_on_disk, part, put, start
from tests.dskit.reference.seams import SteppedBlobs, SteppedCatalog, SteppedLock, Steps

__all__ = [
    "CATALOGS",
    "Arena",
    "Call",
    "Scene",
    "answer",
    "arena",
    "build",
    "in_order",
    "look",
    "state",
    "stepped_process",
]

CATALOGS = ("memory", "disk", "two processes")
LIMITS = replace(Limits(), min_part_bytes=1)
SMALL, LARGE = b"old" * 10, b"OLD" * 10_000  # in the catalog, in a file
NO_OBJECTS = b""

_UPLOAD_ID = re.compile(r"[\w-]{64}")


@dataclass(frozen=True)
class Scene:
    """A bucket with an object `k`, an upload of it in progress with two parts, and an object `j`; without a body, with
    the upload alone."""

    service: ReferenceService
    bucket: str
    body: bytes
    upload: str
    etag: str
    part_etags: tuple[str, ...]


Call = Callable[[Scene], object]


def build(service: ReferenceService, bucket: str, body: bytes) -> Scene:
    service.create_bucket(bucket)
    etag = put(service, "k", body, bucket=bucket).etag if body else "none"
    if body:
        put(service, "j", b"other", bucket=bucket)
    upload = start(service, "k", bucket=bucket)
    parts = [part(service, "k", upload, number, body + b"%d" % number, bucket=bucket) for number in (1, 2)]
    return Scene(service, bucket, body, upload, etag, tuple(one.etag for one in parts))


def answer(scene: Scene, call: Call) -> str:
    """What a call returned or raised, without what differs from run to run."""
    try:
        told = repr(call(scene))
    except errors.StoreError as error:
        told = f"{type(error).__name__} {error.code} {sorted(error.details.items())}"
    told = told.replace(scene.bucket, "BUCKET").replace(scene.upload, "UPLOAD")
    return _UPLOAD_ID.sub("NEW", told)


def look(service: ReferenceService, bucket: str, key: str, options: ReadOptions | None = None) -> object:
    """What a read tells and its bytes, to the last."""
    reading = service.get(bucket, key, options or ReadOptions())
    try:
        data = b"".join(reading)
    finally:
        reading.close()
    return reading.meta, reading.start, reading.stop, len(data), hash_of(data)


def hash_of(data: bytes) -> str:
    """Short, and says which bytes: a body repeats its beginning."""
    return f"{data[:4]!r}…{data[-4:]!r}" if len(set(data)) < 9 else "torn"


def state(scene: Scene) -> object:
    """All that can be seen of the scene when everything has ended."""
    service, bucket = scene.service, scene.bucket
    try:
        info = service.head_bucket(bucket)
    except errors.BucketNotFoundError:
        return "no bucket"
    objects = [
        (look(service, bucket, row.key), service.object_parts(bucket, row.key))
        for row in service.list_page(bucket).objects
    ]
    uploads = [
        (row.key, service.list_parts(bucket, row.key, row.upload_id)) for row in service.list_uploads(bucket).uploads
    ]
    return info, objects, uploads


@cache
def in_order(calls: tuple[Call, ...], body: bytes) -> tuple[tuple[str, ...], str]:
    """What calls answer one after the other, and the state after them."""
    blobs = MemoryBlobs()
    service = ReferenceService(MemoryCatalog(blobs.remove), blobs, clock=ManualClock(), limits=LIMITS)
    scene = build(service, "sequential", body)
    return tuple([answer(scene, call) for call in calls]), answer(scene, state)


class Arena:
    """Services over one catalog and one set of blobs, whose calls are stepped; actor N calls ``services[N]``."""

    def __init__(
        self,
        services: list[ReferenceService],
        plain: ReferenceService,
        steps: Steps,
        wrap: Callable[[Callable[[], object]], Callable[[], object]] = lambda call: call,
    ) -> None:
        self._wrap = wrap
        self.services = services
        self.plain = plain
        self.steps = steps
        self._buckets = count(1)

    def check(self, calls: Sequence[Call], choose: Callable[[list[int]], int], body: bytes = SMALL) -> int:
        """Run the calls at once, in the order of steps that `choose` says, and raise AssertionError unless an order of
        whole calls, in which none comes before one that had ended when it began, explains it. Returns the
        steps of the first."""
        scene = build(self.plain, f"bucket-{next(self._buckets):06}", body)
        jobs = [
            self._wrap(partial(answer, replace(scene, service=service), call))
            for service, call in zip(self.services, calls, strict=False)
        ]
        taken: list[int] = []

        def chosen(ready: list[int]) -> int:
            taken.append(choose(ready))
            return taken[-1]

        spans = self.steps.run(jobs, chosen)
        seen = tuple([str(actor.result) for actor in self.steps.actors[: len(calls)]])
        after = answer(scene, state)
        if not any(
            self._explains(order, tuple(calls), body, seen, after)
            for order in permutations(range(len(calls)))
            if all(spans[later][1] > spans[first][0] for at, first in enumerate(order) for later in order[at:])
        ):
            told = "\n".join(
                f"  {number}: {call} answered {text}"
                for number, (call, text) in enumerate(zip(calls, seen, strict=True))
            )
            raise AssertionError(f"no order explains\n{told}\n  after that: {after}\n  steps: {self.steps.trail}")
        return taken.count(0)

    @staticmethod
    def _explains(
        order: tuple[int, ...], calls: tuple[Call, ...], body: bytes, seen: tuple[str, ...], after: str
    ) -> bool:
        answers, state_after = in_order(tuple([calls[number] for number in order]), body)
        return answers == tuple([seen[number] for number in order]) and state_after == after


@contextmanager
def arena(kind: str, actors: int = 2) -> Iterator[Arena]:
    steps = Steps(actors)
    options: dict[str, Any] = {"clock": ManualClock(), "limits": LIMITS}
    try:
        if kind == "memory":
            inner = MemoryBlobs()
            stepped_blobs = SteppedBlobs(inner, steps)
            catalog = MemoryCatalog(stepped_blobs.remove)
            stepped = SteppedCatalog(catalog, steps, lock="catalog", shared_lock=True)
            services = [ReferenceService(stepped, stepped_blobs, **options)] * actors
            yield Arena(services, ReferenceService(catalog, inner, **options), steps)
            assert set(inner._blobs) == set(catalog._references), "bytes that are nobody's"
            return
        if kind == "memory, by line":
            inner = MemoryBlobs()
            catalog = MemoryCatalog(inner.remove)
            catalog._lock = SteppedLock(steps)  # type: ignore[assignment]
            service = ReferenceService(catalog, inner, **options)
            yield Arena([service] * actors, service, steps, steps.by_line(catalog_memory.__file__, blobs.__file__))
            assert set(inner._blobs) == set(catalog._references), "bytes that are nobody's"
            return
        with tempfile.TemporaryDirectory() as folder:
            opened = [stepped_process(folder, steps, options) for _ in range(1 if kind == "disk" else actors)]
            services = [stepped for stepped, _ in opened]
            yield Arena(services * (actors // len(services)), opened[0][1], steps)
            left = _files_without_rows(folder, opened[0][1])
            for _, plain in opened:
                plain.close()
            assert not left, "files that are nobody's"
    finally:
        steps.close()


def stepped_process(folder: str, steps: Steps, options: dict[str, Any]) -> tuple[ReferenceService, ReferenceService]:
    """A directory as one process opens it, stepped and plain."""
    catalog, inner = open_disk(Path(folder), "process")
    stepped_blobs = SteppedBlobs(inner, steps)
    stepped = SteppedCatalog(catalog, steps, lock="catalog", shared_lock=False)
    catalog._release = stepped_blobs.remove
    inner.small = stepped.small
    return ReferenceService(stepped, stepped_blobs, **options), ReferenceService(catalog, inner, **options)


def _files_without_rows(folder: str, plain: ReferenceService) -> set[int]:
    return blobs_on_disk(Path(folder)) - blobs_in_catalog(plain)
