"""Multipart uploads: whole ones as macros, with part order, re-uploads and subsets drawn, beside the single steps."""

from __future__ import annotations

from typing import Any

from ..outcomes import Op
from .base import Machine, Rule, Scene

__all__ = ["MACHINE"]

_NUMBERS = (1, 2, 3, 4, 5, 7, 9, 10, 100, 10_000)


def _create(scene: Scene, key: str | None = None) -> str | None:
    label = scene.label("u")
    op: Op = {"op": "create_upload", "key": key or scene.key(50), "as": label, **scene.attributes()}
    return label if scene.run(op).ok else None


def _part(scene: Scene, label: str, number: int, size: int) -> None:
    scene.run({"op": "upload_part", "upload": label, "number": number, "size": size, "salt": scene.draw.salt()})


def _listed(scene: Scene, label: str) -> list[list[Any]]:
    return [[number, "current"] for number in sorted(scene.executor.model.uploads[label].parts)]


def whole(scene: Scene) -> None:
    """Create, parts in a drawn order, perhaps one again, perhaps not all listed, complete, read."""
    label = _create(scene)
    if label is None:
        return
    many = scene.small_parts or (scene.large_parts < 4 and scene.draw.chance(40))
    wanted = scene.draw.shuffled(_NUMBERS)[: scene.draw.integer(1, 4 if scene.small_parts else 2) if many else 1]
    for number in wanted:
        _part(scene, label, number, scene.part_size() if number != max(wanted) else scene.draw.size())
    if scene.draw.chance(40):
        number = scene.draw.among(wanted)
        _part(scene, label, number, scene.part_size() if number != max(wanted) else scene.draw.size())
    parts = _listed(scene, label)
    if len(parts) > 1 and scene.draw.chance(25):
        parts.pop(scene.draw.integer(0, len(parts) - 2))
    if scene.draw.chance(30):
        scene.look(scene.executor.model.uploads[label].key)
    if scene.draw.chance(25):
        _wrong_complete(scene, label, parts)
    scene.run({"op": "complete", "upload": label, "parts": parts})
    key = scene.executor.model.uploads[label].key
    scene.run({"op": "get", "key": key})
    if scene.supports.get_part_number and scene.draw.chance(60):
        scene.run({"op": "get", "key": key, "part_number": scene.draw.integer(1, len(parts) + 1)})


def _wrong_complete(scene: Scene, label: str, parts: list[list[Any]]) -> None:
    """A part list that must be refused; the upload goes on."""
    faults: list[list[list[Any]]] = [
        [],
        [*parts, [9999, "wrong"]],
        [*parts, parts[-1]],
        [[parts[0][0], scene.draw.among(("wrong", "stale"))], *parts[1:]],
    ]
    if len(parts) > 1:
        faults += [parts[::-1], parts[::-1]]
    scene.run({"op": "complete", "upload": label, "parts": scene.draw.among(faults)})


def too_small(scene: Scene) -> None:
    if scene.executor.model.min_part > 1 and (label := _create(scene)):
        _part(scene, label, 1, min(64, scene.executor.model.min_part - 1))
        _part(scene, label, 2, 1)
        scene.run({"op": "complete", "upload": label, "parts": [[1, "current"], [2, "current"]]})
        scene.run({"op": "abort", "upload": label})


def begin(scene: Scene) -> None:
    if len(scene.open_uploads()) < 4 and (label := _create(scene)):
        _part(scene, label, scene.draw.among(_NUMBERS), scene.draw.size())
        scene.look(scene.executor.model.uploads[label].key)


def part(scene: Scene) -> None:
    if uploads := scene.open_uploads():
        _part(scene, scene.draw.among(uploads), scene.draw.among((*_NUMBERS, 1, 1)), scene.draw.size())


def damaged_part(scene: Scene) -> None:
    """A part that is there already, again and with a wrong digest: refused, and the former stays."""
    uploads = [label for label in scene.open_uploads() if scene.executor.model.uploads[label].parts]
    if not uploads:
        return
    label = scene.draw.among(uploads)
    number = scene.draw.among(sorted(scene.executor.model.uploads[label].parts))
    op: Op = {"op": "upload_part", "upload": label, "number": number, "size": 3, "salt": scene.draw.salt()}
    scene.run(op | {"content_md5": "wrong"})
    scene.run({"op": "complete", "upload": label, "parts": [[number, "current"]]})
    scene.run({"op": "get", "key": scene.executor.model.uploads[label].key})


def copy_part(scene: Scene) -> None:
    uploads, alive = scene.open_uploads(), scene.live
    if not uploads:
        label = _create(scene)
        uploads = [label] if label else []
    if not uploads or not alive:
        return
    label, source = scene.draw.among(uploads), scene.draw.among(alive)
    size = len(scene.executor.model.objects[source].body)
    op: Op = {"op": "upload_part_copy", "upload": label, "number": scene.draw.among(_NUMBERS), "source": source}
    if size and scene.draw.chance(75):
        first = scene.draw.integer(0, size - 1)
        op["range"] = [first, scene.draw.among((first, size - 1, size, size + 5))]
        op["range"][1] = max(op["range"][1], first)
    scene.run(op)
    upload = scene.executor.model.uploads[label]
    if op["number"] in upload.parts and scene.draw.chance(60):
        scene.run({"op": "complete", "upload": label, "parts": [[op["number"], "current"]]})
        scene.run({"op": "get", "key": upload.key})


