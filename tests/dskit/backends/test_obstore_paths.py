"""Keys that obstore would change or refuse are refused here, before any request; every other key is let through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dskit.backends.obstore_paths import check_path, folder_of, is_path
from dskit.errors import InvalidKeyError

REFUSED = ["/a", "a/", "a//b", "/", ".", "..", "./a", "a/./b", "a/..", "a\x00", "a\nb", "\x1f", "a/\x7f"]
EXACT = ["a", "a/b", "...", ".a", "a.", " a", "a ", "%41", "a%2Fb", "a?b", "a#b", "a+b", "a\\b", "\x80", "é", "e\u0301"]


@pytest.mark.parametrize("key", REFUSED)
def test_what_obstore_would_alter_is_refused(key: str) -> None:
    with pytest.raises(InvalidKeyError):
        check_path(key)


@pytest.mark.parametrize("key", EXACT)
def test_other_keys_are_keys(key: str) -> None:
    check_path(key)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12))
def test_a_path_is_what_obstore_takes_and_gives_back_unchanged(key: str) -> None:
    """Against obstore's own parser, in its store in memory."""
    obstore = pytest.importorskip("obstore")
    from obstore.store import MemoryStore

    store = MemoryStore()
    try:
        obstore.put(store, key, b"")
        kept = [row["path"] for chunk in obstore.list(store) for row in chunk] == [key]
    except ValueError:
        kept = False
    assert is_path(key) is kept


def test_a_segment_may_have_a_limit() -> None:
    check_path("a/" + "é" * 127, max_segment_bytes=255)
    with pytest.raises(InvalidKeyError, match="255"):
        check_path("a/" + "é" * 128, max_segment_bytes=255)


@pytest.mark.parametrize(
    ("prefix", "folder"), [("", ""), ("a", ""), ("a/", "a"), ("a/b", "a"), ("/a", None), ("a//b", None), ("../a", None)]
)
def test_the_folder_of_a_prefix(prefix: str, folder: str | None) -> None:
    assert folder_of(prefix) == folder
