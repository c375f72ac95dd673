"""From an operation to calls of the public `Store`, and back to an outcome. Nothing here knows what is right.

Symbols are resolved against the model: upload labels, token labels, references to ETags and dates.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from dskit import errors
from dskit.service import Service
from dskit.store import Store
from dskit.types import Attributes, ByteRange, CompletedPart, DeleteRequest, ListPage, ObjectMeta

from .model import Model
from .outcomes import Op, Outcome
from .payload import payload
from .state import HEADERS, crc32, utf8

__all__ = ["SERVER_FAULTS", "Calls", "status_of"]

WRONG_ETAG = '"00000000000000000000000000000000"'
UNKNOWN_UPLOAD = "dskit-no-such-upload"
MOST_PAGES = 400
FUTURE = datetime(2090, 1, 1, tzinfo=UTC)

SERVER_FAULTS = frozenset(
    ["InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout", "OutcomeUnknown", "crash", "endless"]
)
"""Statuses that no request of the suite may have: 5xx, a lost connection, an exception outside the error tree."""


def status_of(error: errors.StoreError) -> str:
    """The S3 code; what a status line alone tells where there was no document; ``InvalidKey`` for a refused key."""
    if isinstance(error, errors.InvalidKeyError) and error.code != "KeyTooLongError":
        return "InvalidKey"
    if error.code.isdigit() or (error.code == "InternalError" and type(error) is not errors.StoreError):
        return type(error).default_code
    return error.code


@dataclass
class Calls:
    """One store, one model to resolve symbols against. `upload_ids` and `tokens` are by label."""

    store: Store
    model: Model
    upload_ids: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    modified: dict[str, datetime] = field(default_factory=dict)
    requests: int = 0

    def perform(self, op: Op) -> Outcome:
        verb: Callable[[Op], dict[str, Any]] = getattr(self, "_" + op["op"])
        self.requests += 1
        try:
            return Outcome("ok", verb(op))
        except errors.StoreError as error:
            return Outcome(status_of(error), {"details": error.details}, type(error).__name__, error.message)
        except Exception as error:  # whatever is not in the error tree is a finding about the store
            return Outcome("crash", {}, type(error).__name__, f"{type(error).__name__}: {error}")

    # ---- symbols ----------------------------------------------------------------------------------------------

    def etag(self, key: str, reference: str) -> str:
        found = self.model.objects.get(key)
        current = found.etag if found else None
        if reference in ("current", "unquoted") and current:
            return current if reference == "current" else current.strip('"')
        if reference == "stale":
            former = self.model.former_etags.get(key)
            return former if former and former != current else WRONG_ETAG
        if reference == "elsewhere":
            others = [found.etag for found in self.model.objects.values() if found.etag and found.etag != current]
            return others[0] if others else WRONG_ETAG
        return "*" if reference == "*" else WRONG_ETAG

    def _date(self, key: str, reference: str) -> datetime:
        if reference == "future":
            return FUTURE
        if key not in self.modified and key in self.model.objects:
            self.modified[key] = self.store.head(key).last_modified
        known = self.modified.get(key, datetime(2020, 1, 1, tzinfo=UTC))
        return known if reference == "same" else known - timedelta(days=1)

    def _conditions(self, op: Op, key: str, side: str = "") -> dict[str, Any]:
        tags = {name: self.etag(key, op[name]) for name in (side + "if_match", side + "if_none_match") if name in op}
        dates = (side + "if_modified_since", side + "if_unmodified_since")
        return tags | {name: self._date(key, op[name]) for name in dates if name in op}

    def _attributes(self, op: Op) -> dict[str, Any]:
        return {name: op[name] for name in ("content_type", *HEADERS, "metadata") if op.get(name) is not None}

    def _digests(self, op: Op, body: bytes) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if kind := op.get("content_md5"):
            right = base64.b64encode(
                hashlib.md5(body if kind == "right" else body + b"x", usedforsecurity=False).digest()
            )
            found["content_md5"] = "MTIz" if kind == "malformed" else right.decode()
        if kind := op.get("checksum"):
            found["checksum"] = ("CRC32", crc32(body if kind == "right" else body + b"x"))
        return found

    # ---- objects ----------------------------------------------------------------------------------------------

    def _put(self, op: Op) -> dict[str, Any]:
        body = payload(op["size"], op["salt"])
        options = self._attributes(op) | self._digests(op, body) | self._conditions(op, op["key"])
        result = self.store.put(op["key"], body, **options)
        self.modified.pop(op["key"], None)
        return {"etag": result.etag, "checksums": dict(result.checksums)}

    def _read_options(self, op: Op) -> dict[str, Any]:
        options = self._conditions(op, op["key"])
        if "part_number" in op:
            options["part_number"] = op["part_number"]
        if op.get("checksum_mode"):
            options["checksum_mode"] = True
        return options

    def _get(self, op: Op) -> dict[str, Any]:
        options = self._read_options(op)
        if "range" in op:
            options["range"] = ByteRange(**op["range"])
        with closing(self.store.get(op["key"], **options)) as result:
            body = result.read()
            bounds = {"start": result.start, "stop": result.stop, "partial": result.partial}
            return _meta(result.meta) | bounds | {"body": body}

    def _partition(self, op: Op) -> dict[str, Any]:
        """The pieces between consecutive `cuts`, joined."""
        pieces = []
        for first, stop in pairwise(op["cuts"]):
            with closing(self.store.get(op["key"], range=(first, stop))) as result:
                pieces.append(result.read())
        return {"body": b"".join(pieces)}

    def _head(self, op: Op) -> dict[str, Any]:
        return _meta(self.store.head(op["key"], **self._read_options(op)))

    def _exists(self, op: Op) -> dict[str, Any]:
        return {"exists": self.store.exists(op["key"])}

    def _delete(self, op: Op) -> dict[str, Any]:
        self.store.delete(op["key"], **self._conditions(op, op["key"]))
        self.modified.pop(op["key"], None)
        return {}

    def _delete_many(self, op: Op) -> dict[str, Any]:
        guards = {key: self.etag(key, reference) for key, reference in op.get("if_match", {}).items()}
        result = self.store.delete_many(
            [DeleteRequest(key=key, if_match=guards[key]) if key in guards else key for key in op["keys"]]
        )
        for key in op["keys"]:
            self.modified.pop(key, None)
        return {"deleted": sorted(result.deleted), "errors": {error.key: error.code for error in result.errors}}

    def _copy(self, op: Op) -> dict[str, Any]:
        options = self._conditions(op, op["key"]) | self._conditions(op, op["source"], "source_")
        if op.get("replace") is not None:
            options["replace"] = Attributes(**self._attributes(op["replace"]))
        result = self.store.copy(op["source"], op["key"], **options)
        self.modified.pop(op["key"], None)
        return {"etag": result.etag}

    # ---- listing ----------------------------------------------------------------------------------------------

    def _list(self, op: Op) -> dict[str, Any]:
        """A whole walk, page by page."""
        options = {name: op[name] for name in ("prefix", "delimiter", "start_after") if op.get(name)}
        pages: list[ListPage] = []
        if not self.store.capabilities.supports.list_page:
            return self._whole(options)
        token = None
        while True:
            page = self.store.list_page(**options, token=token, max_keys=op.get("max_keys", 1000))
            pages.append(page)
            token = page.next_token
            if token is None or len(pages) >= MOST_PAGES:
                break
            self.requests += 1
        return _rows(pages)

    def _whole(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The listing of a store that has no pages to ask for."""
        if options.get("delimiter"):
            return _rows([self.store.list_with_delimiter(**options)])
        return _rows(list(self.store.list_pages(**options)))

    def _list_page(self, op: Op) -> dict[str, Any]:
        options = {name: op[name] for name in ("prefix", "delimiter", "start_after") if op.get(name)}
        token = self.tokens[op["token"]] if "token" in op else op.get("token_text")
        page = self.store.list_page(**options, token=token, max_keys=op.get("max_keys", 1000))
        if page.next_token is not None and "as" in op:
            self.tokens[op["as"]] = page.next_token
        return _rows([page]) | {"truncated": page.next_token is not None}

    def _fill(self, op: Op) -> dict[str, Any]:
        """Many small objects, for limits of counts."""
        for number in range(op["count"]):
            _ = self.store.put(f"{op.get('prefix', '')}{number:05d}", b"x").etag  # what is no answer ends it here
        return {}

    def _delete_bucket(self, op: Op) -> dict[str, Any]:
        Service(self.store.service).delete_bucket(self.store.bucket)
        return {}

    def _without_bucket(self, op: Op) -> dict[str, Any]:
        """A verb on a bucket that is not there."""
        store = Store(self.store.service, f"{self.store.bucket}-no")
        calls: dict[str, Callable[[], object]] = {
            "put": lambda: store.put("a", b"x"),
            "get": lambda: store.get("a").close(),
            "head": lambda: store.head("a"),
            "delete": lambda: store.delete("a"),
            "list_page": store.list_page,
            "copy": lambda: store.copy("a", "b"),
            "delete_many": lambda: store.delete_many(["a"]),
            "create_multipart_upload": lambda: store.create_multipart_upload("a"),
            "list_uploads": store.list_uploads,
            "delete_bucket": lambda: Service(store.service).delete_bucket(store.bucket),
            "copy_from": lambda: self.store.copy("a", "b", source_bucket=store.bucket),
        }
        calls[op["verb"]]()
        return {}

    def _list_all(self, op: Op) -> dict[str, Any]:
        """The two verbs that go through all pages by themselves."""
        start = {"start_after": op["start_after"]} if op.get("start_after") else {}
        if op.get("delimiter"):
            page = self.store.list_with_delimiter(op.get("prefix", ""), delimiter=op["delimiter"], **start)
            return _rows([page])
        sized = {"page_size": op["max_keys"]} if op.get("max_keys") else {}
        return _rows([ListPage(objects=list(self.store.list(op.get("prefix", ""), **start, **sized)))])

    # ---- multipart --------------------------------------------------------------------------------------------

    def _upload(self, op: Op) -> tuple[str, str]:
        upload = self.model.uploads.get(op["upload"])
        key = op.get("key") or (upload.key if upload else "a")
        return key, self.upload_ids.get(op["upload"], UNKNOWN_UPLOAD)

    def _create_upload(self, op: Op) -> dict[str, Any]:
        info = self.store.create_multipart_upload(op["key"], **self._attributes(op))
        fresh = bool(info.upload_id) and info.upload_id not in self.upload_ids.values()
        self.upload_ids[op["as"]] = info.upload_id
        return {"fresh": fresh}

    def _upload_part(self, op: Op) -> dict[str, Any]:
        key, upload_id = self._upload(op)
        body = payload(op["size"], op["salt"])
        part = self.store.upload_part(key, upload_id, op["number"], body, **self._digests(op, body))
        return {"etag": part.etag}

    def _upload_part_copy(self, op: Op) -> dict[str, Any]:
        key, upload_id = self._upload(op)
        options = self._conditions(op, op["source"], "source_")
        if op.get("range"):
            options["range"] = ByteRange(first=op["range"][0], last=op["range"][1])
        part = self.store.upload_part_copy(key, upload_id, op["number"], op["source"], **options)
        return {"etag": part.etag}

    def _part_etag(self, label: str, number: int, reference: str) -> str:
        upload = self.model.uploads.get(label)
        current = upload.parts[number][1] if upload and number in upload.parts else None
        if reference in ("current", "unquoted") and current:
            return current if reference == "current" else current.strip('"')
        former = upload.replaced.get(number) if upload and reference == "stale" else None
        return former if former and former != current else WRONG_ETAG

    def _complete(self, op: Op) -> dict[str, Any]:
        key, upload_id = self._upload(op)
        parts = [
            CompletedPart(number=number, etag=self._part_etag(op["upload"], number, reference))
            for number, reference in op["parts"]
        ]
        result = self.store.complete_multipart_upload(key, upload_id, parts, **self._conditions(op, key))
        self.modified.pop(key, None)
        return {"etag": result.etag}

    def _abort(self, op: Op) -> dict[str, Any]:
        self.store.abort_multipart_upload(*self._upload(op))
        return {}

    def _list_parts(self, op: Op) -> dict[str, Any]:
        key, upload_id = self._upload(op)
        after, pages = 0, []
        while True:
            page = self.store.list_parts(key, upload_id, after=after, max_parts=op.get("max_parts", 1000))
            pages.append([(part.number, part.etag, part.size) for part in page.parts])
            if page.next_marker is None or len(pages) >= MOST_PAGES:
                break
            after = page.next_marker
        return {"parts": [part for page in pages for part in page], "pages": [len(page) for page in pages]}

    def _list_uploads(self, op: Op) -> dict[str, Any]:
        labels = {upload_id: label for label, upload_id in self.upload_ids.items()}
        options = {name: op[name] for name in ("delimiter",) if op.get(name)}
        markers: dict[str, Any] = {}
        found: list[tuple[str, str]] = []
        groups: list[str] = []
        pages: list[int] = []
        while True:
            page = self.store.list_uploads(
                op.get("prefix", ""), max_uploads=op.get("max_uploads", 1000), **options, **markers
            )
            found += [(upload.key, labels.get(upload.upload_id, "?")) for upload in page.uploads]
            groups += page.prefixes
            pages.append(len(page.uploads) + len(page.prefixes))
            if page.next_key_marker is None or len(pages) >= MOST_PAGES:
                break
            markers = {"key_marker": page.next_key_marker, "upload_id_marker": page.next_upload_id_marker or ""}
        return {"uploads": found, "groups": groups, "pages": pages}

    # ---- the S3 wire ------------------------------------------------------------------------------------------

    def _raw(self, op: Op) -> dict[str, Any]:
        """`params` may hold symbols: ``{"$key": key}``, ``{"$source": key}``, ``{"$upload": label}``,
        ``{"$bytes": [size, salt]}``, ``{"$etag": [key, reference]}``."""
        raw: Callable[..., dict[str, Any]] = self.store.raw
        params = {name: self._symbol(value) for name, value in op["params"].items()}
        params.setdefault("Bucket", self.store.bucket)
        answer = raw(op["operation"], **params)
        if op["operation"].startswith("ListObjects"):
            answer = answer | {"$keys": [row["Key"] for row in answer.get("Contents", ())]}
        body = answer.get("Body")
        if body is not None and not isinstance(body, bytes):
            answer = answer | {"Body": body.read()}
        return answer

    def _symbol(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            if "$upload" in value:
                return self.upload_ids.get(value["$upload"], UNKNOWN_UPLOAD)
            if "$bytes" in value:
                return payload(*value["$bytes"])
            if "$etag" in value:
                return self.etag(*value["$etag"])
            if "$key" in value:
                return self.store.prefix + value["$key"]
            if "$source" in value:
                return {"Bucket": self.store.bucket, "Key": self.store.prefix + value["$source"]}
            return {name: self._symbol(item) for name, item in value.items()}
        return [self._symbol(item) for item in value] if isinstance(value, list) else value


def _meta(meta: ObjectMeta) -> dict[str, Any]:
    kept = meta.attributes
    headers = {name: getattr(kept, name) for name in HEADERS}
    return headers | {
        "size": meta.size,
        "etag": meta.etag,
        "modified": meta.last_modified,
        "content_type": meta.content_type,
        "metadata": dict(meta.metadata),
        "checksums": dict(meta.checksums),
        "parts_count": meta.parts_count,
    }


def _rows(pages: list[ListPage]) -> dict[str, Any]:
    """Every fact of a walk that a property may be about."""
    merged = []
    for page in pages:
        names = [(row.key, False) for row in page.objects] + [(name, True) for name in page.prefixes]
        merged.append(sorted(names, key=lambda row: utf8(row[0])))
    keys = [row.key for page in pages for row in page.objects]
    groups = [name for page in pages for name in page.prefixes]
    flat = [row for page in merged for row in page]
    return {
        "keys": keys,
        "groups": groups,
        "rows": flat,
        "pages": [len(page) for page in merged],
        "ended": len(pages) < MOST_PAGES,
        "in_order": all(
            names == sorted(names, key=utf8)
            for page in pages
            for names in ([row.key for row in page.objects], list(page.prefixes))
        ),
        "increasing": all(utf8(a[0]) < utf8(b[0]) for a, b in pairwise(flat)),
        "facts": {row.key: (row.size, row.etag) for page in pages for row in page.objects},
        "times": {row.key: row.last_modified.replace(microsecond=0) for page in pages for row in page.objects},
    }
