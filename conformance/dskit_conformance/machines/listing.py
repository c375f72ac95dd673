"""Listings: prefixes that are cuts of keys, small pages, delimiters, walks while the bucket changes."""

from __future__ import annotations

from ..outcomes import Op
from .base import Machine, Rule, Scene

__all__ = ["MACHINE"]


def _query(scene: Scene) -> Op:
    op: Op = {"op": "list"}
    if prefix := scene.prefix():
        op["prefix"] = prefix
    if delimiter := scene.delimiter():
        op["delimiter"] = delimiter
    return op


def _after(scene: Scene) -> str:
    key = scene.key(80)
    return scene.draw.among([key, key[: scene.draw.integer(1, len(key))], key + "a", scene.any_key()])


def walk(scene: Scene) -> None:
    op = _query(scene)
    if scene.supports.list_page:
        op["max_keys"] = scene.draw.among((1, 1, 2, 2, 3, 1000))
    if scene.supports.list_start_after and scene.draw.chance(35):
        op["start_after"] = _after(scene)
    scene.run(op)


def whole(scene: Scene) -> None:
    scene.run({**_query(scene), "op": "list_all"})


def no_rows(scene: Scene) -> None:
    scene.run({"op": "list", "max_keys": 0})


def no_match(scene: Scene) -> None:
    scene.run({"op": "list", "prefix": scene.any_key() + "zz"})


def pages(scene: Scene) -> None:
    """A walk by hand, with changes between the pages, and a token used twice."""
    query = {**_query(scene), "op": "list_page", "max_keys": scene.draw.among((1, 1, 2))}
    token = ""
    for _ in range(4):
        label = scene.label("t")
        op = query | {"as": label} | ({"token": token} if token else {})
        if token and scene.supports.list_start_after and scene.draw.chance(20):
            op["start_after"] = _after(scene)
        scene.run(op)
        if label not in scene.executor.model.positions:
            break
        if scene.draw.chance(50):
            _change(scene, scene.executor.model.positions[label].last)
        if token and scene.draw.chance(30):
            scene.run(query | {"token": token})
        token = label


def _change(scene: Scene, last: str) -> None:
    if scene.draw.chance(60):
        key = last if last in scene.executor.model.objects and scene.draw.chance(60) else scene.key()
        scene.run({"op": "delete", "key": key})
    else:
        scene.put()


def put(scene: Scene) -> None:
    scene.put(scene.any_key() if scene.draw.chance(70) else None)


def delete(scene: Scene) -> None:
    scene.run({"op": "delete", "key": scene.key(90)})


def waiting_upload(scene: Scene) -> None:
    if len(scene.open_uploads()) < 2:
        label = scene.label("u")
        if scene.run({"op": "create_upload", "key": scene.any_key(), "as": label}).ok:
            scene.run({"op": "upload_part", "upload": label, "number": 1, "size": 3, "salt": 1})
            scene.run({"op": "list"})


def look(scene: Scene) -> None:
    scene.look(scene.key())


MACHINE = Machine(
    "listing",
    ("LST",),
    (
        Rule(walk, 40, ("list",)),
        Rule(whole, 6, ("list",)),
        Rule(no_rows, 2, ("list_page",)),
        Rule(no_match, 2, ("list",)),
        Rule(pages, 14, ("list_page",)),
        Rule(put, 12),
        Rule(delete, 8),
        Rule(look, 3),
        Rule(waiting_upload, 3, ("multipart", "list_page")),
    ),
    needs=("list",),
    start=(3, 8),
)
