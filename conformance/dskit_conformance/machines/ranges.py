"""Ranges: bounds where arithmetic goes wrong, partitions, conditions beside them."""

from __future__ import annotations

from .base import Machine, Rule, Scene

__all__ = ["MACHINE"]


def _sized(scene: Scene) -> tuple[str, int]:
    alive = scene.live
    if not alive:
        key = scene.any_key()
        scene.put(key)
        alive = scene.live
    key = scene.draw.among(alive) if alive else scene.any_key()
    found = scene.executor.model.objects.get(key)
    return key, len(found.body) if found else 0


def one_range(scene: Scene) -> None:
    key, size = _sized(scene)
    scene.run({"op": "get", "key": key, "range": scene.span(size)})


def several_ranges(scene: Scene) -> None:
    for _ in range(3):
        one_range(scene)


def partition(scene: Scene) -> None:
    key, size = _sized(scene)
    if size:
        cuts = sorted({0, size, *(scene.draw.integer(0, size) for _ in range(scene.draw.integer(0, 3)))})
        scene.run({"op": "partition", "key": key, "cuts": cuts})


def conditional_range(scene: Scene) -> None:
    key, size = _sized(scene)
    if scene.draw.chance(50):
        condition = {"if_match": scene.draw.among(("wrong", "stale", "current"))}
    else:
        condition = {"if_none_match": scene.draw.among(("current", "*", "wrong"))}
    scene.run({"op": "get", "key": key, "range": scene.span(size), **condition})


def range_of_missing(scene: Scene) -> None:
    key = scene.any_key()
    scene.run({"op": "get", "key": key, "range": {"first": 0, "last": 1}})


def rewrite(scene: Scene) -> None:
    scene.put()


MACHINE = Machine(
    "ranges",
    ("RNG",),
    (
        Rule(several_ranges, 30, ("get_range",)),
        Rule(one_range, 10, ("get_range",)),
        Rule(partition, 8, ("get_range",)),
        Rule(conditional_range, 8, ("get_range", "get_if_match", "get_if_none_match")),
        Rule(range_of_missing, 2, ("get_range",)),
        Rule(rewrite, 8),
    ),
    needs=("get_range",),
    start=(2, 5),
)
