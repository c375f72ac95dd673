"""The facade over each kind of store that needs no server: multipart uploads."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import dskit

Maker = Callable[..., dskit.Store]


def part_size(store: dskit.Store) -> int:
    return max(1, store.capabilities.limits.min_part_bytes)


# multipart


def test_multipart(store: dskit.Store) -> None:
    size = part_size(store)
    upload = store.create_multipart_upload("k/m", content_type="text/plain", metadata={"A": "b"})
    second = store.upload_part("k/m", upload.upload_id, 2, b"tail")
    store.upload_part("k/m", upload.upload_id, 1, b"replaced" * size)
    first = store.upload_part("k/m", upload.upload_id, 1, b"x" * size)
    page = store.list_parts("k/m", upload.upload_id, max_parts=1)
    assert ([part.number for part in page.parts], page.next_marker, page.upload.key) == ([1], 1, "k/m")
    assert [part.number for part in store.list_parts("k/m", upload.upload_id, after=1).parts] == [2]
    assert [info.key for info in store.list_uploads("k/").uploads] == ["k/m"]
    assert store.list_uploads(delimiter="/").prefixes == ["k/"]
    assert not store.exists("k/m")
    result = store.complete_multipart_upload("k/m", upload.upload_id, [first, second])
    assert store.get("k/m").read() == b"x" * size + b"tail"
    meta = store.head("k/m")
    assert (meta.etag, meta.content_type, dict(meta.metadata), meta.parts_count) == (
        result.etag,
        "text/plain",
        {"a": "b"},
        2,
    )
    with store.get("k/m", part_number=2) as part:
        assert (part.read(), part.start) == (b"tail", size)
    parts = store.object_parts("k/m")
    assert parts is not None
    assert [(part.number, part.size) for part in parts.parts] == [(1, size), (2, 4)]
    assert store.list_uploads().uploads == []


def test_a_failed_completion_leaves_the_upload(store: dskit.Store) -> None:
    store.put("k", b"old")
    upload = store.create_multipart_upload("k")
    part = store.upload_part("k", upload.upload_id, 1, b"new")
    with pytest.raises(dskit.InvalidPartError):
        store.complete_multipart_upload("k", upload.upload_id, [dskit.CompletedPart(number=1, etag='"wrong"')])
    with pytest.raises(dskit.InvalidPartError):
        store.complete_multipart_upload("k", upload.upload_id, [part, part])
    with pytest.raises(dskit.InvalidRequestError):
        store.complete_multipart_upload("k", upload.upload_id, [])
    with pytest.raises(dskit.AlreadyExistsError):
        store.complete_multipart_upload("k", upload.upload_id, [part], if_none_match="*")
    assert store.get("k").read() == b"old"
    store.complete_multipart_upload("k", upload.upload_id, [part])
    assert store.get("k").read() == b"new"


def test_an_aborted_upload_is_gone(store: dskit.Store) -> None:
    upload = store.create_multipart_upload("k")
    store.upload_part("k", upload.upload_id, 1, b"x")
    store.abort_multipart_upload("k", upload.upload_id)
    for call in (
        lambda: store.upload_part("k", upload.upload_id, 2, b"x"),
        lambda: store.list_parts("k", upload.upload_id),
        lambda: store.abort_multipart_upload("k", upload.upload_id),
        lambda: store.complete_multipart_upload("k", upload.upload_id, [dskit.CompletedPart(number=1)]),
    ):
        with pytest.raises(dskit.UploadNotFoundError):
            call()


@pytest.mark.parametrize("upload_id", ["", "nonsense", "../../etc", "a" * 48, "\0"])
def test_an_unknown_upload_is_not_found(store: dskit.Store, upload_id: str) -> None:
    with pytest.raises(dskit.UploadNotFoundError):
        store.list_parts("k", upload_id)


@pytest.mark.parametrize("number", [0, -1, 10_001, "1", None])
def test_part_numbers(store: dskit.Store, number: int) -> None:
    upload = store.create_multipart_upload("k")
    with pytest.raises(dskit.InvalidRequestError) as caught:
        store.upload_part("k", upload.upload_id, number, b"x")
    assert caught.value.code == "InvalidArgument"


def test_part_copy(store: dskit.Store) -> None:
    store.put("source", b"0123456789")
    upload = store.create_multipart_upload("k")
    part = store.upload_part_copy("k", upload.upload_id, 1, "source", range=(2, 6))
    with pytest.raises(dskit.InvalidRequestError):
        store.upload_part_copy("k", upload.upload_id, 2, "source", range=(2, 11))
    store.complete_multipart_upload("k", upload.upload_id, [part])
    assert store.get("k").read() == b"2345"


def test_parts_that_are_no_records_are_a_typed_refusal(store: dskit.Store) -> None:
    upload = store.create_multipart_upload("k").upload_id
    store.upload_part("k", upload, 1, b"x")
    with pytest.raises(dskit.InvalidRequestError, match="CompletedPart"):
        store.complete_multipart_upload("k", upload, [1])  # type: ignore[list-item]
    with pytest.raises(dskit.InvalidRequestError, match="CompletedPart"):
        store.complete_multipart_upload("k", upload, None)  # type: ignore[arg-type]
    assert not store.exists("k")
