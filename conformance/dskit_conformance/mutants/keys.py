"""Planted bugs of key identity: two keys become one, or one becomes another."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, unquote_plus

from dskit.backend import Source
from dskit.streams import Reading
from dskit.types import (
    CopyOptions,
    DeleteRequest,
    DeleteResult,
    ListPage,
    PutOptions,
    PutResult,
    ReadOptions,
    UploadInfo,
    UploadOptions,
)

from .forwarding import Forwarding

__all__ = ["KEYS"]


class KeyMap(Forwarding):
    """Stores every object under `mapped(key)`."""

    def mapped(self, key: str) -> str:
        raise TypeError("a subclass says which keys are the same")

    def _key(self, key: str) -> str:
        return self.mapped(key) or key

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        return super().put(bucket, self._key(key), source, options)

    def get(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        return super().get(bucket, self._key(key), options)

    def head(self, bucket: str, key: str, options: ReadOptions) -> Reading:
        return super().head(bucket, self._key(key), options)

    def delete(self, bucket: str, request: DeleteRequest) -> None:
        super().delete(bucket, replace(request, key=self._key(request.key)))

    def delete_many(self, bucket: str, requests: Sequence[DeleteRequest]) -> DeleteResult:
        return super().delete_many(bucket, [replace(one, key=self._key(one.key)) for one in requests])

    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        return super().copy(source_bucket, self._key(source_key), bucket, self._key(key), options)


class LeadingSlashStripped(KeyMap):
    """`/file` and `file` are one key"""

    id = "KEY-06"

    def mapped(self, key: str) -> str:
        return key.lstrip("/")


class SlashesSqueezed(KeyMap):
    """`a//b` and `a/b` are one key"""

    id = "KEY-07"

    def mapped(self, key: str) -> str:
        while "//" in key:
            key = key.replace("//", "/")
        return key


class TrailingSlashStripped(KeyMap):
    """`dir/` and `dir` are one key"""

    id = "KEY-08"

    def mapped(self, key: str) -> str:
        return key.rstrip("/")


class DotSegmentsResolved(KeyMap):
    """`.` and `..` segments are resolved"""

    id = "OWN-DOTS"

    def mapped(self, key: str) -> str:
        kept: list[str] = []
        for segment in key.split("/"):
            if segment == "..":
                del kept[-1:]
            elif segment != ".":
                kept.append(segment)
        return "/".join(kept)


class Composed(KeyMap):
    """keys are normalised to NFC"""

    id = "OWN-NFC"

    def mapped(self, key: str) -> str:
        return unicodedata.normalize("NFC", key)


class CaseFolded(KeyMap):
    """keys differ only by case are one key"""

    id = "OWN-CASE"

    def mapped(self, key: str) -> str:
        return key.lower()


class BlanksTrimmed(KeyMap):
    """outer blanks of a key are trimmed"""

    id = "OWN-BLANKS"

    def mapped(self, key: str) -> str:
        return key.strip(" \t")


class DecodedTwice(KeyMap):
    """keys are percent-decoded once too often"""

    id = "OWN-DECODED"

    def mapped(self, key: str) -> str:
        return unquote(key)


class BackslashIsSlash(KeyMap):
    """a backslash becomes a slash"""

    id = "KEY-13"

    def mapped(self, key: str) -> str:
        return key.replace("\\", "/")


class PlusListedAsBlank(Forwarding):
    """`+` in a key comes back from a listing as a blank"""

    id = "KEY-01"

    def list_page(self, bucket: str, **options: Any) -> ListPage:
        page = super().list_page(bucket, **options)
        page.objects[:] = [row._replace(key=row.key.replace("+", " ")) for row in page.objects]
        return page


class BatchUnquotes(Forwarding):
    """a batch delete percent-decodes its keys"""

    id = "KEY-03"

    def delete_many(self, bucket: str, requests: Sequence[DeleteRequest]) -> DeleteResult:
        result = super().delete_many(bucket, [replace(one, key=unquote_plus(one.key)) for one in requests])
        result.deleted[:] = [one.key for one in requests]
        return result


class CopySourceUnquoted(Forwarding):
    """a copy source with `%` resolves to another key"""

    id = "KEY-05"

    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        return super().copy(source_bucket, unquote(source_key), bucket, key, options)


class CopySourceCut(Forwarding):
    """a copy source is cut at `?`"""

    id = "KEY-09"

    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        return super().copy(source_bucket, source_key.partition("?")[0] or source_key, bucket, key, options)


class ChildReplacesParent(Forwarding):
    """writing `x/y` destroys `x`"""

    id = "KEY-14"

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        result = super().put(bucket, key, source, options)
        parent = key.rpartition("/")[0]
        if parent:
            super().delete(bucket, DeleteRequest(key=parent))
        return result


class LongSegmentLost(Forwarding):
    """a key with a segment of more than 255 bytes is acknowledged and not stored"""

    id = "KEY-15"

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        result = super().put(bucket, key, source, options)
        if any(len(segment.encode()) > 255 for segment in key.split("/")):
            super().delete(bucket, DeleteRequest(key=key))
        return result


class UploadUnderAnotherKey(Forwarding):
    """a multipart upload stores its object under the percent-decoded key"""

    id = "KEY-04"

    def create_upload(self, bucket: str, key: str, options: UploadOptions) -> UploadInfo:
        return replace(super().create_upload(bucket, unquote(key), options), key=key)

    def put_part(self, bucket: str, key: str, *rest: Any) -> Any:
        return super().put_part(bucket, unquote(key), *rest)

    def complete_upload(self, bucket: str, key: str, *rest: Any, **options: Any) -> PutResult:
        return super().complete_upload(bucket, unquote(key), *rest, **options)


KEYS: tuple[type[Forwarding], ...] = (
    LeadingSlashStripped,
    SlashesSqueezed,
    TrailingSlashStripped,
    DotSegmentsResolved,
    Composed,
    CaseFolded,
    BlanksTrimmed,
    DecodedTwice,
    BackslashIsSlash,
    PlusListedAsBlank,
    BatchUnquotes,
    CopySourceUnquoted,
    CopySourceCut,
    ChildReplacesParent,
    LongSegmentLost,
    UploadUnderAnotherKey,
)
