"""The model by itself: what it allows, with the source of each rule in the model."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from dskit.capabilities import Semantics
from dskit_conformance.model import Model
from dskit_conformance.outcomes import Op, Outcome
from dskit_conformance.payload import SOURCE, payload
from dskit_conformance.state import grouped, parts_etag, range_rules, slice_of


def done(model: Model, op: Op, **fields: Any) -> None:
    """The store did as it was told."""
    model.apply(op, Outcome("ok", fields))


def put(key: str, size: int = 3, **more: Any) -> Op:
    return {"op": "put", "key": key, "size": size, "salt": size, **more}


def with_objects(*keys: str, **semantics: Any) -> Model:
    model = Model(Semantics(**semantics), min_part=5)
    for number, key in enumerate(keys):
        done(model, put(key, number), etag=f'"{number}"')
    return model


def test_the_model_is_small_enough_to_be_read() -> None:
    import dskit_conformance.model as module

    assert module.__file__
    with open(module.__file__, encoding="utf-8") as source:
        assert len(source.readlines()) < 300


@pytest.mark.parametrize(
    ("span", "size", "expected"),
    [
        ({"first": 0, "last": 0}, 10, (0, 1)),
        ({"first": 2, "last": 99}, 10, (2, 10)),
        ({"first": 3}, 10, (3, 10)),
        ({"first": 10}, 10, None),
        ({"first": 0, "last": 0}, 0, None),
        ({"first": 5, "last": 2}, 10, (0, 10)),
        ({"first": 50, "last": 2}, 10, (0, 10)),
        ({"suffix": 4}, 10, (6, 10)),
        ({"suffix": 40}, 10, (0, 10)),
        ({"suffix": 0}, 10, None),
        ({"suffix": 3}, 0, None),
    ],
)
def test_ranges(span: dict[str, int], size: int, expected: tuple[int, int] | None) -> None:
    assert slice_of(span, size) == expected
    assert range_rules(span, size)


def test_listing_rows_are_in_the_order_of_utf8_and_group_after_the_prefix() -> None:
    keys = dict.fromkeys(["a", "a/", "a/b", "a/c/d", "a.b", "é", "\U0001f600", "\uff5e"])
    assert [name for name, _ in grouped(keys, "", "", "")] == [
        "a",
        "a.b",
        "a/",
        "a/b",
        "a/c/d",
        "é",
        "\uff5e",
        "\U0001f600",
    ]
    assert grouped(keys, "a/", "/", "") == [("a/", False), ("a/b", False), ("a/c/", True)]
    assert grouped(keys, "", "/", "a/b")[0] == ("é", False), "a group before the marker is left out"


def test_conditional_writes() -> None:
    model = with_objects("a")
    assert model.expect(put("a", if_none_match="*")) == (("PreconditionFailed",), ("CND-01",))
    assert model.expect(put("b", if_none_match="*"))[0] == ("ok",)
    assert model.expect(put("b", if_match="current")) == (("NoSuchKey",), ("CND-04",))
    assert model.expect(put("a", if_match="stale"))[0] == ("PreconditionFailed",)
    assert model.expect(put("a", if_match="*")) == (("NotImplemented",), ("CND-05",))


def test_of_two_read_conditions_the_etag_decides() -> None:
    model = with_objects("a")
    read = {"op": "get", "key": "a"}
    assert model.expect({**read, "if_match": "current", "if_unmodified_since": "before"})[0] == ("ok",)
    assert model.expect({**read, "if_none_match": "wrong", "if_modified_since": "same"})[0] == ("ok",)
    assert model.expect({**read, "if_none_match": "current"})[0] == ("NotModified",)
    assert model.expect({**read, "if_match": "wrong", "range": {"first": 99}})[0] == ("PreconditionFailed",)


def test_multipart_rules() -> None:
    model = with_objects()
    done(model, {"op": "create_upload", "key": "k", "as": "u1"})
    part = {"op": "upload_part", "upload": "u1", "salt": 1}
    done(model, {**part, "number": 2, "size": 5}, etag='"two"')
    done(model, {**part, "number": 1, "size": 4}, etag='"one"')
    complete = {"op": "complete", "upload": "u1"}
    assert model.expect({**complete, "parts": [[2, "current"], [1, "current"]]})[0] == ("InvalidPartOrder",)
    assert model.expect({**complete, "parts": [[1, "wrong"]]})[0] == ("InvalidPart",)
    assert model.expect({**complete, "parts": [[1, "current"], [2, "current"]]})[0] == ("EntityTooSmall",)
    assert "InvalidRequest" in model.expect({**complete, "parts": []})[0]
    assert model.expect({**complete, "parts": [[2, "current"]]})[0] == ("ok",)
    done(model, {**complete, "parts": [[2, "current"]]}, etag='"x"')
    assert model.objects["k"].body == payload(5, 1)
    assert model.expect({"op": "abort", "upload": "unknown", "key": "k"}) == (("NoSuchUpload",), ("MPU-09",))


def test_where_keys_are_paths_a_refusal_is_allowed_and_followed() -> None:
    model = with_objects("a", keys="path")
    assert model.expect(put("a/b"))[0] == ("ok", "InvalidKey")
    model.apply(put("a/b"), Outcome("InvalidKey"))
    assert "a/b" not in model.objects


def test_refused_dot_segments_are_refused_by_every_verb() -> None:
    model = with_objects("a", dot_segments="refused")
    for op in (put("a/../b"), {"op": "get", "key": "."}, {"op": "copy", "source": "./a", "key": "b"}):
        assert model.expect(op) == (("InvalidKey",), ("KEY-13",))
    assert model.expect(put("..a"))[0] == ("ok",)


def test_an_overwrite_knows_what_was_there_before() -> None:
    model = with_objects("a")
    done(model, put("a", 9), etag='"new"')
    assert model.objects["a"].former == "over"
    assert model.former_etags["a"] == '"0"'
    done(model, {"op": "delete", "key": "a"})
    done(model, put("a", 9), etag='"new"')
    assert model.objects["a"].former == "again"


def test_payloads_differ_by_salt_and_the_script_has_the_same_function() -> None:
    assert payload(64, 1) != payload(64, 2)
    assert len(payload(65537, 3)) == 65537
    assert b"\r\n\x00\xff" in payload(64, 1)
    names: dict[str, Any] = {}
    exec("import hashlib\n" + SOURCE, names)
    for size in (0, 1, 15, 16, 64, 5000, 70000):
        assert names["payload"](size, 7) == payload(size, 7)


def test_the_etag_of_parts_is_the_digest_of_digests() -> None:
    digests = hashlib.md5(b"a").digest() + hashlib.md5(b"b").digest()
    assert parts_etag([b"a", b"b"]) == f'"{hashlib.md5(digests).hexdigest()}-2"'
