"""Arguments that nobody means: each is refused by name and changes nothing, before any backend has to understand it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

import dskit

REFUSED: dict[str, tuple[Callable[[Any], object], str]] = {
    "length": (lambda store: store.put("k", [b"a"], length=True), "length is a number of bytes"),
    "part number": (lambda store: store.get("k", part_number=True), "Part number"),
    "part to store": (lambda store: store.upload_part("k", "u", True, b""), "Part number"),
    "range": (lambda store: store.get("k", range=(False, True)), "range is of ints"),
    "start of a range": (lambda store: store.get_range("k", start=False, end=True), "not False and True"),
    "start that is none": (lambda store: store.get_range("k", start=None, length=1), "not None and 1"),
    "length as text": (lambda store: store.get_range("k", start=0, length="2"), "0 and '2'"),
    "length that is none": (lambda store: store.get_ranges("k", starts=[0], lengths=[None]), "0 and None"),
    "length below 0": (lambda store: store.get_ranges("k", starts=[5], lengths=[-1]), "5 and -1"),
    "empty version": (lambda store: store.head("k", version_id=""), "version id"),
    "source bucket": (lambda store: store.copy("k", "l", source_bucket=5), "source_bucket .* not 5"),
    "empty source bucket": (lambda store: store.copy("k", "l", source_bucket=""), "source_bucket .* not ''"),
    "bucket of a part": (lambda store: store.upload_part_copy("l", "u", 1, "k", source_bucket=""), "source_bucket"),
    "replacement": (lambda store: store.copy("k", "l", replace={"content_type": "a/b"}), "dskit.Attributes"),
    "checksum": (lambda store: store.put("k", b"", checksum=5), r"\(algorithm, base64 value\), not 5"),
    "three of a checksum": (lambda store: store.put("k", b"", checksum=("CRC32", "a", "b")), "base64 value"),
    "nothing to delete": (lambda store: store.delete_many(None), "an iterable of keys"),
}


@pytest.mark.parametrize(("call", "hint"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_by_name_and_changes_nothing(
    store: dskit.Store, call: Callable[[Any], object], hint: str
) -> None:
    before = store.put("k", b"kept")
    with pytest.raises(dskit.InvalidRequestError, match=hint):
        call(store)
    assert [(row.key, row.etag) for row in store.list()] == [("k", before.etag)]


def test_a_version_is_a_str() -> None:
    """Where there are versions; elsewhere any is refused as unsupported."""
    odd: Any = 5
    with pytest.raises(dskit.InvalidRequestError, match="version id is a str"):
        dskit.MemoryStore().get("k", version_id=odd)


def test_ranges_may_come_from_any_iterable(store: dskit.Store) -> None:
    store.put("k", b"hello")
    bounds: Any = ((value for value in row) for row in ((0, 3), (2, 2)))
    assert store.get_ranges("k", starts=next(bounds), lengths=next(bounds)) == [b"he", b"lo"]


def test_a_generator_that_has_ended_is_not_stored_as_nothing(store: dskit.Store) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"data"

    given = chunks()
    store.put("k", given)
    with pytest.raises(dskit.InvalidRequestError, match="used up"):
        store.put("k", given)
    assert store.get("k").read() == b"data"
    begun = chunks()
    assert next(begun) == b"data"
    store.put("rest", begun)  # where it stands, as a file from its position
    assert store.get("rest").read() == b""


@pytest.mark.anyio
async def test_an_async_generator_that_has_ended_is_not_stored_as_nothing(store: dskit.Store) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"data"

    given = chunks()
    await store.aio.put("k", given)
    with pytest.raises(dskit.InvalidRequestError, match="used up"):
        await store.aio.put("k", given)
    assert store.get("k").read() == b"data"


def test_read_takes_none_for_all_as_files_do(store: dskit.Store) -> None:
    store.put("k", b"hello")
    result = store.get("k")
    assert (result.read(1), result.read(None)) == (b"h", b"ello")
