"""What does a facade's call over memory cost beside the native call?

A facade adds a function to `FACADES` that gives its `Case`s over a `MemoryStore`. The native call of a row does the
same job with dskit's own API: the same bytes put with the same options, an object read to its last byte, as many rows
listed. Where a result has to be of the package's own class, what making that one alone costs is said beside.

Both take turns, a few calls each, and the median of the rounds' ratios of CPU time counts: what disturbs one of the two
disturbs the other next to it as well.
"""

from __future__ import annotations

import hashlib
import io
import os
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from dskit import MemoryStore

from .table import Row, print_table

__all__ = ["FACADES", "Case", "run"]

LIMIT = 1.5
BODY = b"k" * 1024


@dataclass(frozen=True)
class Case:
    name: str
    native: Callable[[], Any]
    facade: Callable[[], Any]
    own: Callable[[], Any] | None = None
    """The package's own class alone: made, and used as the row does, of what is there already."""


def domino_cases(store: MemoryStore, folder: Path) -> Iterator[Case]:
    from dskit.compat import domino

    source = domino.connect({"s3-dev": store})().get_datasource("s3-dev")
    file = folder / "file"
    file.write_bytes(BODY)
    target = folder / "target"

    def upload() -> None:
        with file.open("rb") as opened:
            store.put("key", opened)

    yield Case("put 1 KiB", lambda: store.put("key", BODY), lambda: source.put("key", BODY))
    yield Case("get 1 KiB", lambda: store.get("key").read(), lambda: source.get("key"))
    yield Case("list 100", lambda: [row.key for row in store.list("many/")], lambda: source.list_objects("many/"))
    yield Case(
        "upload_fileobj",
        lambda: store.put("key", io.BytesIO(BODY)),
        lambda: source.upload_fileobj("key", io.BytesIO(BODY)),
    )
    yield Case("upload_file", upload, lambda: source.upload_file("key", os.fspath(file)))
    yield Case("download", lambda: store.download("key", target), lambda: source.download("key", os.fspath(target), 4))


def forepaas_cases(store: MemoryStore, folder: Path) -> Iterator[Case]:
    from minio.datatypes import Object
    from minio.helpers import ObjectWriteResult
    from urllib3 import HTTPHeaderDict, HTTPResponse

    from dskit.compat import forepaas
    from dskit.compat.forepaas import BucketConnector

    bucket = forepaas.connect(f"data_store/{store.bucket}", storage=store)
    assert isinstance(bucket, BucketConnector)
    target, file = folder / "target", folder / "file"
    file.write_bytes(BODY)
    kind = "application/octet-stream"
    meta, headers = store.head("key"), HTTPHeaderDict({"Content-Length": str(len(BODY)), "Content-Type": kind})

    def response() -> bytes:
        return HTTPResponse(io.BytesIO(BODY), headers, 200, preload_content=False, request_method="GET").read()

    def stat() -> Object:
        return Object(
            store.bucket, "key", meta.last_modified, meta.etag, meta.size, headers, content_type=meta.content_type
        )

    def fput() -> None:
        with file.open("rb") as opened:
            store.put("key", opened, content_type=kind)

    yield Case(
        "put 1 KiB",
        lambda: store.put("key", io.BytesIO(BODY), length=len(BODY), content_type=kind),
        lambda: bucket.put("key", io.BytesIO(BODY), len(BODY)),
        lambda: ObjectWriteResult(store.bucket, "key", None, meta.etag, headers),
    )
    yield Case("fput", fput, lambda: bucket.fput("key", os.fspath(file)))
    yield Case("get 1 KiB", lambda: store.get("key").read(), lambda: bucket.get("key").read(), response)
    yield Case(
        "fget",
        lambda: (store.head("key"), store.download("key", target)),
        lambda: bucket.fget("key", os.fspath(target)),
    )
    yield Case("stat", lambda: store.head("key"), lambda: bucket.stat("key"), stat)
    yield Case(
        "list_filename, 100",
        lambda: [row.key for row in store.list("many/")],
        lambda: bucket.list_filename(prefix="many/"),
    )


def boto_cases(store: MemoryStore, folder: Path) -> Iterator[Case]:
    from dskit.compat import boto

    bucket = boto.connect(store)("access", "secret").get_bucket(store.bucket)
    target = folder / "target"
    kind = "application/octet-stream"

    def put() -> None:
        digest = b64encode(hashlib.md5(BODY, usedforsecurity=False).digest()).decode()
        store.put("key", BODY, content_type=kind, content_md5=digest)

    yield Case("set string, 1 KiB", put, lambda: bucket.new_key("key").set_contents_from_string(BODY))
    yield Case(
        "get string, 1 KiB",
        lambda: hashlib.md5(store.get("key").read(), usedforsecurity=False).digest(),
        lambda: bucket.new_key("key").get_contents_as_string(),
    )
    yield Case(
        "get to filename",
        lambda: store.download("key", target),
        lambda: bucket.new_key("key").get_contents_to_filename(os.fspath(target)),
    )
    yield Case("get_key", lambda: store.head("key"), lambda: bucket.get_key("key"))
    yield Case("list 100", lambda: list(store.list("many/")), lambda: list(bucket.list("many/")))
    yield Case("delete_key", lambda: store.delete("none"), lambda: bucket.delete_key("none"))


