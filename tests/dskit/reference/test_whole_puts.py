"""Puts of bytes that are all there need no upload: they answer, refuse and leave what a staged write does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from dskit import errors
from dskit.backend import Source
from dskit.reference import ReferenceService
from dskit.reference.blobs import MemoryBlobs
from dskit.sources import BufferSource
from dskit.types import Attributes, Conditions, PutOptions, ReadOptions
from tests.dskit.reference.helpers import BUCKET, Bytes, put, read

WRONG_MD5 = "AAAAAAAAAAAAAAAAAAAAAA=="
CASES: dict[str, tuple[bytes, dict[str, Any]]] = {
    "plain": (b"hello", {}),
    "empty": (b"", {}),
    "length": (b"hello", {"length": 5}),
    "short of its length": (b"hello", {"length": 6}),
    "longer than its length": (b"hello", {"length": 4}),
    "announced too large": (b"hello", {"length": 5 * 1024**3 + 1}),
    "MD5": (b"hello", {"content_md5": "XUFAKrxLKna5cZ2REBfFkg=="}),
    "another MD5": (b"hello", {"content_md5": WRONG_MD5}),
    "no MD5": (b"hello", {"content_md5": "hello"}),
    "algorithm": (b"hello", {"checksum_algorithm": "SHA256"}),
    "unknown algorithm": (b"hello", {"checksum_algorithm": "SHA3"}),
    "checksum": (b"hello", {"checksum_algorithm": "CRC32", "checksum": "NhCmhg=="}),
    "another checksum": (b"hello", {"checksum_algorithm": "CRC32", "checksum": "AAAAAA=="}),
    "attributes": (b"hello", {"attributes": Attributes(content_type="text/plain", metadata={"a": "1"})}),
    "too much metadata": (b"hello", {"attributes": Attributes(metadata={"a": "1" * 3000})}),
    "condition": (b"hello", {"conditions": Conditions(if_none_match="*")}),
    "longer than the catalog keeps": (b"hello" * 10_000, {}),
}


@pytest.mark.parametrize("case", CASES)
def test_bytes_that_are_there_are_put_as_a_staged_write_is(service: ReferenceService, case: str) -> None:
    data, options = CASES[case]
    assert outcome(service, BufferSource(data), options) == outcome(service, Bytes(data), options)


def outcome(service: ReferenceService, source: Source, options: dict[str, Any]) -> object:
    """The result of a put with what is there afterwards, or the error, after which nothing is."""
    before = blobs(service)
    key = f"key of a {type(source).__name__}"
    try:
        result = service.put(BUCKET, key, source, PutOptions(**options))
    except errors.StoreError as error:
        assert blobs(service) == before
        return type(error), error.code, error.message, error.details
    meta = service.head(BUCKET, key, ReadOptions()).meta
    return result, meta.attributes, meta.checksums, meta.checksum_type, read(service, key)


def test_a_condition_that_fails_when_the_bytes_are_published_leaves_nothing_of_them(service: ReferenceService) -> None:
    class Late(BufferSource):
        """Somebody else is quicker, after the first look at the conditions."""

        def chunks(self) -> Iterator[bytes | memoryview]:
            put(service, "k", b"first")
            return super().chunks()

    before = blobs(service)
    with pytest.raises(errors.AlreadyExistsError):
        service.put(BUCKET, "k", Late(b"late"), PutOptions(conditions=Conditions(if_none_match="*")))
    assert read(service, "k") == b"first"
    assert blobs(service) - before == (1 if isinstance(service.blobs, MemoryBlobs) else 0)


def blobs(service: ReferenceService) -> int:
    """How many there are beside those that the catalog keeps."""
    held = service.blobs
    return len(held._blobs) if isinstance(held, MemoryBlobs) else len(os.listdir(held._blobs))  # type: ignore[attr-defined]
