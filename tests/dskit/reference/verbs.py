"""Calls on a scene, by name: what the tests of interleavings let happen at the same time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dskit.types import (
    Access,
    ByteRange,
    CompletedPart,
    Conditions,
    CopyOptions,
    DeleteRequest,
    Grant,
    PutOptions,
    ReadOptions,
    UploadOptions,
)
from tests.dskit.reference.helpers import part, put
from tests.dskit.reference.histories import Scene, look

__all__ = ["VERBS", "Verb"]

NEW, NEWER = b"new" * 10, b"NEW" * 10_000


@dataclass(frozen=True)
class Verb:
    name: str
    call: Callable[[Scene], object]

    def __call__(self, scene: Scene) -> object:
        return self.call(scene)

    def __repr__(self) -> str:
        return self.name


def _put(data: bytes, **conditions: str) -> Callable[[Scene], object]:
    return lambda scene: put(scene.service, "k", data, bucket=scene.bucket, conditions=_conditions(scene, conditions))


def _conditions(scene: Scene, asked: dict[str, str]) -> Conditions:
    return Conditions(**{name: scene.etag if value == "old" else value for name, value in asked.items()})  # type: ignore[arg-type]


def _create(scene: Scene) -> object:
    return put(scene.service, "n", NEWER, bucket=scene.bucket, conditions=Conditions(if_none_match="*"))


def _staged(scene: Scene) -> object:
    """In pieces, through an upload."""
    staging = scene.service.begin_put(scene.bucket, "k", PutOptions())
    staging.write(NEWER)
    return staging.commit()


def _copy(source: str, key: str, **options: object) -> Callable[[Scene], object]:
    return lambda scene: scene.service.copy(scene.bucket, source, scene.bucket, key, CopyOptions(**options))  # type: ignore[arg-type]


def _copy_if_old(scene: Scene) -> object:
    return _copy("k", "j", source_conditions=Conditions(if_match=scene.etag), conditions=Conditions(if_match="*"))(
        scene
    )


def _complete(*numbers: int, **conditions: str) -> Callable[[Scene], object]:
    return lambda scene: scene.service.complete_upload(
        scene.bucket,
        "k",
        scene.upload,
        [CompletedPart(number=number, etag=scene.part_etags[number - 1]) for number in numbers],
        conditions=_conditions(scene, conditions),
    )


def _put_part(scene: Scene) -> object:
    return part(scene.service, "k", scene.upload, 1, NEWER, bucket=scene.bucket)


def _same_part(scene: Scene) -> object:
    """The bytes that are there: its ETag is still that of the list, its blob is another."""
    return part(scene.service, "k", scene.upload, 1, scene.body + b"1", bucket=scene.bucket)


def _copy_part(scene: Scene) -> object:
    return scene.service.copy_part(
        scene.bucket, "k", scene.bucket, "k", scene.upload, 2, byte_range=ByteRange(1, 5), options=CopyOptions()
    )


def _delete(**asked: str) -> Callable[[Scene], object]:
    return lambda scene: scene.service.delete(
        scene.bucket, DeleteRequest(key="k", if_match=scene.etag if asked else None)
    )


def _delete_many(scene: Scene) -> object:
    rows = [DeleteRequest(key="k", if_match=scene.etag), DeleteRequest(key="j"), DeleteRequest(key="none")]
    return scene.service.delete_many(scene.bucket, rows)


def _empty(scene: Scene) -> object:
    """What comes before deleting a bucket."""
    return scene.service.delete_many(scene.bucket, [DeleteRequest(key="k"), DeleteRequest(key="j")])


def _grant(scene: Scene) -> None:
    scene.service.put_access(scene.bucket, "k", Access("me", (Grant("you", "READ"),)), was=None)


def _read(**options: object) -> Callable[[Scene], object]:
    return lambda scene: look(scene.service, scene.bucket, "k", ReadOptions(**options))  # type: ignore[arg-type]


def _read_segments(scene: Scene) -> object:
    """As a front reads that sends files."""
    import os

    reading = scene.service.get(scene.bucket, "k", ReadOptions(range=ByteRange(2, 20_000)))
    try:
        data = b"".join(
            bytes(segment) if isinstance(segment, bytes | memoryview) else os.pread(*_descriptor(segment))
            for segment in reading.segments()
        )
    finally:
        reading.close()
    return reading.meta.etag, len(data), data[:3]


def _descriptor(segment: tuple[int, int, int]) -> tuple[int, int, int]:
    descriptor, offset, length = segment
    return descriptor, length, offset


VERBS = {
    verb.name: verb
    for verb in [
        Verb("put small", _put(NEW)),
        Verb("put large", _put(NEWER)),
        Verb("put in pieces", _staged),
        Verb("put where there is one", _put(NEW, if_none_match="*")),
        Verb("create", _create),
        Verb("put over the old one", _put(NEWER, if_match="old")),
        Verb("get", _read()),
        Verb("get a range", _read(range=ByteRange(3, 9))),
        Verb("get segments", _read_segments),
        Verb("head", lambda scene: scene.service.head(scene.bucket, "k", ReadOptions()).meta),
        Verb("delete", _delete()),
        Verb("delete the old one", _delete(if_match="old")),
        Verb("delete many", _delete_many),
        Verb("copy away", _copy("k", "j")),
        Verb("copy over", _copy("j", "k")),
        Verb("copy over nothing", _copy("j", "k", conditions=Conditions(if_none_match="*"))),
        Verb("copy with a checksum", _copy("k", "j", checksum_algorithm="SHA256")),
        Verb("copy the old one", _copy_if_old),
        Verb("list", lambda scene: scene.service.list_page(scene.bucket)),
        Verb("begin an upload", lambda scene: scene.service.create_upload(scene.bucket, "k", UploadOptions())),
        Verb("replace a part", _put_part),
        Verb("repeat a part", _same_part),
        Verb("copy a part", _copy_part),
        Verb("complete", _complete(1, 2)),
        Verb("complete with one part", _complete(1)),
        Verb("complete a new key", _complete(1, 2, if_none_match="*")),
        Verb("complete over the old one", _complete(2, if_match="old")),
        Verb("abort", lambda scene: scene.service.abort_upload(scene.bucket, "k", scene.upload)),
        Verb("list parts", lambda scene: scene.service.list_parts(scene.bucket, "k", scene.upload)),
        Verb("list uploads", lambda scene: scene.service.list_uploads(scene.bucket)),
        Verb("parts of the object", lambda scene: scene.service.object_parts(scene.bucket, "k")),
        Verb("grant", _grant),
        Verb("configure", lambda scene: scene.service.put_configuration(scene.bucket, "acl", {"a": 1})),
        Verb("empty the bucket", _empty),
        Verb("delete the bucket", lambda scene: scene.service.delete_bucket(scene.bucket)),
        Verb("make the bucket", lambda scene: scene.service.create_bucket(scene.bucket)),
        Verb("look at the bucket", lambda scene: scene.service.head_bucket(scene.bucket)),
    ]
}
