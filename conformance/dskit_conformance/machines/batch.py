"""Batch deletes: live and missing keys together, guards on some of them."""

from __future__ import annotations

from ..outcomes import Op
from .base import Machine, Rule, Scene

__all__ = ["MACHINE"]


def batch(scene: Scene) -> None:
    keys = scene.draw.some(scene.keys, 45) or [scene.any_key()]
    scene.run({"op": "delete_many", "keys": keys})
    for key in keys[:2]:
        scene.look(key)
    _look_at_rest(scene)


def guarded(scene: Scene) -> None:
    alive = scene.live
    if not alive:
        return
    keys = scene.draw.some(alive, 60) or alive[:1]
    guards = {key: scene.draw.among(("current", "wrong", "stale")) for key in keys if scene.draw.chance(60)}
    op: Op = {"op": "delete_many", "keys": keys, "if_match": guards}
    scene.run(op)
    for key in keys[:3]:
        scene.look(key)
    _look_at_rest(scene)


def _look_at_rest(scene: Scene) -> None:
    if scene.live:
        scene.look(scene.draw.among(scene.live))


def put(scene: Scene) -> None:
    scene.put()


def list_everything(scene: Scene) -> None:
    scene.run({"op": "list"})


MACHINE = Machine(
    "batch",
    ("DEL", "CND"),
    (
        Rule(batch, 15, ("delete_many",)),
        Rule(guarded, 12, ("delete_many", "delete_many_if_match")),
        Rule(put, 20),
        Rule(list_everything, 4, ("list",)),
    ),
    needs=("delete_many",),
    start=(3, 6),
)
