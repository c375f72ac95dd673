"""KEY: the limit of 1,024 bytes, and every family once, through every verb."""

from __future__ import annotations

from collections.abc import Callable

from ..families import FAMILIES
from .directed import Directed, Probe, claim

__all__ = ["CHECKS"]

_LIMIT = 1024
_TOO_LONG = ("KeyTooLongError", "InvalidKey")


def limit(probe: Probe) -> None:
    """1,024 bytes of UTF-8 are a key, one more is none, however many characters they are."""
    for fits in ("k" * _LIMIT, "é" * (_LIMIT // 2), "😀" * (_LIMIT // 4), "a/" * (_LIMIT // 2 - 1) + "bb"):
        probe.put(fits, 3, claim("KEY-08", "status", "ok"))
        probe.run("get", claim("KEY-08", "status", "ok"), key=fits)
    probe.run("list", claim("KEY-08", "status", "ok"))
    for long in ("k" * (_LIMIT + 1), "é" * (_LIMIT // 2) + "x", "😀" * (_LIMIT // 4 + 1)):
        probe.put(long, 3, claim("KEY-08", "status", "KeyTooLongError"))
    probe.run("list")


def refused(probe: Probe) -> None:
    """A key that cannot be held is refused by every verb, and is not another key."""
    probe.put("a")
    for long in ("k" * (_LIMIT + 1), "é" * _LIMIT):
        gone = claim("KEY-13", "status", *_TOO_LONG, "NoSuchKey")
        stored = claim("KEY-13", "status", *_TOO_LONG)
        probe.put(long, 3, stored)
        for verb in ("get", "head"):
            probe.run(verb, gone, key=long)
        probe.run("delete", claim("KEY-13", "status", *_TOO_LONG, "ok", "NoSuchKey"), key=long)
        if probe.supports.copy:
            probe.run("copy", stored, source="a", key=long)
            probe.run("copy", gone, source=long, key="b")
        if probe.supports.multipart:
            probe.run("create_upload", stored, key=long, **{"as": "long"})
    probe.run("list")
    probe.run("get", key="a")


def limit_on_the_wire(probe: Probe) -> None:
    for operation, more in (("PutObject", {"Body": {"$bytes": [1, 1]}}), ("CreateMultipartUpload", {})):
        probe.raw(operation, claim("KEY-08", "status", "KeyTooLongError"), Key="k" * (_LIMIT + 1), **more)
    for operation in ("GetObject", "HeadObject", "DeleteObject"):
        probe.raw(
            operation,
            claim("KEY-13", "status", "KeyTooLongError", "NoSuchKey", "InvalidRequest", "InvalidKey", "HTTP400", "ok"),
            Key="k" * (_LIMIT + 1),
        )
    probe.run("list")


def family(name: str) -> Callable[[Probe], None]:
    """Put them all, see them all, copy, upload and delete each."""

    def check(probe: Probe) -> None:
        keys = probe.families.get(name, ())
        for key in probe.draw.shuffled(keys):
            probe.put(key, 2 + keys.index(key))
        probe.run("list")
        if probe.supports.list_delimiter and probe.supports.list_page:
            probe.run("list", delimiter="/", max_keys=2)
        for key in keys:
            probe.run("get", key=key)
        if probe.supports.copy:
            for key in keys:
                probe.run("copy", source=key, key="copied")
                probe.run("get", key="copied")
        if probe.supports.multipart:
            _upload(probe, keys[-1:] if not probe.many else keys)
        if probe.supports.delete_many:
            probe.run("delete_many", keys=list(keys[::2]))
            probe.run("list")
            for key in keys[1::2]:
                probe.run("head", key=key)
        for key in keys if probe.many else keys[1::2]:
            probe.run("delete", key=key)
            alive = sorted(probe.executor.model.objects)
            if alive:
                probe.run("head", key=probe.draw.among(alive))
        probe.run("list")

    return check


def _upload(probe: Probe, keys: tuple[str, ...]) -> None:
    for key in keys:
        label = probe.upload(key)
        if label in probe.executor.model.uploads:
            probe.run("upload_part", upload=label, number=1, size=4, salt=9)
            probe.run("complete", upload=label, parts=[[1, "current"]])
            probe.run("get", key=key)


CHECKS = (
    Directed("key limit", ("KEY-08",), limit),
    Directed("keys refused", ("KEY-13",), refused),
    Directed("key limit on the wire", ("KEY-08", "KEY-13"), limit_on_the_wire, ("raw",), most=1),
    *(Directed(f"keys: {name}", ("KEY-01", "OBJ-07", "CPY-08", "LST-01"), family(name), most=1) for name in FAMILIES),
)
