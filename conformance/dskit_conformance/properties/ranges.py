"""RNG on the wire: ranges that are not ranges, ranges of HEAD, a range beside a part number."""

from __future__ import annotations

from .directed import Directed, Probe, claim

__all__ = ["CHECKS"]

_IGNORED = ("bytes=5-2", "bytes=1-0", "bytes=9-0")
_MALFORMED = ("items=0-1", "bytes=", "bytes=-", "0-1", "bytes=a-b", "bytes=0-1,3-4", "bytes=-1-", "bytes=0--1", "junk")


def ignored(probe: Probe) -> None:
    probe.run("put", key="a", size=10, salt=3)
    whole = {"$bytes": [10, 3]}
    for rule, spans in (("RNG-08", _IGNORED), ("RNG-09", _MALFORMED)):
        for span in spans:
            probe.raw(
                "GetObject",
                claim(rule, "status", "ok"),
                claim(rule, "Body", whole),
                claim(rule, "ContentRange", None),
                Key={"$key": "a"},
                Range=span,
            )


def head(probe: Probe) -> None:
    probe.run("put", key="a", size=10, salt=3)
    for span, length, said in (
        ("bytes=0-0", 1, "bytes 0-0/10"),
        ("bytes=2-5", 4, "bytes 2-5/10"),
        ("bytes=3-", 7, "bytes 3-9/10"),
        ("bytes=-4", 4, "bytes 6-9/10"),
        ("bytes=8-99", 2, "bytes 8-9/10"),
    ):
        for operation in ("GetObject", "HeadObject"):
            probe.raw(
                operation,
                claim("RNG-12", "status", "ok"),
                claim("RNG-12", "ContentLength", length),
                claim("RNG-12", "ContentRange", said),
                claim("RNG-12", "ResponseMetadata.HTTPStatusCode", 206),
                Key={"$key": "a"},
                Range=span,
            )
    probe.raw("HeadObject", claim("RNG-12", "status", "InvalidRange"), Key={"$key": "a"}, Range="bytes=10-")


def part_and_range(probe: Probe) -> None:
    probe.run("put", key="a", size=10, salt=3)
    for operation in ("GetObject", "HeadObject"):
        probe.raw(
            operation,
            claim("RNG-14", "status", "InvalidRequest", "InvalidArgument", "HTTP400"),
            Key={"$key": "a"},
            Range="bytes=0-1",
            PartNumber=1,
        )
    probe.run("get", key="a", part_number=1)
    probe.run("get", key="a", part_number=2)


CHECKS = (
    Directed("ranges that are ignored", ("RNG-08", "RNG-09"), ignored, ("raw",), most=3),
    Directed("ranges of head", ("RNG-12",), head, ("raw",), most=3),
    Directed("range beside a part number", ("RNG-14",), part_and_range, ("raw",), most=2),
)
