"""Whole objects: put, get, head, delete, overwrite, and what a failed write leaves."""

from __future__ import annotations

from .base import Machine, Rule, Scene

__all__ = ["MACHINE"]


def put_and_look(scene: Scene) -> None:
    key = scene.key(40)
    scene.put(key)
    scene.look(key)


def overwrite(scene: Scene) -> None:
    key = scene.key(100)
    scene.put(key)
    scene.run({"op": "get", "key": key})


def look(scene: Scene) -> None:
    scene.look(scene.key())


def missing(scene: Scene) -> None:
    """A key that is not there: mostly a prefix or an extension of one that is."""
    key = scene.key()
    other = scene.draw.among([scene.any_key(), key[:-1] or key, key + "/", key + "x", scene.any_key()])
    scene.look(other if len(other.encode()) <= max(len(name.encode()) for name in (*scene.keys, "k" * 64)) else key)


def delete_and_look(scene: Scene) -> None:
    key = scene.key(70)
    scene.run({"op": "delete", "key": key})
    scene.look(key)
    if scene.live:
        scene.look(scene.draw.among(scene.live))


def recreate(scene: Scene) -> None:
    key = scene.key(90)
    scene.run({"op": "delete", "key": key})
    scene.put(key)
    scene.run({"op": "get", "key": key})


def wrong_md5(scene: Scene) -> None:
    key = scene.key()
    scene.put(key, content_md5=scene.draw.among(("wrong", "malformed", "right")))
    scene.look(key)


def checksum(scene: Scene) -> None:
    key = scene.key()
    scene.put(key, checksum=scene.draw.among(("wrong", "right", "right")))
    scene.run({"op": "get", "key": key, "checksum_mode": True})


def exists(scene: Scene) -> None:
    scene.run({"op": "exists", "key": scene.key(50)})


def list_everything(scene: Scene) -> None:
    scene.run({"op": "list"})


MACHINE = Machine(
    "objects",
    ("OBJ", "KEY", "ROB"),
    (
        Rule(put_and_look, 20),
        Rule(overwrite, 12),
        Rule(look, 8),
        Rule(missing, 8),
        Rule(delete_and_look, 12),
        Rule(recreate, 5),
        Rule(wrong_md5, 6, ("put_content_md5",)),
        Rule(checksum, 6, ("put_checksum",)),
        Rule(exists, 3),
        Rule(list_everything, 5, ("list",)),
    ),
)
