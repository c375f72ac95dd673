"""A folder of a WebDAV server as a bucket: files in folders, which DELETE and COPY would take away whole."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar, Unpack
from urllib.parse import quote, unquote, urlsplit

import obstore
from obstore.store import HTTPStore

from ..backend import Source
from ..errors import (
    BucketNotFoundError,
    ConfigurationError,
    InvalidRequestError,
    KeyConflictError,
    NotFoundError,
    PermissionDeniedError,
)
from ..types import CopyOptions, DeleteRequest, PutOptions, PutResult
from .obstore_client import ObstoreOptions, client_options, parted
from .obstore_errors import FOREIGN, status_of
from .obstore_paths import is_path
from .obstore_service import NO_RETRIES, OBSTORE_CAPABILITIES, Flavour, ObstoreService
from .remote_common import bare_url, refuse_userinfo

__all__ = ["WEBDAV_CAPABILITIES", "WebDAVService"]

WEBDAV_CAPABILITIES = OBSTORE_CAPABILITIES.replace(
    supports=OBSTORE_CAPABILITIES.supports.replace(
        put_if_none_match=False, put_if_match=False, put_metadata=False, put_content_type=False
    ),
    limits=OBSTORE_CAPABILITIES.limits.replace(max_segment_bytes=255),  # names of files; wsgidav answers 500 beyond
    semantics=OBSTORE_CAPABILITIES.semantics.replace(keys="path", durability="none"),
)
"""A put has neither conditions nor attributes: obstore refuses the first and drops the others for this kind."""

_NOT_ALLOWED = "HTTP405"

T = TypeVar("T")


class WebDAVService(ObstoreService):
    """One bucket, the folder `url`. User and password, or a bearer `token`, come from keywords, else from the
    environment: ``WEBDAV_USERNAME`` and ``WEBDAV_PASSWORD``, ``WEBDAV_TOKEN``.

    A folder is no object. DELETE of a folder would remove all that is in it and COPY onto one would replace it (RFC
    4918 sections 9.6 and 9.8), so both are preceded by a look whether there is anything below the key. A program that
    turns a file into a folder between the two requests is not seen.
    """

    def __init__(
        self,
        url: str,
        *,
        bucket: str = "default",
        username: str | None = None,
        password: str | None = None,
        token: str | None = None,
        anonymous: bool = False,
        **common: Unpack[ObstoreOptions],
    ) -> None:
        connection, options = parted(common)
        refuse_userinfo(url)
        origin = bare_url(url)
        folder = _folder(url)
        headers = {} if anonymous else _authorization(username, password, token)
        settings: Any = client_options(url, **connection, headers=headers)
        self.bucket = bucket

        def connect(name: str) -> Any:
            if name != bucket:
                raise BucketNotFoundError(f"a WebDAV folder is one bucket, {bucket!r}", bucket=name)
            return HTTPStore(origin, client_options=settings, retry_config=NO_RETRIES)

        super().__init__(
            f"webdav {origin}/{quote(folder)}",
            connect,
            WEBDAV_CAPABILITIES,
            Flavour(parts=False, attributes=False, folders=True),
            base=folder and f"{folder}/",
            **options,
        )

    def put(self, bucket: str, key: str, source: Source, options: PutOptions) -> PutResult:
        """Raises `KeyConflictError` where the key is a folder, also an empty one, or lies below a file."""
        with _conflicts(key):
            return super().put(bucket, key, source, options)

    def call(self, operation: str, call: Callable[[], T], bucket: str, key: str | None = None, **options: Any) -> T:
        if key is not None and operation in ("put", "copy"):
            call = partial(self._past_rivals, call, bucket, key)
        return super().call(operation, call, bucket, key, **options)

    def _past_rivals(self, send: Callable[[], T], bucket: str, key: str) -> T:
        """Send again where 405 means that somebody else has just made the same folder (RFC 4918 section 9.3.1).

        obstore makes the folders of a key that are missing, and takes the answer to the second of two MKCOL for a
        failure. Each such answer means one folder more, so that there are no more of them than the key has folders.
        """
        for _ in range(key.count("/") + self.base.count("/")):
            try:
                return send()
            except FOREIGN as exception:
                if status_of(exception) != HTTPStatus.METHOD_NOT_ALLOWED or self._is_taken(bucket, key):
                    raise
        return send()

    def _is_taken(self, bucket: str, key: str) -> bool:
        """Whether the key is a folder, or one of its folders is a file."""
        path = self.base + key
        for end in (position for position, character in enumerate(path) if character == "/"):
            folder = path[:end]
            if any(row["path"] == folder for row in self._level(bucket, folder.rpartition("/")[0])["objects"]):
                return True
        return self._is_folder(bucket, key)

    def _get(self, operation: str, bucket: str, key: str, send: Any) -> Any:
        try:
            return super()._get(operation, bucket, key, send)
        except (PermissionDeniedError, InvalidRequestError) as error:
            # Servers answer 403 or 405 for a folder; the folder above says which it is.
            if error.code in ("AccessDenied", _NOT_ALLOWED) and self._is_folder(bucket, key):
                raise NotFoundError("The specified key does not exist.", key=key) from error
            raise

    def delete(self, bucket: str, request: DeleteRequest) -> None:
        self.check_key(request.key)
        if not self._has_children(bucket, request.key):
            super().delete(bucket, request)

    def copy(self, source_bucket: str, source_key: str, bucket: str, key: str, options: CopyOptions) -> PutResult:
        self.check_key(source_key)
        self.check_key(key)
        self._get("copy", source_bucket, source_key, {"head": True})
        if self._has_children(source_bucket, source_key):
            raise NotFoundError("The specified key does not exist.", key=source_key)
        if self._has_children(bucket, key):
            raise KeyConflictError("the key is a folder that holds other keys", key=key)
        with _conflicts(key):
            return super().copy(source_bucket, source_key, bucket, key, options)

    def _has_children(self, bucket: str, key: str) -> bool:
        """Whether there is a file or a folder below a key, which then is a folder itself."""
        path = self.base + key
        level = self._level(bucket, path)
        names = [*level["common_prefixes"], *(row["path"] for row in level["objects"])]
        return any(name.startswith(f"{path}/") for name in names)

    def _is_folder(self, bucket: str, key: str) -> bool:
        path = self.base + key
        return path in self._level(bucket, path.rpartition("/")[0])["common_prefixes"]

    def _level(self, bucket: str, folder: str) -> Any:
        store = self.store(bucket)
        return self.call("list", lambda: obstore.list_with_delimiter(store, folder or None), bucket)


def _folder(url: str) -> str:
    """The path of an address as keys are written: decoded, without slashes at its ends."""
    parts = urlsplit(url)
    folder = unquote(parts.path).strip("/")
    if parts.query or parts.fragment or (folder and not is_path(folder)):
        raise ConfigurationError("the address of a WebDAV folder is http(s)://HOST/PATH, without '//', '.' and '..'")
    return folder


@contextmanager
def _conflicts(key: str) -> Iterator[None]:
    """405 answers the write itself, or the MKCOL that obstore sends for the folders of the key."""
    try:
        yield
    except InvalidRequestError as error:
        if error.code == _NOT_ALLOWED:
            raise KeyConflictError("the key is a folder, or one of its folders is a file", key=key) from error
        raise


def _authorization(username: str | None, password: str | None, token: str | None) -> dict[str, str]:
    if token is None and username is None:
        token, username = os.environ.get("WEBDAV_TOKEN"), os.environ.get("WEBDAV_USERNAME")
        password = password if password is not None else os.environ.get("WEBDAV_PASSWORD")
    if username is not None:
        pair = b64encode(f"{username}:{password or ''}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    return {"Authorization": f"Bearer {token}"} if token is not None else {}
