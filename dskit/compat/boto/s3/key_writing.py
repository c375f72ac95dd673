"""Writing a key: from a file, from a string."""

from __future__ import annotations

import hashlib
import io
import mimetypes
import os
from typing import Any

from ....errors import PreconditionFailedError
from ...object_headers import put_arguments
from ..exception import BotoClientError, translated
from .digests import md5_of
from .headers import quoted, written
from .key_reading import KeyReader
from .progress import Progress, Reported
from .refusals import refuse

__all__ = ["REDUCED", "KeyWriter"]

REDUCED = "REDUCED_REDUNDANCY"


class KeyWriter(KeyReader):
    DefaultContentType = "application/octet-stream"
    metadata: dict[str, str]
    content_type: str | None
    path: str | None = None
    told: Any = None
    """What is known from the last answer and was not asked for yet: `ObjectMeta`, `ObjectSummary` or None."""
    etag: str | None
    _storage_class: str | None

    def set_contents_from_stream(
        self,
        fp: Any,
        headers: Any = None,
        replace: bool = True,
        cb: Any = None,
        num_cb: int = 10,
        policy: str | None = None,
        reduced_redundancy: bool = False,
        query_args: Any = None,
        size: int | None = None,
    ) -> None:
        raise BotoClientError("s3 does not support chunked transfer")

    def set_contents_from_file(
        self,
        fp: Any,
        headers: Any = None,
        replace: bool = True,
        cb: Any = None,
        num_cb: int = 10,
        policy: str | None = None,
        md5: tuple[str, str] | None = None,
        reduced_redundancy: bool = False,
        query_args: Any = None,
        encrypt_key: bool = False,
        size: int | None = None,
        rewind: bool = False,
    ) -> int | None:
        """Store a file from its position, or `size` bytes of it, whole or not at all; the number of bytes.

        Without `replace` nothing happens where the key is taken. `md5` is hexadecimal and base64, and verified.
        """
        refuse("query_args", query_args)
        refuse("encrypt_key", encrypt_key)
        if rewind:
            fp.seek(0)
        start = fp.tell()
        end = fp.seek(0, os.SEEK_END)
        fp.seek(start)
        if end == start and start:
            raise AttributeError("fp is at EOF. Use rewind option or seek() to data start.")
        if reduced_redundancy:
            self._storage_class = REDUCED
        if hasattr(fp, "name"):
            self.path = fp.name
        if self.bucket is None:
            return None
        if md5 is None:
            digest, self.size = md5_of(fp, size)
            self.local_hashes = {"md5": digest}
        else:
            self.md5, self.base64md5 = md5
            self.size = size or end - start
        return self._replace(fp, headers, replace, cb, num_cb, policy)

    def _replace(self, data: Any, headers: Any, replace: bool, cb: Any, num_cb: int, policy: str | None) -> int | None:
        """Store `data`, whose size and MD5 are known, unless the key is taken and must not be replaced."""
        if self.name is None:
            self.name = self.md5.decode()
        if not replace and self.bucket.lookup(self.name):
            return None
        progress = Progress(cb, num_cb, self.size or 0) if cb else None
        if progress:
            data = Reported(data if hasattr(data, "read") else io.BytesIO(data), progress)
        self._send(data, headers, progress, policy, replace)
        return self.size

    @translated
    def _send(self, data: Any, headers: Any, progress: Progress | None, policy: str | None, replace: bool) -> None:
        given = [value for name, value in headers.items() if name.lower() == "content-type"] if headers else []
        if given:
            self.content_type = given[0]
        elif self.path:
            self.content_type = mimetypes.guess_type(str(self.path))[0] or self.DefaultContentType
        metadata, content_type, storage_class = self._to_send()
        options: dict[str, Any] = {"content_md5": self.base64md5}
        if not isinstance(data, bytes):
            options["length"] = self.size
        rest: dict[str, str] = {}
        if headers or metadata:
            attributes, rest = written(headers, metadata or {}, content_type)
            options = put_arguments(attributes)
        elif content_type:
            options["content_type"] = quoted(content_type)
        if storage_class:
            options["storage_class"] = storage_class
        if rest or not replace:
            options["if_match"] = rest.get("if-match")
            options["if_none_match"] = rest.get("if-none-match") or (None if replace else self._only_new())
        try:
            result = self.bucket.store.put(self.stored(), data, **options)
        except PreconditionFailedError:
            if replace:
                raise
            return  # somebody else was first: as if the key had been taken all the time
        self.etag = result.etag
        self.version_id = result.version_id
        if progress:
            progress.end()
        if acl := policy or rest.get("x-amz-acl"):
            self.bucket.set_canned_acl(acl, self.name)

    def _to_send(self) -> tuple[dict[str, str] | None, str | None, str | None]:
        """Metadata, content type and storage class; of a key that nobody told anything, without asking for each."""
        if self.told is not None:
            return self.metadata, self.content_type, self._storage_class
        own = self.__dict__
        return own.get("metadata"), own.get("content_type", self.DefaultContentType), own.get("_storage_class")

    def _only_new(self) -> str | None:
        return "*" if self.bucket.store.capabilities.supports.put_if_none_match else None

    def set_contents_from_filename(
        self,
        filename: str,
        headers: Any = None,
        replace: bool = True,
        cb: Any = None,
        num_cb: int = 10,
        policy: str | None = None,
        md5: tuple[str, str] | None = None,
        reduced_redundancy: bool = False,
        encrypt_key: bool = False,
    ) -> int | None:
        with open(filename, "rb") as fp:
            return self.set_contents_from_file(
                fp, headers, replace, cb, num_cb, policy, md5, reduced_redundancy, encrypt_key=encrypt_key
            )

    def set_contents_from_string(
        self,
        string_data: str | bytes,
        headers: Any = None,
        replace: bool = True,
        cb: Any = None,
        num_cb: int = 10,
        policy: str | None = None,
        md5: tuple[str, str] | None = None,
        reduced_redundancy: bool = False,
        encrypt_key: bool = False,
    ) -> int | None:
        data = string_data.encode() if isinstance(string_data, str) else string_data
        if encrypt_key:
            refuse("encrypt_key", encrypt_key)
        if reduced_redundancy:
            self._storage_class = REDUCED
        if self.bucket is None:
            return None
        if md5 is None:
            self.local_hashes = {"md5": hashlib.md5(data, usedforsecurity=False).digest()}
        else:
            self.md5, self.base64md5 = md5
        self.size = len(data)
        return self._replace(data, headers, replace, cb, num_cb, policy)
