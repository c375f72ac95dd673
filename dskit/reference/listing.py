"""Pages of keys, groups and uploads. A page costs O(page): a group is skipped with one seek, however large it is."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from itertools import islice
from typing import AnyStr

from dskit.errors import InvalidRequestError
from dskit.types import ListPage, ObjectSummary, UploadInfo, UploadPage

from .core import Core
from .records import UploadRow
from .upload_ids import seq_of

__all__ = ["ListingVerbs", "decode_token", "encode_token"]

_VERSION = b"1"
_KEY = b"k"  # resume after this key
_GROUP = b"g"  # resume after every key of this group


def encode_token(kind: bytes, last: bytes) -> str:
    """A continuation token: version, kind and the last key or group, with a check value. Says nothing of the server."""
    body = _VERSION + kind + last
    return base64.urlsafe_b64encode(body + _check(body)).decode("ascii").rstrip("=")


def decode_token(token: str) -> tuple[bytes, bytes]:
    """`(kind, last)`. Raises `InvalidRequestError` for what `encode_token` did not make."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    kind, last = raw[1:2], raw[2:-4]
    # Made again and compared: that checks the version, the check value and bits of base64 that nothing uses.
    if not last or kind not in (_KEY, _GROUP) or encode_token(kind, last) != token or not _is_utf8(last):
        raise InvalidRequestError(
            "The continuation token provided is incorrect", details={"ArgumentName": "continuation-token"}
        )
    return kind, last


def _check(body: bytes) -> bytes:
    return binascii.crc32(body).to_bytes(4, "big")


def _is_utf8(raw: bytes) -> bool:
    """Whether a key can end so: anybody can compute a check value, and `after_group` needs a byte below 0xFF."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def after_key(key: bytes) -> bytes:
    """The least key greater than `key`."""
    return key + b"\x00"


def after_group(group: bytes) -> bytes:
    """The least string greater than everything that begins with `group`, which is UTF-8 and so has no byte 0xFF."""
    return group[:-1] + bytes([group[-1] + 1])


class ListingVerbs(Core):
    def list_page(
        self,
        bucket: str,
        *,
        prefix: str = "",
        delimiter: str = "",
        start_after: str = "",
        token: str | None = None,
        max_keys: int = 1000,
    ) -> ListPage:
        limit = page_size(max_keys, self.limits.max_page)
        raw, group = prefix.encode(), delimiter.encode()
        start = b""
        if token is not None:
            kind, last = decode_token(token)
            start = after_group(last) if kind == _GROUP else after_key(last)
        elif start_after:
            start = after_marker(start_after.encode(), raw, group)
        with self.catalog.view() as view:
            home = self.bucket_row(view, bucket)
            if limit == 0:
                return ListPage()
            if not group:
                return _flat(view.scan(home.id, start, raw), limit)
            return _grouped(lambda begin: view.scan(home.id, begin, raw), start, prefix, delimiter, limit)

    def list_uploads(
        self,
        bucket: str,
        *,
        prefix: str = "",
        delimiter: str = "",
        key_marker: str = "",
        upload_id_marker: str = "",
        max_uploads: int = 1000,
    ) -> UploadPage:
        """Uploads after the marker, by key, then as they began (aws-recorded:TestS3ListMultipartUploads).

        An upload id marker counts only with a key marker. Its upload may have ended since, as it has for who aborts
        what a page shows before asking for the next; one that this store did not make skips the key.
        """
        limit = page_size(max_uploads, self.limits.max_page, "max-uploads")
        raw, group, marker = prefix.encode(), delimiter.encode(), key_marker.encode()
        page = UploadPage()
        with self.catalog.view() as view:
            home = self.bucket_row(view, bucket)
            start = after_marker(marker, raw, group) if marker else b""
            rows = view.scan_uploads(home.id, start, raw)
            seq = seq_of(upload_id_marker)
            if marker and seq is not None and start == after_key(marker):
                rows = _later(view.scan_uploads(home.id, marker, raw), marker, seq)
            last = ("", "")
            row = next(rows, None)
            while row is not None and limit:
                if len(page.uploads) + len(page.prefixes) == limit:
                    page.next_key_marker, page.next_upload_id_marker = last
                    break
                rolled = group_of(row.key, raw, group)
                if rolled is None:
                    page.uploads.append(upload_info(row))
                    last = (row.key.decode(), row.upload_id)
                else:
                    page.prefixes.append(rolled.decode())
                    last = (rolled.decode(), "")
                    rows = view.scan_uploads(home.id, after_group(rolled), raw)
                row = next(rows, None)
        return page


def page_size(asked: int, limit: int, name: str = "max-keys") -> int:
    if asked < 0:
        raise InvalidRequestError(
            f"Argument {name} must be an integer between 0 and 2147483647",
            details={"ArgumentName": name, "ArgumentValue": str(asked)},
        )
    return min(asked, limit)


def after_marker(marker: bytes, prefix: bytes, delimiter: bytes) -> bytes:
    """Where a listing begins after `marker`: a group that is not greater than the marker is left out whole.

    aws-recorded:test_list_objects_marker_common_prefixes.
    """
    if delimiter and marker.startswith(prefix):
        rolled = group_of(marker, prefix, delimiter)
        if rolled is not None:
            return after_group(rolled)
    return after_key(marker)


def group_of(key: AnyStr, prefix: AnyStr, delimiter: AnyStr) -> AnyStr | None:
    """The group into which a key is rolled up: through the first delimiter after the prefix."""
    if not delimiter:
        return None
    end = key.find(delimiter, len(prefix))
    return None if end < 0 else key[: end + len(delimiter)]


def upload_info(row: UploadRow) -> UploadInfo:
    return UploadInfo(
        key=row.key.decode(),
        upload_id=row.upload_id,
        initiated=row.initiated,
        checksum_algorithm=row.checksum_algorithm,
        checksum_type=row.checksum_type,
        storage_class=row.attributes.storage_class,
        owner=row.access.owner if row.access is not None else None,
        initiator=row.initiator,
    )


def _flat(rows: Iterator[ObjectSummary], limit: int) -> ListPage:
    objects = list(islice(rows, limit))
    more = len(objects) == limit and next(rows, None) is not None
    token = encode_token(_KEY, objects[-1].key.encode()) if more else None
    return ListPage(objects=objects, next_token=token)


def _grouped(
    scan: Callable[[bytes], Iterator[ObjectSummary]], start: bytes, prefix: str, delimiter: str, limit: int
) -> ListPage:
    page = ListPage()
    kind, last = _KEY, ""
    left = limit
    rows = scan(start)
    while True:
        for row in rows:
            if not left:
                page.next_token = encode_token(kind, last.encode())
                return page
            left -= 1
            rolled = group_of(row.key, prefix, delimiter)
            if rolled is not None:
                page.prefixes.append(rolled)
                kind, last = _GROUP, rolled
                rows = scan(after_group(rolled.encode()))
                break
            page.objects.append(row)
            kind, last = _KEY, row.key
        else:
            return page


def _later(rows: Iterator[UploadRow], key: bytes, seq: int) -> Iterator[UploadRow]:
    """Without the uploads of `key` that began no later than `seq`."""
    for row in rows:
        if row.key != key or row.seq > seq:
            yield row
