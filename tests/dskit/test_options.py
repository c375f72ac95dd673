"""Options that say nothing are one record that all share: to make one each was a fifth of a small put and get."""

from __future__ import annotations

import dskit
from dskit.options import attributes_of, conditions_of, write_conditions
from dskit.reference import memory_service
from dskit.streams import Reading
from dskit.types import NO_ATTRIBUTES, NO_CONDITIONS, READ_ALL, PutOptions, ReadOptions
from dskit.wrappers.forwarding import WrappedService


class Watched(WrappedService):
    """Keeps the options that its inner service is given."""

    seen: ReadOptions | None = None

    def get(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        self.seen = options
        return super().get(bucket, key, options)


def test_conditions_that_are_not_given_are_the_shared_ones() -> None:
    assert conditions_of(None, None) is NO_CONDITIONS
    assert write_conditions(None, None) is NO_CONDITIONS
    assert conditions_of('"e"', None) == dskit.Conditions(if_match='"e"')


def test_attributes_that_are_not_given_are_the_shared_ones() -> None:
    assert attributes_of() is NO_ATTRIBUTES
    assert attributes_of(metadata={}) is NO_ATTRIBUTES
    assert attributes_of(content_type="a/b") == dskit.Attributes(content_type="a/b")
    assert PutOptions().attributes is NO_ATTRIBUTES


def test_a_read_with_an_option_is_not_the_shared_one() -> None:
    service = Watched(memory_service())
    service.create_bucket("bucket")
    store = dskit.Store(service, "bucket")
    tag = store.put("k", b"data").etag
    store.get("k").close()
    assert service.seen is READ_ALL
    store.get("k", range=(0, 1)).close()
    assert service.seen == ReadOptions(range=dskit.ByteRange(0, 0))
    store.get("k", part_number=1).close()
    assert service.seen == ReadOptions(part_number=1)
    store.get("k", if_match=tag).close()
    assert service.seen == ReadOptions(conditions=dskit.Conditions(if_match=tag))
    store.get("k", version_id="null").close()
    assert service.seen == ReadOptions(version_id="null")
    store.get("k", checksum_mode=True).close()
    assert service.seen == ReadOptions(checksum_mode=True)
