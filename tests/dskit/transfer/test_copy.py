"""One object from store to store: of one state, and with the checksum that its source says it has."""

from __future__ import annotations

from pathlib import Path

import pytest

import dskit
from dskit.transfer import Progress, copy
from dskit.wrappers import WrappedService, WrappedStore
from dskit.wrappers.forwarding import Call, PassedReading

LARGE = 17 * 1024**2
"""More than is held in memory: it is streamed."""


class Damaging(WrappedService):
    """Changes the first byte of every body."""

    def incoming(self, call: Call, reading: dskit.Reading) -> dskit.Reading:
        return PassedReading(reading, lambda chunks: (b"?" + chunk[1:] for chunk in chunks))


def without(store: dskit.Store, **supports: bool) -> dskit.Store:
    declared = store.capabilities

    class Denying(WrappedService):
        @property
        def capabilities(self) -> dskit.Capabilities:
            return declared.replace(supports=declared.supports.replace(**supports))

    return WrappedStore(store, Denying(store.service))


@pytest.mark.parametrize("checksum", [True, False], ids=["compared by the target", "compared here"])
@pytest.mark.parametrize("size", [1000, LARGE], ids=["small", "streamed"])
def test_bytes_damaged_on_the_way_are_not_stored(size: int, checksum: bool) -> None:
    source, inner = dskit.MemoryStore(), dskit.MemoryStore()
    source.put("k", b"x" * size, checksum="CRC32")
    target = without(inner, put_checksum=checksum, put_content_md5=False)
    with pytest.raises(dskit.ChecksumMismatchError):
        copy(WrappedStore(source, Damaging(source.service)), "k", target, "k")
    assert not inner.exists("k")
    copy(source, "k", target, "k")
    assert inner.get("k").read() == b"x" * size


def test_parts_of_a_source_that_cannot_be_held_to_one_state_are_not_copied_on_the_server() -> None:
    inner = dskit.MemoryStore()
    inner.put("k", b"x" * 3000)
    store = without(inner, copy_source_conditions=False)
    copy(store, "k", store, "n", multipart_copy_bytes=1000)
    assert inner.head("n").parts_count is None
    assert inner.get("n").read() == b"x" * 3000


def test_a_download_of_a_store_without_conditions_is_of_one_state_too(tmp_path: Path) -> None:
    inner = dskit.MemoryStore()
    inner.put("k", b"a" * 3000)

    def replace(progress: Progress) -> None:
        inner.put("k", b"b" * 3000)

    store = without(inner, get_if_match=False)
    with pytest.raises(dskit.ConflictError, match="replaced while it was read"):
        store.download("k", tmp_path / "file", part_bytes=1000, concurrency=1, progress=replace)
    assert list(tmp_path.iterdir()) == []
