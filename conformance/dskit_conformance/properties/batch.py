"""DEL: quiet batches and large ones on the wire, and a row that cannot be done."""

from __future__ import annotations

from .directed import Directed, Probe, claim

__all__ = ["CHECKS"]

_LONG = "k" * 1025


def quiet(probe: Probe) -> None:
    for key in ("a", "b"):
        probe.put(key)
    rows = [{"Key": {"$key": key}} for key in ("a", "missing")]
    probe.raw(
        "DeleteObjects",
        claim("DEL-02", "status", "ok"),
        claim("DEL-02", "Deleted", None, []),
        claim("DEL-02", "Errors", None, []),
        Delete={"Objects": rows, "Quiet": True},
    )
    for key, left in (("a", "NoSuchKey"), ("b", "ok")):
        probe.run("head", claim("DEL-02", "status", left), key=key)


def too_many(probe: Probe) -> None:
    probe.put("k00000")
    rows = [{"Key": {"$key": f"k{number:05d}"}} for number in range(1001)]
    probe.raw("DeleteObjects", claim("DEL-03", "status", "MalformedXML"), Delete={"Objects": rows})
    probe.run("get", claim("DEL-03", "status", "ok"), key="k00000")
    probe.raw("DeleteObjects", claim("DEL-03", "status", "ok"), Delete={"Objects": rows[:1000]})
    probe.run("head", claim("DEL-03", "status", "NoSuchKey"), key="k00000")


def one_bad_row(probe: Probe) -> None:
    for key in ("a", "b", "c"):
        probe.put(key)
    probe.run(
        "delete_many",
        claim("DEL-04", "status", "ok"),
        claim("DEL-04", "deleted", ["a", "c", "missing"]),
        keys=["a", _LONG, "missing", "c"],
    )
    for key, left in (("a", "NoSuchKey"), ("c", "NoSuchKey"), ("b", "ok")):
        probe.run("head", claim("DEL-04", "status", left), key=key)


CHECKS = (
    Directed("quiet batch", ("DEL-02",), quiet, ("raw", "delete_many"), most=3),
    Directed("batch of 1,001", ("DEL-03",), too_many, ("raw", "delete_many"), most=3),
    Directed("batch with a bad row", ("DEL-04",), one_bad_row, ("delete_many",), most=5),
)
