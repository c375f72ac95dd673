"""Memory and disk are one store: any sequence of calls has the same answers over both."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dskit import errors
from dskit.capabilities import Limits
from dskit.clock import ManualClock
from dskit.ids import SeededIds
from dskit.reference import ReferenceService, disk_service, memory_service
from dskit.types import Attributes, ByteRange, Conditions, CopyOptions, DeleteRequest, ObjectMeta, ReadOptions
from tests.dskit.reference.helpers import BUCKET, complete, part, put, start

KEYS = st.sampled_from(["a", "a/", "a/b", "a//b", "b", "é"])
BODIES = st.sampled_from([b"", b"x", b"hello", b"y" * 20_000])
Call = Callable[["Twin"], object]


class Twin:
    """A service, the uploads that were begun in it, and the parts that were sent."""

    def __init__(self, service: ReferenceService, clock: ManualClock) -> None:
        self.service = service
        self.clock = clock
        self.uploads: list[tuple[str, str]] = []
        self.parts: dict[str, list[Any]] = {}

    def upload(self, index: int) -> tuple[str, str]:
        return self.uploads[index % len(self.uploads)] if self.uploads else ("a", "none")

    def run(self, call: Call) -> object:
        """What a call returned, or the code and details of its error."""
        self.clock.advance(0.5)
        try:
            return call(self)
        except errors.StoreError as error:
            return type(error), error.code, error.details

    def begin(self, key: str, algorithm: str | None) -> object:
        self.uploads.append((key, start(self.service, key, checksum_algorithm=algorithm)))
        return self.uploads[-1]

    def send(self, index: int, number: int, body: bytes) -> object:
        key, upload = self.upload(index)
        sent = part(self.service, key, upload, number, body)
        self.parts[upload] = [*(one for one in self.parts.get(upload, []) if one.number != number), sent]
        return sent

    def finish(self, index: int, conditions: dict[str, str]) -> object:
        key, upload = self.upload(index)
        sent = sorted(self.parts.get(upload, []), key=lambda one: one.number)
        return complete(self.service, key, upload, sent, conditions=conditions)

    def look(self, key: str, options: ReadOptions) -> tuple[ObjectMeta, int, int, bytes]:
        reading = self.service.get(BUCKET, key, options)
        try:
            return reading.meta, reading.start, reading.stop, b"".join(reading)
        finally:
            reading.close()

    def pages(self, prefix: str, delimiter: str) -> object:
        first = self.service.list_page(BUCKET, prefix=prefix, delimiter=delimiter, max_keys=2)
        rest = self.service.list_page(BUCKET, prefix=prefix, delimiter=delimiter, token=first.next_token or None)
        uploads = self.service.list_uploads(BUCKET, prefix=prefix, delimiter=delimiter)
        return first, rest, uploads


CONDITIONS = st.sampled_from([{}, {"if_none_match": "*"}, {"if_match": '"x"'}])
ALGORITHMS = st.sampled_from([None, "CRC32", "SHA256"])
CALLS: st.SearchStrategy[Call] = st.one_of(
    st.builds(
        lambda key, body, asked, algorithm: (
            lambda twin: put(
                twin.service,
                key,
                body,
                conditions=Conditions(**asked),
                checksum_algorithm=algorithm,
                attributes=Attributes(content_type="text/plain", metadata={"n": str(len(body))}),
            )
        ),
        KEYS,
        BODIES,
        CONDITIONS,
        ALGORITHMS,
    ),
    st.builds(
        lambda source, key, algorithm, asked: (
            lambda twin: twin.service.copy(
                BUCKET,
                source,
                BUCKET,
                key,
                CopyOptions(checksum_algorithm=algorithm, conditions=Conditions(**asked)),
            )
        ),
        KEYS,
        KEYS,
        ALGORITHMS,
        CONDITIONS,
    ),
    st.builds(lambda key: lambda twin: twin.service.delete(BUCKET, DeleteRequest(key=key)), KEYS),
    st.builds(
        lambda keys, tag: (
            lambda twin: twin.service.delete_many(BUCKET, [DeleteRequest(key=key, if_match=tag) for key in keys])
        ),
        st.lists(KEYS, max_size=3),
        st.sampled_from([None, '"x"', "*"]),
    ),
    st.builds(lambda key, algorithm: lambda twin: twin.begin(key, algorithm), KEYS, ALGORITHMS),
    st.builds(
        lambda index, number, body: lambda twin: twin.send(index, number, body),
        st.integers(0, 3),
        st.integers(1, 3),
        BODIES,
    ),
    st.builds(lambda index, asked: lambda twin: twin.finish(index, asked), st.integers(0, 3), CONDITIONS),
    st.builds(lambda index: lambda twin: twin.service.abort_upload(BUCKET, *twin.upload(index)), st.integers(0, 3)),
    st.builds(
        lambda index, source, number, byte_range: (
            lambda twin: twin.service.copy_part(
                BUCKET, source, BUCKET, *twin.upload(index), number, byte_range=byte_range, options=CopyOptions()
            )
        ),
        st.integers(0, 3),
        KEYS,
        st.integers(1, 3),
        st.sampled_from([None, ByteRange(0, 0), ByteRange(1, 18_000)]),
    ),
    st.builds(
        lambda key, options: lambda twin: twin.look(key, options),
        KEYS,
        st.sampled_from([ReadOptions(), ReadOptions(range=ByteRange(1, 17_000)), ReadOptions(part_number=2)]),
    ),
    st.builds(
        lambda prefix, delimiter: lambda twin: twin.pages(prefix, delimiter),
        st.sampled_from(["", "a", "a/"]),
        st.sampled_from(["", "/", "b"]),
    ),
    st.builds(
        lambda index: (
            lambda twin: (
                twin.service.list_parts(BUCKET, *twin.upload(index), max_parts=1),
                twin.service.object_parts(BUCKET, twin.upload(index)[0]),
            )
        ),
        st.integers(0, 3),
    ),
)


@contextmanager
def twins() -> Iterator[tuple[Twin, Twin]]:
    limits = replace(Limits(), min_part_bytes=2)
    clocks = ManualClock(), ManualClock()
    with tempfile.TemporaryDirectory() as folder:
        memory = memory_service(clock=clocks[0], ids=SeededIds(1), limits=limits)
        disk = disk_service(folder, durability="process", clock=clocks[1], ids=SeededIds(1), limits=limits)
        for service in (memory, disk):
            service.create_bucket(BUCKET)
        yield Twin(memory, clocks[0]), Twin(disk, clocks[1])
        disk.close()


@settings(max_examples=60, deadline=None)
@given(st.lists(CALLS, max_size=25))
def test_any_sequence_of_calls_has_the_same_answers(calls: list[Call]) -> None:
    with twins() as (memory, disk):
        for call in [*calls, lambda twin: twin.pages("", "")]:
            assert memory.run(call) == disk.run(call)


def test_a_whole_upload_is_the_same() -> None:
    """Random calls complete an upload of two parts rarely; this one does."""
    with twins() as pair:
        seen = []
        for twin in pair:
            twin.begin("a", "CRC32")
            twin.send(0, 1, b"y" * 20_000)
            twin.send(0, 2, b"x")
            result = twin.finish(0, {"if_none_match": "*"})
            seen.append((result, twin.look("a", ReadOptions(part_number=2)), twin.service.object_parts(BUCKET, "a")))
        assert seen[0] == seen[1]
        assert seen[0][1][3] == b"x"
