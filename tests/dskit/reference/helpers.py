"""What the tests of the reference store say often."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dskit.reference import ReferenceService
from dskit.types import CompletedPart, Conditions, ListPage, Part, PutOptions, PutResult, ReadOptions, UploadOptions

BUCKET = "bucket"


class Bytes:
    rewindable = True

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.length = len(data)

    def rewind(self) -> None:
        """Nothing was consumed."""

    def chunks(self) -> Iterator[bytes]:
        yield self.data


def put(service: ReferenceService, key: str, data: bytes = b"x", *, bucket: str = BUCKET, **options: Any) -> PutResult:
    return service.put(bucket, key, Bytes(data), PutOptions(**options))


def read(service: ReferenceService, key: str, **options: Any) -> bytes:
    reading = service.get(BUCKET, key, ReadOptions(**options))
    try:
        return b"".join(reading)
    finally:
        reading.close()


def start(service: ReferenceService, key: str, *, bucket: str = BUCKET, **options: Any) -> str:
    return service.create_upload(bucket, key, UploadOptions(**options)).upload_id


def part(
    service: ReferenceService, key: str, upload: str, number: int, data: bytes, *, bucket: str = BUCKET, **options: Any
) -> Part:
    return service.put_part(bucket, key, upload, number, Bytes(data), PutOptions(**options))


def complete(service: ReferenceService, key: str, upload: str, parts: list[Part], **options: Any) -> PutResult:
    rows = [CompletedPart(number=one.number, etag=one.etag, checksums=one.checksums) for one in parts]
    conditions = Conditions(**options.pop("conditions", {}))
    return service.complete_upload(BUCKET, key, upload, rows, conditions=conditions, **options)


def keys(page: ListPage) -> list[str]:
    return [row.key for row in page.objects]


def walk(service: ReferenceService, max_keys: int = 1000, **options: Any) -> tuple[list[str], list[str]]:
    """All keys and groups of a listing, page by page."""
    found: list[str] = []
    groups: list[str] = []
    token: str | None = None
    while True:
        page = service.list_page(BUCKET, token=token, max_keys=max_keys, **options)
        found += keys(page)
        groups += page.prefixes
        token = page.next_token
        if token is None:
            return found, groups


def blobs_on_disk(path: Path) -> set[int]:
    return {int(entry.name, 16) for entry in (path / "blobs").rglob("*") if entry.is_file()}


def blobs_in_catalog(service: ReferenceService) -> set[int]:
    with service.catalog.view() as view:
        rows = view.execute("SELECT id FROM blobs WHERE id & 1 = 0").fetchall()  # type: ignore[attr-defined]
    return {row[0] for row in rows}


def descriptors_in(path: Path) -> list[str]:
    """The files of this directory that this process has open. Counting all descriptors would count other tests' too."""
    opened = []
    for number in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{number}")
        except FileNotFoundError:  # the descriptor of listdir itself, or one that another thread closed
            continue
        if Path(target).is_relative_to(path):
            opened.append(target)
    return opened
