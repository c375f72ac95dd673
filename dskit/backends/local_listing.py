"""Pages of a folder's objects and of its uploads."""

from __future__ import annotations

import os
import stat

from ..reference.listing import after_group, after_key, after_marker, decode_token, encode_token, group_of, page_size
from ..types import ListPage, ObjectSummary, UploadPage
from .local_folder import Folder
from .local_records import Record, derived, modified_at
from .local_uploads import Uploads, is_upload_id
from .local_walk import Found, Walk

__all__ = ["list_page", "list_uploads"]

_KEY, _GROUP = b"k", b"g"


def list_page(
    folder: Folder,
    *,
    prefix: str,
    delimiter: str,
    start_after: str,
    token: str | None,
    max_keys: int,
    max_page: int,
    max_key_bytes: int,
) -> ListPage:
    """A page, walking no further than one object beyond it; a group is left with one step of the walk."""
    limit, raw, separator = page_size(max_keys, max_page), prefix.encode(), delimiter.encode()
    start = b""
    if token is not None:
        kind, last = decode_token(token)
        start = after_group(last) if kind == _GROUP else after_key(last)
    elif start_after:
        start = after_marker(start_after.encode(), raw, separator)
    page, last_item = ListPage(), (_KEY, b"")
    with folder.root() as root:
        if limit == 0:
            return page
        walk = Walk(root, folder.names, raw, start, max_key_bytes=max_key_bytes)
        for found in walk:
            group = group_of(found.key, raw, separator)
            row = None if group is not None else _summary(folder, root, found)
            if group is None and row is None:
                continue  # gone since its name was read
            if len(page.objects) + len(page.prefixes) == limit:
                page.next_token = encode_token(*last_item)
                break
            if group is not None:
                page.prefixes.append(group.decode())
                last_item = (_GROUP, group)
                walk.start = after_group(group)
            elif row is not None:
                page.objects.append(row)
                last_item = (_KEY, found.key)
    return page


def _summary(folder: Folder, root: int, found: Found) -> ObjectSummary | None:
    try:
        opened = folder.open_in(root, found.folder, found.name)
    except PermissionError:  # listed like any file; what cannot be read has no record that we know
        status = os.stat(found.name, dir_fd=found.folder, follow_symlinks=False)
        return _row(found.key, status, derived(status)) if stat.S_ISREG(status.st_mode) else None
    if opened is None:
        return None
    os.close(opened.file)
    return _row(found.key, opened.status, opened.record)


def _row(key: bytes, status: os.stat_result, record: Record) -> ObjectSummary:
    return ObjectSummary(
        key.decode(),
        status.st_size,
        record.etag,
        modified_at(status),
        "STANDARD",
        tuple(record.checksums),
        "FULL_OBJECT" if record.checksums else None,
    )


def list_uploads(
    uploads: Uploads,
    *,
    prefix: str,
    delimiter: str,
    key_marker: str,
    upload_id_marker: str,
    max_uploads: int,
    max_page: int,
) -> UploadPage:
    """Uploads after the markers (aws-recorded:TestS3ListMultipartUploads): the upload id counts within its key.

    Its upload may have ended since, as it has for who aborts what a page shows before asking for the next; an id that
    this store did not make skips the key.
    """
    limit = page_size(max_uploads, max_page, "max-uploads")
    raw, separator, marker = prefix.encode(), delimiter.encode(), key_marker.encode()
    rows = [upload for upload in uploads.all() if upload.key.encode().startswith(raw)]
    start = after_marker(marker, raw, separator) if marker else b""
    within = bool(marker) and is_upload_id(upload_id_marker) and start == after_key(marker)
    if within:
        start = marker
    page = UploadPage()
    last = ("", "")
    for upload in rows if limit else ():
        key = upload.key.encode()
        if key < start or (within and upload.key == key_marker and upload.upload_id <= upload_id_marker):
            continue
        if len(page.uploads) + len(page.prefixes) == limit:
            page.next_key_marker, page.next_upload_id_marker = last
            break
        group = group_of(key, raw, separator)
        if group is None:
            page.uploads.append(upload)
            last = (upload.key, upload.upload_id)
        else:
            page.prefixes.append(group.decode())
            last = (group.decode(), "")
            start = after_group(group)
    return page
