"""`RetryStore`: what is made again, what never, and how a read goes on."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import anyio
import pytest

import dskit
from dskit.wrappers import Fault, FaultStore, RecordingStore, RetryOptions, RetryStore, WrappedService, WrappedStore
from tests.dskit.wrappers.conftest import Pauses

TODAY = datetime(2026, 1, 1, tzinfo=UTC)
THREE = RetryOptions(attempts=3, base=1.0, cap=10.0)


def retrying(inner: dskit.Store, pauses: Pauses, *faults: Fault) -> tuple[RetryStore, RecordingStore]:
    recorded = RecordingStore(FaultStore(inner, faults))
    return RetryStore(recorded, THREE, sleep=pauses), recorded


@pytest.mark.parametrize("error", [dskit.ThrottledError, dskit.UnavailableError, dskit.TimedOutError])
def test_a_passing_failure_is_not_seen(inner: dskit.MemoryStore, pauses: Pauses, error: type[dskit.StoreError]) -> None:
    store, recorded = retrying(inner, pauses, Fault(verb="put", first=1, times=2, error=error))
    store.put("k", b"data")
    assert inner.get("k").read() == b"data"
    assert [call.error for call in recorded.calls] == [error.default_code] * 2 + [None]
    assert len(pauses) == 2
    assert all(0 <= pause <= 2 for pause in pauses)


def test_a_lasting_failure_is_raised_after_the_last_attempt(inner: dskit.MemoryStore, pauses: Pauses) -> None:
    store, recorded = retrying(inner, pauses, Fault(verb="get", error=dskit.UnavailableError))
    with pytest.raises(dskit.UnavailableError):
        store.get("k")
    assert len(recorded.calls) == 3


@pytest.mark.parametrize("error", [dskit.PermissionDeniedError, dskit.NotFoundError, dskit.InvalidRequestError])
def test_a_refusal_is_raised_at_once(inner: dskit.MemoryStore, pauses: Pauses, error: type[dskit.StoreError]) -> None:
    store, recorded = retrying(inner, pauses, Fault(error=error))
    with pytest.raises(error):
        store.put("k", b"x")
    assert len(recorded.calls) == 1
    assert pauses == []


def test_a_completion_that_a_write_has_outdated_is_not_asked_for_again(
    inner: dskit.MemoryStore, pauses: Pauses
) -> None:
    """The conflict lasts: a further attempt could only end in another failure, which would hide it."""
    store, recorded = retrying(inner, pauses)
    store.put("k", b"first")
    upload = store.create_multipart_upload("k")
    part = store.upload_part("k", upload.upload_id, 1, b"part")
    store.put("k", b"second")
    with pytest.raises(dskit.ConflictError):
        store.complete_multipart_upload(
            "k", upload.upload_id, [dskit.CompletedPart(number=1, etag=part.etag)], if_match=store.head("k").etag
        )
    assert [call.verb for call in recorded.calls].count("complete_multipart_upload") == 1
    assert pauses == []


def test_a_lost_answer_of_a_plain_put_is_sent_again(inner: dskit.MemoryStore, pauses: Pauses) -> None:
    store, _ = retrying(inner, pauses, Fault(verb="put", nth=1, error=dskit.OutcomeUnknownError, when="after"))
    store.put("k", b"data")
    assert inner.get("k").read() == b"data"


@pytest.mark.parametrize(
    "write",
    [
        lambda store: store.put("k", b"x", if_none_match="*"),
        lambda store: store.create_multipart_upload("k"),
        lambda store: store.put("k", iter([b"x"])),
        lambda store: store.delete("there", if_match="*"),
        lambda store: store.delete_many(["a", dskit.DeleteRequest(key="k", if_match='"e"')]),
        lambda store: store.delete_many(["a", dskit.DeleteRequest(key="k", if_match_size=1)]),
        lambda store: store.delete_many([dskit.DeleteRequest(key="k", if_match_last_modified=TODAY)]),
    ],
    ids=["conditional", "creates", "read once", "delete", "delete rows", "delete by size", "delete by time"],
)
def test_a_lost_answer_of_a_write_that_must_not_repeat_is_told(
    inner: dskit.MemoryStore, pauses: Pauses, write: Callable[[Any], Any]
) -> None:
    inner.put("there", b"x")
    store, recorded = retrying(inner, pauses, Fault(error=dskit.OutcomeUnknownError, when="after"))
    with pytest.raises(dskit.OutcomeUnknownError):
        write(store)
    assert len(recorded.calls) == 1


def test_data_that_can_be_read_again_is_sent_again_from_its_beginning(inner: dskit.MemoryStore, pauses: Pauses) -> None:
    store, recorded = retrying(inner, pauses, Fault(verb="put", nth=1, truncate=3))
    store.put("k", [b"abcd", b"efgh"])
    assert inner.get("k").read() == b"abcdefgh"
    assert [call.sent for call in recorded.calls] == [4, 8]


def test_a_file_is_sent_again_from_where_it_was(inner: dskit.MemoryStore, pauses: Pauses) -> None:
    """CLIENT-05: an exhausted file would be stored as an empty object."""
    file = io.BytesIO(b"head:abcdefgh")
    file.seek(5)
    store, _ = retrying(inner, pauses, Fault(verb="put", nth=1, error=dskit.UnavailableError, when="after"))
    store.put("k", file)
    assert inner.get("k").read() == b"abcdefgh"


def test_an_iterator_is_sent_while_nothing_was_read_from_it(inner: dskit.MemoryStore, pauses: Pauses) -> None:
    store, _ = retrying(inner, pauses, Fault(verb="put", nth=1, error=dskit.ThrottledError))
    store.put("k", iter([b"abcd"]))
    assert inner.get("k").read() == b"abcd"
    broken, _ = retrying(inner, pauses, Fault(verb="put", nth=1, truncate=2))
    with pytest.raises(dskit.UnavailableError):
        broken.put("k", iter([b"efgh"]))
    assert inner.get("k").read() == b"abcd"


def test_an_iterator_of_a_coroutine_is_sent_again_by_parts(inner: dskit.MemoryStore, pauses: Pauses) -> None:
    store, _ = retrying(inner, pauses, Fault(verb="put", nth=1, error=dskit.UnavailableError))

    async def data() -> Any:
        yield b"abc"

    async def main() -> None:
        await store.aio.put("k", data())

    anyio.run(main)
    assert inner.get("k").read() == b"abc"


@pytest.mark.parametrize("span", [None, (2, 9)])
@pytest.mark.parametrize("conditional", [False, True])
def test_a_read_that_breaks_off_goes_on_behind_its_last_byte(
    inner: dskit.MemoryStore, pauses: Pauses, span: tuple[int, int] | None, conditional: bool
) -> None:
    etag = inner.put("k", b"0123456789").etag
    store, recorded = retrying(inner, pauses, Fault(verb="get", times=2, truncate=3))
    result = store.get("k", range=span, if_match=etag if conditional else None)
    assert result.read() == b"0123456789"[slice(*span) if span else slice(None)]
    assert [call.received for call in recorded.calls] == [3, 3, 1 if span else 4]


def test_going_on_is_itself_tried_again(inner: dskit.MemoryStore, pauses: Pauses) -> None:
    inner.put("k", b"0123456789")
    store, _ = retrying(
        inner,
        pauses,
        Fault(verb="get", nth=1, truncate=3),
        Fault(verb="get", first=2, times=2, error=dskit.ThrottledError),
    )
    assert store.get("k").read() == b"0123456789"


def test_a_read_never_goes_on_with_another_object(inner: dskit.MemoryStore, pauses: Pauses) -> None:
    inner.put("k", b"0123456789")
    store, _ = retrying(inner, pauses, Fault(verb="get", nth=1, truncate=3))
    reading = store.get("k")
    assert reading.read(3) == b"012"
    inner.put("k", b"9876543210")
    with pytest.raises(dskit.UnavailableError, match="changed") as changed:
        reading.read()
    assert changed.value.code == "ObjectChanged"


def test_a_read_never_goes_on_with_bytes_of_another_place(inner: dskit.MemoryStore, pauses: Pauses) -> None:
    """RANGE-16: what answers without the range that was asked for would be read a second time from its beginning."""

    class Ignoring(WrappedService):
        def get(self, bucket: str, key: str, options: dskit.ReadOptions) -> dskit.Reading:
            return super().get(bucket, key, dskit.ReadOptions())

    inner.put("k", b"abcdefgh")
    broken = FaultStore(WrappedStore(inner, Ignoring(inner.service)), [Fault(verb="get", nth=1, truncate=3)])
    with pytest.raises(dskit.UnavailableError):
        RetryStore(broken, THREE, sleep=pauses).get("k").read()


def test_options_that_make_no_sense_are_refused() -> None:
    with pytest.raises(dskit.ConfigurationError):
        RetryOptions(attempts=0)