def obstore_cases(store: MemoryStore, folder: Path) -> Iterator[Case]:
    from dskit.compat import obstore as obs

    wrapped = obs.store.wrap(store)

    def native_file() -> None:
        with store.open("file", "wb") as file:
            file.write(BODY)

    def facade_file() -> None:
        with obs.open_writer(wrapped, "file") as file:
            file.write(BODY)

    def groups() -> Any:
        page = store.list_with_delimiter("")
        return page.prefixes, [(row.key, row.size, row.etag) for row in page.objects]

    yield Case("put 1 KiB", lambda: store.put("key", BODY), lambda: obs.put(wrapped, "key", BODY))
    yield Case("get 1 KiB", lambda: store.get("key").read(), lambda: obs.get(wrapped, "key").bytes())
    yield Case("head", lambda: store.head("key"), lambda: obs.head(wrapped, "key"))
    yield Case(
        "get_range",
        lambda: store.get_range("key", start=0, length=5),
        lambda: obs.get_range(wrapped, "key", start=0, length=5),
    )
    yield Case("copy", lambda: store.copy("key", "copy"), lambda: obs.copy(wrapped, "key", "copy"))
    yield Case("delete", lambda: store.delete("none"), lambda: obs.delete(wrapped, "none"))
    yield Case(
        "list 100",
        lambda: [{"path": row.key, "size": row.size} for row in store.list("many/")],
        lambda: obs.list(wrapped, "many").collect(),
    )
    yield Case("list_with_delimiter", groups, lambda: obs.list_with_delimiter(wrapped))
    yield Case("file written", native_file, facade_file)
    yield Case("file read", lambda: store.open("key").read(), lambda: obs.open_reader(wrapped, "key").read())


def craft_ai_cases(store: MemoryStore, folder: Path) -> Iterator[Case]:
    from dskit.compat import craft_ai

    sdk = craft_ai.connect({"https://env": store})(environment_url="https://env", verbose_log=False)
    file = folder / "file"
    file.write_bytes(BODY)
    path, target = os.fspath(file), os.fspath(folder / "target")

    def upload() -> None:
        with file.open("rb") as opened:
            store.put("key", opened)

    def describe(key: str, modified: datetime, size: int) -> dict[str, str]:
        return {"path": key, "last_modified": modified.isoformat(), "size": f"{size:.2f} B"}

    def information() -> dict[str, str]:
        meta = store.head("key")
        return describe(meta.key, meta.last_modified, meta.size)

    def listing() -> list[dict[str, str]]:
        return [describe(row.key, row.last_modified, row.size) for row in store.list("many/")]

    yield Case("information", information, lambda: sdk.get_data_store_object_information("key"))
    yield Case("list 100", listing, lambda: sdk.list_data_store_objects("many"))
    yield Case(
        "upload a buffer",
        lambda: store.put("key", io.BytesIO(BODY)),
        lambda: sdk.upload_data_store_object(io.BytesIO(BODY), "key"),
    )
    yield Case("upload a file", upload, lambda: sdk.upload_data_store_object(path, "key"))
    yield Case(
        "download to a buffer",
        lambda: io.BytesIO().write(store.get("key").read()),
        lambda: sdk.download_data_store_object("key", io.BytesIO()),
    )
    yield Case(
        "download to a file",
        lambda: store.download("key", target),
        lambda: sdk.download_data_store_object("key", target),
    )


FACADES: dict[str, Callable[[MemoryStore, Path], Iterator[Case]]] = {
    "domino": domino_cases,
    "forepaas": forepaas_cases,
    "boto": boto_cases,
    "obstore": obstore_cases,
    "craft_ai": craft_ai_cases,
}


def compared(case: Case, calls: int, rounds: int) -> tuple[float, ...]:
    """CPU seconds of a native call, how many times that the facade's takes, and, where there are some, making the
    package's own types; medians."""
    ways = [case.native, case.facade, *([case.own] if case.own else [])]
    turns = [[spent(way, calls) for way in ways] for _ in range(rounds)]
    ratios = ([spent / native for spent in others] for native, *others in turns)
    return median(turn[0] for turn in turns) / calls, *map(median, zip(*ratios, strict=True))


def spent(call: Callable[[], Any], calls: int) -> float:
    begin = time.process_time()
    for _ in range(calls):
        call()
    return time.process_time() - begin


def run(quick: bool = False) -> None:
    calls, rounds = (5, 60) if quick else (5, 400)
    for name, cases in FACADES.items():
        rows = []
        with MemoryStore() as store, TemporaryDirectory() as folder:
            for number in range(100):
                store.put(f"many/{number:03}", b"")
            store.put("key", BODY)
            for case in cases(store, Path(folder)):
                native, times, *own = compared(case, calls, rounds)
                note = f"native {native * 1e6:.1f} µs"
                if own:
                    note += f", package's own types {own[0]:.2f} times"
                rows.append(Row(case.name, f"{times:.2f} times the native call", f"{LIMIT}", times <= LIMIT, note))
        print_table(f"facade {name}, over memory", rows)


if __name__ == "__main__":
    run()
