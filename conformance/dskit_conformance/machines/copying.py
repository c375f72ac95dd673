"""Copies: attributes kept or replaced, onto itself, from nowhere, and no link between the two afterwards."""

from __future__ import annotations

from typing import Any

from ..outcomes import Op
from .base import Machine, Rule, Scene

__all__ = ["MACHINE"]

_PAIRS: tuple[dict[str, str], ...] = (
    {"if_match": "current"},
    {"if_match": "unquoted"},
    {"if_match": "wrong"},
    {"if_match": "stale"},
    {"if_none_match": "wrong"},
    {"if_none_match": "current"},
    {"if_modified_since": "before"},
    {"if_modified_since": "same"},
    {"if_unmodified_since": "same"},
    {"if_unmodified_since": "before"},
    {"if_match": "current", "if_unmodified_since": "before"},
)


def _copy(scene: Scene, source: str, key: str, **more: Any) -> None:
    scene.run({"op": "copy", "source": source, "key": key, **more})


def _replacing(scene: Scene, key: str, source: str) -> dict[str, Any]:
    if scene.supports.copy_replace and (source == key or scene.draw.chance(40)):
        return {"replace": scene.attributes()}
    return {}


def copy_and_look(scene: Scene) -> None:
    source, key = scene.key(90), scene.key(40)
    if source != key or scene.supports.copy_replace:
        _copy(scene, source, key, **_replacing(scene, key, source))
        scene.run({"op": "get", "key": key})


def aliasing(scene: Scene) -> None:
    """Copy, change one side, look at the other."""
    if not scene.live:
        return
    source, key = scene.draw.among(scene.live), scene.any_key()
    if source == key:
        return
    _copy(scene, source, key)
    changed, other = (source, key) if scene.draw.chance(50) else (key, source)
    if scene.draw.chance(60):
        scene.put(changed)
    else:
        scene.run({"op": "delete", "key": changed})
    scene.run({"op": "get", "key": other})


def in_place(scene: Scene) -> None:
    key = scene.key(95)
    more = {"replace": scene.attributes()} if scene.supports.copy_replace and scene.draw.chance(60) else {}
    _copy(scene, key, key, **more)
    scene.run({"op": "get", "key": key})


def from_nowhere(scene: Scene) -> None:
    absent = [key for key in scene.keys if key not in scene.executor.model.objects]
    if absent:
        key = scene.key(60)
        _copy(scene, scene.draw.among(absent), key)
        scene.look(key)


def source_conditions(scene: Scene) -> None:
    source, key = scene.key(95), scene.any_key()
    if source != key:
        _copy(scene, source, key, **{"source_" + name: value for name, value in scene.draw.among(_PAIRS).items()})
        scene.look(key)


def guarded(scene: Scene) -> None:
    source, key = scene.key(90), scene.key(60)
    op: Op = {}
    if scene.supports.copy_if_match and scene.draw.chance(40):
        op["if_match"] = scene.draw.among(("current", "wrong", "stale"))
    else:
        op["if_none_match"] = "*"
    if source != key:
        _copy(scene, source, key, **op)
        scene.look(key)


def put(scene: Scene) -> None:
    scene.put()


MACHINE = Machine(
    "copying",
    ("CPY",),
    (
        Rule(copy_and_look, 20, ("copy",)),
        Rule(aliasing, 10, ("copy",)),
        Rule(in_place, 8, ("copy",)),
        Rule(from_nowhere, 5, ("copy",)),
        Rule(source_conditions, 14, ("copy", "copy_source_conditions")),
        Rule(guarded, 8, ("copy", "copy_if_none_match")),
        Rule(put, 8),
    ),
    needs=("copy",),
    start=(2, 5),
)
