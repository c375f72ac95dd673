"""What an object store is: a pure, executable specification.

`expect(op)` says which statuses S3 allows for an operation in the present state, and which properties say so; `rows`
and the arithmetic in `state` say which rows and bytes. `apply(op, outcome)` goes on to the state that the observed
outcome implies: the model follows a store wherever freedom is allowed. No code of the reference store is in it.

Operations are described in `trace`. References to ETags are symbolic: ``current`` and ``unquoted`` match an object
that exists, ``*`` any, ``stale`` and ``wrong`` none; dates are ``same``, ``before`` or ``future``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dskit.capabilities import Semantics

from .outcomes import Op, Outcome
from .payload import payload
from .state import (
    Position,
    Statuses,
    Stored,
    Upload,
    attributes_of,
    condition_rules,
    crc32,
    digest_faults,
    grouped,
    matches,
    md5_etag,
    part_bounds,
    part_faults,
    parts_etag,
    range_rules,
    read_status,
    refused,
    slice_of,
    utf8,
)

__all__ = ["Model"]

OWN_RULES = {"copy": "CPY-09", "complete": "CND-10"}


@dataclass
class Model:
    """`touched` counts writes and deletes by key; `newest` holds the latest time seen; `positions` where tokens are."""

    semantics: Semantics = field(default_factory=Semantics)
    min_part: int = 5 * 1024**2
    objects: dict[str, Stored] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    touched: dict[str, int] = field(default_factory=dict)
    newest: dict[str, datetime] = field(default_factory=dict)
    former_etags: dict[str, str] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)
    writes: int = 0

    # ---- which statuses ---------------------------------------------------------------------------------------

    def expect(self, op: Op) -> Statuses:
        if any(self.refuses(op[name]) for name in ("key", "source") if name in op):
            return ("InvalidKey",), ("KEY-13",)
        rule = getattr(self, "_" + op["op"], None)
        return rule(op) if rule else (self.holds("ok") if "key" in op else ("ok",), ())

    def refuses(self, key: str) -> bool:
        return self.semantics.dot_segments == "refused" and not {".", ".."}.isdisjoint(key.split("/"))

    def holds(self, *statuses: str) -> tuple[str, ...]:
        """`statuses`, or a refusal of the key where keys are paths or segments, as not every string is one."""
        return (*statuses, "InvalidKey") if self.semantics.keys != "opaque" else statuses

    def _put(self, op: Op) -> Statuses:
        faults = digest_faults(op) + self._write_faults(op, op["key"])
        return refused(faults, self.holds()) if faults else (self.holds("ok"), self._write_rules(op, op["key"]))

    def _write_faults(self, op: Op, key: str) -> list[tuple[str, str]]:
        """Conditions on the object that a write replaces (recorded:test_put_object_if_match and its neighbours)."""
        found, reference, own = self.objects.get(key), op.get("if_match"), OWN_RULES.get(op["op"], "")
        if reference == "*" or op.get("if_none_match", "*") != "*" or (reference and "if_none_match" in op):
            return [("CND-05", "NotImplemented")]  # recorded:test_put_object_if_match_validation
        if op.get("if_none_match") == "*" and found is not None:
            return [(own or "CND-01", "PreconditionFailed")]
        if reference is not None and found is None:
            return [(own or "CND-04", "NoSuchKey")]
        if reference is not None and not matches(reference, found):
            return [(own or "CND-03", "PreconditionFailed")]
        return []

    def _write_rules(self, op: Op, key: str) -> tuple[str, ...]:
        own = OWN_RULES.get(op["op"], "")
        if op.get("if_none_match") == "*":
            return (own,) if own else (("CND-02",) if key in self.gone else ()) + ("CND-01",)
        return (own or "CND-03",) if op.get("if_match") is not None else ()

    def _get(self, op: Op) -> Statuses:
        found = self.objects.get(op["key"])
        if found is None:
            return self.holds("NoSuchKey"), ("OBJ-04",)
        rules, status, size = condition_rules(op), read_status(op, found), len(found.body)
        if status != "ok":
            return (status,), (("RNG-11",) if "range" in op or "part_number" in op else ()) + rules
        if "range" in op:
            status = "ok" if slice_of(op["range"], size) else "InvalidRange"
            return (status,), (*range_rules(op["range"], size), *rules)
        if "part_number" in op:
            return ("ok" if part_bounds(found, op["part_number"]) else "InvalidPartNumber",), ("RNG-14", *rules)
        return ("ok",), rules

    _head = _get
    _partition = _get

    def _exists(self, op: Op) -> Statuses:
        return ("ok",) if op["key"] in self.objects else self.holds("ok"), ()

    def _delete(self, op: Op) -> Statuses:
        found, reference = self.objects.get(op["key"]), op.get("if_match")
        if reference is not None and found is not None:
            return ("ok" if matches(reference, found) else "PreconditionFailed",), ("CND-09",)
        if reference is not None:
            return self.holds("NoSuchKey"), ("CND-09",)
        if found is None:
            return self.holds("NoSuchKey" if self.semantics.delete_missing == "error" else "ok"), ("OBJ-06",)
        return ("ok",), ("OBJ-05",)

    def _copy(self, op: Op) -> Statuses:
        source, faults, own = self.objects.get(op["source"]), self._write_faults(op, op["key"]), condition_rules
        if op["source"] == op["key"] and op.get("replace") is None:
            faults.append(("CPY-03", "InvalidRequest"))
        if source is None:
            return refused([("CPY-05", "NoSuchKey"), *faults], self.holds())
        if read_status(op, source, "source_") != "ok":
            faults.append(("CPY-07", "PreconditionFailed"))
        if faults:
            return refused(faults, self.holds())
        rules = (("CPY-07",) if own(op, "source_") else ()) + (("CPY-04",) if op["source"] == op["key"] else ())
        return self.holds("ok"), (*rules, *self._write_rules(op, op["key"]), "CPY-08")

    def _open(self, op: Op) -> Upload | Statuses:
        """The open upload that an operation names, or the refusal."""
        upload = self.uploads.get(op["upload"])
        if upload is None or op.get("key", upload.key) != upload.key:
            return self.holds("NoSuchUpload"), ("MPU-09",)
        if upload.state == "aborted":
            return ("NoSuchUpload",), ("MPU-08",)
        if upload.state == "completed":
            repeat = ("ok", "NoSuchUpload") if op["op"] in ("complete", "abort") else ("NoSuchUpload",)
            return repeat, ("MPU-16",) if op["op"] == "complete" else ("MPU-09",)
        return upload

    def _upload_part(self, op: Op) -> Statuses:
        upload, faults = self._open(op), digest_faults(op)
        if not 1 <= op["number"] <= 10_000:
            faults.insert(0, ("MPU-10", "InvalidArgument"))
        if isinstance(upload, tuple):
            return (*upload[0], *(status for _, status in faults)), upload[1]
        return refused(faults) if faults else (("ok",), ())

    def _upload_part_copy(self, op: Op) -> Statuses:
        upload, source, span = self._open(op), self.objects.get(op["source"]), op.get("range")
        if isinstance(upload, tuple):
            return (*upload[0], "NoSuchKey", "InvalidArgument"), upload[1]
        if source is None:
            return self.holds("NoSuchKey"), ("CPY-05",)
        if read_status(op, source, "source_") != "ok":
            return ("PreconditionFailed",), ("CPY-07",)
        if span and span[1] >= len(source.body):  # recorded:test_upload_part_copy_range
            return ("InvalidArgument",), ("MPU-18",)
        return ("ok",), ("MPU-18",) if span else ("CPY-08",)

    def _complete(self, op: Op) -> Statuses:
        upload = self._open(op)
        if isinstance(upload, tuple):
            return upload
        faults = [*part_faults(op, upload, self.min_part), *self._write_faults(op, upload.key)]
        conditional = "if_none_match" in op or "if_match" in op
        busy = conditional and self.touched.get(upload.key, 0) != upload.touched
        also = ("ConditionalRequestConflict",) if busy else ()  # recorded:test_multipart_if_none_match_with_delete
        if faults:
            return refused(faults, also)
        numbers = [number for number, _ in op["parts"]]
        rules = self._write_rules(op, upload.key) + (("MPU-19",) if upload.failed else ())
        rules += ("MPU-03",) if numbers != list(range(1, len(numbers) + 1)) else ()
        return self.holds("ok", *also), rules + (("MPU-06",) if len(numbers) > 1 else ())

    def _abort(self, op: Op) -> Statuses:
        return found if isinstance(found := self._open(op), tuple) else (("ok",), ("MPU-08",))

    def _list_parts(self, op: Op) -> Statuses:
        return found if isinstance(found := self._open(op), tuple) else (("ok",), ("MPU-13",))

    # ---- which rows -------------------------------------------------------------------------------------------

    def rows(self, prefix: str = "", delimiter: str = "", after: str = "") -> list[tuple[str, bool]]:
        """Rows of a listing in order: (name, is a group). Groups not greater than `after` are left out."""
        return grouped(self.objects, prefix, delimiter, after)

    def open_uploads(self, prefix: str = "") -> list[tuple[str, str]]:
        """(key, label) by key, then in the order of their creation."""
        found = [(up.key, label) for label, up in self.uploads.items() if up.state == "open"]
        return sorted((row for row in found if row[0].startswith(prefix)), key=lambda row: utf8(row[0]))

    # ---- what follows -----------------------------------------------------------------------------------------

    def apply(self, op: Op, outcome: Outcome) -> None:
        effect = getattr(self, "_did_" + op["op"], None)
        if outcome.ok and effect:
            effect(op, outcome.fields)
        elif op["op"] == "complete" and op["upload"] in self.uploads:
            self.uploads[op["upload"]].failed = True

    def write(self, key: str, new: Stored) -> None:
        old = self.objects.get(key)
        new.former = "over" if old else "again" if key in self.gone else ""
        if old and old.etag and old.body != new.body:
            self.former_etags[key] = old.etag
        else:
            self.former_etags.pop(key, None)
        self.objects[key] = new
        self._touch(key)

    def _touch(self, key: str) -> None:
        self.touched[key] = self.touched.get(key, 0) + 1
        self.writes += 1

    def forget(self, key: str) -> None:
        if self.objects.pop(key, None):
            self.gone.add(key)
        self._touch(key)

    def _did_put(self, op: Op, seen: Mapping[str, Any]) -> None:
        body = payload(op["size"], op["salt"])
        new = Stored(body, attributes_of(op), etag=seen.get("etag"), predicted_etag=md5_etag(body))
        if op.get("checksum") == "right":
            new.checksum = ("CRC32", crc32(body))
        self.write(op["key"], new)

    def _did_fill(self, op: Op, _: Mapping[str, Any]) -> None:
        for number in range(op["count"]):
            self.write(f"{op.get('prefix', '')}{number:05d}", Stored(b"x", attributes_of({})))

    def _did_delete(self, op: Op, _: Mapping[str, Any]) -> None:
        self.forget(op["key"])

    def _did_delete_many(self, op: Op, seen: Mapping[str, Any]) -> None:
        for key in seen["deleted"]:
            self.forget(key)

    def _did_copy(self, op: Op, seen: Mapping[str, Any]) -> None:
        source, given = self.objects[op["source"]], op.get("replace")
        attributes = dict(source.attributes) if given is None else attributes_of(given)
        origin, predicted = "copy" if given is None else "replace", md5_etag(source.body)
        self.write(op["key"], Stored(source.body, attributes, origin, "", seen.get("etag"), predicted))

    def _did_list_page(self, op: Op, seen: Mapping[str, Any]) -> None:
        if "token" in op:
            self.positions[op["token"]] = replace(self.positions[op["token"]], used=True)
        if "as" in op and seen["truncated"] and seen["rows"]:
            self.positions[op["as"]] = Position(seen["rows"][-1][0], self.writes)

    def _did_create_upload(self, op: Op, _: Mapping[str, Any]) -> None:
        self.uploads[op["as"]] = Upload(op["key"], attributes_of(op), self.touched.get(op["key"], 0))

    def _add_part(self, op: Op, body: bytes, seen: Mapping[str, Any]) -> None:
        upload, number = self.uploads[op["upload"]], op["number"]
        if number in upload.parts:
            upload.replaced[number] = upload.parts[number][1]
        upload.parts[number] = (body, seen.get("etag") or "")
        upload.order = [other for other in upload.order if other != number] + [number]

    def _did_upload_part(self, op: Op, seen: Mapping[str, Any]) -> None:
        self._add_part(op, payload(op["size"], op["salt"]), seen)

    def _did_upload_part_copy(self, op: Op, seen: Mapping[str, Any]) -> None:
        source, span = self.objects[op["source"]].body, op.get("range")
        self._add_part(op, source[span[0] : span[1] + 1] if span else source, seen)
        if span:
            self.uploads[op["upload"]].sliced.add(op["number"])

    def _did_complete(self, op: Op, seen: Mapping[str, Any]) -> None:
        upload = self.uploads[op["upload"]]
        if upload.state == "open":
            bodies = [upload.parts[number][0] for number, _ in op["parts"]]
            whole, sizes = b"".join(bodies), tuple(map(len, bodies))
            new = Stored(whole, upload.attributes, "complete", "", seen.get("etag"), parts_etag(bodies), sizes)
            self.write(upload.key, new)
            upload.state = "completed"
        else:
            upload.repeated = True

    def _did_abort(self, op: Op, _: Mapping[str, Any]) -> None:
        if self.uploads[op["upload"]].state == "open":
            self.uploads[op["upload"]].state = "aborted"
