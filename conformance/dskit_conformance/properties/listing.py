"""LST: the limit of 1,000 rows, tokens that nobody gave, and the first version of the listing."""

from __future__ import annotations

from .directed import Directed, Probe, claim

__all__ = ["CHECKS"]

_TOKENS = ("garbage", "AAAA", "a", "=", "e30=", "1", "null", "%00", "MA==", "x" * 300)


def limit(probe: Probe) -> None:
    """1,001 keys: no page holds more than 1,000, whatever is asked for."""
    probe.run("fill", prefix="k", count=1001)
    for size in (1000, 1001, 5000, None):
        probe.run("list", **({} if size is None else {"max_keys": size}))
    for prefix in ("k", "k0", "k00", "k01"):
        probe.run("list", prefix=prefix, max_keys=2000)
    if probe.supports.list_start_after:
        probe.run("list", start_after="k00000", max_keys=5000)
    probe.run("list_all")
    for _ in range(16 if probe.many else 0):
        probe.run("list", prefix="k", max_keys=probe.draw.integer(1000, 9000))


def literal_prefix(probe: Probe) -> None:
    """What other languages take for a wildcard is a character."""
    for key in ("a_b/1", "axb/1", "a_b/2"):
        probe.put(key)
    for prefix in ("a_", "a_b", "a_b/", "a%"):
        probe.run("list", prefix=prefix)


def limit_on_the_wire(probe: Probe) -> None:
    probe.put("a")
    for operation in ("ListObjectsV2", "ListObjects"):
        probe.raw(operation, claim("LST-18", "status", "InvalidArgument"), MaxKeys=-1)
    probe.raw("ListObjectsV2", claim("LST-18", "status", "ok"), claim("LST-18", "MaxKeys", 1000), MaxKeys=5000)
    probe.raw("ListObjectsV2", claim("LST-18", "status", "ok"), claim("LST-18", "MaxKeys", 1000))
    probe.raw("ListObjectsV2", claim("LST-04", "KeyCount", 1), MaxKeys=3)


def foreign_token(probe: Probe) -> None:
    """Not given by this store; some are refused for their form, none is taken for a position."""
    for key in ("a", "b", "c"):
        probe.put(key)
    for token in ("", *_TOKENS):
        probe.run("list_page", claim("LST-22", "status", "InvalidArgument"), token_text=token)
    probe.run("list")


def foreign_token_on_the_wire(probe: Probe) -> None:
    probe.put("a")
    for token in ("", "garbage"):
        probe.raw("ListObjectsV2", claim("LST-22", "status", "InvalidArgument"), ContinuationToken=token)


def replayed_token(probe: Probe) -> None:
    """A token keeps its meaning: used again, with another start-after, after its key is gone."""
    for key in ("a", "b", "c", "d", "e"):
        probe.put(key)
    probe.run("list_page", max_keys=2, **{"as": "t1"})
    probe.run("list_page", max_keys=2, token="t1")
    probe.run("list_page", max_keys=2, token="t1")
    if probe.supports.list_start_after:
        for after in ("a", "d", "z"):
            probe.run("list_page", max_keys=2, token="t1", start_after=after)
    probe.run("delete", key="b")
    probe.run("list_page", max_keys=2, token="t1")
    probe.put("bb")
    probe.run("list_page", max_keys=2, token="t1")


def first_version(probe: Probe) -> None:
    for key in ("a", "b/1", "b/2", "c"):
        probe.put(key)
    every = [{"Key": key} for key in ("a", "b/1", "b/2", "c")]
    marked = (
        ({"MaxKeys": 1}, None, True),
        ({"MaxKeys": 1, "Delimiter": "/"}, "a", True),
        ({"MaxKeys": 2, "Delimiter": "/"}, "b/", True),
        ({"Delimiter": "/"}, None, False),
        ({"MaxKeys": 1, "Marker": "a", "Delimiter": "/"}, "b/", True),
        ({"MaxKeys": 1, "Marker": "b/", "Delimiter": "/"}, None, False),
        ({"MaxKeys": 2, "Marker": "a"}, None, True),
    )
    for params, marker, truncated in marked:
        probe.raw(
            "ListObjects",
            claim("LST-23", "status", "ok"),
            claim("LST-23", "NextMarker", marker),
            claim("LST-23", "IsTruncated", truncated),
            **params,
        )
    for marker, left in (("a", 3), ("b/1", 2), ("b/15", 2), ("c", 0), ("", 4)):
        expected = [row["Key"] for row in every[len(every) - left :]]
        probe.raw("ListObjects", claim("LST-23", "status", "ok"), claim("LST-23", "$keys", expected), Marker=marker)


def emptied_group(probe: Probe) -> None:
    """A group is listed while a key of it is there, and no longer."""
    for key in ("a/1", "b/1"):
        probe.run("put", key=key, size=1, salt=1)
    probe.run("list", delimiter="/")
    probe.run("delete", key="a/1")
    probe.run("list", delimiter="/")


CHECKS = (
    Directed("emptied group", ("LST-08",), emptied_group, ("list",), most=1),
    Directed("literal prefix", ("LST-07",), literal_prefix, ("list",), most=2),
    Directed("listing limit", ("LST-18",), limit, ("list_page",), most=1),
    Directed("listing limit on the wire", ("LST-18",), limit_on_the_wire, ("raw",), most=1, own_bucket=True),
    Directed("foreign token", ("LST-22",), foreign_token, ("list_page",), most=3),
    Directed("foreign token on the wire", ("LST-22",), foreign_token_on_the_wire, ("raw",), most=1),
    Directed("replayed token", ("LST-14", "LST-15", "LST-16"), replayed_token, ("list_page",), most=10),
    Directed("first version of the listing", ("LST-23",), first_version, ("raw",), most=3, own_bucket=True),
)
