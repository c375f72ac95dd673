"""What the model remembers, and the arithmetic of S3's rules: conditions, ranges, parts, attributes. Pure."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from .outcomes import Op

__all__ = [
    "HEADERS",
    "Position",
    "Statuses",
    "Stored",
    "Upload",
    "attributes_of",
    "condition_rules",
    "crc32",
    "digest_faults",
    "grouped",
    "ignored",
    "matches",
    "md5_etag",
    "part_bounds",
    "part_faults",
    "parts_etag",
    "range_rules",
    "read_status",
    "refused",
    "slice_of",
    "utf8",
]

Statuses = tuple[tuple[str, ...], tuple[str, ...]]
"""Allowed statuses, and the properties that predict them, the most specific first."""

DEFAULT_TYPE = "binary/octet-stream"
HEADERS = ("cache_control", "content_disposition", "content_encoding", "content_language", "expires")


@dataclass(slots=True)
class Stored:
    """One object. `etag` is what the store said; `origin` the verb that wrote it; `former` what was there before."""

    body: bytes
    attributes: dict[str, Any]
    origin: str = "put"
    former: str = ""
    etag: str | None = None
    predicted_etag: str | None = None
    """What it is where ETags are MD5."""
    parts: tuple[int, ...] = ()
    checksum: tuple[str, str] | None = None
    """Algorithm and base64 value that the client chose."""


@dataclass(slots=True)
class Upload:
    """`touched` counts the writes of the key before the upload; `replaced` holds ETags of parts sent again; `sliced`
    are the parts copied from a range; `failed` and `repeated` tell of completions."""

    key: str
    attributes: dict[str, Any]
    touched: int = 0
    parts: dict[int, tuple[bytes, str]] = field(default_factory=dict)
    replaced: dict[int, str] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    sliced: set[int] = field(default_factory=set)
    state: str = "open"
    failed: bool = False
    repeated: bool = False

    def etag_of(self, numbers: Iterable[int]) -> str:
        return parts_etag(self.parts[number][0] for number in numbers)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a token goes on: after row `last`. `writes` is the model's count when it was given."""

    last: str
    writes: int
    used: bool = False


