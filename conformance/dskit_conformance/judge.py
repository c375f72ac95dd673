"""Which property is accountable for what: from the model's prediction to claims about the answer of a store.

A claim is made only where it could fail, so that the ledger counts no vacuous checks. The judge also remembers what
is *owed*: after a delete, say, the next look at a neighbour is a check of OBJ-07 as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .calls import SERVER_FAULTS
from .keytraits import coexist, traits
from .listing_claims import listing_claims, page_claims, upload_claims
from .model import Model
from .outcomes import Claim, Expectation, Op, Outcome
from .payload import payload
from .state import Stored, condition_rules, ignored, md5_etag, part_bounds, range_rules, slice_of

__all__ = ["WRITES", "Judge"]

WRITES = frozenset(["put", "delete", "delete_many", "copy", "complete", "upload_part", "upload_part_copy", "abort"])

_DEFAULT_RULE = {
    "put": "OBJ-01",
    "get": "OBJ-01",
    "head": "OBJ-02",
    "partition": "RNG-10",
    "exists": "OBJ-02",
    "delete": "OBJ-05",
    "delete_many": "DEL-01",
    "copy": "CPY-01",
    "list": "LST-01",
    "list_page": "LST-01",
    "list_all": "LST-01",
    "create_upload": "MPU-07",
    "upload_part": "MPU-02",
    "upload_part_copy": "MPU-18",
    "complete": "MPU-01",
    "abort": "MPU-08",
    "list_parts": "MPU-13",
    "list_uploads": "MPU-14",
}


@dataclass
class Judge:
    """`owed` and `story` hold property ids by key: what the next look checks, and what shaped the object."""

    model: Model
    owed: dict[str, dict[str, None]] = field(default_factory=dict)
    story: dict[str, tuple[str, ...]] = field(default_factory=dict)
    linked: dict[str, str] = field(default_factory=dict)
    times: dict[str, datetime] = field(default_factory=dict)
    listing_is_new: bool = True

    # ---- before -----------------------------------------------------------------------------------------------

    def expectation(self, op: Op) -> Expectation:
        allowed, rules = self.model.expect(op)
        name = op["op"]
        found = Expectation(allowed, (*rules, *self._key_rules(op), _DEFAULT_RULE.get(name, "ROB-02")))
        if "ok" in allowed:
            make = getattr(self, "_claims_" + name, None)
            found.claims = make(op) if make else []
        if name == "raw" or any(where == "status" for _, where, *_ in op.get("claims", ())):
            found.allowed, found.rules, found.claims = (), (), []
        return found

    def explicit(self, op: Op) -> list[Claim]:
        """Claims that a directed check wrote into the operation: [property, field, allowed…].

        Where one is about the status they take the place of the model's.
        """
        return [
            Claim(name, where, tuple(_literal(value) for value in allowed))
            for name, where, *allowed in op.get("claims", ())
        ]

    def alive(self) -> Claim:
        return Claim("ROB-01", "status", test=lambda status: status not in SERVER_FAULTS, text="no server fault")

    def _key_rules(self, op: Op) -> tuple[str, ...]:
        """What the key itself and the recent past put to the test."""
        if op["op"] not in ("get", "head", "exists", "put", "delete", "copy", "create_upload"):
            return ()
        key, own = op["key"], traits(op["key"])
        if op["op"] in ("get", "head", "exists"):
            own = (*self.owed.get(key, ()), *own)
            own += ("OBJ-08",) if (found := self.model.objects.get(key)) and not found.body else ()
        elif op["op"] == "copy":
            own = (*traits(op["source"]), *own)
        own += ("KEY-13",) if own and self.model.semantics.keys != "opaque" else ()
        return own + (("KEY-07",) if coexist(key, self.model.objects) else ())

    def _claims_put(self, op: Op) -> list[Claim]:
        body = payload(op["size"], op["salt"])
        return self._etag_claims(op["key"], body, md5_etag(body), "OBJ-12")

    def _etag_claims(self, key: str, body: bytes, predicted: str, rule: str) -> list[Claim]:
        """About the ETag in the answer to a write."""
        claims = [Claim("OBJ-10", "etag", test=bool, text="an ETag")]
        if self.model.semantics.etag == "content-md5":
            claims.append(Claim(rule, "etag", (predicted,)))
        old = self.model.objects.get(key)
        if old and old.etag and old.body != body:
            claims.append(Claim("OBJ-11", "etag", test=lambda etag: etag != old.etag, text=f"not {old.etag}"))
        return claims

    def _claims_get(self, op: Op) -> list[Claim]:
        found = self.model.objects[op["key"]]
        size, rules = len(found.body), condition_rules(op)
        start, stop = 0, size
        if "range" in op:
            start, stop = slice_of(op["range"], size) or (0, 0)
            rules = (*range_rules(op["range"], size), *rules)
        elif "part_number" in op:
            start, stop = part_bounds(found, op["part_number"]) or (0, 0)
            rules = ("RNG-14", *rules)
        body = (found.body[start:stop],)
        claims = [Claim(rule, "body", body) for rule in (*rules, *self._body_rules(op["key"], found))]
        if "range" in op:
            claims += [Claim(rules[0], name, (value,)) for name, value in (("start", start), ("stop", stop))]
            claims.append(Claim(rules[0], "partial", (not ignored(op["range"]),)))
        if "part_number" in op and len(found.parts) > 1:
            claims.append(Claim("RNG-14", "parts_count", (len(found.parts),)))
        if op.get("checksum_mode") and found.checksum and "range" not in op:
            name, value = found.checksum
            claims.append(
                Claim("OBJ-19", "checksums", test=lambda seen: seen.get(name) == value, text=f"{name} {value}")
            )
        meta = self._meta_claims(op["key"], found)
        if "part_number" in op and start == stop:  # no Content-Range can name an empty part, so the wire loses the size
            meta = [claim for claim in meta if claim.field != "size"]
        return claims + meta

    def _claims_partition(self, op: Op) -> list[Claim]:
        return [Claim("RNG-10", "body", (self.model.objects[op["key"]].body,))]

    def _body_rules(self, key: str, found: Stored) -> tuple[str, ...]:
        rules = (*self.owed.get(key, ()), *self.story.get(key, ()), *_former(found), *traits(key))
        rules += ("KEY-07",) if coexist(key, self.model.objects) else ()
        rules += ("OBJ-08",) if not found.body else ()
        return (*dict.fromkeys(rules), "OBJ-01")

    def _claims_head(self, op: Op) -> list[Claim]:
        return self._meta_claims(op["key"], self.model.objects[op["key"]])

    def _claims_exists(self, op: Op) -> list[Claim]:
        there = op["key"] in self.model.objects
        rules = (*self.owed.get(op["key"], ()), *traits(op["key"]), "OBJ-02" if there else "OBJ-04")
        return [Claim(rule, "exists", (there,)) for rule in rules]

    def _meta_claims(self, key: str, found: Stored) -> list[Claim]:
        """What get and head say beside the bytes."""
        origin = {"copy": ("CPY-01",), "replace": ("CPY-02",), "complete": ("MPU-11",)}.get(found.origin, ())
        former, kept = (*origin, *_former(found)), found.attributes
        rules = (*former, "OBJ-14") if kept["metadata"] else (*former, "OBJ-02")
        claims = [Claim(rule, "metadata", (kept["metadata"],)) for rule in rules]
        for name, value in kept.items():
            if name != "metadata":
                claims += [Claim(rule, name, (value,)) for rule in (*former, "OBJ-16")]
        claims += [Claim(rule, "size", (len(found.body),)) for rule in (*_former(found), "OBJ-02")]
        if found.etag:
            claims.append(Claim("OBJ-10", "etag", (found.etag,)))
        newest = self.model.newest.get(key)
        if newest is not None:
            claims.append(Claim("OBJ-13", "modified", test=lambda seen: seen >= newest, text=f"at least {newest}"))
        return claims

    def _claims_delete_many(self, op: Op) -> list[Claim]:
        guards = op.get("if_match", {})
        kept = {key for key, reference in guards.items() if reference not in ("current", "unquoted")}
        kept &= set(self.model.objects)
        claims = [Claim("CND-11", "errors", (dict.fromkeys(sorted(kept), "PreconditionFailed"),))] if guards else []
        rules = (*(trait for key in op["keys"] for trait in traits(key)), *(("DEL-04",) if kept else ()), "DEL-01")
        named, may_fail = set(op["keys"]), set(kept)
        if self.model.semantics.keys != "opaque":  # what is not a path may be refused by name
            may_fail |= {key for key in named if key not in self.model.objects and traits(key)}
        may_fail |= {key for key in named if self.model.refuses(key)}
        gone, there = named - may_fail, self.model.objects

        def all_gone(seen: list[str]) -> bool:
            return gone <= set(seen) <= named - kept and len(seen) == len(set(seen))

        text = f"{sorted(gone)}"
        claims += [Claim(rule, "deleted", test=all_gone, text=text) for rule in dict.fromkeys(rules)]
        errors = f"errors of {sorted(kept & set(there))}"
        return [*claims, Claim("DEL-01", "errors", test=lambda seen: kept <= set(seen) <= may_fail, text=errors)]

    def _claims_copy(self, op: Op) -> list[Claim]:
        source = self.model.objects.get(op["source"])
        return self._etag_claims(op["key"], source.body, md5_etag(source.body), "OBJ-12") if source else []

    def _claims_list(self, op: Op) -> list[Claim]:
        return listing_claims(self.model, op, self.times, new=self.listing_is_new)

    _claims_list_all = _claims_list

    def _claims_list_page(self, op: Op) -> list[Claim]:
        return page_claims(self.model, op)

    def _claims_create_upload(self, op: Op) -> list[Claim]:
        return [Claim("MPU-12", "fresh", (True,))]

    def _claims_upload_part(self, op: Op) -> list[Claim]:
        if self.model.semantics.etag != "content-md5":
            return []
        return [Claim("MPU-15", "etag", (md5_etag(payload(op["size"], op["salt"])),))]

    def _claims_complete(self, op: Op) -> list[Claim]:
        upload = self.model.uploads[op["upload"]]
        if self.model.semantics.etag != "content-md5" or upload.state != "open":
            return []
        return [Claim("MPU-15", "etag", (upload.etag_of([number for number, _ in op["parts"]]),))]

    def _claims_list_parts(self, op: Op) -> list[Claim]:
        upload, most = self.model.uploads[op["upload"]], op.get("max_parts", 1000)
        parts = [(number, etag, len(body)) for number, (body, etag) in sorted(upload.parts.items())]
        fits = Claim("MPU-13", "pages", test=lambda pages: all(page <= most for page in pages), text=f"pages of {most}")
        return [Claim("MPU-13", "parts", (parts,)), fits]

    def _claims_list_uploads(self, op: Op) -> list[Claim]:
        return upload_claims(self.model, op)

    # ---- after ------------------------------------------------------------------------------------------------

    def after(self, op: Op, outcome: Outcome, rules: tuple[str, ...]) -> None:
        """Learn from what was seen; call it once the model has applied the operation."""
        name = op["op"]
        if name in ("get", "head", "exists"):
            self._seen(op["key"], outcome)
        elif name == "list" and outcome.ok:
            self.listing_is_new = False
        if name not in WRITES and name != "create_upload":
            return
        if outcome.ok:
            self.listing_is_new = True
            getattr(self, "_wrote_" + name, lambda _: None)(op)
        else:
            own = tuple(rule for rule in rules if not rule.startswith(("KEY", "OBJ-01", "MPU-01")))[:1]
            for key in self._targets(op):
                self._owe(key, (*own, "OBJ-20", "ROB-02"))

    def _targets(self, op: Op) -> list[str]:
        if "keys" in op:
            return list(op["keys"])
        if "upload" in op:
            upload = self.model.uploads.get(op["upload"])
            return [key for key in (op.get("key"), upload.key if upload else None) if key]
        return [op["key"]]

    def _seen(self, key: str, outcome: Outcome) -> None:
        self.owed.pop(key, None)
        modified = outcome.fields.get("modified")
        if modified is not None:
            self.times[key] = modified
            self.model.newest[key] = max(modified, self.model.newest.get(key, modified))

    def _owe(self, key: str, rules: Iterable[str]) -> None:
        self.owed.setdefault(key, {}).update(dict.fromkeys(rules))

    def _changed(self, key: str, neighbours: str) -> None:
        self.times.pop(key, None)
        self.story.pop(key, None)
        for other in self.model.objects:
            if other != key:
                self._owe(other, (neighbours,))
        if (twin := self.linked.pop(key, None)) is not None:
            self.linked.pop(twin, None)
            self._owe(twin, ("CPY-06",))

    def _wrote_put(self, op: Op) -> None:
        self._changed(op["key"], "KEY-01")

    def _wrote_delete(self, op: Op) -> None:
        self._changed(op["key"], "OBJ-07")
        self._owe(op["key"], ("OBJ-05",))

    def _wrote_delete_many(self, op: Op) -> None:
        for key in op["keys"]:
            self._changed(key, "OBJ-07")
            self._owe(key, ("DEL-01",) if key not in self.model.objects else ("CND-11", "DEL-04"))

    def _wrote_copy(self, op: Op) -> None:
        self._changed(op["key"], "KEY-01")
        rules = ["CPY-04" if op["source"] == op["key"] else "CPY-01"]
        rules += ["CPY-08"] if traits(op["source"]) else []
        self.story[op["key"]] = tuple(rules)
        if op["source"] != op["key"]:
            self.linked |= {op["key"]: op["source"], op["source"]: op["key"]}

    def _wrote_create_upload(self, op: Op) -> None:
        self._owe(op["key"], ("MPU-07",))

    def _wrote_upload_part(self, op: Op) -> None:
        self._owe(self.model.uploads[op["upload"]].key, ("MPU-07",))

    _wrote_upload_part_copy = _wrote_upload_part

    def _wrote_abort(self, op: Op) -> None:
        self._owe(self.model.uploads[op["upload"]].key, ("MPU-08",))

    def _wrote_complete(self, op: Op) -> None:
        upload = self.model.uploads[op["upload"]]
        if op.get("key", upload.key) != upload.key:
            return
        if upload.repeated:
            self._owe(upload.key, ("MPU-16",))
            return
        self._changed(upload.key, "KEY-01")
        numbers = [number for number, _ in op["parts"]]
        listed = [number for number in upload.order if number in numbers]
        found = [
            ("MPU-02", any(number in upload.replaced for number in numbers)),
            ("MPU-03", len(upload.parts) > len(numbers) or numbers != list(range(1, len(numbers) + 1))),
            ("MPU-18", any(number in upload.sliced for number in numbers)),
            ("MPU-19", upload.failed),
            ("MPU-12", any(up.key == upload.key and up is not upload for up in self.model.uploads.values())),
            ("MPU-01", listed != sorted(listed) or len(numbers) > 1),
        ]
        self.story[upload.key] = tuple(rule for rule, applies in found if applies)


def _former(found: Stored) -> tuple[str, ...]:
    return {"over": ("OBJ-03",), "again": ("OBJ-09",)}.get(found.former, ())


def _literal(value: Any) -> Any:
    """``{"$bytes": [size, salt, start, stop]}`` stands for a slice of a payload."""
    if isinstance(value, dict) and "$bytes" in value:
        size, salt, *bounds = value["$bytes"]
        return payload(size, salt)[slice(*bounds)] if bounds else payload(size, salt)
    return value
