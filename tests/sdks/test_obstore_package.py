"""What obstore's package does otherwise than its guide: the reasons for lines of docs/compat/obstore.md."""

from __future__ import annotations

import importlib
import re
from datetime import timedelta
from typing import Any

import pytest

from tests.sdks.document import needs

pytestmark = needs("obstore")


@pytest.fixture
def obs() -> Any:
    importlib.import_module("obstore.store")
    return importlib.import_module("obstore")


def test_the_package_has_no_offset(obs: Any) -> None:
    store = obs.store.MemoryStore()
    obs.put(store, "k", b"x")
    with pytest.raises(TypeError, match="offset"):
        obs.get_range(store, "k", offset=0, length=1)


def test_the_package_has_no_prefix_store_no_open_and_no_async_fsspec_store(obs: Any) -> None:
    assert not hasattr(obs.store, "PrefixStore")
    assert not hasattr(obs, "open")
    assert not hasattr(importlib.import_module("obstore.fsspec"), "AsyncFsspecStore")


@pytest.mark.parametrize("package", ["dskit.compat.obstore", "obstore"])
def test_what_the_page_prints_of_an_object_in_memory(package: str) -> None:
    """All but the time of the write, and the ETag, which has quotes since the page was written."""
    obs = importlib.import_module(package)
    store = importlib.import_module(f"{package}.store").MemoryStore()
    obs.put(store, "file.txt", b"hello world!")
    meta = dict(obs.get(store, "file.txt").meta)
    assert meta.pop("last_modified").utcoffset() == timedelta(0)
    assert re.fullmatch(r'"[0-9a-f]+"', meta.pop("e_tag"))
    assert meta == {"path": "file.txt", "size": 12, "version": None}


def test_renaming_an_object_to_itself_in_memory_loses_it(obs: Any) -> None:
    store = obs.store.MemoryStore()
    obs.put(store, "k", b"x")
    obs.rename(store, "k", "k")
    with pytest.raises(FileNotFoundError):
        obs.head(store, "k")


def test_what_a_put_returns_is_no_mode_of_the_next(obs: Any) -> None:
    store = obs.store.MemoryStore()
    with pytest.raises(TypeError, match="None"):
        obs.put(store, "k", b"y", mode=obs.put(store, "k", b"x"))


def test_the_store_module_cannot_be_imported_by_star(obs: Any) -> None:
    with pytest.raises(AttributeError):
        exec("from obstore.store import *", {})
