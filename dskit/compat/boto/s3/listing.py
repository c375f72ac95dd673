"""Listings: S3's first kind, with markers, page by page and as an iterable."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..exception import translated
from ..resultset import ResultSet
from .key import listed
from .multipart import upload_row
from .prefix import Prefix

if TYPE_CHECKING:
    from .bucket import Bucket

__all__ = ["BucketListResultSet", "MultiPartUploadListResultSet", "keys_page", "uploads_page"]


class BucketListResultSet:
    """Every key, and with a delimiter every group, lazily; each iteration asks anew."""

    def __init__(
        self,
        bucket: Any = None,
        prefix: str = "",
        delimiter: str = "",
        marker: str = "",
        headers: Any = None,
        encoding_type: str | None = None,
    ) -> None:
        self.bucket = bucket
        self.prefix = prefix
        self.delimiter = delimiter
        self.marker = marker
        self.headers = headers
        self.encoding_type = encoding_type

    def __iter__(self) -> Iterator[Any]:
        return chain.from_iterable(self._pages())

    def _pages(self) -> Iterator[ResultSet]:
        marker = self.marker
        while True:
            page = self.bucket.get_all_keys(
                headers=self.headers,
                prefix=self.prefix,
                marker=marker,
                delimiter=self.delimiter,
                encoding_type=self.encoding_type,
            )
            yield page
            if not page.is_truncated:
                return
            marker = page.continue_after


class MultiPartUploadListResultSet:
    """Every upload in progress, lazily."""

    def __init__(
        self,
        bucket: Any = None,
        key_marker: str = "",
        upload_id_marker: str = "",
        headers: Any = None,
        encoding_type: str | None = None,
    ) -> None:
        self.bucket = bucket
        self.key_marker = key_marker
        self.upload_id_marker = upload_id_marker
        self.headers = headers
        self.encoding_type = encoding_type

    def __iter__(self) -> Iterator[Any]:
        key_marker, upload_id_marker = self.key_marker, self.upload_id_marker
        while True:
            page = self.bucket.get_all_multipart_uploads(
                headers=self.headers,
                key_marker=key_marker,
                upload_id_marker=upload_id_marker,
                encoding_type=self.encoding_type,
            )
            yield from page
            if not page.is_truncated:
                return
            key_marker, upload_id_marker = page.next_key_marker, page.next_upload_id_marker


@translated
def keys_page(
    bucket: Bucket,
    prefix: str | None = "",
    marker: str | None = "",
    delimiter: str | None = "",
    maxkeys: int | None = None,
    max_keys: int | None = None,
    encoding_type: str | None = None,
) -> ResultSet:
    """`next_marker` is there with a delimiter only, as on S3; `continue_after` is where the next page begins."""
    size = next((int(value) for value in (maxkeys, max_keys) if value is not None), 1000)
    page = bucket.store.list_page(prefix or "", delimiter=delimiter or "", start_after=marker or "", max_keys=size)
    found = ResultSet()
    found += listed(bucket.key_class, bucket, page.objects)
    if page.prefixes:
        found += [Prefix(bucket, name) for name in page.prefixes]
    if encoding_type == "url":
        for each in found:
            each.name = quote(each.name)
    found.is_truncated = page.is_truncated
    found.marker, found.Prefix, found.MaxKeys = marker or "", prefix or "", str(size)  # type: ignore[attr-defined]
    found.prefix, found.Name = prefix or "", bucket.name  # type: ignore[attr-defined]
    if page.is_truncated:
        found.continue_after = page.last  # type: ignore[attr-defined]
        if delimiter and page.last:
            found.next_marker = quote(page.last) if encoding_type == "url" else page.last
    return found


@translated
def uploads_page(
    bucket: Bucket,
    max_uploads: int | None = None,
    key_marker: str | None = "",
    upload_id_marker: str | None = "",
    encoding_type: str | None = None,
    delimiter: str | None = "",
    prefix: str | None = "",
) -> ResultSet:
    page = bucket.store.list_uploads(
        prefix or "",
        delimiter=delimiter or "",
        key_marker=key_marker or "",
        upload_id_marker=upload_id_marker or "",
        max_uploads=1000 if max_uploads is None else int(max_uploads),
    )
    found = ResultSet()
    found += [upload_row(bucket, each) for each in page.uploads]
    found += [Prefix(bucket, name) for name in page.prefixes]
    found.next_key_marker, found.next_upload_id_marker = page.next_key_marker, page.next_upload_id_marker
    found.is_truncated = page.next_key_marker is not None
    return found