def utf8(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


def refused(faults: Iterable[tuple[str, str]], also: tuple[str, ...] = ()) -> Statuses:
    """S3 does not say which of several faults is reported: any of them."""
    pairs = list(faults)
    return (*dict.fromkeys(status for _, status in pairs), *also), (pairs[0][0],)


def matches(reference: str, found: Stored | None) -> bool:
    return found is not None and reference in ("current", "unquoted", "*")


def read_status(op: Op, found: Stored, side: str = "") -> str:
    """Preconditions of a read, or with `side` of a copy's source (RFC 9110 §13.2.2).

    A condition on dates counts only where the ETag condition of its kind is absent; a future date is no condition
    (recorded:test_s3_get_object_preconditions). On a copy's source 304 is 412.
    """
    if (reference := op.get(side + "if_match")) is not None:
        if not matches(reference, found):
            return "PreconditionFailed"
    elif op.get(side + "if_unmodified_since") == "before":
        return "PreconditionFailed"
    unchanged = "PreconditionFailed" if side else "NotModified"
    if (reference := op.get(side + "if_none_match")) is not None:
        return unchanged if matches(reference, found) else "ok"
    return unchanged if op.get(side + "if_modified_since") == "same" else "ok"


def condition_rules(op: Op, side: str = "") -> tuple[str, ...]:
    """Properties that speak about the conditions of a read."""
    names = ("if_match", "if_none_match", "if_modified_since", "if_unmodified_since")
    tags, dates = ([op[side + name] for name in pair if side + name in op] for pair in (names[:2], names[2:]))
    rules = [("CND-08", bool(tags and dates)), ("CND-12", "unquoted" in tags), ("CND-06", tags), ("CND-07", dates)]
    return tuple(name for name, applies in rules if applies)


def slice_of(span: Mapping[str, int], size: int) -> tuple[int, int] | None:
    """Half-open bounds of a range of an object of `size` bytes; None is 416 (recorded:test_get_object_range)."""
    if "suffix" in span:
        return (max(0, size - span["suffix"]), size) if span["suffix"] and size else None
    if ignored(span):
        return 0, size
    if span["first"] >= size:
        return None
    return span["first"], min(span.get("last", size - 1), size - 1) + 1


def ignored(span: Mapping[str, int]) -> bool:
    """A range that is no range at all: S3 answers with the whole object (recorded:test_get_object_range)."""
    return "last" in span and span["last"] < span["first"]


def range_rules(span: Mapping[str, int], size: int) -> tuple[str, ...]:
    if "suffix" in span:
        rule = "RNG-07" if not span["suffix"] else "RNG-05" if span["suffix"] > size else "RNG-04"
    elif ignored(span):
        return ("RNG-08",)
    elif span["first"] >= size:
        rule = "RNG-06"
    else:
        rule = "RNG-03" if "last" not in span else "RNG-02" if span["last"] >= size else "RNG-01"
    return ("RNG-13",) if not size and rule != "RNG-07" else (rule,)


def part_bounds(found: Stored, number: int) -> tuple[int, int] | None:
    """Bytes of a part of a multipart object; any other object is one part (recorded:test_get_object_part)."""
    sizes = found.parts or (len(found.body),)
    if not 1 <= number <= len(sizes):
        return None
    return sum(sizes[: number - 1]), sum(sizes[:number])


def part_faults(op: Op, upload: Upload, least: int) -> Iterator[tuple[str, str]]:
    """What is wrong with the part list of a completion; parts but the last have `least` bytes."""
    numbers = [number for number, _ in op["parts"]]
    if not numbers:  # InvalidRequest is recorded; what counts is that it is refused
        yield from (("MPU-17", status) for status in ("InvalidRequest", "MalformedXML", "InvalidArgument"))
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        yield "MPU-04", "InvalidPartOrder"
    for number, reference in op["parts"]:
        if number not in upload.parts or reference not in ("current", "unquoted"):
            yield "MPU-05", "InvalidPart"
    for number in numbers[:-1]:
        if number in upload.parts and len(upload.parts[number][0]) < least:
            yield "MPU-06", "EntityTooSmall"


def digest_faults(op: Op) -> list[tuple[str, str]]:
    faults = {
        ("content_md5", "wrong"): ("OBJ-18", "BadDigest"),
        ("content_md5", "malformed"): ("OBJ-18", "InvalidDigest"),
        ("checksum", "wrong"): ("OBJ-19", "BadDigest"),
    }
    return [fault for (name, value), fault in faults.items() if op.get(name) == value]


def attributes_of(op: Op) -> dict[str, Any]:
    """What an object keeps of what a write says: names of metadata in lower case, values without outer blanks."""
    metadata = {name.lower(): value.strip(" ") for name, value in (op.get("metadata") or {}).items()}
    headers = {name: op[name] for name in HEADERS if op.get(name)}
    return {"content_type": op.get("content_type") or DEFAULT_TYPE, **headers, "metadata": metadata}


def md5_etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def parts_etag(bodies: Iterable[bytes]) -> str:
    """MD5 of the parts' MD5s and their number, as everybody has found out."""
    digests = [hashlib.md5(body, usedforsecurity=False).digest() for body in bodies]
    return f'"{hashlib.md5(b"".join(digests), usedforsecurity=False).hexdigest()}-{len(digests)}"'


def crc32(body: bytes) -> str:
    return base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()


def grouped(keys: Mapping[str, object], prefix: str, delimiter: str, after: str) -> list[tuple[str, bool]]:
    """Rows of a listing of `keys` in the order of UTF-8: (name, is a group), none at or before `after`."""
    found: dict[str, bool] = {}
    for key in keys:
        if key.startswith(prefix):
            cut = key.find(delimiter, len(prefix)) if delimiter else -1
            name = key[: cut + len(delimiter)] if cut >= 0 else key
            if utf8(name) > utf8(after):
                found[name] = cut >= 0
    return [(name, found[name]) for name in sorted(found, key=utf8)]
