"""`LocalStore` lists as the reference store does, and reads no folder that it need not."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dskit


def keys(store: dskit.Store) -> list[str]:
    return [entry.key for entry in store.list()]


# listing


SEGMENTS = st.text("ab.0-é/", min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(
    names=st.sets(SEGMENTS, max_size=12), delimiter=st.sampled_from(["", "/", "a", "b/", "."]), size=st.integers(1, 4)
)
def test_pages_are_those_of_the_memory_store(
    tmp_path_factory: pytest.TempPathFactory, names: set[str], delimiter: str, size: int
) -> None:
    """Order, groups, resumption: for the keys that both can hold, page by page."""
    local = dskit.LocalStore(tmp_path_factory.mktemp("local"), durability="process")
    memory = dskit.MemoryStore()
    for name in sorted(names):
        try:
            local.put(name, b"x")
        except dskit.InvalidKeyError:
            continue
        memory.put(name, b"x")
    for prefix in ("", "a", "a/", "é", "a/b"):
        for start_after in ("", "a", "a/", "a/b", "b."):
            pages = [list_all(store, prefix, delimiter, start_after, size) for store in (local, memory)]
            assert pages[0] == pages[1]


def list_all(
    store: dskit.Store, prefix: str, delimiter: str, start_after: str, size: int
) -> list[tuple[list[str], list[str]]]:
    pages, token = [], None
    while True:
        page = store.list_page(prefix, delimiter=delimiter, start_after=start_after, token=token, max_keys=size)
        pages.append(([entry.key for entry in page.objects], page.prefixes))
        token = page.next_token
        if token is None:
            return pages


def test_a_dot_sorts_before_a_slash(local: dskit.LocalStore) -> None:
    for key in ("a/1", "a.b", "a0", "a-", "a/1.2"):
        local.put(key, b"")
    assert keys(local) == ["a-", "a.b", "a/1", "a/1.2", "a0"]


def test_folders_outside_the_prefix_and_before_the_token_are_not_read(
    local: dskit.LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        local.put(f"f{number:02}/k", b"x")
    opened: list[bytes] = []
    real = os.open

    def spy(path: object, *args: object, **options: object) -> int:
        if isinstance(path, bytes):
            opened.append(path)
        return real(path, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", spy)
    assert [entry.key for entry in local.list("f07/")] == ["f07/k"]
    assert {name for name in opened if name.startswith(b"f")} == {b"f07"}
    opened.clear()
    assert len(local.list_page(start_after="f17/k", max_keys=1).objects) == 1
    assert {name for name in opened if name.startswith(b"f")} == {b"f17", b"f18", b"f19"}
    opened.clear()
    assert len(local.list_page(delimiter="/").prefixes) == 20
    assert sum(name == b"f03" for name in opened) == 1


# uploads


@pytest.mark.parametrize("delimiter", ["", "/"])
@pytest.mark.parametrize("size", [1, 2])
def test_uploads_that_end_between_two_pages_hide_no_others(local: dskit.LocalStore, delimiter: str, size: int) -> None:
    """Who cleans up aborts what a page shows and asks for the next."""
    begun = {local.create_multipart_upload(key).upload_id for key in ("b", "a", "b", "b", "c/1", "c/2", "d", "b")}
    shown: list[str] = []
    key_marker = upload_id_marker = ""
    while True:
        page = local.list_uploads(
            delimiter=delimiter, key_marker=key_marker, upload_id_marker=upload_id_marker, max_uploads=size
        )
        shown += sorted([*page.prefixes, *(upload.key for upload in page.uploads)])
        for upload in page.uploads:
            local.abort_multipart_upload(upload.key, upload.upload_id)
            begun.remove(upload.upload_id)
        if page.next_key_marker is None:
            break
        key_marker, upload_id_marker = page.next_key_marker, page.next_upload_id_marker or ""
    assert shown == ["a", *["b"] * 4, *(["c/"] if delimiter else ["c/1", "c/2"]), "d"]
    assert len(begun) == (2 if delimiter else 0)


def test_an_id_that_is_none_skips_the_key(local: dskit.LocalStore) -> None:
    for key in ("a", "b"):
        local.create_multipart_upload(key)
    page = local.list_uploads(key_marker="a", upload_id_marker="no-id")
    assert [upload.key for upload in page.uploads] == ["b"]


def test_a_group_is_not_shown_again_after_an_upload_in_it(local: dskit.LocalStore) -> None:
    within = local.create_multipart_upload("c/1")
    local.create_multipart_upload("c/2")
    page = local.list_uploads(delimiter="/", key_marker="c/1", upload_id_marker=within.upload_id)
    assert (page.uploads, page.prefixes) == ([], [])
