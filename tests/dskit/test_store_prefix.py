"""The facade over each kind of store that needs no server: a store below a prefix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import dskit
from dskit.transfer import sync

Maker = Callable[..., dskit.Store]


def part_size(store: dskit.Store) -> int:
    return max(1, store.capabilities.limits.min_part_bytes)


# the prefix


def test_a_prefix_is_invisible(make_store: Maker) -> None:
    whole = make_store()
    inside = dskit.Store(whole.service, whole.bucket, prefix="in/side-")
    whole.put("out", b"")
    inside.put("a/1", b"1", metadata={"x": "y"})
    inside.put("b", b"2")
    assert [entry.key for entry in whole.list()] == ["in/side-a/1", "in/side-b", "out"]
    assert [entry.key for entry in inside.list()] == ["a/1", "b"]
    assert [entry.key for entry in inside.list(start_after="a/1")] == ["b"]
    assert inside.list_with_delimiter().prefixes == ["a/"]
    page = inside.list_page(max_keys=1)
    assert [entry.key for entry in inside.list_page(token=page.next_token).objects] == ["b"]
    assert inside.get("b").meta.key == inside.head("b").key == "b"
    inside.copy("b", "c")
    inside.rename("c", "d")
    upload = inside.create_multipart_upload("up/load")
    assert upload.key == "up/load"
    part = inside.upload_part_copy("up/load", upload.upload_id, 1, "b")
    assert inside.list_parts("up/load", upload.upload_id).upload.key == "up/load"
    uploads = inside.list_uploads("up")
    assert [info.key for info in uploads.uploads] == ["up/load"]
    assert inside.list_uploads(delimiter="/").prefixes == ["up/"]
    inside.complete_multipart_upload("up/load", upload.upload_id, [part])
    with pytest.raises(dskit.NotFoundError) as caught:
        inside.get("nope")
    assert caught.value.key == "nope"
    result = inside.delete_many(["a/1", "b", dskit.DeleteRequest(key="d", if_match='"no"')])
    assert (result.deleted, [error.key for error in result.errors]) == (["a/1", "b"], ["d"])
    assert [entry.key for entry in whole.list()] == ["in/side-d", "in/side-up/load", "out"]


def test_the_key_that_is_the_prefix_itself_has_no_name_and_is_not_listed(make_store: Maker) -> None:
    """Consoles make such an object of each folder; a verb could not be asked for the empty key."""
    whole = make_store()
    if whole.capabilities.semantics.keys == "path":
        pytest.skip("a file path has no trailing slash")
    inside = dskit.Store(whole.service, whole.bucket, prefix="p/")
    for key in ("p/", "p/a", "p/b/c"):
        whole.put(key, b"x")
    upload = whole.create_multipart_upload("p/")
    assert [row.key for row in inside.list()] == ["a", "b/c"]
    assert [row.key for row in inside.list(page_size=1)] == ["a", "b/c"]
    level = inside.list_with_delimiter()
    assert ([row.key for row in level.objects], level.prefixes) == (["a"], ["b/"])
    assert inside.list_uploads().uploads == []
    page = inside.list_page(max_keys=1)
    assert [row.key for row in page.objects] == ["a"]  # no page is empty with more to come: clients stop there
    assert [row.key for row in inside.list_page(max_keys=1, token=page.next_token).objects] == ["b/c"]
    target = dskit.MemoryStore()
    assert sync(inside, target, delete=True).copied == 2
    assert sync(inside, target, delete=True).plan.actions == []
    assert sync(target, inside, delete=True).plan.actions == []
    whole.abort_multipart_upload("p/", upload.upload_id)
    assert whole.exists("p/")


def test_uploads_of_the_key_that_is_the_prefix_never_lead_a_listing_in_circles(make_store: Maker) -> None:
    """The marker after them would be the empty string, from which a listing begins again."""
    whole = make_store()
    if whole.capabilities.semantics.keys == "path":
        pytest.skip("a file path has no trailing slash")
    inside = dskit.Store(whole.service, whole.bucket, prefix="p/")
    for key in ("p/", "p/", "p/a", "p/b"):
        whole.create_multipart_upload(key)
    seen, key_marker, id_marker = [], "", ""
    for _ in range(4):
        page = inside.list_uploads(max_uploads=1, key_marker=key_marker, upload_id_marker=id_marker)
        seen += [upload.key for upload in page.uploads]
        if page.next_key_marker is None:
            break
        key_marker, id_marker = page.next_key_marker, page.next_upload_id_marker or ""
    assert seen == ["a", "b"]


def test_errors_speak_of_keys_without_the_prefix_even_where_they_begin_with_it(
    make_store: Maker, tmp_path: Path
) -> None:
    inside = dskit.Store(make_store().service, "default", prefix="p/")
    for call in (
        lambda: inside.get("p/p/x"),
        lambda: inside.get_range("p/p/x", start=0, end=1),
        lambda: inside.rename("p/p/x", "y"),
        lambda: inside.copy("p/p/x", "y"),
        lambda: inside.delete("p/p/x", if_match='"e"'),
    ):
        with pytest.raises(dskit.NotFoundError) as caught:
            call()
        assert caught.value.key == "p/p/x"
    with pytest.raises(dskit.NotFoundError) as caught:
        inside.download("p/p/x", tmp_path / "file")
    assert caught.value.key == "p/p/x"
    inside.put("p/p/x", b"")
    (tmp_path / "in the way" / "p" / "x").mkdir(parents=True)
    with pytest.raises(dskit.StoreError) as refused:
        inside.download_folder("p/", tmp_path / "in the way")
    assert refused.value.key == "p/p/x"


def test_an_error_has_the_name_of_the_verb(store: dskit.Store) -> None:
    for name, call in (
        ("get_ranges", lambda: store.get_ranges("x", starts=[0], ends=[1])),
        ("rename", lambda: store.rename("x", "y")),
        ("upload_part", lambda: store.upload_part("x", "id", 1, b"")),
        ("list_parts", lambda: store.list_parts("x", "id")),
        ("list", lambda: store.list("\ud800")),
    ):
        with pytest.raises(dskit.StoreError) as caught:
            call()
        assert (caught.value.operation, caught.value.bucket) == (name, "default")
        assert name in str(caught.value)


def test_the_prefix_counts_for_the_length_of_a_key(make_store: Maker) -> None:
    inside = dskit.Store(make_store().service, "default", prefix="x/" * 10)
    with pytest.raises(dskit.InvalidKeyError):
        inside.put("k" * 1010, b"")
    with pytest.raises(dskit.InvalidKeyError):
        inside.put("", b"")
