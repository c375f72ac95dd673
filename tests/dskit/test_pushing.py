"""`begin_put` over a service that wants to know lengths: a put turned round."""

from __future__ import annotations

from typing import Any

import pytest

import dskit
from dskit.pushing import PulledStaging, begin_put
from dskit.streams import Staging
from dskit.types import Conditions, PutOptions
from tests.dskit.compat.small_disk import small_disk
from tests.dskit.leftovers import left
from tests.dskit.wants_length import WantsLength

MIB = 1024 * 1024
PART = 8 * MIB


@pytest.fixture
def store() -> dskit.Store:
    service: Any = WantsLength()
    return dskit.Store(service, "default")


def calls(store: dskit.Store) -> list[str]:
    service: Any = store.service
    return [call for call in service.calls if call in ("put", "create_upload", "put_part", "complete_upload")]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, ["put"]),
        (PART - 1, ["put"]),
        (PART, ["create_upload", "put_part", "complete_upload"]),
        (PART + 1, ["create_upload", "put_part", "put_part", "complete_upload"]),
        (2 * PART, ["create_upload", "put_part", "put_part", "complete_upload"]),
    ],
)
@pytest.mark.parametrize("chunk", [3 * MIB, 100 * MIB])
def test_any_size_in_any_pieces(store: dskit.Store, size: int, expected: list[str], chunk: int) -> None:
    data = bytes(range(256)) * (size // 256) + b"z" * (size % 256)
    staging = begin_put(store, "k", PutOptions())
    assert isinstance(staging, PulledStaging)
    for start in range(0, size, chunk):
        staging.write(memoryview(data)[start : start + chunk])
    assert not store.exists("k")
    result = staging.commit()
    assert calls(store) == expected
    assert store.get("k", if_match=result.etag).read() == data


def test_a_staging_ends_once(store: dskit.Store) -> None:
    staging = begin_put(store, "k", PutOptions())
    with pytest.raises(dskit.InvalidRequestError, match="trailer"):
        staging.commit(checksums={"CRC32": "AAAAAA=="})
    staging.commit()
    staging.abort()
    for call in (staging.commit, lambda: staging.write(b"x")):
        with pytest.raises(dskit.InvalidRequestError, match="before"):
            call()
    assert store.exists("k")


def test_an_abort_ends_the_upload(store: dskit.Store) -> None:
    staging = begin_put(store, "k", PutOptions())
    staging.write(b"x" * PART)
    assert len(left(store)) == 1
    staging.abort()
    staging.abort()
    assert left(store) == []


def test_create_only_is_seen_at_once_and_decided_at_the_end(store: dskit.Store) -> None:
    create = PutOptions(conditions=Conditions(if_none_match="*"))
    late = begin_put(store, "k", create)
    store.put("k", b"first")
    with pytest.raises(dskit.AlreadyExistsError):
        begin_put(store, "k", create)
    with pytest.raises(dskit.AlreadyExistsError):
        late.commit()


def test_who_may_not_read_may_still_create(store: dskit.Store) -> None:
    service: Any = store.service
    service.failing["head"] = dskit.PermissionDeniedError("no")
    begin_put(store, "k", PutOptions(conditions=Conditions(if_none_match="*"))).commit()
    assert store.get("k").read() == b""


def test_an_abort_that_fails_hides_no_error_and_names_the_upload(store: dskit.Store) -> None:
    service: Any = store.service
    service.failing = {"put_part": dskit.UnavailableError("gone"), "abort_upload": dskit.UnavailableError("still")}
    staging = begin_put(store, "k", PutOptions())
    with pytest.raises(dskit.UnavailableError, match="gone") as caught:
        staging.write(b"x" * PART)
    (upload,) = store.list_uploads().uploads
    (note,) = caught.value.__notes__
    assert upload.upload_id in note


@pytest.fixture
def whole(store: dskit.Store) -> dskit.Store:
    """A service without multipart uploads."""
    service: Any = store.service
    service.capabilities = service.capabilities.replace(supports=service.capabilities.supports.replace(multipart=False))
    return dskit.Store(service, "default")


@pytest.mark.parametrize("size", [0, PART - 1, PART, 2 * PART + 1])
@pytest.mark.parametrize("chunk", [3 * MIB, 100 * MIB])
def test_without_multipart_it_is_one_put_whatever_the_size(whole: dskit.Store, size: int, chunk: int) -> None:
    data = bytes(range(256)) * (size // 256) + b"z" * (size % 256)
    staging = begin_put(whole, "k", PutOptions())
    for start in range(0, size, chunk):
        staging.write(memoryview(data)[start : start + chunk])
    staging.commit()
    assert calls(whole) == ["put"]
    assert whole.get("k").read() == data


def test_without_multipart_conditions_and_lengths_hold(whole: dskit.Store) -> None:
    whole.put("k", b"first")
    data = [b"x" * MIB] * 9
    with pytest.raises(dskit.AlreadyExistsError):
        whole.put("k", iter(data), if_none_match="*")
    for length in (9 * MIB - 1, 9 * MIB + 1):
        with pytest.raises(dskit.InvalidRequestError, match="announced"):
            written(begin_put(whole, "k", PutOptions(length=length)), data)
    assert whole.get("k").read() == b"first"


def written(staging: Staging, data: list[bytes]) -> None:
    for chunk in data:
        staging.write(chunk)
    staging.commit()


@pytest.mark.parametrize("most", [PART - 1, 2 * PART - 1])
def test_without_multipart_a_full_disk_is_an_error_of_ours(whole: dskit.Store, most: int) -> None:
    with small_disk(most), pytest.raises(dskit.TooLargeError, match="file system"):
        written(begin_put(whole, "k", PutOptions()), [b"x" * MIB] * 20)
    assert not whole.exists("k")
