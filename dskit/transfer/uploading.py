"""Local file → object."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from ..errors import UploadNotFoundError
from ..guards import refuse
from ..transfer_verbs import CONCURRENCY, PART_BYTES
from ..types import Part, PutResult
from .crew import ProgressCallback, Tally
from .journals import Journal
from .origins import FileOrigin, open_file
from .sending import Memory, Sending, may_resume

if TYPE_CHECKING:
    from ..store import Store

__all__ = ["AttributeOptions", "upload"]


class AttributeOptions(TypedDict, total=False):
    """What is stored with the bytes: the keywords of `Store.put`."""

    content_type: str | None
    cache_control: str | None
    content_disposition: str | None
    content_encoding: str | None
    content_language: str | None
    expires: str | datetime | None
    metadata: Mapping[str, str] | None
    storage_class: str | None


def upload(
    store: Store,
    path: str | os.PathLike[str],
    key: str,
    *,
    if_none_match: str | None = None,
    if_match: str | None = None,
    checksum: str = "CRC64NVME",
    resume: bool = False,
    part_bytes: int = PART_BYTES,
    concurrency: int = CONCURRENCY,
    progress: ProgressCallback | None = None,
    **attributes: Unpack[AttributeOptions],
) -> PutResult:
    """`Store.upload`."""
    with open_file(path) as origin:
        sending = Sending(
            store=store,
            key=key,
            origin=origin,
            attributes={name: value for name, value in attributes.items() if value is not None},
            if_none_match=if_none_match,
            if_match=if_match,
            algorithm=checksum,
            part_bytes=part_bytes,
            concurrency=concurrency,
        )
        tally = Tally(progress, total_bytes=origin.size, total_files=1)
        if resume and sending.in_parts:
            result = _resumable(sending, origin, path, tally)
        else:
            result = sending.run(tally)
        tally(0, files=1, key=key)
        return result


def _resumable(sending: Sending, origin: FileOrigin, path: str | os.PathLike[str], tally: Tally) -> PutResult:
    if not sending.store.capabilities.supports.list_parts:
        raise refuse("upload", "resume", "list_parts")
    journal = Journal(path, sending.store, sending.key, ".upload")
    try:
        try:
            result = sending.run(tally, _remembered(journal, sending, origin))
        except BaseException as error:
            if not may_resume(error):
                journal.remove()
            raise
        journal.remove()
        return result
    finally:
        journal.close()


def _remembered(journal: Journal, sending: Sending, origin: FileOrigin) -> Memory:
    """What an earlier attempt left, where it was one of this very upload; else what it left is cleared away."""
    identity = _identity(sending, origin)
    entries = journal.entries()
    memory = Memory(keeps=True, begun=lambda upload_id: journal.begin({**identity, "upload_id": upload_id}))
    upload_id = entries[0].get("upload_id") if entries else None
    if not isinstance(upload_id, str):
        return memory
    if entries[0] != {**identity, "upload_id": upload_id}:
        with suppress(UploadNotFoundError):
            sending.store.abort_multipart_upload(sending.key, upload_id)
        return memory
    try:
        memory.parts = _parts(sending.store, sending.key, upload_id)
    except UploadNotFoundError:
        return memory
    memory.upload_id = upload_id
    return memory


def _identity(sending: Sending, origin: FileOrigin) -> dict[str, Any]:
    """All that two attempts must agree on. Compared after a way through JSON, hence lists and strings."""
    size, mtime_ns, inode = origin.stamp
    return {
        "transfer": "upload 1",
        "size": size,
        "mtime_ns": mtime_ns,
        "inode": inode,
        "part_bytes": sending.part_bytes,
        "algorithm": sending.algorithm,
        "attributes": {name: _plain(value) for name, value in sorted(sending.attributes.items())},
    }


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): str(text) for name, text in sorted(value.items())}
    return None if value is None else str(value)


def _parts(store: Store, key: str, upload_id: str) -> dict[int, Part]:
    parts: dict[int, Part] = {}
    after: int | None = 0
    while after is not None:
        page = store.list_parts(key, upload_id, after=after)
        parts.update((part.number, part) for part in page.parts)
        after = page.next_marker
    return parts
