"""The service model as objects, read from the committed `s3_spec.json` (operations) and `s3_shapes.tsv`, whose rows are
decoded and built when first asked for.

The overlay's corrections to shapes are applied here, so that everything compiled from the model sees them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from . import overlay

__all__ = ["Member", "Operation", "Shape", "Spec"]


class Member:
    """A member of a structure, or the item of a list: a shape plus where and under which name it travels.

    `location` is ``""`` (body), ``header``, ``headers`` (a prefix of header names), ``querystring`` or ``uri``.
    `wire_name` is the header, query parameter or element name, that of every item for a flattened list.
    """

    __slots__ = ("attribute", "flattened", "location", "name", "shape", "streaming", "wire_name")

    def __init__(self, spec: Spec, name: str, row: Mapping[str, Any]) -> None:
        self.name = name
        self.shape = spec.shape(row["shape"])
        self.location: str = row.get("location", "")
        self.flattened: bool = row.get("flattened", self.shape.flattened)
        self.streaming: bool = row.get("streaming", False)
        self.attribute: bool = row.get("xmlAttribute", False)
        self.wire_name: str = row.get("locationName", name)


class Shape:
    """A type. `kind` is structure, list, map, string, integer, long, boolean, timestamp or blob."""

    def __init__(self, spec: Spec, name: str, raw: Mapping[str, Any]) -> None:
        self._spec = spec
        self.name = name
        self.raw = raw
        self.kind: str = raw["type"]
        self.flattened: bool = raw.get("flattened", False)
        self.required: frozenset[str] = frozenset(raw.get("required", ()))
        self.payload: str | None = raw.get("payload")
        self.enum: tuple[str, ...] = tuple(raw.get("enum", ()))
        self.timestamp_format: str | None = raw.get("timestampFormat")
        self.event_stream: bool = raw.get("eventstream", False)

    @cached_property
    def members(self) -> dict[str, Member]:
        """Members of a structure in the model's order."""
        return {name: Member(self._spec, name, row) for name, row in self.raw.get("members", {}).items()}

    @cached_property
    def item(self) -> Member:
        """The item of a list; its `wire_name` is the element name inside a list that is not flattened."""
        return Member(self._spec, "member", self.raw["member"])

    @cached_property
    def body_members(self) -> dict[str, Member]:
        return {name: member for name, member in self.members.items() if not member.location}

    def __repr__(self) -> str:
        return f"<Shape {self.name}: {self.kind}>"


class Operation:
    """One operation: how it is recognised, what goes in, what comes out.

    `level` is ``service``, ``bucket``, ``object`` or ``literal`` (a fixed path). `markers` are the query names that
    select it (``uploads``), `selectors` those that select it by value (``list-type=2``). `status` is that of success.
    """

    def __init__(self, spec: Spec, name: str, raw: Mapping[str, Any]) -> None:
        self._spec = spec
        self.name = name
        self.raw = raw
        self.method: str = raw["method"]
        path, _, query = raw["uri"].partition("?")
        self.level = {"/": "service", "/{Bucket}": "bucket", "/{Bucket}/{Key+}": "object"}.get(path, "literal")
        pairs = [pair.partition("=") for pair in query.split("&") if pair]
        self.selectors: dict[str, str] = {key: value for key, _, value in pairs if value}
        self.markers: frozenset[str] = frozenset(key for key, _, value in pairs if not value)
        self.status: int = overlay.STATUS.get(name, raw.get("status", 200))
        self.deprecated: bool = raw.get("deprecated", False)

    @cached_property
    def input(self) -> Shape | None:
        return self._spec.shape(self.raw["input"]) if "input" in self.raw else None

    @cached_property
    def output(self) -> Shape | None:
        return self._spec.shape(self.raw["output"]) if "output" in self.raw else None

    @cached_property
    def payload(self) -> Member | None:
        """The input member that is the whole body, if there is one."""
        shape = self.input
        return shape.members[shape.payload] if shape is not None and shape.payload else None

    @cached_property
    def has_document(self) -> bool:
        """The input, or some of it, travels in the body."""
        return self.payload is not None or bool(self.input is not None and self.input.body_members)

    @property
    def streams_in(self) -> bool:
        """The body is the object's bytes, not a document."""
        return self.payload is not None and self.payload.shape.kind == "blob"

    @property
    def checksum_required(self) -> bool:
        """The request must carry Content-MD5 or a checksum (model trait `httpChecksum`)."""
        if self.name in overlay.UNCHECKED:
            return False
        return bool(self.raw.get("checksum", {}).get("requestChecksumRequired"))

    def required(self, location: str) -> list[Member]:
        """Required input members that travel at `location`."""
        shape = self.input
        if shape is None:
            return []
        return [m for m in shape.members.values() if m.location == location and m.name in shape.required]

    def __repr__(self) -> str:
        return f"<Operation {self.name}>"


class Spec:
    """The whole model: `operations` by name, `shape(name)`. `shapes` are JSON texts by name."""

    def __init__(self, document: Mapping[str, Any], shapes: Mapping[str, str]) -> None:
        self.source: str = document["source"]
        self.namespace: str = document["xmlNamespace"]
        self._rows = shapes
        self._shapes: dict[str, Shape] = {}
        self.operations: dict[str, Operation] = {
            name: Operation(self, name, row) for name, row in (document["operations"] | overlay.OPERATIONS).items()
        }

    @classmethod
    def load(cls) -> Spec:
        """Read the committed model. A millisecond or two."""
        folder = os.path.dirname(__file__)
        with open(os.path.join(folder, "s3_shapes.tsv"), encoding="utf-8") as file:
            shapes = dict([line.split("\t", 1) for line in file])
        with open(os.path.join(folder, "s3_spec.json"), "rb") as file:
            return cls(json.load(file), shapes)

    def shape(self, name: str) -> Shape:
        found = self._shapes.get(name)
        if found is None:
            row = json.loads(self._rows[name]) | overlay.SHAPES.get(name, {})
            found = self._shapes[name] = Shape(self, name, row)
        return found
