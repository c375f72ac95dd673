"""Which properties a subject can be held to, from what it declares and from where it runs."""

from __future__ import annotations

from .property import Property, Reach
from .result import TargetFacts

__all__ = ["reason_not_applicable"]

_PATH_KEYS = frozenset(["KEY-02", "KEY-03", "KEY-07", "KEY-08", "KEY-09"])
"""Keys that a file system cannot hold: refused, which is KEY-13."""

_SEGMENT_KEYS = frozenset(["KEY-02", "KEY-03"])
"""Keys with segments that are no names: refused, which is KEY-13."""

_OWN_BUCKET = frozenset(["OBJ-21", "KEY-08", "LST-23"])
_MD5_ETAGS = frozenset(["OBJ-12", "MPU-15"])
_ORDERED = frozenset(["LST-02", "LST-03"])


def reason_not_applicable(entry: Property, facts: TargetFacts) -> str:
    """Empty where the property applies."""
    semantics, supports = facts.capabilities.semantics, facts.capabilities.supports
    lacking = sorted(need for need in entry.needs if not getattr(supports, need))
    if lacking:
        return f"declared as not supported: {', '.join(lacking)}"
    if entry.reach is Reach.S3 and not supports.raw:
        return "can only be asked through the S3 wire"
    rules = (
        (entry.id in _PATH_KEYS and semantics.keys == "path", "keys are paths, as declared"),
        (entry.id in _SEGMENT_KEYS and semantics.keys == "segments", "keys are segments, as declared"),
        (entry.id in _MD5_ETAGS and semantics.etag != "content-md5", "ETags are opaque, as declared"),
        (entry.id in _ORDERED and semantics.list_order != "utf8", "listings are unordered, as declared"),
        (entry.id == "LST-07" and semantics.prefix != "string", "prefixes are segments, as declared"),
        (entry.id == "KEY-08" and facts.capabilities.limits.max_key_bytes != 1024, "declares another limit of keys"),
        (entry.id == "MPU-06" and facts.min_part_bytes < 1, "no least size of parts"),
        (entry.id in _OWN_BUCKET and facts.isolation == "prefix", "needs a bucket of its own"),
    )
    return next((reason for applies, reason in rules if applies), "")
