"""Paths, pure: whatever the string, obstore and the facade make the same of it."""

from __future__ import annotations

import obstore
import obstore.store
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dskit.compat.obstore._paths import listed, listed_all, path_of
from dskit.compat.obstore.exceptions import InvalidPathError

STRINGS = st.text(st.sampled_from("ab./\n\x7f\x85é\ud800 %"), max_size=8) | st.text(max_size=8)


@given(STRINGS)
def test_a_string_is_the_same_path_to_both(text: str) -> None:
    store = obstore.store.MemoryStore()
    try:
        obstore.put(store, text, b"")
    except ValueError:
        with pytest.raises(ValueError):
            path_of(text)
    else:
        assert path_of(text) == obstore.head(store, text)["path"]


@given(st.lists(STRINGS.filter(bool), max_size=3).map(lambda keys: [*keys, *("abcdefgh")]))
def test_many_keys_at_once_are_each_key(keys: list[str]) -> None:
    try:
        expected = [listed(key) for key in keys]
    except InvalidPathError:
        with pytest.raises(InvalidPathError):
            listed_all(keys)
    else:
        assert list(listed_all(keys)) == expected
