"""Conditional puts, reads and deletes, with ETags that are right, stale, foreign, unquoted or ``*``."""

from __future__ import annotations

from .base import Machine, Rule, Scene

__all__ = ["MACHINE"]

_TAGS = ("current", "wrong", "stale", "elsewhere", "unquoted", "*")
_DATES = ("same", "before", "future")


def create(scene: Scene) -> None:
    key = scene.key(50)
    scene.put(key, if_none_match="*")
    scene.look(key)


def create_again(scene: Scene) -> None:
    key = scene.key(90)
    scene.run({"op": "delete", "key": key})
    scene.put(key, if_none_match="*")
    scene.look(key)


def swap(scene: Scene) -> None:
    key = scene.key(85)
    scene.put(key, if_match=scene.draw.among(("current", "current", "wrong", "stale", "elsewhere")))
    scene.look(key)


def swap_after_change(scene: Scene) -> None:
    """The lost update: overwrite, then use the ETag from before."""
    key = scene.key(90)
    scene.put(key)
    scene.put(key)
    scene.put(key, if_match="stale")
    scene.run({"op": "get", "key": key})


def read_tags(scene: Scene) -> None:
    name = scene.draw.among(("if_match", "if_none_match"))
    tags = tuple(tag for tag in _TAGS if not (tag == "unquoted" and "CND-12" in scene.excluded))
    scene.run({"op": scene.draw.among(("get", "head")), "key": scene.key(90), name: scene.draw.among(tags)})


def read_dates(scene: Scene) -> None:
    name = scene.draw.among(("if_modified_since", "if_unmodified_since"))
    scene.run({"op": scene.draw.among(("get", "head")), "key": scene.key(95), name: scene.draw.among(_DATES)})


def read_both(scene: Scene) -> None:
    """An ETag and a date that disagree: the ETag decides."""
    if scene.draw.chance(50):
        pair = {"if_match": "current", "if_unmodified_since": "before"}
    else:
        wrong = scene.draw.chance(50)
        pair = {"if_none_match": "wrong" if wrong else "current", "if_modified_since": "same" if wrong else "before"}
    scene.run({"op": scene.draw.among(("get", "head")), "key": scene.key(100), **pair})


def guarded_delete(scene: Scene) -> None:
    key = scene.key(85)
    tags = ("current", "wrong", "stale", "elsewhere", "*")
    scene.run({"op": "delete", "key": key, "if_match": scene.draw.among(tags)})
    scene.look(key)


def put(scene: Scene) -> None:
    scene.put()


_TAGGED = ("get_if_match", "get_if_none_match")
_DATED = ("get_if_modified_since", "get_if_unmodified_since")

MACHINE = Machine(
    "conditions",
    ("CND",),
    (
        Rule(create, 10, ("put_if_none_match",)),
        Rule(create_again, 6, ("put_if_none_match",)),
        Rule(swap, 12, ("put_if_match",)),
        Rule(swap_after_change, 4, ("put_if_match",)),
        Rule(read_tags, 14, _TAGGED),
        Rule(read_dates, 10, _DATED),
        Rule(read_both, 8, (*_TAGGED, *_DATED)),
        Rule(guarded_delete, 8, ("delete_if_match",)),
        Rule(put, 8),
    ),
    start=(2, 5),
)
