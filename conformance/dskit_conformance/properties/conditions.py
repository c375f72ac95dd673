"""CND: the conditional writes that S3 does not have are refused, not ignored."""

from __future__ import annotations

from typing import Any

from .directed import Directed, Probe, claim

__all__ = ["CHECKS"]

_FORMS: tuple[dict[str, str], ...] = (
    {"if_none_match": "current"},
    {"if_none_match": "wrong"},
    {"if_match": "*"},
    {"if_match": "current", "if_none_match": "*"},
)


def not_in_s3(probe: Probe) -> None:
    probe.put("a")
    for form in _FORMS:
        for key in ("a", "b"):
            probe.put(key, 6, **form)
            probe.run("get", key=key)


def not_in_s3_on_the_wire(probe: Probe) -> None:
    probe.put("a")
    tag = '"00000000000000000000000000000000"'
    forms: tuple[dict[str, Any], ...] = ({"IfNoneMatch": tag}, {"IfMatch": "*"}, {"IfMatch": tag, "IfNoneMatch": "*"})
    for form in forms:
        probe.raw(
            "PutObject",
            claim("CND-05", "status", "NotImplemented"),
            Key={"$key": "a"},
            Body={"$bytes": [6, 1]},
            **form,
        )
        probe.run("get", key="a")


def same_etag_twice(probe: Probe) -> None:
    """Of two swaps with one ETag the second fails."""
    probe.put("a", 5)
    probe.run("put", key="a", size=6, salt=1, if_match="current")
    probe.run("put", key="a", size=7, salt=2, if_match="stale")
    probe.run("get", key="a")


def swap_of_nothing(probe: Probe) -> None:
    """An ETag can only be that of an object that is there."""
    probe.put("a")
    for reference in ("wrong", "elsewhere"):
        probe.put("b", 4, if_match=reference)
        probe.run("get", key="b")
    probe.run("delete", key="a")
    probe.put("a", 4, if_match="stale")
    probe.run("get", key="a")


_BOTH = ("put_if_none_match", "put_if_match")

CHECKS = (
    Directed("conditions that S3 lacks", ("CND-05",), not_in_s3, _BOTH, most=3),
    Directed("conditions that S3 lacks, on the wire", ("CND-05",), not_in_s3_on_the_wire, ("raw", *_BOTH), most=2),
    Directed("swap of nothing", ("CND-04",), swap_of_nothing, ("put_if_match",), most=5),
    Directed("one ETag twice", ("CND-03",), same_etag_twice, ("put_if_match",), most=2),
)
