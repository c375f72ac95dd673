"""What a store was given and what it hands out cannot change what is stored."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import dskit
from dskit.frozen import FrozenDict
from dskit.sources import BufferSource
from dskit.types import PutOptions

CHANGES: dict[str, Callable[[Any], object]] = {
    "set": lambda found: found.__setitem__("a", "other"),
    "delete": lambda found: found.__delitem__("a"),
    "clear": lambda found: found.clear(),
    "pop": lambda found: found.pop("a"),
    "popitem": lambda found: found.popitem(),
    "setdefault": lambda found: found.setdefault("new", "x"),
    "update": lambda found: found.update(new="x"),
    "or": lambda found: found.__ior__({"new": "x"}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_nothing_changes_it(change: Callable[[Any], object]) -> None:
    frozen = FrozenDict(a="b")
    with pytest.raises(TypeError, match="make a dict of it"):
        change(frozen)
    assert frozen == {"a": "b"}
    changed = dict(frozen)
    change(changed)
    assert frozen == {"a": "b"} != changed


def test_it_is_the_dict_that_it_was_made_of_in_all_else() -> None:
    frozen = FrozenDict({"a": "b"})
    assert (frozen, repr(frozen), json.dumps(frozen)) == ({"a": "b"}, "{'a': 'b'}", '{"a": "b"}')
    assert frozen | {"c": "d"} == {**frozen, "c": "d"}
    assert hash(frozen) == hash(FrozenDict(a="b"))
    for again in (copy.copy(frozen), copy.deepcopy(frozen), pickle.loads(pickle.dumps(frozen))):
        assert (again, type(again)) == (frozen, FrozenDict)
    assert type(frozen.copy()) is dict


def test_attributes_are_a_value_of_their_own() -> None:
    given = {"a": "b"}
    attributes = dskit.Attributes(content_type="text/plain", metadata=given)
    given["a"] = "other"
    assert attributes.metadata == {"a": "b"}
    same = dskit.Attributes(content_type="text/plain", metadata={"a": "b"})
    for again in (same, copy.deepcopy(attributes), pickle.loads(pickle.dumps(attributes)), dataclasses.replace(same)):
        assert (again, hash(again)) == (attributes, hash(attributes))
    assert json.loads(json.dumps(dataclasses.asdict(attributes)))["metadata"] == {"a": "b"}
    assert repr(attributes).endswith("metadata={'a': 'b'})")


@pytest.mark.parametrize("metadata", [{"a": "b"}, {}])
def test_what_is_handed_out_and_what_was_given_change_nothing_that_is_stored(
    store: dskit.Store, metadata: dict[str, str]
) -> None:
    stored = dict(metadata)
    written = store.put("k", b"x", metadata=metadata, checksum="SHA256")
    store.service.put("default", "port", BufferSource(b"x"), PutOptions(attributes=dskit.Attributes(metadata=metadata)))
    upload = store.create_multipart_upload("m", metadata=metadata)
    part = store.upload_part("m", upload.upload_id, 1, b"x")
    joined = store.complete_multipart_upload(
        "m", upload.upload_id, [dskit.CompletedPart(number=1, etag=part.etag, checksums=part.checksums)]
    )
    copied = store.copy("k", "copy")
    keys = ("k", "port", "m", "copy")
    before = {key: copy.deepcopy(store.head(key, checksum_mode=True)) for key in keys}
    metadata["a"] = "changed by who gave it"
    for result in (written, part, joined, copied):
        _disturb(result.checksums)
    for key in keys:
        for meta in (store.head(key, checksum_mode=True), store.get(key, checksum_mode=True).meta):
            _disturb(meta.checksums)
            _disturb(meta.metadata)
            _disturb(meta.attributes.metadata)
            meta.size = 99
    for found in store.object_parts("m").parts if store.object_parts("m") else ():  # type: ignore[union-attr]
        _disturb(found.checksums)
    for key in keys:
        assert store.head(key, checksum_mode=True) == before[key]
        assert store.head(key).metadata == stored


def _disturb(mapping: Any) -> None:
    """Change it, where that can be done."""
    try:
        mapping["a"] = "changed by who got it"
        mapping.pop("SHA256", None)
    except TypeError:
        pass