def abort(scene: Scene) -> None:
    if uploads := scene.open_uploads():
        label = scene.draw.among(uploads)
        key = scene.executor.model.uploads[label].key
        scene.run({"op": "abort", "upload": label})
        scene.look(key)
        after_end(scene, label)


def after_end(scene: Scene, label: str | None = None) -> None:
    """Any verb on an upload that is over."""
    over = [name for name, upload in scene.executor.model.uploads.items() if upload.state in ("aborted", "completed")]
    if label is None and not over:
        return
    name = label or scene.draw.among(over)
    ops: list[Op] = [
        {"op": "upload_part", "upload": name, "number": 1, "size": 3, "salt": 1},
        {"op": "abort", "upload": name},
        {"op": "complete", "upload": name, "parts": _listed(scene, name) or [[1, "wrong"]]},
    ]
    if scene.supports.list_parts:
        ops.append({"op": "list_parts", "upload": name})
    scene.run(scene.draw.among(ops))
    scene.look(scene.executor.model.uploads[name].key)


def foreign(scene: Scene) -> None:
    """An id that nobody gave, or that belongs to another key."""
    uploads = scene.open_uploads()
    op: Op = {"upload": "unknown", "key": scene.any_key()}
    if uploads and scene.draw.chance(60):
        label = scene.draw.among(uploads)
        others = [key for key in scene.keys if key != scene.executor.model.uploads[label].key]
        op = {"upload": label, "key": scene.draw.among(others or ["other"])}
    verbs: list[Op] = [
        {"op": "upload_part", "number": 1, "size": 3, "salt": 1},
        {"op": "abort"},
        {"op": "complete", "parts": [[1, "current"]]},
    ]
    if scene.supports.list_parts:
        verbs.append({"op": "list_parts"})
    scene.run({**scene.draw.among(verbs), **op})
    if scene.draw.chance(50):
        scene.look(op["key"])


def bad_number(scene: Scene) -> None:
    if uploads := scene.open_uploads():
        number = scene.draw.among((0, 10_001, -1))
        _part(scene, scene.draw.among(uploads), number, 3)


def list_parts(scene: Scene) -> None:
    if uploads := scene.open_uploads():
        label = scene.draw.among(uploads)
        scene.run({"op": "list_parts", "upload": label, "max_parts": scene.draw.among((1, 2, 1000))})


def list_uploads(scene: Scene) -> None:
    op: Op = {"op": "list_uploads"}
    if scene.draw.chance(50):
        op["prefix"] = scene.prefix()
    if scene.supports.list_uploads_delimiter and scene.draw.chance(30):
        op["delimiter"] = "/"
    else:
        op["max_uploads"] = scene.draw.among((1, 2, 1000))
    scene.run(op)


def two_of_one_key(scene: Scene) -> None:
    """Two uploads of one key at the same time: each has its own parts, the last to complete wins."""
    key = scene.any_key()
    first, second = _create(scene, key), _create(scene, key)
    if first and second:
        for label in (first, second):
            _part(scene, label, 1, scene.draw.size())
        for label in scene.draw.shuffled((first, second)):
            scene.run({"op": "complete", "upload": label, "parts": [[1, "current"]]})
            scene.run({"op": "get", "key": key})


def guarded_complete(scene: Scene) -> None:
    label = _create(scene)
    if label is None:
        return
    _part(scene, label, 1, scene.draw.size())
    key = scene.executor.model.uploads[label].key
    if scene.draw.chance(30):
        scene.put(key)
    guard = {"if_none_match": "*"}
    if scene.supports.multipart_if_match and scene.draw.chance(30):
        guard = {"if_match": scene.draw.among(("current", "wrong"))}
    done = scene.run({"op": "complete", "upload": label, "parts": [[1, "current"]], **guard})
    scene.look(key)
    if not done.ok and scene.draw.chance(70):
        scene.run({"op": "complete", "upload": label, "parts": [[1, "current"]]})
        scene.run({"op": "get", "key": key})


def put(scene: Scene) -> None:
    scene.put()


MACHINE = Machine(
    "multipart",
    ("MPU", "CND", "RNG", "LST"),
    (
        Rule(whole, 24, ("multipart",)),
        Rule(begin, 8, ("multipart",)),
        Rule(part, 8, ("multipart",)),
        Rule(damaged_part, 4, ("multipart", "put_content_md5")),
        Rule(too_small, 2, ("multipart",)),
        Rule(copy_part, 10, ("multipart", "multipart_copy")),
        Rule(abort, 6, ("multipart",)),
        Rule(after_end, 5, ("multipart",)),
        Rule(foreign, 6, ("multipart",)),
        Rule(bad_number, 4, ("multipart",)),
        Rule(list_parts, 6, ("multipart", "list_parts")),
        Rule(list_uploads, 8, ("multipart", "list_uploads")),
        Rule(two_of_one_key, 5, ("multipart",)),
        Rule(guarded_complete, 6, ("multipart", "multipart_if_none_match")),
        Rule(put, 4),
    ),
    needs=("multipart",),
    start=(1, 4),
)
